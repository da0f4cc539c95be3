"""The second wall, proved by doors that forget the first: they ask the models, not `rows_of`."""

import json
import uuid
from dataclasses import replace

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.http import JsonResponse
from django.test import RequestFactory
from rest_framework.response import Response

from accounts import access, statements
from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.models import ApiKey, Customer, Membership
from accounts.portal.door import TenantView
from accounts.services.api_keys import create_api_key
from events.models import Event, Notice
from events.services.webhooks.endpoints import create_endpoint
from licenses.models import BlacklistedDevice, License
from licensing_portal import checks
from tests import factories
from tests.clock import NOW
from tests.engines import ENGINE

# SQLite has no such wall: there only the first one stands, and the raw query sees all.
WALLED = ENGINE == "postgresql"
BOUND = sorted(access.of_tenants(), key=lambda model: model._meta.label)


def furnish(tenant):
    """A row of every model that hangs on a tenant."""
    factories.make_customer(tenant)
    member = factories.make_member(tenant)
    _, key = create_api_key(name="own", scopes=["*"], tenant=tenant, at=NOW, origin=factories.STAFF)
    issued = factories.issue(tenant=tenant)
    factories.activate(issued.key)
    factories.report(issued.license)
    # Paid beyond what it costs, so that there is a credit too.
    factories.approve(factories.pay(factories.place(tenant=tenant), 130))
    named = factories.issue(tenant=tenant, license_type="NAMED_USER")
    factories.activate(named.key, user_identity="ada")
    BlacklistedDevice.objects.create(
        tenant=tenant, fingerprint_digest=tenant.pk.bytes * 2, fingerprint_hint="1", created_at=NOW
    )
    Notice.objects.create(
        kind="told", dedup_key=str(tenant.pk), tenant=tenant, queued_at=NOW, due_at=NOW
    )
    endpoint, _ = create_endpoint(
        url="https://8.8.8.8/",
        event_types=["*"],
        tenant_id=tenant.pk,
        at=NOW,
        origin=factories.STAFF,
    )
    event = Event.objects.filter(tenant=tenant).first()
    endpoint.deliveries.create(event=event, queued_at=NOW, due_at=NOW)
    return member, key


def ids(rows):
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


class ForgetfulPage(TenantView):
    scope = "licenses:read"

    def get(self, request):
        if request.GET:
            raise ZeroDivisionError
        return JsonResponse({model.__name__: sorted(ids(model.objects.all())) for model in BOUND})


class ForgetfulCall(ManagementView):
    scope = "licenses:read"

    def get(self, request):
        return Response({model.__name__: sorted(ids(model.objects.all())) for model in BOUND})

    def post(self, request):
        with transaction.atomic():
            Customer.objects.all().delete()
            raise DatabaseError


def opened(member, tenant, **query):
    request = RequestFactory().get("/", query)
    request.user = member
    return ForgetfulPage.as_view()(request, code=tenant.code)


def called(key, method="get", **headers):
    request = getattr(RequestFactory(), method)(
        "/", content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    return ForgetfulCall.as_view()(request)


@pytest.fixture
def two(transactional_db):
    """Two organisations; events of one transaction would see each other, so each is committed."""
    tenant, other = factories.make_tenant(), factories.make_tenant()
    return tenant, *furnish(tenant), other, *furnish(other)


def everything():
    return {model.__name__: ids(model.objects.all()) for model in BOUND}


def belonging_to(tenant):
    credential = access.Credential.of_api_key(ApiKey(name="own", tenant=tenant))
    return {model.__name__: ids(rows_of(credential, model)) for model in BOUND}


def test_a_door_that_forgets_the_first_wall_shows_no_other_tenants_row(two):
    tenant, member, key, other, *_ = two
    own, all_there_is = belonging_to(tenant), everything()
    assert all(own[name] and belonging_to(other)[name] - own[name] for name in own)
    seen = own if WALLED else all_there_is
    page = opened(member, tenant)
    assert page.status_code == 200
    assert {name: set(found) for name, found in json.loads(page.content).items()} == seen
    answer = called(key)
    assert {name: set(found) for name, found in answer.data.items()} == seen
    # And the next one on the same connection sees what it should.
    assert everything() == all_there_is


def test_a_reseller_behind_the_wall_sees_what_it_sold(transactional_db):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    furnish(buyer)
    furnish(factories.make_tenant())
    credential = access.Credential.of_api_key(ApiKey(name="own", tenant=reseller))
    with access.second_wall(credential):
        seen = everything()
    sold = belonging_to(reseller)
    assert seen == (sold if WALLED else everything())
    assert sold["License"] == ids(License.objects.filter(tenant=buyer))
    assert sold["Activation"]
    assert not sold["Customer"]


def fail_halfway(tenant):
    credential = access.Credential.of_api_key(ApiKey(name="own", tenant=tenant))
    with access.second_wall(credential), transaction.atomic():
        Customer.objects.update(name="halfway")
        raise ZeroDivisionError


@pytest.mark.parametrize("door", ["page", "call", "transaction"])
def test_no_wall_outlives_a_request_that_failed(two, door):
    tenant, member, key, *_ = two
    all_there_is = everything()
    if door == "page":
        with pytest.raises(ZeroDivisionError):
            opened(member, tenant, fails="1")
    elif door == "call":
        assert called(key, "post").status_code >= 500
    else:
        with pytest.raises(ZeroDivisionError):
            fail_halfway(tenant)
    assert everything() == all_there_is
    assert not statements.is_behind_wall()
    assert not Customer.objects.filter(name="halfway").exists()


def test_a_connection_that_breaks_behind_the_wall_is_not_used_again(two):
    tenant, *_ = two
    all_there_is = everything()
    credential = access.Credential.of_api_key(ApiKey(name="own", tenant=tenant))
    with access.second_wall(credential):
        if WALLED:
            with connection.cursor() as cursor, pytest.raises(DatabaseError):
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert everything() == all_there_is


def test_behind_the_wall_nothing_of_another_tenants_is_written(two):
    tenant, _, _, other, *_ = two
    credential = access.Credential.of_api_key(ApiKey(name="own", tenant=tenant))
    with access.second_wall(credential):
        License.objects.update(issued_to="Somebody")
        Notice.objects.all().delete()
        if WALLED:
            with pytest.raises(ProgrammingError):
                Customer.objects.create(tenant=other, name="Planted", email="p@brenner.example")
            with pytest.raises(ProgrammingError):
                Membership.objects.filter(tenant=tenant).update(tenant=other)
    touched = License.objects.filter(issued_to="Somebody")
    assert {license.tenant_id for license in touched} - {tenant.pk} == (
        set() if WALLED else {other.pk}
    )
    assert Notice.objects.filter(tenant=other).exists() is WALLED
    assert not Customer.objects.filter(name="Planted").exists()


@pytest.mark.django_db
def test_who_belongs_to_nobody_sees_nothing_and_the_vendor_everything(
    django_assert_num_queries,
):
    factories.issue()
    vendor = access.Credential.of_api_key(ApiKey(name="vendor", scopes=["*"]))
    assert statements.wall_stood() is WALLED
    with django_assert_num_queries(1), access.second_wall(vendor):
        assert License.objects.count() == 1
    with access.second_wall(replace(vendor, vendor_wide=False)):
        assert License.objects.count() == (0 if WALLED else 1)


@pytest.mark.django_db
@pytest.mark.parametrize("model", BOUND)
def test_every_model_that_hangs_on_a_tenant_has_a_policy(model):
    assert (policies_of(model._meta.db_table) in ({"*"}, {"r", "w", "d"})) is WALLED


def policies_of(table):
    """What its restrictive policies are for, in PostgreSQL's letters, if row security is on."""
    if not WALLED:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT polcmd::text FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid"
            " WHERE relname = %s AND relrowsecurity AND NOT polpermissive",
            [table],
        )
        return {command for (command,) in cursor.fetchall()}


@pytest.mark.django_db
@pytest.mark.parametrize("lack", ["role", "own connection"])
def test_a_missing_wall_is_told_and_opens_no_door_less(lack, client, monkeypatch):
    assert checks.wall_between_tenants() == []
    assert client.get("/readyz").json().get("tenant_wall") == ("ok" if WALLED else None)
    if lack == "role":
        of_another = statements._STANDS.replace("'portal_tenant'", "'nobody'")
        monkeypatch.setattr(statements, "_STANDS", of_another)
    else:
        monkeypatch.setattr(statements, "_server_named", lambda: 1)
    monkeypatch.setattr(statements, "wall_stood", statements.wall_stands)
    said = [found.id for found in checks.wall_between_tenants()]
    assert said == (["portal.W001"] if WALLED else [])
    assert client.get("/readyz").json().get("tenant_wall") == ("missing" if WALLED else None)
    factories.issue()
    with statements.behind_wall(uuid.uuid4()):
        assert License.objects.count() == 1


def test_a_rule_that_looks_at_all_rows_steps_past_the_wall_and_back(two):
    tenant, *_ = two
    all_there_is, own = everything(), belonging_to(tenant)
    credential = access.Credential.of_api_key(ApiKey(name="own", tenant=tenant))
    with access.second_wall(credential):
        with statements.beyond_wall():
            assert everything() == all_there_is
            assert not statements.is_behind_wall()
        assert everything() == (own if WALLED else all_there_is)
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            statements.beyond_wall(),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT nothing FROM nowhere")
        assert statements.is_behind_wall() == WALLED
        assert everything() == (own if WALLED else all_there_is)
    assert everything() == all_there_is
