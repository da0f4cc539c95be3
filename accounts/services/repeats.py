"""Repeated requests: the first is answered and remembered, the others hear the same."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts import statements
from accounts.models import StoredAnswer
from events import vault
from events.refusals import Refusal, invalid

KEPT_FOR = timedelta(hours=24)
_TOO_MANY_REQUESTS = 429
_SERVER_FAULT = 500
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire, and whether it has gone before."""

    status: int
    body: str
    etag: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that says by its key which act it means."""

    credential: str
    route: str
    key: str
    content: bytes

    @property
    def name(self) -> bytes:
        """What the lock is called by."""
        parts = (self.credential, self.route, self.key)
        return hashlib.sha256("\0".join(parts).encode()).digest()

    @property
    def digest(self) -> bytes:
        return vault.digest("idempotency", self.content.decode("latin-1"))


def checked_key(key: str) -> str:
    """
    Return the key of a repeatable request as it was sent.

    :raises VALIDATION_ERROR: if it is none
    """
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise invalid(**{"Idempotency-Key": f"1 to {_LONGEST_KEY} printable characters."})
    return key


def once(attempt: Attempt, act: Callable[[], Answer], *, at: datetime) -> Answer:
    """
    Let `act` run unless it has run before; lock, act and stored answer are one transaction.

    An answer that says "later" or "our fault" undoes the act and is not remembered.

    :raises IDEMPOTENCY_IN_PROGRESS: the first request with this key still runs
    :raises IDEMPOTENCY_KEY_REUSED: the key came with another request
    """
    with transaction.atomic():
        if not statements.try_lock(attempt.name):
            raise Refusal("IDEMPOTENCY_IN_PROGRESS")
        if earlier := _earlier(attempt, at=at):
            return earlier
        answer = act()
        if answer.status >= _SERVER_FAULT or answer.status == _TOO_MANY_REQUESTS:
            transaction.set_rollback(True)
        else:
            _remember(attempt, answer, at=at)
    return answer


def forget_old_answers(*, at: datetime) -> int:
    """Remove what no client repeats any more; return how many."""
    return StoredAnswer.objects.filter(created_at__lte=at - KEPT_FOR).delete()[0]


def _earlier(attempt: Attempt, *, at: datetime) -> Answer | None:
    stored = StoredAnswer.objects.filter(
        credential=attempt.credential, route=attempt.route, key=attempt.key
    ).first()
    if stored is None:
        return None
    if stored.created_at <= at - KEPT_FOR:
        stored.delete()
        return None
    if bytes(stored.request_digest) != attempt.digest:
        raise Refusal("IDEMPOTENCY_KEY_REUSED")
    body = vault.decrypt(stored.body_ciphertext)
    return Answer(stored.status, body, stored.etag, replayed=True)


def _remember(attempt: Attempt, answer: Answer, *, at: datetime) -> None:
    StoredAnswer.objects.create(
        credential=attempt.credential,
        route=attempt.route,
        key=attempt.key,
        request_digest=attempt.digest,
        status=answer.status,
        body_ciphertext=vault.encrypt(answer.body),
        etag=answer.etag,
        created_at=at,
    )
