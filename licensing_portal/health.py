"""What load balancers, orchestrators and monitoring ask: alive, ready, numbers."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from accounts import statements
from licensing_portal import metrics
from licensing_portal.celery import jobs
from licensing_portal.models import JobRun


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """
    Answer 200 when requests can be served: 503 only when the database is away.

    Redis away, a job that is late or a wall that is missing is shown but refuses nobody.
    """
    report: dict[str, object] = {"database": "ok"}
    if settings.REDIS_URL:
        report["redis"] = _redis_state()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if statements.wall_is_due():
            report["tenant_wall"] = "ok" if statements.wall_stands() else "missing"
        report["jobs"] = _jobs()
    except DatabaseError:
        return JsonResponse(report | {"database": "away"}, status=503)
    return JsonResponse(report)


@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """
    Answer Prometheus, who sends METRICS_TOKEN as its bearer.

    What is called how often is nobody else's business: without a token there is no such page,
    except with DEBUG.
    """
    if not (settings.METRICS_TOKEN or settings.DEBUG):
        raise Http404
    sent = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and not constant_time_compare(
        sent, f"Bearer {settings.METRICS_TOKEN}"
    ):
        told = JsonResponse({"status": "token required"}, status=401)
        told["WWW-Authenticate"] = "Bearer"
        return told
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _redis_state() -> str:
    import redis  # noqa: PLC0415 - slow to import, and not used where there is none

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        return "away"
    return "ok"


def _jobs() -> dict[str, object]:
    """Every job of the beat table, the ones that never ran included."""
    runs = JobRun.objects.in_bulk(field_name="name")
    return {name: _last_run(runs.get(name)) for name in jobs()}


def _last_run(run: JobRun | None) -> dict[str, object]:
    if run is None:
        return {"state": "never ran"}
    age = (timezone.now() - run.started_at).total_seconds()
    return {"state": run.state, "started_at": run.started_at.isoformat(), "age_seconds": round(age)}
