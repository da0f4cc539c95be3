"""The page about payments tells what works: its code signs, and its message pays."""

import json
import re
from pathlib import Path

import pytest

from orders.gateways import EventType
from orders.models import Order
from tests.factories import approve, place
from tests.orders.telling import SECRET

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = (Path(__file__).resolve().parents[2] / "docs/api/payments.md").read_text()


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return found


def test_the_example_pays_an_order(live_server, settings):
    settings.SIGNED_GATEWAY_SECRETS = [SECRET]
    invoice = approve(place()).invoices.get()
    known = {}
    exec(block("python"), known)
    message = json.loads(block("json")) | {"invoice_number": invoice.number}
    for _ in range(2):
        told = known["tell"](f"{live_server.url}/api/licensing", SECRET, message)
        assert told == {"data": {"received": True}}
    assert Order.objects.get().payment_status == "PAID"


def test_every_type_stands_in_its_table():
    assert re.findall(r"^\| `(\w+\.\w+)`", PAGE, re.M) == list(EventType)
