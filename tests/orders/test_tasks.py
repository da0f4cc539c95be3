"""Jobs that fulfil: at once, later, by night; one that cannot be stops no other."""

from decimal import Decimal

import pytest

from licenses.models import License
from orders.models import Order
from orders.states import Fulfillment
from orders.tasks import fulfil_batch, fulfil_order, fulfil_ready_orders
from tests.clock import NOW
from tests.factories import approve, make_tenant, pay, place, priced

pytestmark = pytest.mark.django_db
AT = NOW.isoformat()


def statuses():
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("method", Fulfillment)
@pytest.mark.django_db(transaction=True)
def test_only_an_automatic_order_is_fulfilled_as_it_becomes_ready(method):
    approve(pay(place(fulfillment_method=method)))
    pay(approve(place(fulfillment_method=method)))
    approve(place(fulfillment_method=method, tenant=make_tenant(payment_terms_days=14)))
    approve(place(priced(base_price=Decimal(0)), fulfillment_method=method))
    approve(place(fulfillment_method=method))
    automatic = method == Fulfillment.AUTO
    assert statuses() == ["FULFILLED" if automatic else "APPROVED"] * 4 + ["APPROVED"]
    assert License.objects.count() == (4 if automatic else 0)


@pytest.mark.parametrize(
    ("job", "method"),
    [(fulfil_ready_orders, Fulfillment.AUTO), (fulfil_batch, Fulfillment.BATCH)],
    ids=["ready", "batch"],
)
def test_a_job_takes_up_its_own_orders_that_wait_for_nothing(job, method):
    for one in Fulfillment:
        approve(pay(place(fulfillment_method=one)))
    approve(place(fulfillment_method=method))
    assert job(at=AT) == {"fulfilled": 1, "refused": 0}
    assert job(at=AT) == {"fulfilled": 0, "refused": 0}
    assert Order.objects.get(status="FULFILLED").fulfillment_method == method


def test_an_order_that_cannot_be_fulfilled_stops_no_other(monkeypatch):
    first, second, third = (
        approve(pay(place(fulfillment_method=Fulfillment.BATCH))) for _ in range(3)
    )
    type(first.template).objects.filter(pk=first.template_id).update(active=False)
    Order.objects.filter(pk=second.pk).update(price={})
    assert fulfil_batch(at=AT) == {"fulfilled": 1, "refused": 2}
    assert statuses() == ["APPROVED", "APPROVED", "FULFILLED"]
    assert License.objects.get().came_of.get().order == third


def test_a_task_that_comes_twice_or_for_nothing_changes_nothing():
    order = approve(pay(place()))
    assert [fulfil_order(str(order.pk)) for _ in range(2)] == ["fulfilled"] * 2
    assert fulfil_order(str(make_tenant().pk)) == "refused"
    assert License.objects.count() == 1
