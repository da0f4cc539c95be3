"""Users, groups, tenants, members and customers: each form is saved by a service."""

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from accounts.models import Customer, Membership, Tenant, User
from events.models import Event
from tests.factories import make_customer, make_tenant
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
TENANT = {
    "name": "Brenner Ingenieure",
    "code": "BRENNER",
    "active": "on",
    "currency": "EUR",
    "payment_terms_days": "30",
    "tax_rate": "19",
    "language": "en",
    "time_zone": "Europe/Berlin",
    "address_city": "Wilhelmshaven",
    "address_country": "DE",
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
}
CUSTOMER = {
    "name": "Marta Lindqvist",
    "email": "marta@brenner.example",
    "active": "on",
    "address_line1": "Hafenstrasse 1",
}


@pytest.fixture
def superuser():
    return signed_in(superuser=True)


@pytest.fixture
def sales():
    return signed_in(group="sales")


def last_event():
    return Event.objects.latest("sequence")


# Mail leaves after the commit only, so there has to be one.
committed = pytest.mark.django_db(transaction=True)


@committed
def test_a_user_made_by_address_gets_a_link_to_set_a_password(superuser):
    form = {"email": "Sunniva@tern-vale.example", "name": "Sunniva", "is_active": "on"}
    superuser.post("/admin/accounts/user/add/", form | {"is_staff": "on"})
    user = User.objects.get(email="sunniva@tern-vale.example")
    assert user.is_staff
    assert last_event().type == "user.created"
    assert [message.to for message in mail.outbox] == [[user.email]]


@committed
def test_the_link_is_sent_again_on_request(superuser):
    user = make_staff()
    superuser.post(reverse("admin:accounts_user_password-link", args=[user.pk]))
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_somebody_elses_address_is_refused_in_words(superuser):
    User.objects.create_user("marta@brenner.example")
    users = User.objects.count()
    form = {"email": "Marta@Brenner.example", "is_active": "on"}
    answer = superuser.post("/admin/accounts/user/add/", form)
    assert "signs in by this address already" in answer.content.decode()
    assert User.objects.count() == users


def test_a_superuser_cannot_lock_themselves_out(superuser):
    user = User.objects.get(is_superuser=True)
    form = {"email": user.email, "is_active": "on", "is_staff": "on"}
    answer = superuser.post(reverse("admin:accounts_user_change", args=[user.pk]), form)
    assert "ask another superuser" in answer.content.decode()
    user.refresh_from_db()
    assert user.is_superuser


def test_a_group_of_ones_own_holds_the_scopes_that_were_ticked(superuser):
    form = {"name": "catalogue", "scopes": ["catalog:read", "catalog:write"]}
    superuser.post("/admin/auth/group/add/", form)
    group = Group.objects.get(name="catalogue")
    assert set(group.permissions.values_list("name", flat=True)) == set(form["scopes"])
    superuser.post(
        reverse("admin:auth_group_change", args=[group.pk]),
        {"name": "catalogue", "scopes": ["catalog:read"]},
    )
    assert group.permissions.get().name == "catalog:read"


def test_a_standard_group_has_no_form(superuser):
    group = make_staff(group="support").groups.get()
    page = reverse("admin:auth_group_change", args=[group.pk])
    assert "licenses:reveal" in superuser.get(page).content.decode()
    assert superuser.post(page, {"name": "support", "scopes": []}).status_code == 403
    assert group.permissions.exists()


def test_a_tenant_is_made_with_its_address_and_changed(sales):
    sales.post("/admin/accounts/tenant/add/", TENANT)
    tenant = Tenant.objects.get()
    assert tenant.billing_address == {"city": "Wilhelmshaven", "country": "DE"}
    assert last_event().type == "tenant.created"
    page = reverse("admin:accounts_tenant_change", args=[tenant.pk])
    sales.post(page, TENANT | {"name": "Brenner", "address_city": ""})
    tenant.refresh_from_db()
    assert (tenant.name, tenant.billing_address) == ("Brenner", {"country": "DE"})
    assert set(last_event().changes) == {"name", "billing_address"}


def test_an_impossible_tenant_is_refused_in_words(sales):
    answer = sales.post("/admin/accounts/tenant/add/", TENANT | {"time_zone": "Mars/Olympus"})
    assert "No time zone has this name" in answer.content.decode()
    assert not Tenant.objects.exists()
    assert not Event.objects.exclude(type="group.updated").exists()


@committed
def test_members_are_added_given_another_part_and_shut_out(sales):
    tenant = make_tenant()
    page = reverse("admin:accounts_tenant_change", args=[tenant.pk])
    marta = User.objects.create_user("marta@brenner.example", "correct horse battery")
    form = TENANT | {"code": tenant.code}

    def members(*rows, held):
        stated = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": held}
        for number, row in enumerate(rows):
            stated |= {f"memberships-{number}-{name}": value for name, value in row.items()}
        return form | stated

    sales.post(
        page,
        members(
            {"tenant": tenant.pk, "email": marta.email, "role": "owner"},
            {"tenant": tenant.pk, "email": "tomasz@brenner.example", "role": "viewer"},
            held=0,
        ),
    )
    first, second = Membership.objects.order_by("id")
    assert (first.user, first.role, second.role) == (marta, "owner", "viewer")
    # Who never signed in gets the link to set a password, and nobody else.
    assert [message.to for message in mail.outbox] == [["tomasz@brenner.example"]]
    rows = [{"id": one.pk, "tenant": tenant.pk, "role": one.role} for one in (first, second)]
    sales.post(page, members(rows[0], rows[1] | {"role": "admin"}, held=2))
    assert last_event().type == "member.changed"
    answer = sales.post(page, members(rows[0] | {"DELETE": "on"}, rows[1], held=2))
    assert "keeps at least one owner" in answer.content.decode()
    assert Membership.objects.count() == 2
    sales.post(page, members(rows[0], rows[1] | {"role": "admin", "DELETE": "on"}, held=2))
    assert Membership.objects.get().user == marta
    assert last_event().type == "member.removed"


def test_a_customer_is_made_inside_a_tenant_and_stays_there(sales):
    tenant = make_tenant()
    sales.post("/admin/accounts/customer/add/", CUSTOMER | {"tenant": tenant.pk})
    customer = Customer.objects.get()
    assert (customer.tenant, customer.billing_address) == (tenant, {"line1": "Hafenstrasse 1"})
    page = reverse("admin:accounts_customer_change", args=[customer.pk])
    sales.post(page, CUSTOMER | {"name": "Marta", "tenant": make_tenant().pk})
    customer.refresh_from_db()
    assert (customer.tenant, customer.name) == (tenant, "Marta")
    assert last_event().type == "customer.updated"


def test_an_external_id_twice_in_a_tenant_is_refused_in_words(sales):
    held = make_customer(external_id="C-1")
    form = CUSTOMER | {"tenant": held.tenant.pk, "external_id": "C-1"}
    answer = sales.post("/admin/accounts/customer/add/", form)
    assert answer.status_code == 200
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("page", ["accounts_customer", "accounts_apikey", "licenses_license"])
@pytest.mark.parametrize("sent", ["", "0", "<script>", "x" * 300, "9f1c0a52-0000-7000-8000-0123"])
def test_what_can_be_no_rows_id_is_told_and_selects_nothing(superuser, page, sent):
    rows = Customer.objects.count()

    response = superuser.post(reverse(f"admin:{page}_add"), CUSTOMER | {"tenant": sent})

    assert response.status_code == 200
    assert Customer.objects.count() == rows
