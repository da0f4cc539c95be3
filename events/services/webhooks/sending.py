"""Sending what waits: claimed, posted, noted; tried again for three days, then given up."""

import json
import logging
import random
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from events import moments
from events.models import (
    DeliveryState,
    DisabledBecause,
    WebhookDelivery,
    WebhookDeliveryQuerySet,
    WebhookEndpoint,
)
from events.models.asked import TEST
from events.models.webhook import KEPT_FOR
from events.refusals import Refusal
from events.selectors.trail import told
from events.services.webhooks import endpoints, posting, signing
from events.services.webhooks.posting import Answer
from events.trail import SYSTEM

log = logging.getLogger("webhooks")

# How long after a failed try the next one comes: three days in all; then nobody tries again.
WAITS = (
    *(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 24, 30)),
)
# Nobody tries at the very moment that everybody else does: each wait is longer by up to a tenth.
_JITTER = 0.1
# Who fails is left alone for a while, whatever else waits for them.
_RESTS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
_LONGEST_REST = timedelta(days=1)
STEADY = timedelta(days=5)
# Somebody sits and waits for the end of a test.
_TEST_SECONDS = 5.0
_CHUNK = 1000
_MASK = "***"
_EXCERPT = 500


class Outcome(Enum):
    """What came of one try."""

    DELIVERED = "delivered"
    FAILED = "failed"
    NOTHING = "nothing"


def take_back(*, at: datetime) -> int:
    """Let what was claimed by processes that are gone be sent again; return how many that were."""
    with transaction.atomic():
        left = WebhookDelivery.objects.left_behind(at).select_for_update(skip_locked=True)
        found = WebhookDelivery.objects.filter(pk__in=[row.pk for row in left[:_CHUNK]])
        return found.update(state=DeliveryState.WAITING, due_at=at)


def prune(*, at: datetime) -> int:
    """Forget deliveries older than the log is kept, a chunk; return how many that were."""
    old = WebhookDelivery.objects.filter(queued_at__lt=at - KEPT_FOR)
    chunk = old.exclude(state=DeliveryState.SENDING).values_list("pk", flat=True)[:_CHUNK]
    many, _of_which = WebhookDelivery.objects.filter(pk__in=list(chunk)).delete()
    return many


def send_next(*, endpoint_id: uuid.UUID, at: datetime) -> Outcome:
    """
    Send an endpoint the next event that it is owed, unless there is none or it rests.

    The claim is committed before anything is sent. Who dies in between leaves it behind, and it is
    sent again: a receiver knows a repeat by its `webhook-id`.
    """
    delivery = _claim(endpoint_id, at=at)
    if delivery is None:
        return Outcome.NOTHING
    event, endpoint = delivery.event, delivery.endpoint
    try:
        body = _body(event.type, event.occurred_at, told(event))
        answer = _posted(endpoint, str(event.event_id), body, posting.TOTAL_SECONDS, at=at)
    except Exception:
        log.exception("A webhook could not be sent", extra={"delivery": str(delivery.pk)})
        answer = Answer("NOT_COMPOSED")
    _note(delivery, answer, at=at)
    return Outcome.DELIVERED if answer.taken else Outcome.FAILED


def send_test(*, endpoint_id: uuid.UUID, at: datetime) -> Answer:
    """
    Send an endpoint a `webhook.test`, once and at once; it stands in no log and in no trail.

    :raises WEBHOOK_ENDPOINT_NOT_FOUND: there is no such endpoint
    """
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise Refusal("WEBHOOK_ENDPOINT_NOT_FOUND")
    message_id, written = str(uuid7()), moments.written(at)
    shown = {"id": message_id, "type": TEST, "occurred_at": written, "changes": {}}
    body = _body(TEST, at, shown)
    return _posted(endpoint, message_id, body, _TEST_SECONDS, at=at)


def _claim(endpoint_id: uuid.UUID, *, at: datetime) -> WebhookDelivery | None:
    with transaction.atomic():
        awake = WebhookEndpoint.objects.awake(at).filter(pk=endpoint_id)
        due = WebhookDelivery.objects.due(at).filter(endpoint__in=awake)
        first = (
            due.first_of_their_licenses()
            .select_related("endpoint", "event")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("due_at", "event")
            .first()
        )
        if first is None:
            return None
        first.attempts += 1
        first.state, first.claimed_at = DeliveryState.SENDING, at
        first.save(update_fields=["attempts", "state", "claimed_at"])
    return first


def _body(event_type: str, occurred_at: datetime, shown: Mapping[str, Any]) -> str:
    message = {"type": event_type, "timestamp": moments.written(occurred_at), "data": shown}
    return json.dumps(message, separators=(",", ":"))


def _posted(
    endpoint: WebhookEndpoint, message_id: str, body: str, seconds: float, *, at: datetime
) -> Answer:
    secrets = signing.secrets_of(endpoint, at)
    headers = signing.headers_of(message_id, body, secrets=secrets, at=at)
    answer = posting.post(endpoint.url, headers=headers, body=body.encode(), seconds=seconds)
    excerpt = answer.excerpt
    # What a server echoes is shown to whoever may see the log, who need not know the secret.
    bare = [secret.removeprefix(signing.PREFIX) for secret in secrets]
    for secret in (*secrets, *bare, *headers["webhook-signature"].split()):
        excerpt = excerpt.replace(secret, _MASK)
    excerpt = "".join(c if c.isprintable() else " " for c in excerpt)[:_EXCERPT]
    return Answer(answer.error, answer.status, excerpt, answer.retry_after, answer.duration_ms)


def _note(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> None:
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
        if not answer.taken:
            # Locked before the delivery, as everywhere.
            _note_failure(endpoint.select_for_update(no_key=True).get(), delivery, answer, at=at)
        elif _still_ours(delivery).update(
            state=DeliveryState.DELIVERED, delivered_at=at, error="", **_facts(answer)
        ):
            endpoint.filter(failures__gt=0).update(
                failures=0, failing_since=None, resting_until=None
            )


def _note_failure(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, answer: Answer, *, at: datetime
) -> None:
    gone = answer.status == HTTPStatus.GONE
    asked = _asked_to_wait(answer.retry_after, at)
    again = delivery.attempts <= len(WAITS) and not gone
    wait = WAITS[delivery.attempts - 1] if again else timedelta(0)
    mine = _still_ours(delivery).update(
        state=DeliveryState.WAITING if again else DeliveryState.FAILED,
        due_at=at + max(wait * (1 + random.uniform(0, _JITTER)), asked),  # noqa: S311 - no secret
        error=answer.error,
        **_facts(answer),
    )
    if not mine or not endpoint.active:
        return
    rest = _RESTS[min(endpoint.failures, len(_RESTS) - 1)]
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or at
    endpoint.resting_until = at + max(rest, asked)
    endpoint.save(update_fields=["failures", "failing_since", "resting_until"])
    if gone:
        endpoints.disable(endpoint, DisabledBecause.GONE, at=at, origin=SYSTEM)
    elif at - endpoint.failing_since >= STEADY:
        endpoints.disable(endpoint, DisabledBecause.STEADY_FAILURE, at=at, origin=SYSTEM)


def _still_ours(delivery: WebhookDelivery) -> WebhookDeliveryQuerySet:
    """Return the delivery unless another took it over meanwhile: each claim counts one try more."""
    return WebhookDelivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts
    )


def _facts(answer: Answer) -> dict[str, Any]:
    return {
        "response_status": answer.status,
        "response_excerpt": answer.excerpt,
        "duration_ms": answer.duration_ms,
    }


def _asked_to_wait(text: str, at: datetime) -> timedelta:
    """Return how long a receiver asked to be left alone: seconds, or a date; a day at most."""
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text), 10**6)), _LONGEST_REST)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - at, timedelta(0)), _LONGEST_REST)
