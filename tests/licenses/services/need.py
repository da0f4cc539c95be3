"""Devices in need: a code is made for their licence, brought, and judged."""

from datetime import timedelta
from typing import Any

import pytest

from events.refusals import Refusal
from licenses.models import License
from licenses.selectors import entry, snapshots
from licenses.services import emergency, redeeming
from licenses.services.activation import Activated
from licenses.services.claims import Device
from licenses.services.emergency import IssuedCode
from licenses.services.tokens import token_digest
from licenses.validation import Asked, Verdict
from tests.clock import NOW
from tests.factories import DEVICE, STAFF

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
END = NOW + DAY


def make(license: License, *, at: Any = NOW) -> IssuedCode:
    return emergency.issue_code(license_id=license.pk, reason="need", at=at, origin=STAFF)


def redeem(
    key: str, code: str, fingerprint: str = "device-1", *, at: Any = NOW, **says: Any
) -> Activated:
    found = snapshots.by_key(key)
    assert found is not None
    device = Device(fingerprint=fingerprint, machine_name="PC", **says)
    return redeeming.redeem(found=found, device=device, code=code, at=at, origin=DEVICE)


def refusal(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as refused:
        redeem(*args, **kwargs)
    return refused.value.code


def verdict(token: str, *, at: Any = NOW) -> Verdict:
    found = snapshots.by_token(token_digest(token))
    assert found is not None
    asked = Asked(device=True)
    return entry.judged(found, asked, caller=lambda _: None, at=at)[1]  # type: ignore[arg-type,return-value]
