"""Orders, however many act at once, and whenever a process dies over one."""

from decimal import Decimal
from functools import partial

import pytest

from events.models import Event
from licenses.models import License
from orders.models import GeneratedLicense, Invoice, NumberSeries, Order, Payment, TenantCredit
from orders.services.ordering import cancel_order, fulfil_order
from orders.services.paying import refund_order
from orders.states import Fulfillment, OrderKind
from orders.tasks import fulfil_ready_orders
from tests.clock import NOW
from tests.factories import STAFF, approve, bought, fulfil, make_tenant, pay, place, priced
from tests.races.killed import killed_while
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def fulfilled_once(order: Order, licenses: int) -> None:
    """Assert that an order brought about all that it is for, and nothing twice."""
    assert License.objects.count() == licenses
    assert list(order.generated.values_list("position", flat=True)) == [*range(1, licenses + 1)]
    assert len(set(order.generated.values_list("license_id", flat=True))) == licenses
    assert Event.objects.filter(type="license.issued").count() == licenses
    assert Event.objects.filter(type="order.fulfilled").count() == 1
    assert [step.status for step in order.steps.all()] == ["PENDING", "APPROVED", "FULFILLED"]


def test_of_eight_who_fulfil_at_once_one_does_and_all_hear_the_same() -> None:
    order = approve(pay(place(quantity=3)))
    results = at_once(*[partial(fulfil, order)] * 8)
    assert {done.status for done in results} == {"FULFILLED"}
    fulfilled_once(order, 3)


def test_a_renewal_that_many_fulfil_lengthens_once() -> None:
    license = bought().generated.get().license
    order = place(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    approve(pay(order))
    at_once(*[partial(fulfil, order)] * 6)
    end = license.expiry_date
    license.refresh_from_db()
    assert license.expiry_date.year == end.year + 1
    assert Event.objects.filter(type="license.renewed").count() == 1


def test_who_approves_at_once_opens_one_invoice() -> None:
    order = place()
    at_once(*[partial(approve, order)] * 8)
    assert Invoice.objects.count() == 1
    assert order.steps.count() == 2


def test_numbers_of_invoices_have_no_gaps_under_load() -> None:
    template, tenant = priced(), make_tenant()
    orders = [place(template, tenant=tenant) for _ in range(16)]
    for order in orders[:4]:
        cancel_order(order_id=order.pk, reason="x", at=NOW, origin=STAFF)
    results = at_once(*(partial(approve, order) for order in orders))
    assert refused(results) == ["ILLEGAL_STATUS_CHANGE"] * 4
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{number:06}" for number in range(1, 13)]
    assert NumberSeries.objects.get(name="INV-2026").last == 12


def test_orders_that_are_placed_at_once_have_numbers_of_their_own() -> None:
    template, tenant = priced(), make_tenant()
    at_once(*[partial(place, template, tenant=tenant)] * 8)
    numbers = sorted(Order.objects.values_list("order_number", flat=True))
    assert numbers == [f"ORD-2026-{number:06}" for number in range(1, 9)]


def test_who_fulfils_and_who_cancels_are_never_both_heard() -> None:
    for _ in range(4):
        order = approve(pay(place()))
        cancel = partial(cancel_order, order_id=order.pk, reason="x", at=NOW, origin=STAFF)
        results = at_once(partial(fulfil, order), cancel, partial(fulfil, order))
        order.refresh_from_db()
        done = order.status == "FULFILLED"
        assert refused(results) == ["ILLEGAL_STATUS_CHANGE"] * (1 if done else 2)
        assert order.generated.count() == (1 if done else 0)


def test_one_payment_told_by_many_is_one_and_two_are_two() -> None:
    order = approve(place(fulfillment_method=Fulfillment.AUTO))
    at_once(*[partial(pay, order)] * 4, *[partial(pay, order, reference="T-2")] * 4)
    order.refresh_from_db()
    assert (Payment.objects.count(), order.paid_amount) == (2, D(200))
    assert sum(credit.amount for credit in TenantCredit.objects.all()) == D(100)
    fulfilled_once(order, 1)


def test_no_more_goes_back_than_came_however_many_give_it_back() -> None:
    order = bought()
    refund = partial(
        refund_order, order_id=order.pk, amount=D(40), reason="x", at=NOW, origin=STAFF
    )
    results = at_once(*[refund] * 6)
    assert len(succeeded(results)) == 2
    assert refused(results) == ["REFUND_EXCEEDS_PAID"] * 4
    order.refresh_from_db()
    assert order.held_amount == D(20)
    assert sum(note.amount for note in Invoice.objects.filter(kind="CREDIT_NOTE")) == D(80)


# Where a process dies: in place of a function, or after so many calls of it went well.
DEATHS = {
    "before the first licence": ("orders.services.producing.issue_license", 0),
    "before the third licence": ("orders.services.producing.issue_license", 2),
    "before a licence is stored": ("licenses.services.issuing.Entitlement.objects.bulk_create", 1),
    "before a licence is linked": ("orders.services.ordering.GeneratedLicense.objects.create", 1),
    "before the order is fulfilled": ("orders.services.ordering.move", 0),
    "before its step is kept": ("orders.services.standing.note_step", 0),
    "before it is told": ("orders.services.standing.tell", 0),
}
SCRIPT = """
    import pkgutil
    import uuid
    from events.trail import SYSTEM
    from orders.services.ordering import fulfil_order
    from tests.clock import NOW

    def die_after(real, times):
        calls = []
        def wrapped(*args, **kwargs):
            calls.append(args)
            return die() if len(calls) > times else real(*args, **kwargs)
        return wrapped

    path, times = {path!r}, {times!r}
    holder, _, name = path.rpartition(".")
    holder = pkgutil.resolve_name(holder)
    setattr(holder, name, die_after(getattr(holder, name), times))
    fulfil_order(order_id=uuid.UUID({order!r}), at=NOW, origin=SYSTEM)
"""
AT_COMMIT = """
    import uuid
    from django.db import connection
    from events.trail import SYSTEM
    from orders.services.ordering import fulfil_order
    from tests.clock import NOW

    connection.ensure_connection()
    connection.{when} = die
    fulfil_order(order_id=uuid.UUID({order!r}), at=NOW, origin=SYSTEM)
"""


@pytest.mark.parametrize("death", DEATHS)
def test_a_process_that_dies_over_an_order_loses_and_doubles_nothing(death, redis_url) -> None:
    order = approve(pay(place(quantity=3, fulfillment_method=Fulfillment.BATCH)))
    path, times = DEATHS[death]
    killed_while(SCRIPT.format(path=path, times=times, order=str(order.pk)), redis_url=redis_url)
    order.refresh_from_db()
    assert order.status == "APPROVED"
    assert not License.objects.exists()
    assert not GeneratedLicense.objects.exists()
    fulfil_order(order_id=order.pk, at=NOW, origin=STAFF)
    fulfilled_once(order, 3)


@pytest.mark.parametrize("when", ["_commit", "run_and_clear_commit_hooks"])
def test_a_process_that_dies_at_its_commit_has_done_all_or_nothing(when, redis_url) -> None:
    order = approve(pay(place(quantity=3, fulfillment_method=Fulfillment.BATCH)))
    killed_while(AT_COMMIT.format(when=when, order=str(order.pk)), redis_url=redis_url)
    order.refresh_from_db()
    assert order.status == ("APPROVED" if when == "_commit" else "FULFILLED")
    assert License.objects.count() == (0 if when == "_commit" else 3)
    fulfil_order(order_id=order.pk, at=NOW, origin=STAFF)
    fulfilled_once(order, 3)


def test_what_an_approval_leaves_undone_when_it_dies_a_job_takes_up(redis_url) -> None:
    order = pay(place(fulfillment_method=Fulfillment.AUTO))
    killed_while(
        f"""
        import uuid
        from orders.services import ordering
        from tests.clock import NOW
        from events.trail import SYSTEM

        ordering.on_ready[:] = [die]
        ordering.approve_order(order_id=uuid.UUID({str(order.pk)!r}), at=NOW, origin=SYSTEM)
        """,
        redis_url=redis_url,
    )
    order.refresh_from_db()
    assert order.status == "APPROVED"
    for _ in range(2):
        fulfil_ready_orders(at=NOW.isoformat())
    fulfilled_once(order, 1)
