"""The lives that licences lead in the demo: what happens to each, and how many days ago."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# The licence whose key is shown to a newcomer: three seats, one taken.
SHOWCASE = "showcase"
# Kinds whose devices still come, to this day.
GROWING = frozenset({"running", "renewed", "perpetual"})
# An act and how many days ago it happened.
Step = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Life:
    """A licence's terms, what happens to it, and how much of its seats is taken."""

    kind: str
    issued: float
    steps: list[Step] = field(default_factory=list)
    license_type: str = "SUBSCRIPTION"
    pending_cause: str | None = None
    busy: float = 0.5


def all_lives(rng: random.Random, *, thinned: int = 1) -> list[Life]:
    """Return the lives of three hundred licences, or of a part with every kind, oldest first."""
    lives = [make(rng) for make, number in _CAST for _ in range(-(-number // thinned))]
    return sorted(lives, key=lambda life: -life.issued)


def _young(rng: random.Random) -> Life:
    return Life("running", rng.uniform(2, 330), busy=rng.choice((0.2, 0.34, 0.5, 0.7, 1)))


def _showcase(rng: random.Random) -> Life:
    return Life(SHOWCASE, 64)


def _ends_soon(rng: random.Random) -> Life:
    return Life("ends soon", 365 - rng.uniform(1, 29), busy=rng.choice((0.5, 0.7, 1)))


def _renewed(rng: random.Random) -> Life:
    issued = rng.uniform(380, 715)
    return Life("renewed", issued, [("renew", issued - 365 + rng.uniform(-20, 25))])


def _perpetual(rng: random.Random) -> Life:
    return Life("perpetual", rng.uniform(20, 700), license_type="PERPETUAL", busy=0.5)


def _maintenance_over(rng: random.Random) -> Life:
    return Life("perpetual", rng.uniform(480, 640), license_type="PERPETUAL", busy=0.5)


def _reinstated(rng: random.Random) -> Life:
    issued = rng.uniform(120, 340)
    held = rng.uniform(40, 100)
    return Life("reinstated", issued, [("hold PAYMENT_FAILED", held), ("paid", held - 9)])


def _trial(rng: random.Random) -> Life:
    return Life("trial", rng.uniform(3, 25), license_type="TRIAL", busy=0.4)


def _trial_over(rng: random.Random) -> Life:
    return Life("trial over", rng.uniform(60, 690), license_type="TRIAL", busy=0.4)


def _trial_unused(rng: random.Random) -> Life:
    return Life("trial unused", rng.uniform(0.5, 40), license_type="TRIAL", busy=0)


def _unpaid(rng: random.Random) -> Life:
    return Life("unpaid", rng.uniform(0.2, 12), pending_cause="PAYMENT", busy=0)


def _unapproved(rng: random.Random) -> Life:
    return Life("unapproved", rng.uniform(0.1, 4), pending_cause="APPROVAL", busy=0)


def _parked(rng: random.Random) -> Life:
    issued = rng.uniform(100, 340)
    return Life("parked", issued, [("park", rng.uniform(5, 80))], busy=0.5)


def _in_grace(rng: random.Random) -> Life:
    return Life("in grace", 365 + rng.uniform(0.5, 28), busy=0.8)


def _grace_over(rng: random.Random) -> Life:
    return Life("grace over", 365 + rng.uniform(32, 330), busy=0.5)


def _held_by_staff(rng: random.Random) -> Life:
    return Life("held", rng.uniform(90, 340), [("hold STAFF", rng.uniform(1, 60))])


def _held_for_payment(rng: random.Random) -> Life:
    return Life(
        "unpaid renewal", rng.uniform(90, 340), [("hold PAYMENT_FAILED", rng.uniform(1, 25))]
    )


def _held_for_compliance(rng: random.Random) -> Life:
    return Life(
        "audited", rng.uniform(150, 340), [("hold COMPLIANCE", rng.uniform(10, 40))], busy=1
    )


def _revoked(rng: random.Random) -> Life:
    issued = rng.uniform(60, 650)
    return Life("revoked", issued, [("revoke", issued * rng.uniform(0.3, 0.9))])


def _moved(rng: random.Random) -> Life:
    issued = rng.uniform(120, 330)
    return Life("transferred", issued, [("transfer", rng.uniform(10, 90))])


_CAST: Sequence[tuple[Callable[[random.Random], Life], int]] = (
    (_young, 77),
    (_showcase, 1),
    (_ends_soon, 22),
    (_renewed, 48),
    (_perpetual, 20),
    (_maintenance_over, 6),
    (_reinstated, 6),
    (_moved, 6),
    (_trial, 12),
    (_trial_over, 16),
    (_trial_unused, 8),
    (_unpaid, 4),
    (_unapproved, 3),
    (_parked, 10),
    (_in_grace, 13),
    (_grace_over, 22),
    (_held_by_staff, 6),
    (_held_for_payment, 8),
    (_held_for_compliance, 3),
    (_revoked, 9),
)
