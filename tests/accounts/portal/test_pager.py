import uuid

import pytest

from accounts.models import Customer
from accounts.portal.pager import stretch_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    tenant = factories.make_tenant()
    return [factories.make_customer(tenant) for _ in range(7)][::-1]


def test_walking_on_meets_every_row_once(rows):
    met, after = [], None
    while True:
        stretch = stretch_of(Customer.objects.all(), after=after, size=3)
        met += stretch.rows
        after = stretch.after
        if after is None:
            break
    assert met == rows


def test_walking_back_meets_the_same_pages(rows):
    everything = Customer.objects.all()
    last = stretch_of(everything, after=rows[5].pk, size=3)
    middle = stretch_of(everything, before=last.before, size=3)
    first = stretch_of(everything, before=middle.before, size=3)
    assert (first.rows, middle.rows, last.rows) == (rows[0:3], rows[3:6], rows[6:])
    assert first.before is None
    assert middle.after == rows[5].pk


def test_a_place_where_nothing_stands_leads_nowhere(rows):
    stretch = stretch_of(Customer.objects.all(), after=uuid.UUID(int=0), size=3)
    assert (stretch.rows, stretch.before, stretch.after) == ([], None, None)


def test_one_query_makes_a_page(rows, django_assert_num_queries):
    with django_assert_num_queries(1):
        stretch_of(Customer.objects.all(), size=3)
