"""Whatever strangers send, every device route answers in JSON with a code and changes nothing."""

import json
from typing import Any

import pytest
from django.conf import settings as configured

from licenses.models import Activation
from tests.factories import issue

pytestmark = pytest.mark.django_db

ROUTES = [path.removeprefix("/api/licensing/") for _, path in configured.DEVICE_CALLS]
GOOD = {
    "activations": {"license_key": "0000-0000-0000-0000-0000", "device_fingerprint": "d-1"},
    "activations/validate": {"activation_token": "act_x"},
    "activations/deactivate": {"activation_token": "act_x"},
    "activations/heartbeat": {"activation_token": "act_x"},
    "validate": {"license_key": "0000-0000-0000-0000-0000"},
    "status": {"activation_token": "act_x"},
    "usage/consume": {"activation_token": "act_x", "feature_id": "exports"},
    "usage/release": {"activation_token": "act_x", "feature_id": "exports"},
    "usage/report": {"activation_token": "act_x", "usage": {"api_calls": 1}},
    "feature-flags": {"activation_token": "act_x"},
}
DEEP = "[" * 33 + "]" * 33
BODIES = {
    "empty": ("", 400, "VALIDATION_ERROR"),
    "an array": ("[]", 400, "VALIDATION_ERROR"),
    "null": ("null", 400, "VALIDATION_ERROR"),
    "not JSON": ("license_key=1", 400, "MALFORMED_JSON"),
    "cut off": ('{"license_key": "', 400, "MALFORMED_JSON"),
    "not a number": ('{"license_key": NaN}', 400, "MALFORMED_JSON"),
    "not text": (b'{"license_key": "\xff", "activation_token": "\xff"}', 400, "MALFORMED_JSON"),
    "half a character": (
        '{"license_key": "\\ud800", "activation_token": "\\ud800"}', 400, "MALFORMED_JSON",
    ),
    "a NUL": ('{"license_key": "a\\u0000b"}', 400, "VALIDATION_ERROR"),
    "a hidden NUL": ('{"x": {"y\\u0000": 1}}', 400, "VALIDATION_ERROR"),
    "a huge integer": ('{"x": 9223372036854775808}', 400, "VALIDATION_ERROR"),
    "a deep body": (f'{{"x": {DEEP}}}', 400, "VALIDATION_ERROR"),
    "a bottomless body": ("[" * 30_000, 400, "MALFORMED_JSON"),
    "a huge body": (f'{{"x": "{"y" * 65_536}"}}', 413, "BODY_TOO_LARGE"),
    "a wrong type": ('{"license_key": 5, "activation_token": 5}', 400, "VALIDATION_ERROR"),
    "null for a text": (
        '{"license_key": null, "activation_token": null}', 400, "VALIDATION_ERROR",
    ),
    "nothing in it": ("{}", 400, "VALIDATION_ERROR"),
}  # fmt: skip


def test_every_device_route_has_a_body_here() -> None:
    assert sorted(GOOD) == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_answered_with_a_code(call, route, name) -> None:
    body, status, code = BODIES[name]

    answer = call(route, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"].startswith("application/json")
    assert isinstance(answer.json()["error"]["details"], dict)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options", "trace"])
def test_a_foreign_method_is_answered_in_json(client, settings, route, method) -> None:
    for middleware in (
        configured.MIDDLEWARE,
        [name for name in configured.MIDDLEWARE if not name.endswith("DeviceEntry")],
    ):
        settings.MIDDLEWARE = middleware
        answer = getattr(client, method)(f"/api/licensing/{route}")
        assert answer["Content-Type"].startswith("application/json")
        # Two addresses are read too, by holders of a key.
        lists = method == "get" and route in ("activations", "feature-flags")
        assert answer.status_code == (401 if lists else 405)
        assert lists or answer.json()["code"] == "METHOD_NOT_ALLOWED"
        assert lists or "POST" in answer["Allow"]


@pytest.mark.parametrize(
    ("route", "field", "value", "path"),
    [
        ("activations", "machine_name", 5, "machine_name"),
        ("activations", "metadata", [], "metadata"),
        ("activations", "activation_type", "PIGEON", "activation_type"),
        ("activations", "license_key", None, "license_key"),
        ("validate", "features", ["a", 5], "features.1"),
        ("activations/heartbeat", "metrics", 5, "metrics"),
        ("activations/heartbeat", "metrics", {"api_calls_count": "5"}, "metrics.api_calls_count"),
        ("activations/heartbeat", "metrics", {"api_calls_count": -1}, "metrics.api_calls_count"),
        ("activations/heartbeat", "metrics", {"users": True}, "metrics.users"),
        ("activations/heartbeat", "metrics", {"feature_usage": 1}, "metrics.feature_usage"),
        (
            "activations/heartbeat", "metrics", {"feature_usage": {"a": "b"}},
            "metrics.feature_usage.a",
        ),
        ("activations/heartbeat", "metrics", {"last_used_at": "soon"}, "metrics.last_used_at"),
        ("activations/validate", "revision", "1", "revision"),
    ],
)  # fmt: skip
def test_the_field_that_is_wrong_is_named(call, route, field, value, path) -> None:
    answer = call(route, GOOD[route] | {field: value})

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == [path]


@pytest.mark.parametrize(
    "metadata",
    [{"a": {"b": {"c": {"d": {"e": {}}}}}}, {"a": "x" * 17_000}],
)
def test_metadata_beyond_reason_is_refused(call, metadata: Any) -> None:
    issued = issue()
    body = {"license_key": issued.key, "device_fingerprint": "d-1", "metadata": metadata}

    answer = call("activations", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert not Activation.objects.exists()


@pytest.mark.parametrize(
    "fingerprint",
    ["", " ", "0000", "ff-ff-ff", "None", "null", "To be filled by O.E.M.", "x" * 513],
)
def test_a_junk_fingerprint_is_refused(call, fingerprint) -> None:
    issued = issue()

    for route in ("activations", "validate"):
        answer = call(route, {"license_key": issued.key, "device_fingerprint": fingerprint})
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FINGERPRINT")


def test_long_texts_are_cut_and_never_break_a_row(call) -> None:
    issued = issue()
    long = "x" * 3_000
    names = ("machine_name", "operating_system", "application_version", "domain", "country")
    body = {"license_key": issued.key, "device_fingerprint": "d-1"} | dict.fromkeys(names, long)

    assert call("activations", body, HTTP_USER_AGENT=long).status_code == 201


def test_a_form_is_read_as_the_json_it_is(client) -> None:
    issued = issue()
    body = json.dumps({"license_key": issued.key, "device_fingerprint": "my-first-device"})

    answer = client.post(
        "/api/licensing/activations", body, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 201
