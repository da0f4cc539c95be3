"""Full licences, and what a device is offered that finds one."""

from typing import Any

import pytest

from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.services.keyring import Issued
from tests.factories import activate, issue


def full(seats: int = 2, **terms: Any) -> Issued:
    """A licence of which every seat is taken, and which offers to replace a device."""
    issued = issue(**{"self_service": "REPLACE", "max_activations": seats} | terms)
    for number in range(seats):
        activate(issued.key, f"old-{number}")
    return issued


def offers(issued: Issued, fingerprint: str = "new", **more: Any) -> list[dict[str, Any]]:
    """What a device is offered that finds the licence full."""
    with pytest.raises(Refusal) as refused:
        activate(issued.key, fingerprint, **more)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    devices: list[dict[str, Any]] = refused.value.details["devices"]
    return devices


def everything() -> tuple[Any, ...]:
    """Every licence and activation as it is stored."""
    return list(License.objects.order_by("pk").values()), list(
        Activation.objects.order_by("pk").values()
    )
