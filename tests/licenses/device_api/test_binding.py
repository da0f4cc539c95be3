"""Licences that their first device ties to itself."""

import pytest

from events.models import Event
from licenses.models import Activation, License
from tests.factories import issue, make_template

pytestmark = pytest.mark.django_db

BOUND = [
    ("DOMAIN", {"domain": "CAD.Brenner.example:443"}, {"domain": "other.example"},
     "RESTRICTED_DOMAIN", [("DOMAIN", "ALLOW", ["cad.brenner.example"])]),
    ("HARDWARE", {"hardware_id": "board-77"}, {"hardware_id": "board-78"},
     "RESTRICTED_HARDWARE", [("HARDWARE_ID", "ALLOW", ["****77"])]),
    ("BOTH", {"domain": "cad.example", "hardware_id": "board-77"},
     {"domain": "cad.example", "hardware_id": "board-78"}, "RESTRICTED_HARDWARE",
     [("DOMAIN", "ALLOW", ["cad.example"]), ("HARDWARE_ID", "ALLOW", ["****77"])]),
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
