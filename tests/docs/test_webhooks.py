"""What docs/api/webhooks.md says of checking a message is so."""

import re
from datetime import timedelta

import pytest
import time_machine

from events.services.webhooks import endpoints, sending, signing
from tests.clock import NOW
from tests.engines import BASE_DIR

PAGE = (BASE_DIR / "docs" / "api" / "webhooks.md").read_text()
BODY = '{"type":"license.issued"}'


@pytest.fixture
def checked():
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    exec(block, names)
    return names["checked"]


def test_the_example_takes_what_we_send_and_nothing_else(checked):
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.headers_of("1", BODY, secrets=[new, old], at=NOW)
    with time_machine.travel(NOW):
        assert checked(BODY.encode(), headers, new)
        assert checked(BODY.encode(), headers, old)
        assert not checked(BODY.encode(), headers, signing.new_secret())
        assert not checked(BODY.encode() + b" ", headers, new)
        assert not checked(BODY.encode(), headers | {"webhook-id": "2"}, new)
    with time_machine.travel(NOW + timedelta(minutes=6)):
        assert not checked(BODY.encode(), headers, new)


def test_the_waits_and_limits_that_the_page_names_are_those_of_the_code():
    waits = "5 seconds, 1, 5 and 30 minutes, 2, 5, 10, 24 and 30 hours"
    assert waits in PAGE
    hours = [wait.total_seconds() / 3600 for wait in sending.WAITS[4:]]
    assert [wait.total_seconds() for wait in sending.WAITS[:4]] == [5, 60, 300, 1800]
    assert hours == [2, 5, 10, 24, 30]
    assert f"There may be {endpoints.MOST_PER_TENANT} for each tenant" in PAGE
    assert timedelta(hours=24) == endpoints.OVERLAP
