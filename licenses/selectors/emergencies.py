"""A licence's emergency codes: what became of each, and how many more it may have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from licenses.models import EmergencyCode, License
from licenses.models.emergency import MOST_IN_A_YEAR, YEAR, CodeState


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many codes a licence had in the last 365 days, and when it may have another."""

    made: int
    # The number that the next code will have.
    next_number: int
    # None where one may be made now.
    again_at: datetime | None

    @property
    def most(self) -> int:
        return MOST_IN_A_YEAR

    @property
    def left(self) -> int:
        return MOST_IN_A_YEAR - self.made


@dataclass(frozen=True, slots=True)
class Shown:
    """A code as lists show it: neither of its forms can be shown again."""

    code: EmergencyCode
    state: CodeState

    @property
    def words(self) -> Any:
        return self.state.label


def allowance_of(license: License, *, at: datetime) -> Allowance:
    """Return what a licence may still have; on a locked licence nobody changes it meanwhile."""
    newest = license.emergency_codes.order_by("-number")
    made = list(newest.of_a_year(at).values_list("issued_at", flat=True)[:MOST_IN_A_YEAR])
    last = newest.values_list("number", flat=True).first() or 0
    full = len(made) == MOST_IN_A_YEAR
    return Allowance(len(made), last + 1, made[-1] + YEAR if full else None)


def codes_of(license: License, *, at: datetime, limit: int) -> list[Shown]:
    """Return a licence's newest codes with what has become of each."""
    rows = license.emergency_codes.order_by("-number")[:limit]
    return [Shown(row, row.state_at(at)) for row in rows]
