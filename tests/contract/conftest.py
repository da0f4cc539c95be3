"""Callers of the API with keys of every kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tenant
from accounts.services.api_keys import create_api_key
from licenses import hot
from tests.contract.world import World
from tests.factories import STAFF

BASE = "/api/licensing"


class Caller:
    """The management API as one credential meets it."""

    def __init__(self, key: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.headers |= headers

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method,
            BASE + path,
            data=b"" if body is None else _encoded(body),
            content_type="application/json",
            headers=self.headers
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PUT", path, {} if body is None else body, **headers)


def _encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, default=str).encode()


@pytest.fixture(autouse=True)
def _forgotten_limits() -> None:
    hot.store().clear()


@pytest.fixture
def caller_with(db: None) -> Callable[..., Caller]:
    """Makes a caller with these scopes, bound to a tenant or vendor-wide."""

    def make(*scopes: str, tenant: Tenant | None = None) -> Caller:
        _, plain = create_api_key(
            name="contract", scopes=scopes, tenant=tenant, at=timezone.now(), origin=STAFF
        )
        return Caller(plain)

    return make


@pytest.fixture
def vendor(caller_with: Callable[..., Caller]) -> Caller:
    """The vendor's own key, which may everything."""
    return caller_with("*")


@pytest.fixture
def nobody(db: None) -> Caller:
    """A caller without a key."""
    return Caller()


@pytest.fixture
def world(db: None) -> World:
    """One tenant with a row of everything that a path can name."""
    return World.make(timezone.now())
