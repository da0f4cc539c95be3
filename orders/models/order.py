"""Orders: what somebody wants to have, at the price it had then."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Customer, Tenant
from licenses.models import License, LicenseTemplate
from orders import states
from orders.states import Fulfillment, OrderKind, OrderStatus, PaymentStatus

KIND = [
    (OrderKind.NEW.value, _("New licence")),
    (OrderKind.RENEWAL.value, _("Renewal")),
    (OrderKind.UPGRADE.value, _("Upgrade")),
]
STATUS = [
    (OrderStatus.PENDING.value, _("Waits for approval")),
    (OrderStatus.APPROVED.value, _("Approved")),
    (OrderStatus.FULFILLED.value, _("Fulfilled")),
    (OrderStatus.CANCELLED.value, _("Cancelled")),
]
PAYMENT_STATUS = [
    (PaymentStatus.PENDING.value, _("Unpaid")),
    (PaymentStatus.PARTIAL.value, _("Partly paid")),
    (PaymentStatus.PAID.value, _("Paid")),
    (PaymentStatus.FAILED.value, _("Payment failed")),
    (PaymentStatus.REFUNDED.value, _("Refunded")),
]
FULFILLMENT = [
    (Fulfillment.AUTO.value, _("At once")),
    (Fulfillment.MANUAL.value, _("By staff")),
    (Fulfillment.BATCH.value, _("By night")),
]
# Unsettled orders that a job looks at: the index below holds no others.
_OPEN = Q(status=OrderStatus.APPROVED.value)


def money(name: Any, **says: Any) -> models.DecimalField:
    """Return a column for amounts, in whatever currency: four decimals are the most there are."""
    return models.DecimalField(name, max_digits=19, decimal_places=4, **says)


class OrderQuerySet(models.QuerySet["Order"]):
    """Which orders."""

    def in_payment_status(self, status: str) -> Self:
        """Keep those whose payments add up to that, as `Order.payment_status` says of each."""
        refunded = Q(refunded_amount__gt=0, refunded_amount__gte=F("paid_amount"))
        paid = Q(paid_amount__gte=F("total_amount"))
        none = Q(paid_amount=0)
        failed = Q(payment_failed_at__isnull=False)
        wanted = {
            PaymentStatus.REFUNDED: refunded,
            PaymentStatus.PAID: ~refunded & paid,
            PaymentStatus.PARTIAL: ~refunded & ~paid & ~none,
            PaymentStatus.FAILED: ~refunded & ~paid & none & failed,
            PaymentStatus.PENDING: ~refunded & ~paid & none & ~failed,
        }
        return self.filter(wanted[PaymentStatus(status)])

    def due(self) -> Self:
        """Keep those that wait for nothing but being fulfilled."""
        refunded = Q(refunded_amount__gt=0, refunded_amount__gte=F("paid_amount"))
        covered = Q(paid_amount__gte=F("total_amount")) | Q(tenant__payment_terms_days__gt=0)
        return self.filter(_OPEN, ~refunded, covered)


OrderManager = models.Manager.from_queryset(OrderQuerySet)


class Order(models.Model):
    """What a tenant wants to have: licences, more time, or more of one; its price is frozen."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_number = models.CharField(_("number"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=7, choices=KIND)
    status = models.CharField(_("status"), max_length=9, choices=STATUS)
    # The indexes below begin with it.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    reseller = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="orders_sold"
    )
    template = models.ForeignKey(LicenseTemplate, on_delete=models.PROTECT, related_name="orders")
    # What is renewed or upgraded.
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    # Of one licence that is issued or upgraded; the term that was priced.
    max_activations = models.PositiveIntegerField(_("devices each"))
    term_days = models.PositiveIntegerField(_("days"))
    fulfillment_method = models.CharField(_("fulfilled"), max_length=6, choices=FULFILLMENT)
    duration_override = models.PositiveIntegerField(null=True, blank=True)
    # As they were asked, in the API's own form; device values are kept as licences keep them.
    pricing_override = models.JSONField(default=dict, blank=True)
    custom_features = models.JSONField(default=list, blank=True)
    custom_restrictions = models.JSONField(default=list, blank=True)
    # Placed by whoever writes the catalogue: what the template fixes does not bind it.
    overrides_template = models.BooleanField(default=False)
    special_instructions = models.TextField(_("instructions"), max_length=4000, blank=True)

    currency = models.CharField(_("currency"), max_length=3)
    # What one pack cost for one cycle, for renewals at the price of the last order.
    price = models.JSONField(default=dict)
    cycles = models.PositiveIntegerField(default=1)
    list_amount = money(_("list price"))
    discount_applied = money(_("discount"))
    maintenance_amount = money(_("maintenance"))
    tax_amount = money(_("tax"))
    tax_note = models.CharField(max_length=40, blank=True)
    total_amount = money(_("total"))
    # Sums of the payments and refunds, moved with each of them.
    paid_amount = money(_("paid"), default=Decimal(0))
    refunded_amount = money(_("given back"), default=Decimal(0))
    payment_failed_at = models.DateTimeField(null=True, blank=True)

    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    fulfilled_at = models.DateTimeField(_("fulfilled"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    created_at = models.DateTimeField(_("ordered"))
    updated_at = models.DateTimeField()

    objects = OrderManager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, max_activations__gte=1, term_days__gte=1),
                name="order_of_something",
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, discount_applied__gte=0, tax_amount__gte=0),
                name="order_never_negative",
            ),
            models.CheckConstraint(
                # Rounded, since SQLite reckons in floating point.
                condition=Q(
                    total_amount=Round(
                        F("list_amount")
                        - F("discount_applied")
                        + F("maintenance_amount")
                        + F("tax_amount"),
                        precision=4,
                    )
                ),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, paid_amount__gte=F("refunded_amount")),
                name="order_gives_back_what_it_got",
            ),
            models.CheckConstraint(
                condition=Q(kind=OrderKind.NEW.value, license=None)
                | Q(~Q(kind=OrderKind.NEW.value), license__isnull=False),
                name="order_names_what_it_renews",
            ),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.FULFILLED.value, fulfilled_at__isnull=False)
                | Q(~Q(status=OrderStatus.FULFILLED.value), fulfilled_at=None),
                name="order_fulfilled_at_some_time",
            ),
        ]
        indexes = [
            # A tenant's list, newest first, in API and portal.
            models.Index(fields=["tenant", "-id"], name="order_tenant_newest"),
            # The jobs that fulfil, and the admin's list of what waits.
            models.Index(
                fields=["fulfillment_method", "id"], condition=_OPEN, name="order_waits_approved"
            ),
        ]

    def __str__(self) -> str:
        return self.order_number

    @property
    def payment_status(self) -> PaymentStatus:
        return states.payment_status(
            total=self.total_amount,
            paid=self.paid_amount,
            refunded=self.refunded_amount,
            failed=self.payment_failed_at is not None,
        )

    @property
    def held_amount(self) -> Decimal:
        """What the vendor has of it: paid and not given back."""
        held: Decimal = self.paid_amount - self.refunded_amount
        return held

    @property
    def refund_owed(self) -> Decimal:
        """What a cancelled order has paid and not been given back."""
        return self.held_amount if self.status == OrderStatus.CANCELLED else Decimal(0)

    @property
    def is_covered(self) -> bool:
        """Whether it may be fulfilled as far as money goes."""
        paid, terms = self.payment_status, self.tenant.payment_terms_days
        return paid == PaymentStatus.PAID or (paid != PaymentStatus.REFUNDED and terms > 0)
