"""Counting no further than anybody pages."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 10_000


class CappedPaginator(Paginator):
    """A paginator that stops counting at 10,001: a full count of ten million rows takes seconds."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: MOST + 1].count()
