"""The names that hold a licence's seats, as pages list them."""

from dataclasses import dataclass

from licenses.models import License, NamedUser


@dataclass(frozen=True, slots=True)
class Names:
    """Some of the names on a licence, in their order, and how many there are."""

    rows: list[NamedUser]
    total: int

    @property
    def more(self) -> int:
        """How many are not among the rows."""
        return self.total - len(self.rows)


def names_on(license: License, *, limit: int) -> Names | None:
    """Return who holds the seats, each with the number of devices; None where devices do."""
    if not license.held_by_names:
        return None
    assigned = license.named_users.assigned()
    rows = list(assigned.with_devices().order_by("identity")[:limit])
    total = len(rows) if len(rows) < limit else assigned.count()
    return Names(rows, total)
