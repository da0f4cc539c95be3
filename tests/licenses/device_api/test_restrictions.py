"""Every kind of restriction through every door of devices, stated and left out."""

from datetime import timedelta
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from events.models import Event
from licenses.models import Activation, License
from licenses.services.changing import change_license
from licenses.validation import NEXT_ACTIONS
from tests.clock import NOW
from tests.factories import STAFF, issue, make_template

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
        {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["****d-77"]},
    ]
    assert shown["bound_domain"] == "cad.brenner.example"
    assert shown["hardware_fingerprint"] == "****d-77"
    assert "00:1a" not in answer.content.decode()
    elsewhere = call("validate", {"license_key": issued.key} | says | {"domain": "x.example"})
    untold = elsewhere.json()["data"]["license"]
    assert [row["values"] for row in untold["restrictions"]] == [[], [], []]
    assert not {"bound_domain", "hardware_fingerprint"} & untold.keys()


@pytest.fixture
def addresses(tmp_path, settings) -> None:
    """A file of addresses: 192.0.2.0/24 lies in Germany, 2001:db8::/32 in Greece."""
    writer = MMDBWriter(6, "Test-Country", languages=["en"], ipv4_compatible=True)
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "DE"}})
    writer.insert_network(IPSet(["2001:db8::/32"]), {"registered_country": {"iso_code": "GR"}})
    writer.to_db_file(str(tmp_path / "countries.mmdb"))
    settings.GEOIP_FILE = str(tmp_path / "countries.mmdb")


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("address", "allowed", "passed", "detail"),
    [
        ("192.0.2.7", "DE", True, None),
        ("::ffff:192.0.2.7", "DE", True, None),
        ("192.0.2.7", "AT", False, "not among the allowed"),
        ("2001:db8::1", "EL", True, None),
        ("10.0.0.7", "AT", False, "not known of this address"),
        ("203.0.113.9", "AT", False, "not known of this address"),
    ],
)
def test_with_a_file_of_addresses_nobodys_word_counts(call, address, allowed, passed, detail):
    issued = issue(restrictions=[restricted("GEOGRAPHIC", "ALLOW", allowed)])
    body = {"license_key": issued.key, "country": "AT"}

    told = call("validate", body, REMOTE_ADDR=address).json()["data"]
    taken = call("activations", body | {"device_fingerprint": "d"}, REMOTE_ADDR=address)

    check = next(check for check in told["checks"] if check["name"] == "restriction:geographic")
    assert (check["passed"], check.get("detail")) == (passed, detail)
    assert taken.status_code == (201 if passed else 403)
    if passed:
        assert Activation.objects.get().country == {"DE": "DE", "EL": "GR"}[allowed]


def test_without_a_file_the_check_says_that_it_is_the_callers_word(call) -> None:
    issued = issue(restrictions=[restricted("GEOGRAPHIC", "ALLOW", "DE")])

    told = call("validate", {"license_key": issued.key, "country": "DE"}).json()["data"]

    check = next(check for check in told["checks"] if check["name"] == "restriction:geographic")
    assert check == {
        "name": "restriction:geographic", "passed": True, "detail": "as stated by the caller",
    }  # fmt: skip


BOUND = [
    ("DOMAIN", {"domain": "CAD.Brenner.example:443"}, {"domain": "other.example"},
     "RESTRICTED_DOMAIN", [("DOMAIN", "ALLOW", ["cad.brenner.example"])]),
    ("HARDWARE", {"hardware_id": "board-77"}, {"hardware_id": "board-78"},
     "RESTRICTED_HARDWARE", [("HARDWARE_ID", "ALLOW", ["****d-77"])]),
    ("BOTH", {"domain": "cad.example", "hardware_id": "board-77"},
     {"domain": "cad.example", "hardware_id": "board-78"}, "RESTRICTED_HARDWARE",
     [("DOMAIN", "ALLOW", ["cad.example"]), ("HARDWARE_ID", "ALLOW", ["****d-77"])]),
]  # fmt: skip


@pytest.mark.parametrize(("tie", "first", "other", "code", "rows"), BOUND)
@pytest.mark.parametrize("terms", [{}, {"license_type": "TRIAL"}], ids=["runs", "waits"])
def test_the_first_device_ties_the_licence(call, tie, first, other, code, rows, terms) -> None:
    template = make_template(bind_on_first_activation=tie, **terms)
    issued = issue(template_id=template.pk, license_type=None)
    body = {"license_key": issued.key}

    one = call("activations", body | first | {"device_fingerprint": "one"})
    stranger = call("activations", body | other | {"device_fingerprint": "two"})
    same = call("activations", body | first | {"device_fingerprint": "three"})

    assert (one.status_code, same.status_code) == (201, 201)
    assert (stranger.status_code, stranger.json()["code"]) == (403, code)
    license = License.objects.get()
    assert [
        (row.restriction_type, row.operator, row.shown_values)
        for row in license.restrictions.order_by("position")
    ] == rows
    event = Event.objects.get(type="license.updated")
    assert event.reason == "Tied to its first device."
    assert event.changes["bind_on_first_activation"] == {"before": tie, "after": ""}
    assert license.revision == 2 + bool(terms)
    assert one.json()["data"]["license_revision"] == license.revision
    token = {"activation_token": one.json()["data"]["activation_token"]}
    assert call("activations/validate", token).json()["data"]["valid"]


@pytest.mark.parametrize(
    ("tie", "said", "status", "code"),
    [
        ("DOMAIN", {}, 403, "RESTRICTED_DOMAIN"),
        ("BOTH", {"hardware_id": "board-77"}, 403, "RESTRICTED_DOMAIN"),
        ("DOMAIN", {"domain": "no domain"}, 400, "VALIDATION_ERROR"),
    ],
)
def test_a_licence_is_not_tied_to_a_device_that_leaves_out_by_what(call, tie, said, status, code):
    issued = issue(template_id=make_template(bind_on_first_activation=tie).pk)
    body = {"license_key": issued.key, "device_fingerprint": "one"}

    answer = call("activations", body | said)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    license = License.objects.get()
    assert (license.bind_on_first_activation, license.revision) == (tie, 1)
    assert not license.restrictions.exists()
    assert not Activation.objects.exists()


def test_a_device_without_a_hardware_id_is_known_by_its_fingerprint(call) -> None:
    issued = issue(template_id=make_template(bind_on_first_activation="HARDWARE").pk)
    body = {"license_key": issued.key}
    one = call("activations", body | {"device_fingerprint": "one"})

    assert one.status_code == 201
    assert call("activations", body | {"device_fingerprint": "two"}).status_code == 403
    assert call("activations", body | {"device_fingerprint": "one"}).status_code == 200
    token = {"activation_token": one.json()["data"]["activation_token"]}
    assert call("activations/validate", token).json()["data"]["valid"]


def test_a_licence_that_is_tied_already_is_not_tied_again(call) -> None:
    template = make_template(bind_on_first_activation="DOMAIN")
    issued = issue(template_id=template.pk, bound_domain="cad.example")
    body = {"license_key": issued.key, "device_fingerprint": "one"}

    assert call("activations", body | {"domain": "other.example"}).status_code == 403
    assert call("activations", body | {"domain": "cad.example"}).status_code == 201
    row = License.objects.get().restrictions.get()
    assert row.values == ["cad.example"]
