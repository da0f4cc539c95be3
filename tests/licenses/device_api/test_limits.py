"""Limits through HTTP: headers that tell, refusals that say when to come again."""

from datetime import timedelta

import pytest

from events import vault
from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import License
from licenses.selectors.snapshots import KEY
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


UNKNOWN = "0000-0000-0000-0000-0000"


def test_an_address_is_charged_for_guesses_only(call, settings) -> None:
    settings.RATE_LIMIT_FAILURES = "3/min"
    key = issue().key

    known = [call("validate", {"license_key": key}) for _ in range(5)]
    guesses = [call("validate", {"license_key": UNKNOWN}) for _ in range(4)]
    elsewhere = call("validate", {"license_key": UNKNOWN}, REMOTE_ADDR="198.51.100.9")

    assert {answer.status_code for answer in (*known, elsewhere)} == {200}
    assert [answer.status_code for answer in guesses] == [200, 200, 200, 429]
    assert guesses[3]["Retry-After"] == "2"


def test_delays_double_with_every_further_guess_until_a_minute(call, settings) -> None:
    settings.RATE_LIMIT_FAILURES = "1/min"
    at, told = NOW, []
    for _ in range(8):
        call("validate", {"license_key": UNKNOWN}, at=at)
        refused = call("validate", {"license_key": UNKNOWN}, at=at)
        told.append(int(refused["Retry-After"]))
        at += timedelta(seconds=told[-1])

    assert told == [2, 4, 8, 16, 32, 60, 60, 60]


def test_who_has_a_right_key_is_served_at_a_guessers_address(call, settings) -> None:
    settings.RATE_LIMIT_FAILURES = "1/min"
    key = issue().key
    call("validate", {"license_key": UNKNOWN})

    newcomer = {"license_key": key, "device_fingerprint": "device-2"}
    answers = [
        call("validate", {"license_key": key}),
        call("activations", newcomer),
        call("validate", newcomer),
    ]
    guess = call("validate", {"license_key": UNKNOWN})

    assert [answer.status_code for answer in answers] == [200, 201, 200]
    assert guess.status_code == 429


def test_a_key_that_could_be_guessed_is_served_there_to_its_devices_alone(call, settings) -> None:
    issued = issue()
    activate(issued.key, "device-1")
    key = "short-01"
    License.objects.filter(pk=issued.license.pk).update(
        key_scheme="OPAQUE", key_digest=vault.digest(KEY, key)
    )
    settings.RATE_LIMIT_FAILURES = "1/min"
    guesses = [call("validate", {"license_key": f"short-0{n}"}) for n in (2, 3)]

    def ask(fingerprint):
        return call("validate", {"license_key": key, "device_fingerprint": fingerprint})

    known, again, stranger = ask("device-1"), ask("device-1"), ask("device-2")
    right_guess = call("validate", {"license_key": key})

    assert [answer.status_code for answer in guesses] == [200, 429]
    assert [known.json()["data"]["valid"], again.json()["data"]["valid"]] == [True, True]
    assert [stranger.status_code, right_guess.status_code] == [429, 429]


def test_who_merely_knows_a_key_stops_no_device_of_it(call, settings) -> None:
    settings.RATE_LIMIT_LICENSE = "0/min"
    issued = issue(max_activations=2)
    token = activate(issued.key, "device-1").token

    flood = [
        call("validate", {"license_key": issued.key}, REMOTE_ADDR="198.51.100.9") for _ in range(14)
    ]
    strangers = call("validate", {"license_key": issued.key, "device_fingerprint": "guessed"})
    by_token = [call("activations/validate", {"activation_token": token}) for _ in range(6)]
    named = {"license_key": issued.key, "device_fingerprint": "device-1"}
    by_key = [call("validate", named) for _ in range(7)]

    assert [answer.status_code for answer in flood] == [200] * 12 + [429] * 2
    assert strangers.status_code == 429
    assert {answer.status_code for answer in by_token} == {200}
    # Together the devices have what the licence allows, and no more.
    assert [answer.status_code for answer in by_key] == [200] * 6 + [429]


def test_wrong_tokens_and_keys_spend_nothing_of_a_licence(call, settings) -> None:
    settings.RATE_LIMIT_LICENSE = "0/min"
    issued = issue(max_activations=1)
    token = activate(issued.key).token

    for number in range(8):
        wrong = {"activation_token": f"act_{number}"}
        call("activations/validate", wrong, REMOTE_ADDR="198.51.100.9")
        call("validate", {"license_key": UNKNOWN}, REMOTE_ADDR="198.51.100.9")
    right = [call("activations/validate", {"activation_token": token}) for _ in range(6)]

    assert {answer.status_code for answer in right} == {200}


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
