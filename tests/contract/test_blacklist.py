"""Devices barred through the API: within whose reach, until when, and what they hear then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from licenses.models import Activation, BlacklistedDevice, License
from tests import factories
from tests.contract.asking import on_device
from tests.contract.test_errors import assert_told
from tests.contract.world import World

pytestmark = pytest.mark.django_db
BAR, LET_GO, LIST = (
    f"/security/{name}" for name in ("blacklist-device", "unblacklist-device", "blacklist")
)
STOLEN = {"device_fingerprint": "device-1", "reason": "Stolen."}


@pytest.fixture
def bar(django_capture_on_commit_callbacks):
    def do(caller, **given):
        headers = given.pop("headers", {})
        with django_capture_on_commit_callbacks(execute=True):
            return caller.post(BAR, STOLEN | given, **headers)

    return do


@pytest.fixture
def tenants_key(caller_with, world):
    return caller_with("security:read", "security:write", tenant=world.tenant)


def listed(caller, query=""):
    return caller.get(LIST + query).json()["data"]


def token_of(key, **says):
    body = {"license_key": key, "device_fingerprint": "device-1"} | says
    return on_device("/activations", **body).json()["data"]["activation_token"]


def test_every_door_tells_a_barred_device_so_at_its_next_call(vendor, bar):
    product = factories.make_product("exports")
    issued = factories.issue(product=product, at=timezone.now())
    token = token_of(issued.key)
    for path in ("/activations/validate", "/activations/heartbeat"):
        assert on_device(path, activation_token=token).json()["data"]["valid"], path

    assert bar(vendor).json() == {"data": {"success": True}}

    by_key = {"license_key": issued.key, "device_fingerprint": "device-1"}
    verdicts = [
        on_device("/activations/validate", activation_token=token),
        on_device("/activations/heartbeat", activation_token=token),
        on_device("/validate", **by_key),
    ]
    for answer in verdicts:
        assert (answer.status_code, answer.json()["data"]["code"]) == (200, "DEVICE_BLACKLISTED")
    asked = {"activation_token": token, "feature_id": "exports", "amount": 1}
    for answer in (on_device("/activations", **by_key), on_device("/usage/consume", **asked)):
        assert_told(answer, 403, "DEVICE_BLACKLISTED")
        assert answer.json()["error"]["details"]["next_action"] == "contact_vendor"
    others = {"license_key": issued.key, "device_fingerprint": "device-2"}
    assert on_device("/activations", **others).status_code == 201


def test_the_same_bar_sent_again_is_the_same_answer_and_one_event(vendor, bar):
    answers = [bar(vendor), bar(vendor), bar(vendor, headers={"Idempotency_Key": "a-1"})]
    answers.append(bar(vendor, headers={"Idempotency_Key": "a-1"}))
    assert [(one.status_code, one.json()) for one in answers] == [
        (200, {"data": {"success": True}})
    ] * 4
    assert Event.objects.filter(type="device.blacklisted").count() == 1
    assert BlacklistedDevice.objects.count() == 1


def test_a_tenants_key_bars_within_its_tenant(world, tenants_key, bar):
    other = World.make(timezone.now())
    bar(tenants_key)
    live = Activation.objects.live()
    assert list(live.values_list("license_id", flat=True)) == [other.license.pk]
    assert listed(tenants_key)[0]["tenant_id"] == str(world.tenant.pk)


@pytest.mark.parametrize("named", ["body", "header", "nobody"])
def test_the_vendors_key_bars_everywhere_unless_it_names_a_tenant(vendor, world, bar, named):
    other = World.make(timezone.now())
    said = {"tenant_id": world.tenant.code} if named == "body" else {}
    headers = {"X_Tenant_ID": str(world.tenant.pk)} if named == "header" else {}
    bar(vendor, headers=headers, **said)
    live = set(Activation.objects.live().values_list("license_id", flat=True))
    assert live == (set() if named == "nobody" else {other.license.pk})
    [row] = listed(vendor)
    assert row.get("tenant_id") == (None if named == "nobody" else str(world.tenant.pk))


def test_a_tenant_sees_and_lifts_its_own_bars_and_not_the_vendors(
    vendor, caller_with, tenants_key, bar
):
    stranger = caller_with("*", tenant=factories.make_tenant())
    bar(vendor)
    bar(tenants_key, reason="Lost.")
    assert [row["reason"] for row in listed(tenants_key)] == ["Lost."]
    assert listed(stranger) == []
    for caller, lifted in ((stranger, 0), (tenants_key, 1), (tenants_key, 0), (vendor, 1)):
        answer = caller.post(LET_GO, STOLEN)
        assert answer.json() == {"data": {"success": True, "lifted": lifted}}
    assert not BlacklistedDevice.objects.exists()
    assert Event.objects.filter(type="device.unblacklisted").count() == 2


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"device_fingerprint": "None"}, 400, "INVALID_FINGERPRINT"),
        ({"device_fingerprint": "x" * 600}, 400, "INVALID_FINGERPRINT"),
        ({"device_fingerprint": "  0-0:0 "}, 400, "INVALID_FINGERPRINT"),
        ({"device_fingerprint": ""}, 400, "VALIDATION_ERROR"),
        ({"device_fingerprint": 7}, 400, "VALIDATION_ERROR"),
        ({"device_fingerprint": "a\0b"}, 400, "VALIDATION_ERROR"),
        ({"reason": ""}, 400, "VALIDATION_ERROR"),
        ({"reason": "x" * 2001}, 400, "VALIDATION_ERROR"),
        ({"expires_at": "2020-01-01"}, 400, "VALIDATION_ERROR"),
        ({"expires_at": "soon"}, 400, "VALIDATION_ERROR"),
        ({"product_id": "nothing"}, 400, "PRODUCT_NOT_FOUND"),
        ({"tenant_id": "NOBODY"}, 400, "TENANT_NOT_FOUND"),
    ],
)
def test_what_cannot_be_barred_is_refused_and_changes_nothing(
    vendor, world, bar, given, status, code
):
    before = Event.objects.count()
    assert_told(bar(vendor, **given), status, code)
    assert (BlacklistedDevice.objects.count(), Event.objects.count()) == (0, before)
    assert License.objects.get().current_activations == 1


def test_a_tenants_key_bars_in_no_other_tenant_and_for_no_product_it_cannot_see(
    world, tenants_key, bar
):
    other = factories.make_tenant()
    assert_told(bar(tenants_key, tenant_id=other.code), 403, "TENANT_FORBIDDEN")
    gone = factories.make_product(active=False)
    assert_told(bar(tenants_key, product_id=gone.product_id), 400, "PRODUCT_NOT_FOUND")
    assert not BlacklistedDevice.objects.exists()


def test_the_list_shows_hints_and_finds_by_the_whole_fingerprint(vendor, bar):
    contour = factories.make_product()
    until = timezone.now() + timedelta(days=2)
    bar(vendor, device_fingerprint="serial-0001", product_id=contour.product_id)
    bar(vendor, device_fingerprint="serial-0002", reason="Shared by many.", expires_at=until)
    bar(vendor, device_fingerprint="serial-0003", expires_at=until + timedelta(days=1))
    BlacklistedDevice.objects.filter(reason="Shared by many.").update(expires_at=timezone.now())

    shown = listed(vendor, "?device_fingerprint=serial-0002")
    assert [row["device_fingerprint"] for row in shown] == ["****02"]
    assert shown[0]["in_force"] is False
    for query, hints in {
        "?in_force=true&order=asc": ["****01", "****03"],
        "?in_force=false": ["****02"],
        f"?product_id={contour.product_id}": ["****01"],
        "?product_id=nothing": [],
        "?search=shared": ["****02"],
        "?search=03": ["****03"],
        "?sort=expires_at": ["****02", "****03", "****01"],
        "?limit=1": ["****03"],
    }.items():
        assert [row["device_fingerprint"] for row in listed(vendor, query)] == hints, query
    assert "serial-" not in vendor.get(LIST).content.decode()
    assert_told(vendor.get(f"{LIST}?in_force=maybe"), 400, "VALIDATION_ERROR")


def test_a_bare_day_ends_a_bar_with_that_day(vendor, bar):
    day = f"{timezone.now() + timedelta(days=3):%Y-%m-%d}"
    bar(vendor, expires_at=day)
    ends = BlacklistedDevice.objects.get().expires_at
    assert f"{ends - timedelta(days=1):%Y-%m-%d %H:%M}" == f"{day} 00:00"
