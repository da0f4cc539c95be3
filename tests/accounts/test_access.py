from dataclasses import replace

import pytest
from django.apps import apps
from django.db.models import Q
from django.test import RequestFactory

from accounts import access
from accounts.access import Credential, owns, rows_of
from accounts.models import ApiKey, Customer, Membership, Tenant, User
from accounts.roles import Role
from events.models import Event
from licenses.models import Activation, KeyStamp, License, LicenseTemplate, Product
from tests import factories

pytestmark = pytest.mark.django_db

VENDOR = Credential.of_api_key(ApiKey(name="vendor", scopes=["*"]))


def bound_to(tenant, *scopes):
    return Credential.of_api_key(ApiKey(name="own", scopes=list(scopes), tenant=tenant))


def test_a_tenant_sees_its_own_rows_only():
    tenant, other = factories.make_tenant(), factories.make_tenant()
    own, foreign = factories.issue(tenant=tenant), factories.issue(tenant=other)
    factories.activate(own.key)
    factories.activate(foreign.key)
    credential = bound_to(tenant)
    assert list(rows_of(credential, License)) == [own.license]
    assert [row.license_id for row in rows_of(credential, Activation)] == [own.license.pk]
    assert list(rows_of(credential, Tenant)) == [tenant]
    assert {event.tenant_id for event in rows_of(credential, Event)} == {tenant.pk}


def test_the_vendor_sees_every_tenant_until_it_names_one():
    tenant = factories.make_tenant()
    factories.issue(tenant=tenant)
    factories.issue()
    assert rows_of(VENDOR, License).count() == 2
    assert rows_of(VENDOR.within(tenant.pk), License).count() == 1


def test_a_reseller_sees_what_it_sold_and_owns_none_of_it():
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    factories.make_customer(buyer)
    sold = factories.issue(tenant=buyer).license
    credential = bound_to(reseller)
    assert list(rows_of(credential, License)) == [sold]
    assert set(rows_of(credential, Tenant)) == {reseller, buyer}
    assert not rows_of(credential, Customer).exists()
    assert not owns(credential, sold)
    assert owns(bound_to(buyer), sold)
    assert owns(VENDOR, sold)


def test_tenants_see_what_is_on_offer_to_them_and_the_vendor_sees_all():
    tenant, other = factories.make_tenant(), factories.make_tenant()
    factories.make_product(active=False)
    offered = factories.make_template()
    reserved = factories.make_template(reserved_for=tenant)
    factories.make_template(reserved_for=other)
    factories.make_template(active=False)
    credential = bound_to(tenant)
    assert set(rows_of(credential, LicenseTemplate)) == {offered, reserved}
    assert not rows_of(credential, Product).filter(active=False).exists()
    assert rows_of(VENDOR.within(tenant.pk), LicenseTemplate).count() == 4


def test_who_is_neither_the_vendors_nor_a_tenants_sees_nothing():
    factories.issue()
    nobodys = replace(VENDOR, vendor_wide=False)
    assert not rows_of(nobodys, License).exists()
    assert not rows_of(nobodys, Product).exists()


def test_a_model_without_a_wall_has_no_rows_for_anybody():
    with pytest.raises(LookupError):
        rows_of(VENDOR, User)


def test_every_model_that_names_a_tenant_has_a_wall():
    named = {
        model
        for model in apps.get_models()
        if any(field.related_model is Tenant for field in model._meta.get_fields())
        and not model._meta.app_label.startswith("django")
    }
    assert {License, Customer, Event} <= named
    assert named - access.registered() <= UNSEEN


# Rows that no API key, member or page asks for.
UNSEEN = {KeyStamp}


def test_members_may_what_their_role_says():
    tenant, user = factories.make_tenant(), User.objects.create_user("viewer@brenner.example")
    viewer = Membership.objects.create(tenant=tenant, user=user, role=Role.VIEWER)
    credential = Credential.of_member(viewer)
    assert credential.tenant_id == tenant.pk
    assert credential.may("licenses:read")
    assert not credential.may("activations:write")


def test_staff_may_what_their_permissions_say():
    user = User.objects.create_user("clerk@tern-vale.example", is_staff=True)
    assert not Credential.of_staff(user).may("licenses:read")
    root = User.objects.create_superuser("root@tern-vale.example")
    assert Credential.of_staff(root).may("orders:approve")


def test_the_origin_tells_who_and_through_which_request():
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", REQUEST_ID="request-9")
    origin = VENDOR.origin(request)
    assert (origin.actor_kind, origin.actor_id) == ("api_key", str(VENDOR.id))
    assert (origin.ip_address, origin.request_id) == ("192.0.2.9", "request-9")


def test_walls_are_conditions_on_the_model_they_stand_around():
    tenant = factories.make_tenant()
    for model in access.registered():
        assert isinstance(rows_of(bound_to(tenant), model).filter(Q()).count(), int)
