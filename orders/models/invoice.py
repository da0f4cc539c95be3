"""Invoices and credit notes: numbered without gaps, and never changed once they are open."""

from typing import Any, NoReturn, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Customer, Tenant
from orders.models.order import Order, money
from orders.models.order_parts import LINE_KIND
from orders.states import InvoiceKind, InvoiceStatus

INVOICE_KIND = [
    (InvoiceKind.INVOICE.value, _("Invoice")),
    (InvoiceKind.CREDIT_NOTE.value, _("Credit note")),
]
INVOICE_STATUS = [
    (InvoiceStatus.DRAFT.value, _("Draft")),
    (InvoiceStatus.OPEN.value, _("Open")),
    (InvoiceStatus.PAID.value, _("Paid")),
    (InvoiceStatus.VOID.value, _("Void")),
    (InvoiceStatus.UNCOLLECTIBLE.value, _("Uncollectible")),
]
# What may be written down of an open invoice, once each; PostgreSQL refuses all else by itself.
ENDS = ("paid_at", "voided_at", "uncollectible_at")


class InvoiceIsFinal(Exception):
    """An open invoice is not rewritten; a credit note corrects it."""


class NumberSeries(models.Model):
    """The last number of a series; whoever takes the next holds the row until it is used."""

    name = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Which invoices; it refuses to change or delete any."""

    def in_status(self, status: str) -> Self:
        nothing = Q(**dict.fromkeys(ENDS))
        wanted = {
            InvoiceStatus.DRAFT: Q(pk__in=[]),
            InvoiceStatus.OPEN: nothing,
            InvoiceStatus.PAID: Q(voided_at=None, paid_at__isnull=False),
            InvoiceStatus.VOID: Q(voided_at__isnull=False),
            InvoiceStatus.UNCOLLECTIBLE: Q(
                voided_at=None, paid_at=None, uncollectible_at__isnull=False
            ),
        }
        return self.filter(wanted[InvoiceStatus(status)])

    def overdue(self, at: Any) -> Self:
        return self.in_status(InvoiceStatus.OPEN).filter(due_date__lte=at)

    def update(self, **values: Any) -> int:
        if not values.keys() <= set(ENDS):
            raise InvoiceIsFinal
        return super().update(**values)

    def delete(self) -> NoReturn:
        raise InvoiceIsFinal

    delete.queryset_only = True  # type: ignore[attr-defined]


InvoiceManager = models.Manager.from_queryset(InvoiceQuerySet)


class Invoice(models.Model):
    """What is to be paid for an order, or was given back; whom it names is frozen with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(_("number"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=11, choices=INVOICE_KIND)
    # The index below begins with it.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="invoices", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    # Of a credit note: what it corrects.
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    currency = models.CharField(_("currency"), max_length=3)
    net_amount = money(_("net"))
    tax_amount = money(_("tax"))
    amount = money(_("amount"))
    tax_note = models.CharField(max_length=40, blank=True)
    billed_to = models.JSONField(_("billed to"), default=dict)
    notes = models.CharField(_("notes"), max_length=2000, blank=True)
    opened_at = models.DateTimeField(_("date"))
    due_date = models.DateTimeField(_("due"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    voided_at = models.DateTimeField(_("void"), null=True, blank=True)
    uncollectible_at = models.DateTimeField(_("given up"), null=True, blank=True)

    objects = InvoiceManager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.CheckConstraint(
                # Rounded, since SQLite reckons in floating point.
                condition=Q(
                    amount=Round(F("net_amount") + F("tax_amount"), precision=4), amount__gte=0
                ),
                name="invoice_adds_up",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kind=InvoiceKind.INVOICE.value),
                name="invoice_once_per_order",
            ),
            models.CheckConstraint(
                condition=Q(kind=InvoiceKind.INVOICE.value, corrects=None)
                | Q(kind=InvoiceKind.CREDIT_NOTE.value, corrects__isnull=False),
                name="invoice_note_corrects_one",
            ),
        ]
        indexes = [
            # A tenant's list, newest first, in API and portal.
            models.Index(fields=["tenant", "-id"], name="invoice_tenant_newest"),
            # What is overdue.
            models.Index(
                fields=["due_date"],
                condition=Q(paid_at=None, voided_at=None, uncollectible_at=None),
                name="invoice_open_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise InvoiceIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InvoiceIsFinal

    @property
    def status(self) -> InvoiceStatus:
        if self.voided_at is not None:
            return InvoiceStatus.VOID
        if self.paid_at is not None:
            return InvoiceStatus.PAID
        if self.uncollectible_at is not None:
            return InvoiceStatus.UNCOLLECTIBLE
        return InvoiceStatus.OPEN


class InvoiceLine(models.Model):
    """One line of an invoice, frozen with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("what"), max_length=11, choices=LINE_KIND)
    description = models.CharField(_("description"), max_length=300)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = money(_("each"), null=True, blank=True)
    amount = money(_("amount"))

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of invoices")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_once"),
        ]

    def __str__(self) -> str:
        return self.description
