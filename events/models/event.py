"""The append-only trail and the keys by which a person in it can be forgotten."""

import uuid
from typing import Any, NoReturn, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from events import vault


class AppendOnly(Exception):
    """History is not rewritten."""


class CurrentTransaction(models.Func):
    """The number of the running transaction; SQLite has one writer, so 0 is enough there."""

    output_field = models.BigIntegerField()

    def as_sql(  # type: ignore[override]  # the base names arguments that no caller passes
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, tuple[()]]:
        if connection.vendor == "postgresql":
            return "(pg_current_xact_id()::text::bigint)", ()
        return "(0)", ()


class EventQuerySet(models.QuerySet["Event"]):
    """Reads of the trail; it refuses every write but an insert."""

    def of_license(self, license_id: uuid.UUID) -> Self:
        return self.filter(license_id=license_id)

    def newest_first(self) -> Self:
        return self.order_by("-sequence")

    def update(self, **values: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly

    delete.queryset_only = True  # type: ignore[attr-defined]

    def _raw_delete(self, using: Any) -> NoReturn:
        raise AppendOnly


EventManager = models.Manager.from_queryset(EventQuerySet)


class Event(models.Model):
    """One line of the trail: what changed, when it became true, by whom, through which request."""

    sequence = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    type = models.CharField(max_length=60)
    occurred_at = models.DateTimeField(help_text=_("When it became true."))
    recorded_at = models.DateTimeField(help_text=_("When it was written down."))
    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # event_tenant_sequence begins with it
    )
    # Rows of apps above are named by id: the trail outlives them and knows none of their models.
    customer_id = models.UUIDField(null=True, blank=True)
    license_id = models.UUIDField(null=True, blank=True)
    activation_id = models.UUIDField(null=True, blank=True)
    order_id = models.UUIDField(null=True, blank=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label_sealed = models.TextField(blank=True)
    ip_address_sealed = models.TextField(blank=True)
    changes = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = EventManager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            # A licence's timeline, in the admin, the portal and the API.
            models.Index(fields=["license_id", "sequence"], name="event_license_sequence"),
            # The tenant's own trail.
            models.Index(fields=["tenant", "sequence"], name="event_tenant_sequence"),
            # The trail filtered by kind of event.
            models.Index(fields=["type", "sequence"], name="event_type_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.sequence}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly


class PersonKey(models.Model):
    """One customer's share of the key to their personal data in the trail; deleting it forgets."""

    person_id = models.UUIDField(primary_key=True)
    salt = models.BinaryField(max_length=16, default=vault.new_salt)

    class Meta:
        verbose_name = _("person key")
        verbose_name_plural = _("person keys")

    def __str__(self) -> str:
        return str(self.person_id)
