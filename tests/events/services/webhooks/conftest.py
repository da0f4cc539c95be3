"""Endpoints on this machine, told by jobs that run at a time of our choosing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from events.models import WebhookEndpoint
from events.services.webhooks import endpoints
from events.tasks import deliver_webhooks
from tests.clock import NOW
from tests.factories import STAFF
from tests.receiving import Receiver, receiver


@pytest.fixture(autouse=True)
def _loopback(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def there() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with receiver() as told:
        yield told


@pytest.fixture
def listening(transactional_db: None) -> Callable[..., WebhookEndpoint]:
    """Makes an endpoint for a receiver; its secret stands on it as `plain`."""

    def make(there: Receiver, *event_types: str, **given: Any) -> WebhookEndpoint:
        endpoint, secret = endpoints.create_endpoint(
            url=there.url, event_types=event_types or ["license.*"], at=NOW, origin=STAFF, **given
        )
        endpoint.plain = secret
        return endpoint

    return make


@pytest.fixture
def deliver() -> Callable[..., dict[str, int]]:
    """Runs the job as of a moment."""

    def run(at: datetime = NOW) -> dict[str, int]:
        return deliver_webhooks(at=at.isoformat())

    return run
