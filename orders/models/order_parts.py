"""What an order is made of: its lines, its steps, and the licences that came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models import License
from orders.models.order import STATUS, Order, money
from orders.pricing import LineKind

LINE_KIND = [
    (LineKind.BASE.value, _("Price")),
    (LineKind.SEATS.value, _("Seats")),
    (LineKind.UPGRADE.value, _("Difference for the rest of the term")),
    (LineKind.DISCOUNT.value, _("Discount")),
    (LineKind.MAINTENANCE.value, _("Maintenance")),
    (LineKind.TAX.value, _("Tax")),
]


class OrderLine(models.Model):
    """One line of what an order costs; the lines add up to its total."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("what"), max_length=11, choices=LINE_KIND)
    quantity = models.PositiveIntegerField(_("quantity"))
    cycles = models.PositiveIntegerField(default=1)
    unit_price = money(_("each"), null=True, blank=True)
    amount = money(_("amount"))

    class Meta:
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"


class OrderStep(models.Model):
    """One change of an order's status: when, by whom, and what was said to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="steps", db_index=False)
    status = models.CharField(_("status"), max_length=9, choices=STATUS)
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("by"), max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    notes = models.CharField(_("notes"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("step of an order")
        verbose_name_plural = _("steps of orders")
        ordering = ["at", "id"]
        constraints = [
            # An order goes forward only: it enters each status once.
            models.UniqueConstraint(fields=["order", "status"], name="order_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.at:%Y-%m-%d}"


class GeneratedLicense(models.Model):
    """A licence that came of an order, or that it renewed or upgraded."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="generated", db_index=False
    )
    position = models.PositiveIntegerField()
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="came_of")

    class Meta:
        verbose_name = _("licence of an order")
        verbose_name_plural = _("licences of orders")
        ordering = ["position"]
        constraints = [
            # What keeps an order from being fulfilled twice, whatever the code above does.
            models.UniqueConstraint(fields=["order", "position"], name="order_fulfilled_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="order_position_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.order}/{self.position}"
