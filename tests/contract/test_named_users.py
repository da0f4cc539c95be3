"""Named users through the API: assigned, listed, unassigned, and on their devices."""

import pytest
from django.utils import timezone

from licenses.models import Activation, License, NamedUser
from tests import factories
from tests.contract.asking import on_device
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued():
    return factories.issue(at=timezone.now(), license_type="NAMED_USER", max_activations=2)


def users(issued, *more):
    return "/".join([f"/licenses/{issued.license.pk}/users", *more])


def activate(issued, device="device-1", **sent):
    return on_device("/activations", license_key=issued.key, device_fingerprint=device, **sent)


def test_a_name_is_assigned_once_and_then_answered_as_it_is(vendor, issued):
    first = vendor.post(users(issued), {"user_identity": " Ada@Brenner.example "})
    again = vendor.post(users(issued), {"user_identity": "ada@brenner.EXAMPLE"})
    assert (first.status_code, again.status_code) == (201, 200)
    row = first.json()["data"]
    assert again.json()["data"] == row
    assert row["user_identity"] == "ada@brenner.example"
    assert row["license_id"] == str(issued.license.pk)
    assert "unassigned_at" not in row
    license = vendor.get(f"/licenses/{issued.license.pk}").json()["data"]
    assert license["current_activations"] == 1


def test_the_list_tells_who_holds_a_seat_on_how_many_devices(vendor, issued):
    for device in ("device-1", "device-2"):
        assert activate(issued, device, user_identity="ada").status_code == 201
    vendor.post(users(issued), {"user_identity": "bo"})
    listed = vendor.get(users(issued) + "?sort=user_identity&order=asc").json()
    assert [(row["user_identity"], row["devices"]) for row in listed["data"]] == [
        ("ada", 2), ("bo", 0),
    ]  # fmt: skip
    assert listed["pagination"]["total"] == 2
    bo = listed["data"][1]["id"]
    gone = vendor.post(users(issued, bo, "unassign"), {"reason": "Left"})
    assert gone.json()["data"]["unassign_reason"] == "Left"
    assert [row["user_identity"] for row in vendor.get(users(issued)).json()["data"]] == ["ada"]
    former = vendor.get(users(issued) + "?assigned=false").json()["data"]
    assert [row["user_identity"] for row in former] == ["bo"]
    sought = vendor.get(users(issued) + "?user_identity=ADA").json()["data"]
    assert [row["user_identity"] for row in sought] == ["ada"]
    assert_told(vendor.get(users(issued) + "?assigned=maybe"), 400, "VALIDATION_ERROR")


def test_a_name_is_found_however_its_accents_are_written(vendor, issued):
    activate(issued, user_identity="Re\u0301ne\u0301")

    for spelt in ("Re%CC%81ne%CC%81", "R%C3%A9n%C3%A9", "R%C3%89N%C3%89"):
        assert len(vendor.get(users(issued) + f"?user_identity={spelt}").json()["data"]) == 1
        assert len(vendor.get(f"/activations?user_identity={spelt}").json()["data"]) == 1


def test_unassigning_is_done_once_and_answered_twice(vendor, issued):
    activate(issued, user_identity="ada")
    pk = str(NamedUser.objects.get().pk)
    told = [vendor.post(users(issued, pk, "unassign"), {"reason": "Left"}) for _ in range(2)]
    assert [answer.status_code for answer in told] == [200, 200]
    assert told[0].json()["data"] == told[1].json()["data"]
    assert not Activation.objects.live().exists()
    assert License.objects.get().current_activations == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "VALIDATION_ERROR"),
        ({"user_identity": " "}, 400, "VALIDATION_ERROR"),
        ({"user_identity": 7}, 400, "VALIDATION_ERROR"),
        ({"user_identity": "x" * 255}, 400, "VALIDATION_ERROR"),
        ({"user_identity": "third"}, 409, "ACTIVATION_LIMIT_EXCEEDED"),
    ],
)
def test_what_is_refused_changes_nothing(vendor, issued, body, status, code):
    for name in ("ada", "bo"):
        vendor.post(users(issued), {"user_identity": name})
    assert_told(vendor.post(users(issued), body), status, code)
    assert NamedUser.objects.count() == 2
    assert License.objects.get().current_activations == 2


def test_a_licence_of_devices_takes_no_names(vendor):
    issued = factories.issue(at=timezone.now())
    refused = vendor.post(users(issued), {"user_identity": "ada"})
    assert_told(refused, 409, "NOT_NAMED_USER")
    assert vendor.get(users(issued)).json()["data"] == []


@pytest.mark.parametrize("pk", ["x", "0190b0c4-0000-7000-8000-000000000000"])
def test_a_name_that_is_not_there_is_not_found(vendor, issued, pk):
    assert_told(
        vendor.post(users(issued, pk, "unassign"), {"reason": "x"}), 404, "NAMED_USER_NOT_FOUND"
    )


def test_a_name_is_found_only_under_its_own_licence(vendor, issued):
    other = factories.issue(at=timezone.now(), license_type="NAMED_USER")
    pk = vendor.post(users(other), {"user_identity": "ada"}).json()["data"]["id"]
    refused = vendor.post(users(issued, pk, "unassign"), {"reason": "x"})
    assert_told(refused, 404, "NAMED_USER_NOT_FOUND")
    assert NamedUser.objects.get().assigned


def test_devices_are_listed_with_whose_they_are(vendor, issued):
    own = activate(issued, user_identity="Ada").json()["data"]
    assert own["user_identity"] == "ada"
    [row] = vendor.get("/activations").json()["data"]
    assert row["user_identity"] == "ada"
    assert row["units"] == 0
    factories.activate(factories.issue(at=timezone.now()).key, at=timezone.now())
    assert [r.get("user_identity") for r in vendor.get("/activations").json()["data"]] == [
        None, "ada",
    ]  # fmt: skip
    named = vendor.get("/activations?user_identity=ADA").json()["data"]
    assert [r["id"] for r in named] == [row["id"]]


def test_a_reseller_sees_the_devices_of_what_it_sold_and_nobodys_name(caller_with):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    issued = factories.issue(tenant=buyer, at=timezone.now(), license_type="NAMED_USER")
    activate(issued, user_identity="ada@brenner.example")
    caller = caller_with("*", tenant=reseller)
    pk = str(NamedUser.objects.get().pk)
    for path in ("/activations", users(issued), "/events"):
        shown = caller.get(path)
        assert shown.status_code == 200
        assert "ada@brenner.example" not in shown.content.decode()
    assert caller.get(users(issued)).json()["data"] == []
    [device] = caller.get("/activations").json()["data"]
    freed = caller.post(f"/activations/{device['id']}/deactivate", {})
    assert freed.status_code == 200
    assert "user_identity" not in freed.json()["data"]
    added = caller.post(users(issued), {"user_identity": "bo"})
    assert_told(added, 403, "RESELLER_READS_ONLY")
    refused = caller.post(users(issued, pk, "unassign"), {"reason": "x"})
    assert_told(refused, 403, "RESELLER_READS_ONLY")


def test_the_trail_tells_a_name_to_whoever_may_read_it(vendor, issued):
    vendor.post(users(issued), {"user_identity": "ada"})
    [event, *_] = vendor.get(f"/licenses/{issued.license.pk}/events").json()["data"]
    assert event["type"] == "named_user.assigned"
    assert event["changes"]["user_identity"]["after"] == "ada"
