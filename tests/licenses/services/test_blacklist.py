"""Devices are barred and let go, each within the reach that was named."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q

from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors import snapshots
from licenses.services import blacklist, lifecycle
from licenses.services.tokens import token_digest
from tests.clock import NOW
from tests.factories import STAFF, activate, give_back, issue, make_product, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def bar(django_capture_on_commit_callbacks):
    def do(fingerprint: str = "device-1", reason: str = "Stolen.", at: Any = NOW, **reach: Any):
        with django_capture_on_commit_callbacks(execute=True):
            return blacklist.blacklist_device(
                fingerprint=fingerprint, reason=reason, at=at, origin=STAFF, **reach
            )

    return do


let_go = partial(
    blacklist.unblacklist_device, fingerprint="device-1", reason="Found.", at=NOW, origin=STAFF
)


def code_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def everything() -> list[Any]:
    models = (BlacklistedDevice, Activation, License)
    return [list(model.objects.order_by("pk").values()) for model in models] + [
        Event.objects.count()
    ]


def told(event_type: str) -> list[Event]:
    return list(Event.objects.filter(type=event_type).order_by("sequence"))


def test_a_barred_device_is_signed_out_and_its_seat_is_free(bar) -> None:
    issued = issue(max_activations=1)
    token = activate(issued.key).token

    bar()

    row = Activation.objects.get()
    assert (row.deactivated_at, row.deactivation_reason) == (NOW, "BLACKLISTED")
    assert License.objects.get().current_activations == 0
    [freed] = told("activation.deactivated")
    assert (freed.activation_id, freed.reason) == (row.pk, "BLACKLISTED")
    assert code_of(lambda: activate(issued.key)) == "DEVICE_BLACKLISTED"
    assert activate(issued.key, "device-2").is_new
    known = snapshots.by_token(token_digest(token))
    assert known is not None
    assert known.device.barred_at(NOW)


def test_the_event_tells_which_device_from_what_until_when_and_by_whom(bar) -> None:
    tenant, product = make_tenant(), make_product(product_id="contour")
    made = bar("serial-0123456789", tenant_id=tenant.pk, product=product, expires_at=NOW + DAY)

    [event] = told("device.blacklisted")
    assert (event.tenant_id, event.reason, event.actor_kind) == (tenant.pk, "Stolen.", "staff")
    assert {name: sides["after"] for name, sides in event.changes.items()} == {
        "device_fingerprint": "****6789",
        "product_id": "contour",
        "expires_at": "2026-03-15T09:26:53Z",
    }
    assert (made.barred_by, made.created_at) == (STAFF.actor_label, NOW)
    assert "0123456789" not in str(event.changes)


REACHES = [
    ("neither", {"here", "product", "tenant", "elsewhere"}),
    ("tenant", {"here", "tenant"}),
    ("product", {"here", "product"}),
    ("both", {"here"}),
]


@pytest.mark.parametrize(("reach", "ended"), REACHES)
def test_a_bar_reaches_what_it_names_and_nothing_else(bar, reach, ended) -> None:
    here, contour = make_tenant(), make_product()
    sold = {
        "here": issue(tenant=here, product=contour),
        "product": issue(product=contour),
        "tenant": issue(tenant=here),
        "elsewhere": issue(),
    }
    for one in sold.values():
        activate(one.key)
    named = {"tenant_id": here.pk} if reach in ("tenant", "both") else {}
    named |= {"product": contour} if reach in ("product", "both") else {}

    bar(**named)

    live = set(Activation.objects.live().values_list("license_id", flat=True))
    assert {name for name, one in sold.items() if one.license.pk not in live} == ended
    for name, one in sold.items():
        if name in ended:
            assert code_of(partial(activate, one.key)) == "DEVICE_BLACKLISTED"
        else:
            assert not activate(one.key).is_new


def test_once_more_with_the_same_words_changes_and_tells_nothing(bar) -> None:
    issued = issue()
    activate(issued.key)
    first = bar(expires_at=NOW + DAY)
    before = everything()

    assert bar(expires_at=NOW + DAY, at=NOW + timedelta(hours=1)).pk == first.pk

    assert everything() == before


def test_once_more_with_other_words_updates_reason_and_end(bar) -> None:
    first = bar(expires_at=NOW + DAY)
    again = bar(reason="Sold on.", expires_at=None)

    assert again.pk == first.pk
    row = BlacklistedDevice.objects.get()
    assert (row.reason, row.expires_at) == ("Sold on.", None)
    event = told("device.blacklisted")[-1]
    assert event.reason == "Sold on."
    assert event.changes["expires_at"] == {"before": "2026-03-15T09:26:53Z", "after": None}


def test_a_bar_that_has_ended_bars_nobody_though_no_job_has_run(bar) -> None:
    issued = issue()
    token = activate(issued.key).token
    bar(expires_at=NOW + DAY)

    just_before = NOW + DAY - timedelta(microseconds=1)
    assert code_of(partial(activate, issued.key, at=just_before)) == "DEVICE_BLACKLISTED"
    assert activate(issued.key, at=NOW + DAY).is_new
    old = snapshots.by_token(token_digest(token))
    assert old is not None
    assert not old.device.barred_at(NOW + DAY)


def test_an_ended_bar_begins_anew(bar) -> None:
    bar(expires_at=NOW + DAY)
    later = NOW + 2 * DAY

    assert bar(at=later).created_at == later
    assert BlacklistedDevice.objects.count() == 1


def test_of_several_bars_each_is_lifted_on_its_own(bar) -> None:
    issued = issue()
    product = License.objects.get().product
    bar()
    bar(tenant_id=issued.license.tenant_id)
    bar(tenant_id=issued.license.tenant_id, product=product)

    assert let_go() == 1
    assert code_of(lambda: activate(issued.key)) == "DEVICE_BLACKLISTED"
    assert let_go(tenant_id=issued.license.tenant_id, product=product) == 1
    assert code_of(lambda: activate(issued.key)) == "DEVICE_BLACKLISTED"
    assert let_go(tenant_id=issued.license.tenant_id) == 1
    assert activate(issued.key).is_new
    assert [event.reason for event in told("device.unblacklisted")] == ["Found."] * 3


def test_lifting_what_is_not_there_changes_and_tells_nothing(bar) -> None:
    bar(tenant_id=make_tenant().pk)
    before = everything()

    assert let_go() == 0
    assert everything() == before


def test_a_bar_lifted_on_its_page_is_lifted_once(bar) -> None:
    made = bar(expires_at=NOW + DAY)
    act = partial(blacklist.lift_bar, bar_id=made.pk, reason="Found.", at=NOW, origin=STAFF)
    act()
    act()

    assert not BlacklistedDevice.objects.exists()
    [event] = told("device.unblacklisted")
    assert event.changes["expires_at"]["before"] == "2026-03-15T09:26:53Z"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"fingerprint": "To be filled by O.E.M."}, "INVALID_FINGERPRINT"),
        ({"fingerprint": "000000"}, "INVALID_FINGERPRINT"),
        ({"fingerprint": "x" * 513}, "INVALID_FINGERPRINT"),
        ({"reason": "  "}, "VALIDATION_ERROR"),
        ({"expires_at": NOW}, "VALIDATION_ERROR"),
        ({"expires_at": NOW - DAY}, "VALIDATION_ERROR"),
    ],
)
def test_what_cannot_be_barred_changes_nothing(bar, given, code) -> None:
    activate(issue().key)
    before = everything()

    assert code_of(lambda: bar(**given)) == code
    assert everything() == before


@pytest.mark.parametrize("freed", [False, True])
def test_the_device_of_an_activation_is_barred_without_its_fingerprint(
    django_capture_on_commit_callbacks, freed
) -> None:
    issued, other = issue(), issue()
    token = activate(issued.key).token
    activate(other.key)
    if freed:
        give_back(token)
    act = partial(blacklist.blacklist_device_of, reason="Cloned.", at=NOW, origin=STAFF)

    with django_capture_on_commit_callbacks(execute=True):
        act(activation_id=Activation.objects.order_by("pk")[0].pk)

    assert not Activation.objects.live().exists()
    assert BlacklistedDevice.objects.get().fingerprint_hint == "-1"
    assert code_of(partial(act, activation_id=issued.license.pk)) == "ACTIVATION_NOT_FOUND"


def test_a_name_keeps_its_seat_when_its_device_is_barred(bar) -> None:
    issued = issue(license_type="NAMED_USER")
    activate(issued.key, user_identity="ada")

    bar()

    assert not Activation.objects.live().exists()
    assert License.objects.get().current_activations == 1


def test_a_licence_that_was_over_its_limit_has_a_new_revision(bar) -> None:
    issued = issue(max_activations=2)
    activate(issued.key)
    activate(issued.key, "device-2")
    License.objects.update(max_activations=1)

    bar()

    assert License.objects.get().revision == issued.license.revision + 1


@pytest.mark.parametrize("reach", [row[0] for row in REACHES])
def test_the_database_itself_keeps_a_bar_once_within_its_reach(bar, reach) -> None:
    named = {"tenant_id": make_tenant().pk} if reach in ("tenant", "both") else {}
    named |= {"product": make_product()} if reach in ("product", "both") else {}
    twin = bar(**named)
    twin.pk = issue().license.pk

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    assert BlacklistedDevice.objects.filter(~Q(pk=twin.pk)).count() == 1


def test_a_bar_that_has_ended_hides_no_other_that_holds(bar) -> None:
    issued = issue()
    bar(expires_at=NOW + DAY)
    bar(tenant_id=issued.license.tenant_id, expires_at=NOW + 5 * DAY)

    in_between = partial(activate, issued.key, at=NOW + 2 * DAY)
    assert code_of(in_between) == "DEVICE_BLACKLISTED"
    assert activate(issued.key, at=NOW + 5 * DAY).is_new


def test_a_revoked_licence_says_so_before_it_speaks_of_the_bar(bar) -> None:
    issued = issue()
    bar()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    assert code_of(lambda: activate(issued.key)) == "LICENSE_REVOKED"


@pytest.mark.parametrize(
    ("given", "code"),
    [({"fingerprint": "ffff"}, "INVALID_FINGERPRINT"), ({"reason": ""}, "VALIDATION_ERROR")],
)
def test_what_is_refused_lifts_nothing(bar, given, code) -> None:
    bar()
    before = everything()

    assert code_of(lambda: let_go(**given)) == code
    assert everything() == before
