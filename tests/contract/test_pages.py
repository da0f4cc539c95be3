"""Pages: their place, their order, and the way past the ten thousandth row."""

import base64
import json
from urllib.parse import urlencode

import pytest

from accounts.models import Customer
from licensing_portal.api import pages
from tests import factories
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers(db):
    """Twenty-five customers of one tenant; every third has the same name."""
    tenant = factories.make_tenant()
    return [
        factories.make_customer(tenant, name="Same" if number % 3 == 0 else f"Name {number:02}")
        for number in range(25)
    ]


def ids(listed):
    return [row["id"] for row in listed.json()["data"]]


def test_pages_join_to_the_whole_newest_first(vendor, customers):
    first, second, third = (vendor.get(f"/customers?page={page}&limit=10") for page in (1, 2, 3))
    assert ids(first) + ids(second) + ids(third) == [str(row.pk) for row in reversed(customers)]
    assert first.json()["pagination"] == {
        "page": 1, "limit": 10, "total": 25, "total_pages": 3,
        "has_next": True, "has_previous": False,
    }  # fmt: skip
    assert third.json()["pagination"] == {
        "page": 3, "limit": 10, "total": 25, "total_pages": 3,
        "has_next": False, "has_previous": True,
    }  # fmt: skip
    assert "next_cursor" not in third.json()["meta"]


def test_a_page_behind_the_last_is_empty(vendor, customers):
    listed = vendor.get("/customers?page=9&limit=10").json()
    assert (listed["data"], listed["pagination"]["has_next"]) == ([], False)


@pytest.mark.parametrize("query", ["", "sort=name", "sort=name&order=desc", "order=asc"])
def test_cursors_walk_the_same_way_as_pages(vendor, customers, query):
    paged = [
        pk
        for page in (1, 2, 3, 4)
        for pk in ids(vendor.get(f"/customers?{query}&page={page}&limit=7"))
    ]
    walked, cursor = [], ""
    while True:
        listed = vendor.get(f"/customers?{query}&limit=7&cursor={cursor}")
        walked += ids(listed)
        cursor = listed.json()["meta"].get("next_cursor")
        if cursor is None:
            break
    assert walked == paged
    assert len(set(walked)) == 25


def test_a_cursor_walks_over_empty_values_once_each(vendor):
    for number in range(9):
        perpetual = number % 2 == 0
        factories.issue(license_type="PERPETUAL" if perpetual else "SUBSCRIPTION")
    for order in ("asc", "desc"):
        seen, cursor = [], ""
        while cursor is not None:
            listed = vendor.get(f"/licenses?sort=expiry_date&order={order}&limit=2&cursor={cursor}")
            seen += ids(listed)
            cursor = listed.json()["meta"].get("next_cursor")
        assert len(seen) == len(set(seen)) == 9


def test_rows_added_meanwhile_shift_no_cursor(vendor, customers):
    first = vendor.get("/customers?limit=10")
    factories.make_customer(customers[0].tenant)
    second = vendor.get(f"/customers?limit=10&cursor={first.json()['meta']['next_cursor']}")
    assert not set(ids(first)) & set(ids(second))


def test_a_cursor_of_another_order_is_refused(vendor, customers):
    cursor = vendor.get("/customers?limit=5").json()["meta"]["next_cursor"]
    assert_told(vendor.get(f"/customers?sort=name&cursor={cursor}"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("cursor", [
    "x", "W10", "bnVsbA", "WyJpZCIsdHJ1ZSxudWxsLCJ4Il0", "WyJpZCIsdHJ1ZSxudWxsLDVd", "%C3%A9",
])  # fmt: skip
def test_a_cursor_that_is_none_is_refused(vendor, cursor):
    assert_told(vendor.get(f"/customers?cursor={cursor}"), 400, "VALIDATION_ERROR")


def test_the_limit_is_held_to_a_thousand_and_told(vendor):
    assert vendor.get("/customers?limit=100000").json()["pagination"]["limit"] == 1000


def test_totals_stop_counting_at_ten_thousand(vendor, customers, monkeypatch):
    monkeypatch.setattr(pages, "COUNTED", 20)
    listed = vendor.get("/customers?limit=5").json()
    assert (listed["pagination"]["total"], listed["meta"]["total_is_capped"]) == (21, True)
    assert listed["pagination"]["has_next"] is True
    exact = vendor.get("/customers?limit=5&search=Same").json()
    assert (exact["pagination"]["total"], exact["meta"]["total_is_capped"]) == (9, False)


def test_a_page_behind_the_counted_rows_names_the_cursor(vendor, customers, monkeypatch):
    monkeypatch.setattr(pages, "COUNTED", 20)
    body = assert_told(vendor.get("/customers?limit=5&page=5"), 400, "PAGE_TOO_DEEP")
    assert "next_cursor" in body["message"]
    assert vendor.get("/customers?limit=5&page=4").status_code == 200


@pytest.mark.parametrize("many", ["2147483648", "9" * 40, "0" * 30 + "7000"])
def test_however_long_a_number_is_a_limit_is_clamped_and_a_page_is_too_deep(
    vendor, customers, many
):
    assert vendor.get(f"/customers?limit={many}").json()["pagination"]["limit"] == 1000
    assert_told(vendor.get(f"/customers?limit=5&page={many}"), 400, "PAGE_TOO_DEEP")


def test_filters_count_too(vendor, customers):
    listed = vendor.get("/customers?search=same&limit=4").json()
    assert listed["pagination"]["total"] == Customer.objects.filter(name="Same").count()
    assert listed["pagination"]["total_pages"] == 3


def test_half_a_character_in_a_cursor_is_refused(vendor, customers):
    place = json.dumps(["name", True, "\ud800", str(customers[0].pk)])
    cursor = base64.urlsafe_b64encode(place.encode()).decode()
    answer = vendor.get(f"/customers?sort=name&order=desc&cursor={cursor}")
    assert_told(answer, 400, "VALIDATION_ERROR")


def test_a_tenant_inside_the_filter_is_looked_for_and_not_acted_in(vendor, caller_with, customers):
    own = customers[0].tenant
    foreign = factories.make_customer()
    bound = caller_with("*", tenant=own)

    def found(caller, tenant):
        query = urlencode({"filter": json.dumps({"tenant_id": str(tenant.pk)}), "limit": 100})
        return ids(caller.get(f"/customers?{query}"))

    assert found(vendor, foreign.tenant) == [str(foreign.pk)]
    assert found(bound, foreign.tenant) == []
    assert len(found(bound, own)) == len(customers)
