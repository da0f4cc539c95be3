"""What a link at the foot of a mail stands for: who wants no more mails of which topic."""

import uuid
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import Customer, Membership, Tenant
from events.models import Notice
from events.notifications import Topic

_SALT = "unsubscribe"
_WHO: dict[str, type[Customer | Membership]] = {"c": Customer, "m": Membership}


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose mails of a topic are meant, as a link says; signed, so nobody mutes somebody else."""

    kind: type[Customer | Membership]
    id: uuid.UUID
    topic: Topic

    @property
    def row(self) -> Customer | Membership | None:
        rows = self.kind._default_manager.select_related("tenant")
        return rows.filter(pk=self.id).first()

    @property
    def tenant(self) -> Tenant | None:
        return self.row.tenant if self.row else None


def unsubscribe_address(notice: Notice, topic: str) -> str:
    """Return where whoever a notice is for ends mails of its topic; nothing where it has none."""
    if not topic:
        return ""
    who = ("c", notice.customer_id) if notice.customer_id else ("m", notice.membership_id)
    token = signing.Signer(salt=_SALT).sign_object([who[0], str(who[1]), topic])
    return f"{settings.PUBLIC_URL}{reverse('unsubscribe', args=[token])}"


def wish_of(token: str) -> Wish | None:
    """Return what a link's token stands for, or None if we never made it."""
    with suppress(signing.BadSignature, ValueError, KeyError):
        who, pk, topic = signing.Signer(salt=_SALT).unsign_object(token)
        return Wish(_WHO[who], uuid.UUID(pk), Topic(topic))
    return None
