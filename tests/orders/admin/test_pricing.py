"""A template's price and volume discounts, filled in as forms."""

import pytest
from django.urls import reverse

from events.models import Event
from orders.models import Pricing, VolumeDiscount
from orders.services.pricing import set_price
from tests.clock import NOW
from tests.factories import STAFF, make_template
from tests.licenses.admin.test_catalog import PRICE, TEMPLATE, features, no_price, rows
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
TEN = {"min_quantity": "10", "max_quantity": "49", "discount_percentage": "5"}
FIFTY = {"min_quantity": "50", "discount_percentage": "10", "discount_amount": "100"}


@pytest.fixture
def staff():
    return signed_in("templates:read", "templates:write")


@pytest.fixture
def priced():
    template = make_template()
    given = {"base_price": 890, "currency": "EUR", "billing_cycle": "ANNUALLY"}
    bands = [{"min_quantity": 10, "discount_percentage": 5}]
    set_price(template=template, fields=given, bands=bands, at=NOW, origin=STAFF)
    return template


def page(template):
    return reverse("admin:licenses_licensetemplate_change", args=[template.pk])


def bands(*of, held=0):
    return rows("volume_discounts", *of, held=held)


def kept():
    return list(
        VolumeDiscount.objects.order_by("min_quantity").values_list(
            "min_quantity", "max_quantity", "discount_percentage", "discount_amount"
        )
    )


def sent(template, *parts):
    form = TEMPLATE | features() | no_price()
    price = Pricing.objects.filter(template=template).first()
    if price is not None:
        form |= rows("pricing", PRICE | {"id": price.pk, "template": template.pk}, held=1)
    for part in parts:
        form |= part
    return form


def test_price_and_discounts_are_given_in_one_go_with_one_event(staff):
    template = make_template()
    form = sent(template, rows("pricing", PRICE), bands(TEN, FIFTY))

    answer = staff.post(page(template), form)

    assert answer.status_code == 302, answer.content.decode()
    assert kept() == [(10, 49, 5, None), (50, None, 10, 100)]
    event = Event.objects.get(type="template.priced")
    assert len(event.changes["volume_discounts"]["after"]) == 2


def test_untouched_they_stay_and_nothing_is_told(staff, priced):
    band = VolumeDiscount.objects.get()
    row = {"id": band.pk, "min_quantity": "10", "discount_percentage": "5"}
    before = Event.objects.filter(type="template.priced").count()

    staff.post(page(priced), sent(priced, bands(row, held=1)))

    assert VolumeDiscount.objects.get() == band
    assert Event.objects.filter(type="template.priced").count() == before


def test_a_band_is_changed_and_another_added(staff, priced):
    row = TEN | {"id": VolumeDiscount.objects.get().pk, "discount_percentage": "7.5"}

    staff.post(page(priced), sent(priced, bands(row, FIFTY, held=1)))

    assert [band[:3] for band in kept()] == [(10, 49, 7.5), (50, None, 10)]


def test_a_band_is_taken_away(staff, priced):
    row = TEN | {"id": VolumeDiscount.objects.get().pk, "DELETE": "on"}

    staff.post(page(priced), sent(priced, bands(row, held=1)))

    assert kept() == []
    assert Pricing.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([TEN, TEN], "Two bands hold the quantity 10"),
        ([TEN | {"min_quantity": "0"}], "At least 1."),
        ([TEN | {"max_quantity": "9"}], "Not below where the band begins."),
        ([TEN | {"discount_percentage": "101"}], "Between 0 and 100."),
    ],
)
def test_a_band_that_cannot_be_is_refused_in_words(staff, given, words):
    template = make_template()

    answer = staff.post(page(template), sent(template, rows("pricing", PRICE), bands(*given)))

    assert words in answer.content.decode()
    assert not VolumeDiscount.objects.exists()
    assert not Pricing.objects.exists()


def test_without_a_price_there_is_nothing_to_take_off(staff):
    template = make_template()

    answer = staff.post(page(template), sent(template, bands(TEN)))

    assert "Give the template a price first." in answer.content.decode()
    assert not VolumeDiscount.objects.exists()


def test_a_new_template_gets_its_discounts_too(staff):
    product = make_template().product
    form = TEMPLATE | {"product": product.pk} | features() | no_price()
    form |= rows("pricing", PRICE) | bands(TEN)

    answer = staff.post("/admin/licenses/licensetemplate/add/", form)

    assert answer.status_code == 302, answer.content.decode()
    assert VolumeDiscount.objects.get().pricing.template.template_name == "Professional"


def test_readers_see_the_discounts_and_change_none(priced):
    html = signed_in("templates:read").get(page(priced)).content.decode()

    assert "Volume discounts" in html
    assert "volume_discounts-0-min_quantity" not in html
