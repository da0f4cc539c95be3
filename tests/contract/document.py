"""The OpenAPI document as it is served, drawn once for all tests of a process."""

from functools import cache
from typing import Any

from django.test import Client


@cache
def document() -> dict[str, Any]:
    served: dict[str, Any] = Client(SERVER_NAME="localhost").get("/api/licensing/schema/").json()
    return served
