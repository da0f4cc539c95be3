"""Charging an address with a secret that it guessed, behind doors that are no device's."""

import math
from datetime import datetime

from django.conf import settings

from events.refusals import Refusal
from licenses import hot
from licenses.hot.limits import limit_of
from licenses.hot.protocol import Question


def charge(digest: bytes, *, address: str, at: datetime) -> None:
    """
    Charge an address with an unknown secret, as device calls do and out of the same allowance.

    :raises RATE_LIMITED: if it has guessed too often
    """
    now = at.timestamp()
    question = Question("k", digest, address, now, token=None, license=None)
    if blocked := hot.store().ask(question).blocked_for:
        raise Refusal("RATE_LIMITED", retry_after=max(1, math.ceil(blocked)))
    if limit := limit_of(settings.RATE_LIMIT_FAILURES):
        hot.store().fail(address, limit, now=now)
