"""Pages of a list that grows without end: found by the last row seen, never by counting."""

import uuid
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Row]):
    """One page of rows, newest first, and whether there are newer and older ones."""

    rows: list[Row]
    newer: bool
    older: bool

    @property
    def before(self) -> uuid.UUID | None:
        """Names the page of newer rows."""
        return self.rows[0].pk if self.newer and self.rows else None

    @property
    def after(self) -> uuid.UUID | None:
        """Names the page of older rows."""
        return self.rows[-1].pk if self.older and self.rows else None


def stretch_of(
    rows: QuerySet[Row],
    *,
    after: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    size: int = PAGE_SIZE,
) -> Stretch[Row]:
    """
    Return the page after or before a row; ids rise with time, so they are the order as well.

    One row more than shown is read: it alone tells that there is another page.
    """
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: size + 1])
        return Stretch(found[:size][::-1], newer=len(found) > size, older=True)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: size + 1])
    return Stretch(found[:size], newer=after is not None, older=len(found) > size)
