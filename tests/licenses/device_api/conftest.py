"""Calling as a device does, by way of DeviceEntry and past it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from time_machine import travel

from tests.clock import NOW

ENTRY = "licensing_portal.middleware.DeviceEntry"
Call = Callable[..., Any]


@cache
def _client(*, entry: bool) -> Client:
    client = Client(raise_request_exception=False)
    with override_settings(
        MIDDLEWARE=[name for name in settings.MIDDLEWARE if entry or name != ENTRY]
    ):
        client.handler.load_middleware()
    return client


@pytest.fixture(params=["entry", "ordinary way"])
def call(request: pytest.FixtureRequest) -> Call:
    """POST a body to a device route, with DeviceEntry in MIDDLEWARE and without it."""
    client = _client(entry=request.param == "entry")

    def post(route: str, body: Any = None, **extra: Any) -> Any:
        with travel(extra.pop("at", NOW), tick=False):
            return client.post(
                f"/api/licensing/{route}", body, content_type="application/json", **extra
            )

    return post
