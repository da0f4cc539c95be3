from decimal import Decimal

import pytest

from events.models import Event
from events.refusals import Refusal
from orders.models import Pricing
from orders.services.pricing import set_price
from tests.clock import NOW
from tests.factories import STAFF, make_template

pytestmark = pytest.mark.django_db
PRICE = {"base_price": Decimal("890"), "currency": "EUR", "billing_cycle": "ANNUALLY"}


def test_a_template_has_one_price_which_is_changed_in_place():
    template = make_template()
    set_price(template=template, fields=PRICE, at=NOW, origin=STAFF)
    set_price(template=template, fields={"base_price": Decimal("950")}, at=NOW, origin=STAFF)
    price = Pricing.objects.get()
    assert (price.template, price.base_price, price.currency) == (template, Decimal("950"), "EUR")
    last = Event.objects.latest("sequence")
    assert last.type == "template.priced"
    assert last.changes["base_price"]["after"] == "950"


def test_the_same_price_again_tells_nothing():
    template = make_template()
    set_price(template=template, fields=PRICE, at=NOW, origin=STAFF)
    set_price(template=template, fields=PRICE, at=NOW, origin=STAFF)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("wrong", [
    {"base_price": Decimal("-1")}, {"billing_cycle": "DAILY"},
    {"currency": ""}, {"currency": "eur"}, {"currency": "€€€"}, {"currency": "EUR\n"},
], ids=str)  # fmt: skip
def test_an_impossible_price_is_refused_and_not_kept(wrong):
    with pytest.raises(Refusal) as refused:
        set_price(template=make_template(), fields=PRICE | wrong, at=NOW, origin=STAFF)
    assert refused.value.code == "VALIDATION_ERROR"
    assert not Pricing.objects.exists()


def test_a_band_that_ends_before_it_begins_is_refused_in_words():
    bands = [{"min_quantity": 5, "max_quantity": 1, "discount_percentage": Decimal(10)}]
    with pytest.raises(Refusal) as refused:
        set_price(template=make_template(), fields=PRICE, bands=bands, at=NOW, origin=STAFF)
    assert refused.value.details == {"volume_discounts.0.max_quantity": ["Not below min_quantity."]}
    assert not Pricing.objects.exists()
