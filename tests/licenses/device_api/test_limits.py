"""Limits through HTTP: headers that tell, refusals that say when to come again."""

import pytest

from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from tests.clock import NOW
from tests.factories import activate, issue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["memory", "redis", "dead redis"])
def _store(request, redis_url):
    made = {
        "memory": AbsentStore,
        "redis": lambda: RedisStore(redis_url),
        "dead redis": lambda: RedisStore("redis://127.0.0.1:1/0"),
    }[request.param]()
    made.clear()
    before = hot.use(made)
    yield
    made.clear()
    made.close()
    hot.use(before)


def test_a_token_hears_what_is_left_of_its_limit_and_then_waits(call, settings) -> None:
    settings.RATE_LIMIT_TOKEN = "2/min"
    body = {"activation_token": activate(issue().key).token}

    answers = [call("activations/validate", body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"2"}
    refused = answers[2]
    assert refused.json()["code"] == "RATE_LIMITED"
    assert refused["Retry-After"] == refused["RateLimit-Reset"] == str(60 - NOW.second)


def test_a_licence_limits_its_devices_together(call, settings) -> None:
    settings.RATE_LIMIT_LICENSE = "0/min"
    key = issue(max_activations=1).key

    answers = [call("validate", {"license_key": key}) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [200] * 6 + [429]


def test_an_address_is_charged_for_guesses_only(call, settings) -> None:
    settings.RATE_LIMIT_FAILURES = "3/min"
    key = issue().key

    known = [call("validate", {"license_key": key}) for _ in range(5)]
    guesses = [call("validate", {"license_key": "0000-0000-0000-0000-0000"}) for _ in range(4)]
    right_guess = call("validate", {"license_key": key})
    elsewhere = call("validate", {"license_key": key}, REMOTE_ADDR="198.51.100.9")

    assert {answer.status_code for answer in (*known, elsewhere)} == {200}
    assert [answer.status_code for answer in guesses] == [200, 200, 200, 429]
    assert guesses[3]["Retry-After"] == "2"
    assert right_guess.status_code == 429


def test_software_at_a_guessers_address_goes_on_working(call, settings) -> None:
    settings.RATE_LIMIT_FAILURES = "1/min"
    token = activate(issue().key).token
    unknown = [call("activations/validate", {"activation_token": "act_x"}) for _ in range(2)]

    known = call("activations/validate", {"activation_token": token})

    assert [answer.status_code for answer in unknown] == [200, 429]
    assert known.json()["data"]["valid"] is True


def test_a_limit_can_be_switched_off(call, settings) -> None:
    settings.RATE_LIMIT_TOKEN = settings.RATE_LIMIT_LICENSE = settings.RATE_LIMIT_FAILURES = "off"

    answer = call("activations/validate", {"activation_token": "act_x"})

    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer
