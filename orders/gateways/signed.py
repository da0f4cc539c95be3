"""Any other system, by messages in one plain form under a Standard Webhooks signature."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import msgspec
from django.conf import settings
from msgspec import Meta
from standardwebhooks import Webhook, WebhookVerificationError

from events.refusals import Refusal, invalid
from orders.gateways import EventType, Told

# What a message must say besides, so that no amount is ever guessed.
_MONEY = {EventType.PAYMENT_SUCCEEDED, EventType.REFUND_SUCCEEDED}
_BY_REFERENCE = {*_MONEY, EventType.DISPUTE_OPENED, EventType.DISPUTE_WON, EventType.DISPUTE_LOST}
# As far as two clocks may differ.
_AHEAD = timedelta(minutes=5)
_MOST = Decimal(10) ** 15

Number = Annotated[str, Meta(max_length=30)]


class Message(msgspec.Struct, frozen=True):
    """The body of a message; members of other names are left alone."""

    event_id: Annotated[str, Meta(min_length=1, max_length=200)]
    type: Annotated[str, Meta(min_length=1, max_length=60)]
    occurred_at: Annotated[datetime, Meta(tz=True)]
    invoice_number: Number = ""
    order_number: Number = ""
    amount: Decimal | None = None
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""
    reference: Annotated[str, Meta(max_length=200)] = ""


class Signed:
    """The gateway `signed`; several secrets hold at once, so that they can be changed."""

    name = "signed"

    def is_open(self) -> bool:
        """Whether a secret is set."""
        return bool(settings.SIGNED_GATEWAY_SECRETS)

    def verify(self, body: bytes, headers: Mapping[str, str], at: datetime) -> list[Told]:
        """
        Return the one thing that a message tells.

        :raises INVALID_SIGNATURE: if no secret signed it, or it is older or newer than 5 minutes
        :raises VALIDATION_ERROR: if a member is missing or cannot be
        """
        if not any(_is_signed(body, headers, secret) for secret in settings.SIGNED_GATEWAY_SECRETS):
            raise Refusal("INVALID_SIGNATURE")
        try:
            message = msgspec.json.decode(body, type=Message)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise invalid(body=str(error)) from None
        told = Told(**{field.name: getattr(message, field.name) for field in fields(Told)})
        _check(told, at)
        return [told]


def _is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        # The library lets pass what Python says of a header that is no signature at all.
        return False
    return True


def _is_money(amount: Decimal) -> bool:
    return amount.is_finite() and 0 < amount < _MOST and amount == round(amount, 6)


def _check(told: Told, at: datetime) -> None:
    # First: written out, a number of few characters can fill the memory.
    if told.amount is not None and not _is_money(told.amount):
        raise invalid(amount="More than 0, with at most 6 decimals.")
    if any("\0" in str(value) for value in told.facts().values()) or "\0" in told.event_id:
        raise invalid(body="No NUL in any text.")
    try:
        occurred = told.occurred_at.astimezone(UTC)
    except OverflowError:
        # The first and last day that can be written are in no other zone.
        raise invalid(occurred_at="There is no such time.") from None
    if occurred > at + _AHEAD:
        raise invalid(occurred_at="That has not come yet.")
    if told.type in _MONEY and (told.amount is None or not told.currency):
        raise invalid(amount="Say how much, and in which currency.")
    if told.type in _BY_REFERENCE and not told.reference.strip():
        raise invalid(reference="Say by what it is known.")
