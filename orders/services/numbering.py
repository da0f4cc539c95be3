"""Numbers that people read: in series by year, each used once and none left out."""

from datetime import datetime

from django.db.models import F

from orders.models import NumberSeries

ORDERS, INVOICES, CREDIT_NOTES = "ORD", "INV", "CN"


def next_number(series: str, *, at: datetime) -> str:
    """
    Return the next number of a series, inside the caller's transaction.

    The row stays locked until it ends: who is undone gives the number back, and whoever waits gets
    it. So take it last.
    """
    name = f"{series}-{at.year}"
    NumberSeries.objects.get_or_create(name=name)
    NumberSeries.objects.filter(name=name).update(last=F("last") + 1)
    return f"{name}-{NumberSeries.objects.get(name=name).last:06}"
