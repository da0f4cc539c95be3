"""Of several who take the same name at once, one has it and the others are told."""

import pytest

from accounts.models import Customer, Tenant
from accounts.services import people
from licenses.models import Product
from licenses.services import catalog
from tests.clock import NOW
from tests.factories import STAFF, make_tenant
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def test_a_tenants_code() -> None:
    def make() -> object:
        fields = {"code": "TERN", "name": "Tern"}
        return people.create_tenant(fields=fields, at=NOW, origin=STAFF)

    results = at_once(*[make] * AT_ONCE)

    assert len(succeeded(results)) == Tenant.objects.count() == 1
    assert refused(results) == ["VALIDATION_ERROR"] * (AT_ONCE - 1)


def test_a_customers_external_id() -> None:
    tenant = make_tenant()

    def make() -> object:
        fields = {"name": "A", "email": "a@brenner.example", "external_id": "crm-7"}
        return people.create_customer(tenant_id=tenant.pk, fields=fields, at=NOW, origin=STAFF)

    results = at_once(*[make] * AT_ONCE)

    assert len(succeeded(results)) == Customer.objects.count() == 1
    assert refused(results) == ["VALIDATION_ERROR"] * (AT_ONCE - 1)


def test_a_products_id() -> None:
    def make() -> object:
        fields = {"product_id": "mill", "product_name": "Mill", "product_version": "1"}
        return catalog.create_product(fields=fields, at=NOW, origin=STAFF)

    results = at_once(*[make] * AT_ONCE)

    assert len(succeeded(results)) == Product.objects.count() == 1
    assert refused(results) == ["VALIDATION_ERROR"] * (AT_ONCE - 1)
