"""What a notice becomes when its time has come: the apps above say it, each for its kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import TextChoices
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Notice


class Topic(TextChoices):
    """What nobody has to receive; what has no topic is sent to everybody it concerns."""

    REMINDERS = "reminders", _("Reminders that a licence ends")
    CHANGES = "changes", _("Changes of licences that need nobody to act")


@dataclass(frozen=True, slots=True)
class Mail:
    """What is read by whoever opens it; nothing of it is stored."""

    subject: str
    text: str
    html: str
    # Where one click ends mails of this topic, without sign-in; empty where there is no topic.
    unsubscribe: str = ""


# Called inside the transaction that claims the notice, with the address in clear. It locks what it
# speaks of first, so that what it says still holds when the claim is made; None: there is nothing
# to say any more.
Compose = Callable[[Notice, str, datetime], Mail | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of notice: what staff call it, how its mail is written, and what occasions it."""

    words: str | Promise
    compose: Compose
    topic: str = ""
    # Events of these types are told to the customer and to the tenant's owners and admins.
    follows: tuple[str, ...] = ()


kinds: dict[str, Kind] = {}


def written(name: str, subject: str, facts: dict[str, object]) -> Mail:
    """Return a mail of that name in both forms; whoever calls it chose the language."""
    context = {
        "subject": subject,
        "vendor": settings.VENDOR_NAME,
        "vendor_email": settings.VENDOR_EMAIL,
        **facts,
    }
    return Mail(
        subject=subject,
        text=render_to_string(f"email/{name}.txt", context).strip() + "\n",
        html=render_to_string(f"email/{name}.html", context),
        unsubscribe=str(facts.get("unsubscribe", "")),
    )
