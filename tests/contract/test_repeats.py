"""Idempotency-Key on management's POSTs."""

import pytest
from django.utils import timezone

from accounts.models import Customer, StoredAnswer
from licenses.models import License
from tests.contract.routes import ROUTES
from tests.contract.test_errors import assert_told
from tests.contract.world import World

pytestmark = pytest.mark.django_db
POSTS = [pytest.param(path, id=path) for method, path in ROUTES if method == "POST"]


@pytest.mark.parametrize("path", POSTS)
def test_every_post_repeats_its_answer(vendor, path):
    route, world = ROUTES["POST", path], World.make(timezone.now())
    route.before(world)
    first, again = (
        vendor.post(world.path(path), route.body(world), Idempotency_Key="k-1") for _ in range(2)
    )
    assert first.status_code == again.status_code == route.success, again.content
    assert first.content == again.content
    assert first.headers.get("ETag") == again.headers.get("ETag")
    assert "Idempotency-Replayed" not in first.headers
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/json"


def test_without_the_key_a_repeat_is_another_act(vendor):
    world, route = World.make(timezone.now()), ROUTES["POST", "/licenses"]
    for _ in range(2):
        vendor.post("/licenses", route.body(world))
    assert License.objects.count() == 3
    assert not StoredAnswer.objects.exists()


def test_addresses_that_differ_far_behind_are_two(vendor):
    body = ROUTES["POST", "/customers"].body(World.make(timezone.now()))
    vendor.post("/customers?x=" + "a" * 400, body, Idempotency_Key="k-1")
    other = vendor.post("/customers?x=" + "a" * 400 + "b", body, Idempotency_Key="k-1")
    assert_told(other, 409, "IDEMPOTENCY_KEY_REUSED")


def test_the_key_with_another_body_or_tenant_is_refused(vendor):
    world = World.make(timezone.now())
    body = ROUTES["POST", "/customers"].body(world)
    vendor.post("/customers", body, Idempotency_Key="k-1")
    other = vendor.post("/customers", body | {"name": "Bo"}, Idempotency_Key="k-1")
    assert_told(other, 409, "IDEMPOTENCY_KEY_REUSED")
    elsewhere = World.make(timezone.now())
    moved = vendor.post(
        "/customers", body | {"tenant_id": elsewhere.tenant.code}, Idempotency_Key="k-1"
    )
    assert_told(moved, 409, "IDEMPOTENCY_KEY_REUSED")
    assert Customer.objects.filter(name="Ada").count() == 1


def test_a_refusal_is_repeated_and_leaves_nothing(vendor):
    world = World.make(timezone.now())
    path = f"/licenses/{world.license.pk}/reinstate"
    first = vendor.post(path, {"reason": "x"}, Idempotency_Key="k-1")
    assert_told(first, 409, "ILLEGAL_STATUS_CHANGE")
    vendor.post(f"/licenses/{world.license.pk}/suspend", {"reason": "x"})
    again = vendor.post(path, {"reason": "x"}, Idempotency_Key="k-1")
    assert again.content == first.content
    world.license.refresh_from_db()
    assert world.license.status == "SUSPENDED"


def test_a_key_belongs_to_its_caller(caller_with):
    world = World.make(timezone.now())
    body = ROUTES["POST", "/customers"].body(world)
    for caller in (caller_with("*"), caller_with("*")):
        response = caller.post("/customers", body, Idempotency_Key="k-1")
        assert "Idempotency-Replayed" not in response.headers
    assert Customer.objects.filter(name="Ada").count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9"])
def test_a_key_that_is_none_is_refused(vendor, key):
    world = World.make(timezone.now())
    body = ROUTES["POST", "/customers"].body(world)
    response = vendor.post("/customers", body, Idempotency_Key=key)
    assert_told(response, 400, "VALIDATION_ERROR")
    assert not Customer.objects.filter(name="Ada").exists()


def test_a_fault_of_ours_leaves_nothing_and_is_tried_again(vendor, monkeypatch):
    world = World.make(timezone.now())
    body = ROUTES["POST", "/customers"].body(world)
    with monkeypatch.context() as broken:
        broken.setattr("accounts.services.people.trail.record", lambda *a, **k: 1 / 0)
        failed = vendor.post("/customers", body, Idempotency_Key="k-1")
    assert_told(failed, 500, "INTERNAL_ERROR")
    assert not Customer.objects.filter(name="Ada").exists()
    assert vendor.post("/customers", body, Idempotency_Key="k-1").status_code == 201
