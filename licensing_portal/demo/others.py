"""Licences of the demo that count otherwise: seats used in turn, names, cores, a whole site."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# How many days ago, and what the device says of itself then.
Visit = tuple[float, dict[str, Any]]
Visits = Callable[[random.Random], list[list[Visit]]]

BORROWED_DAYS = 10
_BORROWED_DAYS_AGO = 2.0


@dataclass(frozen=True, slots=True)
class Other:
    """A template of its own with one licence: its buyer, its age, and the visits of each device."""

    name: str
    product_id: str
    buyer: int
    issued: float
    base_price: int
    terms: dict[str, Any]
    visits: Visits


def _in_turn(rng: random.Random) -> list[list[Visit]]:
    """Twelve engineers share ten seats: seven are at it, one is at sea, four have gone home."""
    first = sorted((rng.uniform(4, 118) for _ in range(12)), reverse=True)
    at_it: list[list[Visit]] = [[(days, {}), (rng.uniform(0.01, 0.3), {})] for days in first[:7]]
    at_sea: list[Visit] = [(first[7], {}), (_BORROWED_DAYS_AGO, {"borrow_days": BORROWED_DAYS})]
    gone: list[list[Visit]] = [[(days, {}), (rng.uniform(0.6, 3.5), {})] for days in first[8:]]
    return [*at_it, at_sea, *gone]


def _by_name(rng: random.Random) -> list[list[Visit]]:
    """Six surveyors have one of seven seats each; two of them also take a tablet into the field."""
    people = ("a.brandvold", "h.ahlers", "j.petersen", "m.lindqvist", "s.kowalczyk", "t.obi")
    names = [f"{person}@brenner.example" for person in people]
    at_desks = [[(rng.uniform(30, 84), {"user_identity": name})] for name in names]
    outside = [[(rng.uniform(3, 25), {"user_identity": name})] for name in names[1:3]]
    return [*at_desks, *outside]


def _servers(rng: random.Random) -> list[list[Visit]]:
    """Four machines of a cluster, of which one grew; a fifth does not say what it has."""
    days = sorted((rng.uniform(20, 200) for _ in range(5)), reverse=True)
    cores = (16, 8, 16, 12)
    visits: list[list[Visit]] = [
        [(day, {"core_count": count})] for day, count in zip(days, cores, strict=False)
    ]
    visits[1].append((9.0, {"core_count": 16}))
    return [*visits, [(days[4], {})]]


def _a_whole_site(rng: random.Random) -> list[list[Visit]]:
    return [[(rng.uniform(1, 250), {})] for _ in range(26)]


OTHERS: Sequence[Other] = (
    Other(
        "Strata Desktop Professional Floating", "strata-desktop", 1, 120, 2_900,
        {
            "license_type": "CONCURRENT",
            "license_model": "PER_SEAT",
            "max_activations": 10,
            "lease_seconds": 8 * 3_600,
            "max_borrow_days": 14,
        },
        _in_turn,
    ),
    Other(
        "Fieldbook Named", "fieldbook", 4, 85, 980,
        {"license_type": "NAMED_USER", "license_model": "PER_SEAT", "max_activations": 7},
        _by_name,
    ),
    Other(
        "Strata Compute Cores", "strata-compute", 0, 210, 7_400,
        {"license_type": "SUBSCRIPTION", "license_model": "PER_CORE", "max_activations": 64},
        _servers,
    ),
    Other(
        "Strata Viewer Site", "strata-viewer", 2, 260, 1_100,
        {"license_type": "SUBSCRIPTION", "license_model": "SITE_LICENSE", "max_activations": 1},
        _a_whole_site,
    ),
)  # fmt: skip
