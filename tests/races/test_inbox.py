"""Messages of gateways, however often they come at once, and whenever a process dies over one."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from events.models import Event
from orders.gateways import Told
from orders.models import GatewayEvent, Order, Payment, Refund
from orders.services import inbox
from orders.states import OrderKind
from orders.tasks import apply_gateway_events
from tests.clock import NOW
from tests.factories import approve, bought, place
from tests.races.killed import killed_while
from tests.races.threads import at_once, refused

pytestmark = pytest.mark.django_db(transaction=True)


def told(order: Order, event_type: str = "payment.succeeded", **says: object) -> Told:
    given = {
        "event_id": event_type,
        "type": event_type,
        "order_number": order.order_number,
        "amount": Decimal(100),
        "currency": "EUR",
        "reference": "PAY-1",
        "occurred_at": NOW - timedelta(days=1),
    }
    return Told(**given | says)  # type: ignore[arg-type]


def receive(order: Order, event_type: str = "payment.succeeded", **says: object) -> GatewayEvent:
    return inbox.receive(gateway="signed", told=told(order, event_type, **says), at=NOW)


def states() -> list[str]:
    return list(GatewayEvent.objects.values_list("state", flat=True))


def test_one_message_that_comes_eight_times_at_once_is_applied_once() -> None:
    order = approve(place())
    results = at_once(*[partial(receive, order)] * 8)
    assert not refused(results)
    assert {event.pk for event in results} == {GatewayEvent.objects.get().pk}
    assert Payment.objects.get().amount == 100
    assert Order.objects.get().paid_amount == 100
    assert Event.objects.filter(type="payment.recorded").count() == 1
    assert states() == ["APPLIED"]


def test_a_payment_and_its_refund_at_once_both_count() -> None:
    order = approve(place())
    at_once(partial(receive, order), partial(receive, order, "refund.succeeded"))
    apply_gateway_events(at=NOW.isoformat())
    assert states() == ["APPLIED"] * 2
    assert (Payment.objects.count(), Refund.objects.count()) == (1, 1)


@pytest.mark.parametrize("where", [
    "orders.services.inbox.apply_waiting", "orders.services.paying.save",
    "orders.services.invoicing.note_paid",
])  # fmt: skip
def test_a_process_that_dies_over_a_message_loses_and_doubles_nothing(
    where: str, redis_url: str
) -> None:
    order = approve(place())
    module, _, name = where.rpartition(".")
    killed_while(
        f"""
        import importlib
        from decimal import Decimal
        from orders.gateways import Told
        from orders.services import inbox
        from tests.clock import NOW

        setattr(importlib.import_module({module!r}), {name!r}, lambda *a, **k: die())
        told = Told(
            event_id="payment.succeeded", type="payment.succeeded", amount=Decimal(100),
            order_number={order.order_number!r}, currency="EUR", reference="PAY-1", occurred_at=NOW,
        )
        inbox.receive(gateway="signed", told=told, at=NOW)
        """,
        redis_url=redis_url,
    )
    assert states() == ["WAITING"]
    assert not Payment.objects.exists()
    for _ in range(2):
        apply_gateway_events(at=NOW.isoformat())
    assert states() == ["APPLIED"]
    assert Payment.objects.get().amount == 100
    assert Order.objects.get().paid_amount == 100


def test_two_disputes_of_one_licence_that_are_won_at_once_lift_its_hold() -> None:
    for round_ in range(5):
        order = bought()
        license = order.generated.get().license
        renewal = bought(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
        for one in (order, renewal):
            receive(one, "dispute.opened", event_id=f"{one.pk} opened")
        license.refresh_from_db()
        assert license.status_at(NOW) == "SUSPENDED"
        results = at_once(
            *(
                partial(receive, one, "dispute.won", event_id=f"{one.pk}")
                for one in (order, renewal)
            )
        )
        assert not refused(results)
        apply_gateway_events(at=NOW.isoformat())
        license.refresh_from_db()
        assert license.status_at(NOW) == "ACTIVE", round_
        assert not license.holds.filter(lifted_at=None).exists()
