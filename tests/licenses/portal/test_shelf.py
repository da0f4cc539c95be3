from datetime import timedelta
from urllib.parse import quote

import pytest

from licenses.models import License
from licenses.services import lifecycle
from tests import factories
from tests.clock import NOW
from tests.licenses.portal.conftest import WALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(world, client_of):
    client = client_of(world.tenant)
    return lambda query="", **headers: client.get(f"{world.url('licenses')}?{query}", **headers)


def shown(response):
    return [row.pk for row in response.context["stretch"].rows]


def test_newest_licences_stand_first(world, shelf):
    second = factories.issue(tenant=world.tenant).license
    assert shown(shelf()) == [second.pk, world.license.pk]


def test_pages_follow_one_another_without_gap_or_repeat(world, shelf):
    ids = [world.license.pk]
    product = world.license.product
    ids += [factories.issue(tenant=world.tenant, product=product).license.pk for _ in range(30)]
    first = shelf()
    older = shelf(f"after={first.context['stretch'].after}")
    assert shown(first) + shown(older) == ids[::-1]
    assert older.context["stretch"].after is None
    assert "25 of 31 licences" in first.content.decode()
    newer = shelf(f"before={older.context['stretch'].before}")
    assert shown(newer) == shown(first)


def test_the_number_of_queries_does_not_grow_with_the_list(
    world, client_of, django_assert_num_queries
):
    client = client_of(world.tenant)
    for _ in range(20):
        factories.issue(tenant=world.tenant)
    # Session, person, memberships, products, licences.
    with django_assert_num_queries(5 + WALL):
        client.get(world.url("licenses"))


@pytest.mark.parametrize(
    ("terms", "act", "status"),
    [
        ({}, None, "ACTIVE"),
        ({}, None, "in-force"),
        ({"duration_days": 10, "grace_period_days": 0}, None, "ending"),
        ({}, lifecycle.suspend_license, "SUSPENDED"),
        ({}, lifecycle.park_license, "INACTIVE"),
        ({}, lifecycle.revoke_license, "REVOKED"),
        ({"expiry_basis": "FIRST_ACTIVATION", "duration_days": 30}, None, "PENDING"),
    ],
)
def test_a_status_finds_what_has_it_by_the_clock(terms, act, status, make_world, client_of):
    world = make_world(max_activations=2)
    wanted = factories.issue(tenant=world.tenant, **terms).license
    if act:
        act(license_id=wanted.pk, reason="asked", at=NOW, origin=factories.STAFF)
    else:
        lifecycle.park_license(
            license_id=world.license.pk, reason="x", at=NOW, origin=factories.STAFF
        )
    response = client_of(world.tenant).get(f"{world.url('licenses')}?status={status}")
    assert shown(response) == [wanted.pk]


def test_expired_and_in_grace_are_told_apart_though_no_job_has_run(world, shelf):
    long_ago = NOW - timedelta(days=370)
    grace = factories.issue(tenant=world.tenant, at=long_ago, grace_period_days=30).license
    over = factories.issue(tenant=world.tenant, at=long_ago, grace_period_days=0).license
    assert shown(shelf("status=in-grace")) == [grace.pk]
    assert shown(shelf("status=EXPIRED")) == [over.pk]
    assert grace.pk in shown(shelf("status=in-force"))


@pytest.mark.parametrize(
    ("overage", "taken", "is_full"),
    [
        ("NONE", 2, False),
        ("NONE", 3, True),
        ("1.25X", 3, True),
        ("1.5X", 3, False),
        ("1.5X", 4, True),
        ("2X", 5, False),
        ("2X", 6, True),
        ("UNLIMITED", 9, False),
    ],
)
def test_what_is_full_is_found_whatever_overage_it_has(
    overage, taken, is_full, make_world, client_of
):
    world = make_world(max_activations=3, overage=overage)
    License.objects.filter(pk=world.license.pk).update(current_activations=taken)
    world.license.refresh_from_db()
    assert (world.license.seats_left == 0) is is_full
    response = client_of(world.tenant).get(f"{world.url('licenses')}?status=full")
    assert (world.license.pk in shown(response)) is is_full


def test_words_find_product_holder_and_end_of_key(world, shelf):
    factories.issue(tenant=world.tenant)
    for words in (
        world.license.product_name.lower(),
        world.license.key_hint.lower(),
        f"…-{world.license.key_hint}",
    ):
        assert world.license.pk in shown(shelf(f"q={quote(words)}"))
    assert len(shown(shelf("q=brenner"))) == 2
    assert shown(shelf("q=nothing-like-it")) == []


def test_a_product_narrows_the_list(world, shelf):
    factories.issue(tenant=world.tenant)
    assert shown(shelf(f"product={world.license.product.product_id}")) == [world.license.pk]


def test_a_whole_key_leads_to_its_licence_and_is_not_shown_again(world, shelf):
    response = shelf(f"q={world.key}")
    assert response.status_code == 302
    assert response.url == world.license_url


def test_a_key_of_somebody_else_is_answered_like_an_unknown_one(world, client_of, make_world):
    client = client_of(world.tenant)
    unknown = "0000-0000-0000-0000-0000"
    answers = []
    for key in (make_world().key, unknown):
        response = client.get(f"{world.url('licenses')}?q={key}", follow=True)
        assert key not in response.content.decode()
        answers.append(response.redirect_chain)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "query",
    [
        "status=junk",
        "product=junk",
        "q=%00",
        "q=" + "x" * 5000,
        "after=junk",
        "before=junk",
        "after=" + "9" * 400,
        "status=%00&product=%00&after=%00",
    ],
)
def test_nonsense_is_said_to_be_left_out(query, world, shelf):
    response = shelf(query)
    assert response.status_code == 400
    assert shown(response) == [world.license.pk]
    assert "made no sense" in response.content.decode()


@pytest.mark.parametrize("query", ["q=", "unknown=1", "q=%25", "q=%5C", "q=%27%22%3Cb%3E", "q=_"])
def test_odd_but_honest_questions_are_answered(query, shelf):
    response = shelf(query)
    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_an_empty_shelf_says_what_comes_next(world, client_of):
    tenant = factories.make_tenant()
    page = client_of(tenant).get(f"/t/{tenant.code}/licenses/").content.decode()
    assert "No licence yet" in page
