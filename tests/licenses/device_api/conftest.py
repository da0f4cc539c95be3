"""Calling as a device does, by way of DeviceEntry and past it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from time_machine import travel

from tests.clock import NOW

ENTRY = "licensing_portal.middleware.DeviceEntry"
Call = Callable[..., Any]


@pytest.fixture(params=["entry", "ordinary way"])
def call(request: pytest.FixtureRequest, settings: Any) -> Call:
    """POST a body to a device route, with DeviceEntry in MIDDLEWARE and without it."""
    if request.param == "ordinary way":
        settings.MIDDLEWARE = [name for name in configured.MIDDLEWARE if name != ENTRY]
    client = Client(raise_request_exception=False)

    def post(route: str, body: Any = None, **extra: Any) -> Any:
        with travel(extra.pop("at", NOW), tick=False):
            return client.post(
                f"/api/licensing/{route}", body, content_type="application/json", **extra
            )

    return post
