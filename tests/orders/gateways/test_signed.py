"""The gateway `signed`: whose a message is, and what is no message."""

import json

import pytest
import time_machine

from licensing_portal.environment import CannotStart, signing_ring
from orders.models import GatewayEvent, Payment
from tests.clock import NOW
from tests.contract.test_errors import assert_told
from tests.factories import place
from tests.orders.telling import NEXT, PATH, SECRET, headers, message, send, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open(settings):
    settings.SIGNED_GATEWAY_SECRETS = [SECRET]
    with time_machine.travel(NOW, tick=False):
        yield


def refused(answer, status, code, kept=0):
    assert_told(answer, status, code)
    assert GatewayEvent.objects.count() == kept
    assert Payment.objects.count() == kept


def test_without_a_secret_nobody_tells_anything(settings):
    settings.SIGNED_GATEWAY_SECRETS = []
    refused(send("{}"), 404, "GATEWAY_NOT_FOUND")


def test_a_gateway_that_is_not_there_is_not_found():
    refused(send("{}", path=PATH.replace("signed", "unsigned")), 404, "GATEWAY_NOT_FOUND")


@pytest.mark.parametrize("secret", [SECRET, NEXT])
def test_each_of_several_secrets_holds_while_they_are_changed(settings, secret):
    settings.SIGNED_GATEWAY_SECRETS = [NEXT, SECRET]
    body = json.dumps(message(place()))
    assert send(body, headers(body, secret=secret)).status_code == 200
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("wrong", [
    {"secret": NEXT}, {"late": 301}, {"late": -301},
], ids=str)  # fmt: skip
def test_what_another_signed_or_at_another_time_is_refused(wrong):
    body = json.dumps(message(place()))
    refused(send(body, headers(body, **wrong)), 400, "INVALID_SIGNATURE")


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "x", "v1,", "v1,\xe9", "nan", "9" * 400, "v1,x v1"])
def test_headers_that_are_no_signature_are_refused(header, value):
    body = json.dumps(message(place()))
    signed = headers(body) | {header: value}
    refused(
        send(body, {k: v for k, v in signed.items() if v is not None}), 400, "INVALID_SIGNATURE"
    )


def test_a_body_that_was_changed_is_refused():
    body = json.dumps(message(place()))
    refused(send(body.replace('"100"', '"1"'), headers(body)), 400, "INVALID_SIGNATURE")


@pytest.mark.parametrize("wrong", [
    {"event_id": ""}, {"event_id": 7}, {"event_id": "x" * 201}, {"event_id": "a\0"},
    {"type": ""}, {"occurred_at": "2026-03-01T12:00:00"}, {"occurred_at": "9999-01-01T00:00:00Z"},
    {"occurred_at": "0001-01-01T00:00:00+14:00"}, {"occurred_at": "9999-12-31T23:59:59-14:00"},
    {"amount": 0}, {"amount": -1}, {"amount": "NaN"}, {"amount": "1e999999"}, {"amount": None},
    {"amount": "0.0000001"}, {"currency": "euro"}, {"currency": ""}, {"reference": " "},
    {"reference": "x" * 201}, {"order_number": "x" * 31}, {"invoice_number": {}},
], ids=str)  # fmt: skip
def test_what_cannot_be_understood_is_refused_and_not_kept(wrong):
    refused(send(json.dumps(message(place()) | wrong)), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "[" * 20_000], ids=["empty", "list", "cut", "deep"]
)
def test_what_is_no_object_is_refused(body):
    refused(send(body), 400, "VALIDATION_ERROR")


def test_a_body_that_is_too_large_is_refused():
    body = json.dumps(message(place()) | {"more": "x" * 65_536})
    refused(send(body), 413, "BODY_TOO_LARGE")


def test_a_number_that_comes_again_with_something_else_is_refused():
    order = place()
    tell(order)
    refused(send(json.dumps(message(order, amount="40"))), 409, "GATEWAY_EVENT_REUSED", kept=1)


@pytest.mark.parametrize("value", ["whsec_", "short", "whsec_!!!", f"{SECRET},whsec_c2hvcnQ="])
def test_a_weak_secret_stops_the_start(value):
    with pytest.raises(CannotStart):
        signing_ring("SIGNED_GATEWAY_SECRETS", value)


def test_several_secrets_are_read_and_none_is_none():
    assert signing_ring("X", f"{SECRET}, {NEXT}") == [SECRET, NEXT]
    assert signing_ring("X", "") == []
