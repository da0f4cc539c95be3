"""E-mails that people are owed, from the act that owes them to the mail server's word."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

# Handing a mail over takes seconds; a claim that is older was left behind.
CLAIM_LASTS = timedelta(minutes=10)


class NoticeState(models.TextChoices):
    """How far a notice has come."""

    QUEUED = "QUEUED", _("Waits")
    SENDING = "SENDING", _("Being sent")
    SENT = "SENT", _("Sent")
    FAILED = "FAILED", _("Failed")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    # It left and came back.
    BOUNCED = "BOUNCED", _("Bounced")


# A person may have these sent again; they were not delivered, as far as anybody knows.
RETURNED = (NoticeState.FAILED, NoticeState.BOUNCED)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Which notices; whatever depends on the time is told it."""

    def of_license(self, license_id: uuid.UUID) -> Self:
        return self.filter(license_id=license_id)

    def due(self, at: datetime) -> Self:
        return self.filter(state=NoticeState.QUEUED, due_at__lte=at)

    def in_trouble(self, at: datetime) -> Self:
        """Notices that a person should look at: returned, or such that `unclear_at(at)` is true."""
        return self.filter(Q(state__in=RETURNED) | _unclear(at))

    def may_have_left(self, at: datetime) -> Self:
        """Notices that can have come back: sent, or perhaps."""
        return self.filter(Q(state=NoticeState.SENT) | _unclear(at))


def _unclear(at: datetime) -> Q:
    """Say in SQL what `unclear_at` says of one."""
    left_behind = ~Q(last_error="") | Q(claimed_at__lte=at - CLAIM_LASTS)
    return Q(state=NoticeState.SENDING) & left_behind


NoticeManager = models.Manager.from_queryset(NoticeQuerySet)


class Notice(models.Model):
    """One e-mail that somebody is owed: written with the act it tells of, sent at most once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("what"), max_length=40)
    # What occasioned it: of one occasion there is one notice, however often it is asked for.
    dedup_key = models.CharField(max_length=200, unique=True)
    tenant = models.ForeignKey(
        "accounts.Tenant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # As in the trail, rows of apps above are named by id. The customer's key seals the address.
    customer_id = models.UUIDField(null=True, blank=True)
    membership_id = models.UUIDField(null=True, blank=True)
    license_id = models.UUIDField(null=True, blank=True)
    recipient_sealed = models.TextField()
    state = models.CharField(
        _("state"), max_length=9, choices=NoticeState.choices, default=NoticeState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    queued_at = models.DateTimeField(_("asked for"))
    due_at = models.DateTimeField(_("next try"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # The class of what went wrong last: what a server says may hold an address.
    last_error = models.CharField(_("last error"), max_length=100, blank=True)

    objects = NoticeManager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False)
                | ~Q(state=NoticeState.SENT),
                name="notice_sent_at_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.SENDING) | Q(claimed_at__isnull=False),
                name="notice_sending_is_claimed",
            ),
        ]
        indexes = [
            # The job that sends what waits.
            models.Index(
                fields=["due_at"], condition=Q(state=NoticeState.QUEUED), name="notice_due"
            ),
            # What staff have to look at: few among very many that went well.
            models.Index(
                fields=["-id"],
                condition=Q(state__in=[NoticeState.SENDING, *RETURNED]),
                name="notice_trouble",
            ),
            # Whether mails reach a customer, on their page; and what waits when they are forgotten.
            models.Index(
                fields=["customer_id", "-id"],
                condition=Q(customer_id__isnull=False),
                name="notice_customer_newest",
            ),
            # A licence's page.
            models.Index(fields=["license_id", "-id"], name="notice_license_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def unclear_at(self, at: datetime) -> bool:
        """
        Return whether nobody knows if it went out.

        The server's answer was lost, or whoever claimed it is gone: it may have been taken.
        """
        return self.state == NoticeState.SENDING and (
            bool(self.last_error) or (self.claimed_at or at) <= at - CLAIM_LASTS
        )
