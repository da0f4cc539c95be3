import pytest

from accounts.models import Customer
from licenses.models import License
from licenses.selectors.search import license_of_key, licenses_matching
from tests.factories import issue, make_customer, make_product

pytestmark = pytest.mark.django_db


def test_a_key_is_found_however_it_was_typed():
    issued = issue()
    for text in (issued.key, f"  {issued.key.lower()}\n", issued.key.replace("-", "")):
        assert license_of_key(text) == issued.license


@pytest.mark.parametrize("text", ["", "nonsense", "Q7RT"])
def test_what_is_no_key_finds_nothing(text):
    issue()
    assert license_of_key(text) is None


def test_words_that_nothing_matches_find_nothing():
    issue()
    assert not licenses_matching(
        License.objects.all(), "Fjord", customers=Customer.objects.all()
    ).exists()


@pytest.mark.parametrize("text", ["rauten", "WALZE", "ada@rauten.example", "hint"])
def test_a_licence_is_found_by_customer_product_and_the_end_of_its_key(text):
    customer = make_customer(name="Rautenberg", email="ada@rauten.example")
    given = {"tenant": customer.tenant, "customer_id": customer.pk}
    issued = issue(product=make_product(product_name="Walze"), **given)
    issue()
    sought = issued.license.key_hint if text == "hint" else text
    found = licenses_matching(License.objects.all(), sought, customers=Customer.objects.all())
    assert list(found) == [issued.license]
