"""What a notice becomes when its time has come: the apps above say it, each for its kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from events.models import Notice


@dataclass(frozen=True, slots=True)
class Mail:
    """What is read by whoever opens it; nothing of it is stored."""

    subject: str
    text: str
    html: str


# Called inside the transaction that claims the notice, with the address in clear. It locks what it
# speaks of first, so that what it says still holds when the claim is made; None: there is nothing
# to say any more.
Compose = Callable[[Notice, str, datetime], Mail | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of notice: what staff call it, and how its mail is written."""

    words: str | Promise
    compose: Compose


kinds: dict[str, Kind] = {}
