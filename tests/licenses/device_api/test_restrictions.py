"""Every kind of restriction through every door of devices, stated and left out."""

from datetime import timedelta
from typing import Any

import pytest

from events.models import Event
from licenses.models import Activation, License
from licenses.services.changing import change_license
from licenses.ways_out import NEXT_ACTIONS
from tests.clock import NOW
from tests.factories import STAFF, issue

pytestmark = pytest.mark.django_db

# Type, its code, a value, what a caller says that matches, what it says that doesn't.
TYPES: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "GEOGRAPHIC": ("RESTRICTED_COUNTRY", "DE", {"country": "de"}, {"country": "AT"}),
    "DOMAIN": (
        "RESTRICTED_DOMAIN", "*.brenner.example",
        {"domain": "CAD.Brenner.example:8443"}, {"domain": "brenner.example"},
    ),
    "IP_RANGE": (
        "RESTRICTED_IP", "192.0.2.0/24",
        {"REMOTE_ADDR": "::ffff:192.0.2.7"}, {"REMOTE_ADDR": "198.51.100.1"},
    ),
    "MAC_ADDRESS": (
        "RESTRICTED_MAC", "00:1a:2b:3c:4d:5e",
        {"mac_address": "00-1A-2B-3C-4D-5E"}, {"mac_address": "00:1a:2b:3c:4d:5f"},
    ),
    "HARDWARE_ID": (
        "RESTRICTED_HARDWARE", "board-77", {"hardware_id": "board-77"}, {"hardware_id": "board-78"},
    ),
    "TIME_BASED": ("RESTRICTED_TIME", "Sat 09:00-10:00 UTC", {}, {"at": "late"}),
}  # fmt: skip
MAC = "00:1a:2b:3c:4d:5e"
LATE = NOW + timedelta(hours=3)
# Operator, what the caller says → whether it gets in; None where that cannot be left out.
ANSWERS = {
    ("ALLOW", "matching"): True,
    ("ALLOW", "other"): False,
    ("ALLOW", "left out"): False,
    ("DENY", "matching"): False,
    ("DENY", "other"): True,
    ("DENY", "left out"): True,
}
CASES = [
    (kind, operator, said)
    for kind in TYPES
    for operator, said in ANSWERS
    # Every call has a time, and comes from somewhere.
    if said != "left out" or kind not in ("TIME_BASED", "IP_RANGE")
]


def restricted(kind: str, operator: str, *values: str) -> dict[str, Any]:
    return {"restriction_type": kind, "operator": operator, "values": list(values)}


def restrict(license: License, *rows: dict[str, Any]) -> None:
    change_license(license_id=license.pk, changes={}, restrictions=rows, at=NOW, origin=STAFF)


def said_of(kind: str, said: str) -> tuple[dict[str, str], dict[str, Any]]:
    """What stands in the body, and what comes with the call."""
    _, _, matching, other = TYPES[kind]
    chosen = {"matching": matching, "other": other, "left out": {}}[said]
    beside = {"REMOTE_ADDR": "203.0.113.9", "at": NOW}
    body = {}
    for name, value in chosen.items():
        if name == "REMOTE_ADDR":
            beside[name] = value
        elif name == "at":
            beside[name] = LATE
        else:
            body[name] = value
    return body, beside


def test_every_type_stands_in_the_table() -> None:
    from licenses.terms import RestrictionType  # noqa: PLC0415 - of this test alone

    assert [*TYPES] == [kind.value for kind in RestrictionType]
    assert {code for code, *_ in TYPES.values()} == {
        code for code in NEXT_ACTIONS if code.startswith("RESTRICTED_")
    }


@pytest.mark.parametrize(("kind", "operator", "said"), CASES)
def test_a_device_is_activated_where_it_may_run_and_nowhere_else(call, kind, operator, said):
    code, value, *_ = TYPES[kind]
    issued = issue(restrictions=[restricted(kind, operator, value)])
    body, beside = said_of(kind, said)
    rows = list(License.objects.values()), Event.objects.filter(type="license.updated").count()

    answer = call(
        "activations",
        {"license_key": issued.key, "device_fingerprint": "my-device"} | body,
        **beside,
    )

    if ANSWERS[operator, said]:
        assert answer.status_code == 201, answer.content
        return
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, code)
    assert error["next_action"] == NEXT_ACTIONS[code]
    assert error["details"]["restriction_type"] == kind
    expected = {"left out": "not stated", "matching": "denied", "other": "not among the allowed"}
    assert error["details"]["detail"] == expected[said]
    assert not Activation.objects.exists()
    assert rows == (
        list(License.objects.values()),
        Event.objects.filter(type="license.updated").count(),
    )
    assert Event.objects.filter(type="activation.refused", reason=code).count() == 1


@pytest.mark.parametrize(("kind", "operator", "said"), CASES)
def test_a_key_is_valid_where_it_may_run_and_nowhere_else(call, kind, operator, said):
    code, value, *_ = TYPES[kind]
    issued = issue(restrictions=[restricted(kind, operator, value)])
    body, beside = said_of(kind, said)

    told = call("validate", {"license_key": issued.key} | body, **beside).json()["data"]

    valid = ANSWERS[operator, said]
    assert (told["valid"], told["code"]) == (valid, "VALID" if valid else code)
    assert told["validation_details"]["restrictions_satisfied"] is valid
    check = next(check for check in told["checks"] if check["name"].startswith("restriction:"))
    assert check["name"] == f"restriction:{kind.lower()}"
    assert (check["passed"], check.get("code", "")) == (valid, "" if valid else code)


@pytest.mark.parametrize(("kind", "operator", "said"), CASES)
def test_a_token_is_judged_by_what_its_activation_recorded_and_by_the_call(
    call, kind, operator, said
):
    code, value, *_ = TYPES[kind]
    issued = issue()
    body, beside = said_of(kind, said)
    got_in = call(
        "activations",
        {"license_key": issued.key, "device_fingerprint": "my-device"} | body,
        REMOTE_ADDR="203.0.113.9",
    )
    restrict(issued.license, restricted(kind, operator, value))
    token = {"activation_token": got_in.json()["data"]["activation_token"]}

    told = call("activations/validate", token, **beside).json()["data"]
    heard = call("activations/heartbeat", token, **beside).json()["data"]

    valid = ANSWERS[operator, said]
    assert (told["valid"], told["code"]) == (valid, "VALID" if valid else code)
    assert (heard["valid"], heard["code"]) == (valid, told["code"])
    assert heard["status"] == ("SUCCESS" if valid else "REFUSED")


def test_the_same_device_elsewhere_is_refused_and_keeps_its_seat(call) -> None:
    issued = issue(restrictions=[restricted("GEOGRAPHIC", "ALLOW", "DE")])
    body = {"license_key": issued.key, "device_fingerprint": "my-device"}
    assert call("activations", body | {"country": "DE"}).status_code == 201

    abroad = call("activations", body | {"country": "FR"})
    again = call("activations", body | {"country": "DE"})

    assert (abroad.status_code, abroad.json()["code"]) == (403, "RESTRICTED_COUNTRY")
    assert again.status_code == 200
    assert License.objects.get().current_activations == 1


def test_the_gravest_restriction_names_the_code_and_every_check_is_told(call) -> None:
    rows = [restricted(kind, "DENY", TYPES[kind][1]) for kind in reversed(TYPES)]
    issued = issue(restrictions=rows)
    body, beside = {"license_key": issued.key}, {"REMOTE_ADDR": "192.0.2.7"}
    for _, _, matching, _ in TYPES.values():
        body |= {name: value for name, value in matching.items() if name != "REMOTE_ADDR"}

    told = call("validate", body, **beside).json()["data"]

    failed = [check["code"] for check in told["checks"] if not check["passed"]]
    assert failed == [code for code, *_ in TYPES.values()]
    assert told["code"] == "RESTRICTED_COUNTRY"


def test_an_expired_licence_says_so_before_where_it_may_run(call) -> None:
    issued = issue(restrictions=[restricted("GEOGRAPHIC", "ALLOW", "DE")])
    body = {"license_key": issued.key, "device_fingerprint": "my-device"}

    answer = call("activations", body, at=NOW + timedelta(days=800))

    assert answer.json()["code"] == "LICENSE_EXPIRED"


def test_a_device_sees_of_other_devices_no_more_than_their_ends(call) -> None:
    rows = [
        restricted("MAC_ADDRESS", "ALLOW", MAC),
        restricted("DOMAIN", "ALLOW", "cad.brenner.example"),
    ]
    issued = issue(restrictions=rows, hardware_fingerprint="board-77")

    says = {"mac_address": MAC, "domain": "cad.brenner.example", "hardware_id": "board-77"}
    answer = call("validate", {"license_key": issued.key} | says)

    shown = answer.json()["data"]["license"]
    assert shown["restrictions"] == [
        {"restriction_type": "MAC_ADDRESS", "operator": "ALLOW", "values": ["****d:5e"]},
        {"restriction_type": "DOMAIN", "operator": "ALLOW", "values": ["cad.brenner.example"]},
        {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["****77"]},
    ]
    assert shown["bound_domain"] == "cad.brenner.example"
    assert shown["hardware_fingerprint"] == "****77"
    assert "00:1a" not in answer.content.decode()
    elsewhere = call("validate", {"license_key": issued.key} | says | {"domain": "x.example"})
    untold = elsewhere.json()["data"]["license"]
    assert [row["values"] for row in untold["restrictions"]] == [[], [], []]
    assert not {"bound_domain", "hardware_fingerprint"} & untold.keys()
