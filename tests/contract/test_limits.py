"""How often one key may call, and how it is told."""

import pytest
from django.conf import settings
from django.test import override_settings

from licenses import hot
from licenses.hot.limits import limit_of
from tests.contract.conftest import Caller
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def test_every_answer_tells_what_is_left(vendor, time_machine):
    time_machine.move_to("2026-06-01T12:00:15Z", tick=False)
    first = vendor.get("/tenants")
    second = vendor.get("/tenants/x")
    assert [first[f"RateLimit-{part}"] for part in ("Limit", "Remaining", "Reset")] == [
        "1200", "1199", "45",
    ]  # fmt: skip
    assert second["RateLimit-Remaining"] == "1198"


def test_too_many_calls_are_refused_until_the_next_minute(caller_with, time_machine):
    time_machine.move_to("2026-06-01T12:00:15Z", tick=False)
    caller, other = caller_with("*"), caller_with("*")
    with override_settings(RATE_LIMIT_API_KEY="2/min"):
        assert [caller.get("/tenants").status_code for _ in range(3)] == [200, 200, 429]
        refused = caller.get("/tenants")
        body = assert_told(refused, 429, "RATE_LIMITED")
        assert body["error"]["retry_after"] == 45
        assert refused["Retry-After"] == "45"
        assert other.get("/tenants").status_code == 200
        time_machine.move_to("2026-06-01T12:01:00Z", tick=False)
        assert caller.get("/tenants").status_code == 200


def test_an_address_that_guesses_keys_is_told_to_wait(caller_with, time_machine):
    time_machine.move_to("2026-06-01T12:00:15Z", tick=False)
    known, guesser = caller_with("*"), Caller("lp_guessed")
    with override_settings(RATE_LIMIT_FAILURES="3/min"):
        for _ in range(3):
            assert_told(guesser.get("/tenants"), 401, "INVALID_API_KEY")
        assert_told(guesser.get("/tenants"), 429, "RATE_LIMITED")
        assert known.get("/tenants").status_code == 200


def test_off_is_no_limit(vendor):
    with override_settings(RATE_LIMIT_API_KEY="off"):
        assert "RateLimit-Limit" not in vendor.get("/tenants").headers


def test_a_dead_redis_refuses_nobody(vendor):
    before = hot.use(hot.open_store("redis://127.0.0.1:1/0"))
    try:
        answers = [vendor.get("/tenants") for _ in range(2)]
    finally:
        hot.use(before)
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1199", "1198"]


def test_the_limit_in_the_settings_can_be_read():
    assert limit_of(settings.RATE_LIMIT_API_KEY)
