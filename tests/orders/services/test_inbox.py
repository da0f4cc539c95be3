"""What gateways tell is kept first, and applied once, by when it happened."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from events.models import Event
from licenses.models import License
from orders.models import GatewayEvent, Order, Payment, Refund
from orders.services import inbox
from orders.states import Fulfillment, RefundPolicy
from orders.tasks import apply_gateway_events
from tests.clock import NOW
from tests.factories import approve, bought, pay, place, priced
from tests.orders.telling import SECRET, tell

pytestmark = pytest.mark.django_db
D = Decimal
AT = NOW.isoformat()
EARLIER, LATER = "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"


@pytest.fixture(autouse=True)
def _open(settings):
    settings.SIGNED_GATEWAY_SECRETS = [SECRET]
    with time_machine.travel(NOW, tick=False):
        yield


def states():
    rows = GatewayEvent.objects.order_by("id")
    return [(row.state, row.why) for row in rows]


def say(order, event_type="payment.succeeded", **says):
    tell(order, event_type, occurred_at=EARLIER, **says)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["order", "invoice"])
def test_a_payment_of_an_approved_order_fulfils_it(by):
    order = approve(place(fulfillment_method=Fulfillment.AUTO))
    number = order.invoices.get().number
    named = {} if by == "order" else {"order_number": "", "invoice_number": number}
    say(order, **named)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("FULFILLED", "PAID")
    assert License.objects.count() == 1
    assert states() == [("APPLIED", "")]
    assert Event.objects.get(type="payment.recorded").actor_kind == "gateway"


def test_the_same_message_again_changes_nothing():
    order = approve(place())
    for _ in range(3):
        say(order)
    say(order, event_id="another number for the same payment")
    assert Payment.objects.get().amount == 100
    assert Event.objects.filter(type="payment.recorded").count() == 1
    assert states() == [("APPLIED", "")] * 2


@pytest.mark.parametrize(("says", "why"), [
    ({"currency": "USD"}, "CURRENCY_MISMATCH"),
    ({"amount": "1.001"}, "VALIDATION_ERROR"),
    ({"order_number": "ORD-0"}, "ORDER_NOT_FOUND"),
    ({"order_number": ""}, "ORDER_NOT_FOUND"),
    ({"invoice_number": "INV-0"}, "ORDER_NOT_FOUND"),
    ({"type": "subscription.created"}, "UNKNOWN_PRICE"),
], ids=str)  # fmt: skip
def test_what_cannot_be_applied_is_a_persons_and_no_guess(says, why):
    say(approve(place()), **says)
    assert states() == [("NEEDS_PERSON", why)]
    assert not Payment.objects.exists()
    assert Order.objects.get().paid_amount == 0


def test_numbers_that_name_two_orders_are_a_persons():
    first, second = approve(place()), approve(place())
    say(first, invoice_number=second.invoices.get().number)
    assert states() == [("NEEDS_PERSON", "ORDERS_DIFFER")]
    assert not Payment.objects.exists()


def test_what_is_of_no_concern_is_kept_and_left_alone():
    say(place(), "customer.renamed")
    assert states() == [("IGNORED", "UNKNOWN_TYPE")]


def test_a_refund_that_comes_before_its_payment_waits_for_it():
    order = approve(place())
    tell(order, "refund.succeeded", occurred_at=LATER, amount=40)
    assert states() == [("WAITING", "")]
    assert not Refund.objects.exists()
    say(order)
    assert states() == [("APPLIED", "")] * 2
    order.refresh_from_db()
    assert (order.paid_amount, order.refunded_amount) == (100, 40)


def test_what_waits_for_days_becomes_a_persons():
    order = approve(place())
    say(order, "refund.succeeded")
    late = (NOW + timedelta(days=3)).isoformat()
    assert apply_gateway_events(at=AT) == {"applied": 0, "waiting": 1, "failed": 0}
    assert apply_gateway_events(at=late) == {"applied": 1, "waiting": 0, "failed": 0}
    assert states() == [("NEEDS_PERSON", "REFUND_EXCEEDS_PAID")]
    assert not Refund.objects.exists()


def test_a_refund_under_one_reference_goes_back_once():
    order = approve(pay(place()))
    say(order, "refund.succeeded", amount=40)
    say(order, "refund.succeeded", amount=40, event_id="again")
    assert Refund.objects.get().amount == 40
    assert states() == [("APPLIED", ""), ("IGNORED", "ALREADY_APPLIED")]


def test_a_failed_payment_shows_until_one_comes():
    order = approve(place())
    say(order, "payment.failed")
    assert Order.objects.get().payment_status == "FAILED"
    assert Event.objects.filter(type="payment.failed").count() == 1
    say(order)
    assert Order.objects.get().payment_status == "PAID"


def test_a_failure_that_is_told_after_a_later_payment_changes_nothing():
    order = approve(place())
    tell(order, occurred_at=LATER, amount=40)
    say(order, "payment.failed")
    assert states() == [("APPLIED", ""), ("IGNORED", "OVERTAKEN")]
    assert Order.objects.get().payment_status == "PARTIAL"


def status():
    license = License.objects.get()
    return license.status_at(NOW), license.suspension_code_at(NOW)


def test_a_dispute_holds_and_being_won_lifts():
    order = bought()
    say(order, "dispute.opened")
    assert status() == ("SUSPENDED", "PAYMENT_DISPUTED")
    say(order, "dispute.opened", event_id="another", reference="PAY-2")
    say(order, "dispute.won")
    assert status() == ("SUSPENDED", "PAYMENT_DISPUTED")
    say(order, "dispute.won", event_id="its end", reference="PAY-2")
    assert status()[0] == "ACTIVE"
    say(order, "dispute.lost")
    assert states()[-1] == ("IGNORED", "ALREADY_APPLIED")
    assert not Refund.objects.exists()


@pytest.mark.parametrize(("policy", "now"), [
    (RefundPolicy.REVOKE, "REVOKED"), (RefundPolicy.SUSPEND, "SUSPENDED"),
    (RefundPolicy.KEEP, "ACTIVE"),
])  # fmt: skip
def test_a_dispute_that_is_lost_is_as_if_all_were_given_back(policy, now):
    order = bought(priced(refund_policy=policy))
    say(order, "dispute.opened")
    say(order, "dispute.lost")
    assert status()[0] == now
    assert Refund.objects.get().amount == 100
    assert states() == [("APPLIED", "")] * 2


def test_the_end_of_a_dispute_waits_for_its_beginning():
    order = bought()
    tell(order, "dispute.won", occurred_at=LATER)
    assert states() == [("WAITING", "")]
    say(order, "dispute.opened")
    assert states() == [("APPLIED", "")] * 2
    assert status()[0] == "ACTIVE"


def test_what_was_left_undone_is_taken_up_by_the_job(monkeypatch):
    def broken(event, *, at):
        raise RuntimeError

    order, other = approve(place()), approve(place())
    with monkeypatch.context() as patched:
        patched.setitem(inbox.ACTS, "payment.succeeded", broken)
        say(order)
        say(other, event_id="other")
        assert apply_gateway_events(at=AT)["failed"] == 2
    assert states() == [("WAITING", "")] * 2
    assert apply_gateway_events(at=AT) == {"applied": 2, "waiting": 0, "failed": 0}
    assert Payment.objects.count() == 2
