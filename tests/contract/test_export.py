"""The export streams: a chunk at a time, whatever the number of licences."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from licenses.selectors import export
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def nine(monkeypatch):
    """Nine licences of one tenant, read by three."""
    monkeypatch.setattr(export, "CHUNK", 3)
    tenant = factories.make_tenant()
    people = [factories.make_customer(tenant) for _ in range(9)]
    product = factories.make_product("maps")
    return [
        factories.issue(
            tenant=tenant, product=product, customer_id=one.pk, at=timezone.now(), issued_to="=1+1"
        )
        for one in people
    ]


def queries_of(step):
    with CaptureQueriesContext(connection) as found:
        step()
    return len(found)


@pytest.mark.parametrize("query", ["format=csv", "format=json"])
def test_the_first_lines_leave_before_the_last_are_read(vendor, nine, query):
    parts = iter(vendor.get(f"/licenses/export?{query}").streaming_content)
    # JSON begins with the frame of the answer.
    first = queries_of(lambda: [next(parts), next(parts)])
    assert 0 < first <= 4
    rest = queries_of(lambda: list(parts))
    # Two chunks more, and the look for a fourth.
    assert first * 2 <= rest <= first * 3


def test_revealing_many_keys_costs_a_fixed_number_of_statements_a_chunk(vendor, nine):
    response = vendor.get("/licenses/export?format=csv&reveal=true")
    text = []
    assert queries_of(lambda: text.extend(response.streaming_content)) < 3 * 12
    rows = list(csv.DictReader(StringIO(b"".join(text).decode())))
    assert {row["license_key"] for row in rows} == {one.key for one in nine}
    told = Event.objects.filter(type="license.key_revealed")
    assert {event.license_id for event in told} == {one.license.pk for one in nine}
    assert told.count() == 9


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(mark):
    assert export.cell(f"{mark}cmd") == f"'{mark}cmd"
    assert export.cell(f"a{mark}cmd") == f"a{mark}cmd"
    assert export.cell(-5) == -5
