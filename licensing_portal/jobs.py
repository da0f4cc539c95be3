"""The base of every Celery task: the jobs of the beat table leave a row about their last run."""

from typing import Any

from celery import Task
from django.utils import timezone

from licensing_portal.celery import jobs


class RecordedTask(Task):
    """A task that, when it stands in the beat table, writes down when it ran and how it went."""

    abstract = True

    def before_start(self, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._record(started_at=timezone.now(), finished_at=None, ok=None, report={}, error="")

    def on_success(
        self, retval: Any, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        report = retval if isinstance(retval, dict) else {"result": retval}
        self._record(finished_at=timezone.now(), ok=True, report=report)

    def on_failure(
        self,
        exc: Exception,
        task_id: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        einfo: Any,
    ) -> None:
        self._record(finished_at=timezone.now(), ok=False, error=f"{type(exc).__name__}: {exc}")

    def _record(self, **changes: Any) -> None:
        """Tasks outside the beat table run per order or mail; their last run would tell nothing."""
        if self.name not in jobs():
            return
        from licensing_portal.models import JobRun  # noqa: PLC0415 - Celery loads before the models

        if "started_at" in changes:
            JobRun.objects.update_or_create(name=self.name, defaults=changes)
        else:
            JobRun.objects.filter(name=self.name).update(**changes)
