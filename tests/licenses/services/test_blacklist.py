"""A barred device loses its seats and takes none; whoever bars it says where, how long and why."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses import hot
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors import snapshots
from licenses.services import barred, blacklist, changing, lifecycle
from licenses.services.tokens import token_digest
from licenses.tasks import sign_out_barred
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_product, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
said = {"fingerprint": "device-1", "reason": "Stolen.", "at": NOW, "origin": STAFF}
bar = partial(blacklist.blacklist_device, **said)
lift = partial(blacklist.unblacklist_device, **said)


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Any:
    """What a transaction leaves for after its commit is done, as outside of tests."""
    return partial(django_capture_on_commit_callbacks, execute=True)


def refused_at(issued: Any, fingerprint: str = "device-1", *, at: Any = NOW) -> str:
    try:
        activate(issued.key, fingerprint, at=at)
    except Refusal as refusal:
        return refusal.code
    return ""


def types() -> list[str]:
    return list(
        Event.objects.filter(type__regex="blacklisted|deactivated")
        .order_by("sequence")
        .values_list("type", flat=True)
    )


def everything() -> list[Any]:
    return [
        list(BlacklistedDevice.objects.values()),
        list(Activation.objects.order_by("id").values()),
        list(License.objects.order_by("id").values()),
        Event.objects.count(),
    ]


def test_a_barred_device_is_signed_out_and_its_seat_is_free(on_commit) -> None:
    issued = issue()
    activate(issued.key)
    activate(issued.key, "device-2")
    with on_commit():
        bar()

    row = Activation.objects.exclude(deactivated_at=None).get()
    assert (row.machine_name, row.deactivation_reason) == ("PC device-1", "BLACKLISTED")
    assert (row.deactivated_at, row.revision) == (NOW, 2)
    assert License.objects.get().current_activations == 1
    assert types() == ["device.blacklisted", "activation.deactivated"]
    laid, done = Event.objects.order_by("sequence")[Event.objects.count() - 2 :]
    assert laid.reason == "Stolen."
    assert laid.changes["device_fingerprint"] == {"before": None, "after": "****-1"}
    assert (done.reason, done.activation_id, done.license_id) == (
        "BLACKLISTED", row.pk, issued.license.pk,
    )  # fmt: skip
    assert "device-1" not in str(laid.changes) + str(done.changes).replace("PC device-1", "")


TENANT, PRODUCT = {"tenant": True}, {"product": True}


@pytest.mark.parametrize(
    ("reach", "kept_out"),
    [
        ({}, {"same", "its product", "its tenant", "neither"}),
        (TENANT, {"same", "its tenant"}),
        (PRODUCT, {"same", "its product"}),
        (TENANT | PRODUCT, {"same"}),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_a_bar_reaches_what_it_names_and_nothing_else(on_commit, reach, kept_out, held) -> None:
    tenant, product = make_tenant(), make_product()
    licences = {
        "same": issue(tenant=tenant, product=product),
        "its product": issue(product=product),
        "its tenant": issue(tenant=tenant),
        "neither": issue(),
    }
    tokens = {name: activate(one.key).token for name, one in licences.items()} if held else {}
    with on_commit():
        bar(
            tenant_id=tenant.pk if "tenant" in reach else None,
            product=product if "product" in reach else None,
        )

    assert {name for name, one in licences.items() if refused_at(one)} == kept_out
    for name, token in tokens.items():
        found = snapshots.by_token(token_digest(token))
        assert found is not None
        assert found.device is not None
        assert found.device.barred_at(NOW) is (name in kept_out)
        assert found.device.live is (name not in kept_out)


def test_once_more_it_changes_reason_and_end_and_says_nothing_where_nothing_changes(
    on_commit,
) -> None:
    for _ in range(2):
        with on_commit():
            bar(expires_at=NOW + DAY)
    first = BlacklistedDevice.objects.get()
    assert types() == ["device.blacklisted"]
    later = NOW + timedelta(hours=1)
    bar(reason="Lost.", at=later, origin=STAFF)

    row = BlacklistedDevice.objects.get()
    assert (row.pk, row.reason, row.expires_at) == (first.pk, "Lost.", None)
    assert (row.created_at, row.barred_by) == (NOW, "support@tern-vale.example")
    told = Event.objects.order_by("sequence").last()
    assert (told.type, told.reason) == ("device.blacklisted", "Lost.")
    assert told.changes["expires_at"] == {"before": "2026-03-15T09:26:53Z", "after": None}


def test_a_bar_that_is_over_bars_nobody_though_no_job_ran(on_commit) -> None:
    issued = issue()
    bar(expires_at=NOW + DAY)
    assert refused_at(issued, at=NOW + DAY - timedelta(microseconds=1)) == "DEVICE_BLACKLISTED"
    assert refused_at(issued, at=NOW + DAY) == ""


def test_a_bar_that_was_over_counts_from_when_it_is_laid_again() -> None:
    bar(expires_at=NOW + DAY)
    bar(expires_at=NOW + 3 * DAY, at=NOW + 2 * DAY)
    assert BlacklistedDevice.objects.get().created_at == NOW + 2 * DAY


def test_of_several_bars_one_that_is_over_hides_no_other() -> None:
    issued = issue()
    bar(expires_at=NOW + DAY)
    bar(tenant_id=issued.license.tenant_id, expires_at=NOW + 5 * DAY)
    assert refused_at(issued, at=NOW + 2 * DAY) == "DEVICE_BLACKLISTED"
    assert refused_at(issued, at=NOW + 6 * DAY) == ""


@pytest.mark.parametrize(
    ("sent", "code", "names"),
    [
        ({"fingerprint": "0000"}, "INVALID_FINGERPRINT", ""),
        ({"fingerprint": " "}, "INVALID_FINGERPRINT", ""),
        ({"reason": " "}, "VALIDATION_ERROR", "reason"),
        ({"expires_at": NOW}, "VALIDATION_ERROR", "expires_at"),
        ({"expires_at": NOW - DAY}, "VALIDATION_ERROR", "expires_at"),
    ],
)
def test_what_is_refused_bars_nobody(sent, code, names) -> None:
    activate(issue().key)
    before = everything()
    with pytest.raises(Refusal) as refused:
        bar(**sent)
    assert refused.value.code == code
    assert names in str(refused.value.details)
    assert everything() == before


def test_a_device_is_barred_by_what_it_holds_though_nobody_knows_its_fingerprint(on_commit) -> None:
    issued = issue()
    activate(issued.key)
    held = Activation.objects.get()
    with on_commit():
        blacklist.blacklist_device_of(activation_id=held.pk, reason="Cloned.", at=NOW, origin=STAFF)
    assert not Activation.objects.live().exists()
    assert refused_at(issued) == "DEVICE_BLACKLISTED"
    with pytest.raises(Refusal, match="ACTIVATION_NOT_FOUND"):
        blacklist.blacklist_device_of(
            activation_id=issued.license.pk, reason="x", at=NOW, origin=STAFF
        )


def test_lifting_gives_no_seat_back_and_lets_it_take_one(on_commit) -> None:
    issued = issue()
    token = activate(issued.key).token
    with on_commit():
        bar()
    assert lift(reason="Found again.") == 1
    assert lift() == 0

    assert types()[-1] == "device.unblacklisted"
    assert types().count("device.unblacklisted") == 1
    assert License.objects.get().current_activations == 0
    again = activate(issued.key)
    assert again.is_new
    assert again.token != token


def test_lifting_takes_the_bars_of_its_own_reach_and_no_other(on_commit) -> None:
    issued, product = issue(), make_product()
    tenant = issued.license.tenant_id
    for reach in ({}, {"tenant_id": tenant}, {"product": product}, {"tenant_id": make_tenant().pk}):
        bar(**reach)

    assert lift(product=product) == 1
    assert lift(tenant_id=tenant) == 1
    assert refused_at(issued) == "DEVICE_BLACKLISTED"
    assert lift() == 1
    assert refused_at(issued) == ""
    assert BlacklistedDevice.objects.get().tenant_id not in (None, tenant)


@pytest.mark.parametrize(
    ("sent", "code"),
    [({"fingerprint": "ffff"}, "INVALID_FINGERPRINT"), ({"reason": ""}, "VALIDATION_ERROR")],
)
def test_what_is_refused_lifts_nothing(sent, code) -> None:
    bar()
    before = everything()
    with pytest.raises(Refusal, match=code):
        lift(**sent)
    assert everything() == before


def test_one_bar_is_lifted_once() -> None:
    row = bar()
    with pytest.raises(Refusal, match="VALIDATION_ERROR"):
        blacklist.lift_bar(bar_id=row.pk, reason=" ", at=NOW, origin=STAFF)
    assert BlacklistedDevice.objects.exists()
    for _ in range(2):
        blacklist.lift_bar(bar_id=row.pk, reason="Found.", at=NOW, origin=STAFF)
    assert types() == ["device.blacklisted", "device.unblacklisted"]


def test_many_licences_are_signed_out_in_steps_and_the_job_does_what_is_left() -> None:
    tenant, product = make_tenant(), make_product()
    customer = make_customer(tenant)
    for _ in range(7):
        activate(issue(tenant=tenant, product=product, customer_id=customer.pk).key)
    row = bar()

    barred.sign_out(row, at=NOW, origin=STAFF, chunk=2, most=2)
    assert Activation.objects.live().count() == 3
    assert sign_out_barred(at=NOW.isoformat()) == {"bars": 1}
    assert not Activation.objects.live().exists()
    assert sign_out_barred(at=NOW.isoformat()) == {"bars": 0}

    done = Event.objects.filter(type="activation.deactivated").order_by("sequence")
    assert [event.actor_kind for event in done] == ["staff"] * 4 + ["system"] * 3
    assert set(License.objects.values_list("current_activations", flat=True)) == {0}


def test_a_bar_that_is_over_or_was_lifted_signs_nobody_out_later() -> None:
    activate(issue().key)
    row = bar(expires_at=NOW + DAY)
    assert sign_out_barred(at=(NOW + DAY).isoformat()) == {"bars": 0}
    lift()
    barred.sign_out(row, at=NOW, origin=STAFF)
    assert Activation.objects.live().count() == 1


def test_signing_out_of_a_licence_sold_down_since_tells_every_reader(on_commit) -> None:
    issued = issue()
    for name in ("device-1", "device-2"):
        activate(issued.key, name)
    changing.change_license(
        license_id=issued.license.pk, changes={"max_activations": 1}, at=NOW, origin=STAFF
    )
    before = License.objects.get().revision
    with on_commit():
        bar()
    assert (License.objects.get().revision, License.objects.get().current_activations) == (
        before + 1, 1,
    )  # fmt: skip


def test_a_revoked_licence_says_so_before_it_speaks_of_the_bar(on_commit) -> None:
    issued = issue()
    with on_commit():
        bar()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    assert refused_at(issued) == "LICENSE_REVOKED"


def test_the_copies_are_forgotten_with_the_bar_and_not_only_by_signing_out(monkeypatch) -> None:
    activate(issue().key)
    row = Activation.objects.get()
    told: list[dict[str, int]] = []
    monkeypatch.setattr(hot.store(), "bar", told.append)
    bar()
    assert told == [{f"a:{row.pk}": row.revision + 1}]
    assert Activation.objects.live().exists()
