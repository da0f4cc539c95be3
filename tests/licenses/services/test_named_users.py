"""Names on seats: given ahead of the first device, kept until they are unassigned."""

from datetime import timedelta
from typing import Any

import pytest

from events import trail
from events.models import Event
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import Activation, License, NamedUser
from licenses.services import keyring, lifecycle, named_users
from tests.clock import NOW
from tests.factories import (
    STAFF,
    activate,
    issue,
    make_customer,
    make_tenant,
)
from tests.licenses.services.naming import assign, everything, named, taken, unassign

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MEMBER = Origin(actor_kind="member", actor_id="1")


def test_a_name_assigned_ahead_holds_a_seat_once() -> None:
    issued = named()

    ada, is_new = assign(issued, " ADA ", reason="starts on Monday")
    again, is_new_again = assign(issued, "ada")

    assert (is_new, is_new_again, ada.pk) == (True, False, again.pk)
    assert taken(issued) == 1
    event = Event.objects.get(type="named_user.assigned")
    assert event.reason == "starts on Monday"


@pytest.mark.parametrize(
    ("terms", "act", "code"),
    [
        ({"license_type": "SUBSCRIPTION"}, None, "NOT_NAMED_USER"),
        ({}, lifecycle.revoke_license, "ILLEGAL_STATUS_CHANGE"),
    ],
)
def test_names_are_assigned_where_they_hold_the_seats(terms: Any, act: Any, code: str) -> None:
    issued = issue(**{"license_type": "NAMED_USER"} | terms)
    if act:
        act(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    before = everything()

    with pytest.raises(Refusal) as refused:
        assign(issued, "ada")

    assert refused.value.code == code
    assert everything() == before


def test_unassigning_signs_the_devices_out_and_frees_the_seat() -> None:
    issued = named()
    tokens = [activate(issued.key, f"device-{n}", user_identity="ada").token for n in range(3)]
    activate(issued.key, "other", user_identity="bo")

    row = unassign(issued, "ada", reason="left the company")

    assert (row.assigned, row.unassign_reason) == (False, "left the company")
    assert taken(issued) == 1
    ended = Activation.objects.filter(named_user=row)
    assert {one.deactivation_reason for one in ended} == {"USER_UNASSIGNED"}
    assert not any(one.live for one in ended)
    assert Event.objects.filter(type="activation.deactivated").count() == len(tokens)
    assert Event.objects.get(type="named_user.unassigned").reason == "left the company"
    assert activate(issued.key, "device-9", user_identity="cy").is_new


def test_unassigning_twice_is_once() -> None:
    issued = named()
    assign(issued, "ada")

    first = unassign(issued, "ada")
    again = unassign(issued, "ada", at=NOW + DAY, reason="again")

    assert (again.unassigned_at, again.unassign_reason) == (first.unassigned_at, "left")
    assert taken(issued) == 0
    assert Event.objects.filter(type="named_user.unassigned").count() == 1


def test_a_name_that_comes_back_is_a_row_of_its_own() -> None:
    issued = named()
    assign(issued, "ada")
    unassign(issued, "ada")

    _, is_new = assign(issued, "ada")

    assert is_new
    assert NamedUser.objects.count() == 2
    assert taken(issued) == 1


def test_a_name_of_another_licence_is_not_found() -> None:
    mine, theirs = named(), named()
    row, _ = assign(theirs, "ada")

    with pytest.raises(Refusal) as refused:
        named_users.unassign(
            license_id=mine.license.pk, named_user_id=row.pk, reason="x", at=NOW, origin=STAFF
        )

    assert refused.value.code == "NAMED_USER_NOT_FOUND"
    assert taken(theirs) == 1


def test_what_members_unassign_counts_against_the_limit_and_what_staff_do_does_not() -> None:
    issued = named()
    License.objects.update(releases_per_30_days=1, max_activations=9)
    for name in ("ada", "bo", "cy"):
        activate(issued.key, name, user_identity=name)
    unassign(issued, "ada")
    unassign(issued, "bo", origin=MEMBER)
    before = everything()

    with pytest.raises(Refusal) as refused:
        unassign(issued, "cy", origin=MEMBER)

    assert refused.value.code == "RELEASE_LIMIT"
    assert everything() == before


def test_unassigning_ends_an_excess_for_the_next_reader() -> None:
    issued = named()
    for name in ("ada", "bo"):
        assign(issued, name)
    License.objects.update(max_activations=1)
    revision = License.objects.get().revision

    unassign(issued, "ada")

    assert License.objects.get().revision == revision + 1


def test_a_licence_over_its_limit_lets_its_names_come_to_further_devices() -> None:
    issued = named()
    for name in ("ada", "bo"):
        activate(issued.key, name, user_identity=name)
    License.objects.update(max_activations=1)

    assert activate(issued.key, "another", user_identity="ada").is_new
    assert activate(issued.key, "bo", user_identity="ada").is_new
    assert taken(issued) == 2


def test_revoking_unassigns_every_name() -> None:
    issued = named()
    activate(issued.key, "laptop", user_identity="ada")
    activate(issued.key, "desktop", user_identity="ada")
    assign(issued, "bo")

    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    assert taken(issued) == 0
    assert not NamedUser.objects.assigned().exists()
    assert not Activation.objects.live().exists()
    assert Event.objects.filter(type="named_user.unassigned").count() == 2


@pytest.mark.parametrize("deactivate_existing", [True, False])
def test_a_transfer_unassigns_names_as_it_signs_out_devices(deactivate_existing: bool) -> None:
    issued = named()
    activate(issued.key, user_identity="ada")

    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_issued_to="Bo",
        reason="sold",
        deactivate_existing=deactivate_existing,
        at=NOW,
        origin=STAFF,
    )

    assert taken(issued) == (0 if deactivate_existing else 1)


def test_a_transfer_into_another_tenant_leaves_the_names_behind() -> None:
    issued = named(tenant=make_tenant())
    assign(issued, "ada")

    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_issued_to="Bo",
        new_customer_id=make_customer().pk,
        across_tenants=True,
        reason="sold",
        deactivate_existing=False,
        at=NOW,
        origin=STAFF,
    )

    assert taken(issued) == 0


def test_a_reissued_key_keeps_devices_and_names() -> None:
    issued = named()
    activate(issued.key, user_identity="ada")

    new = keyring.reissue_key(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    assert taken(issued) == 1
    assert not activate(new.key, user_identity="ada").is_new


def test_a_name_stands_in_the_trail_sealed_for_its_customer() -> None:
    tenant = make_tenant()
    issued = named(tenant=tenant, customer_id=make_customer(tenant).pk)
    assign(issued, "ada@brenner.example")
    event = Event.objects.get(type="named_user.assigned")

    assert "ada" not in str(event.changes)
    opened = trail.unsealed(event, trail.salts_of([event]))
    assert opened["changes"]["user_identity"] == {"before": None, "after": "ada@brenner.example"}
    assert trail.unsealed(event, {})["changes"]["user_identity"]["after"] == "forgotten"
