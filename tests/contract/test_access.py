"""Every route with every kind of credential, by a table that is kept whole."""

from copy import deepcopy

import pytest
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import Membership, User
from accounts.roles import Role
from events.models import Event
from licensing_portal.api.schema import Enumerator, one_endpoint_per_method
from tests.contract.conftest import Caller
from tests.contract.routes import DEVICE_ROUTES, OWNED, ROUTES, hidden_from_others
from tests.contract.test_errors import assert_told
from tests.contract.world import World
from tests.kept import kept
from tests.staff import make_staff

pytestmark = pytest.mark.django_db

BASE = "/api/licensing"
TABLE = [pytest.param(*route, id=" ".join(route)) for route in ROUTES]


def endpoints():
    """Every operation that the URL configuration leads to, found without anybody's list."""
    for path, _, method, callback in one_endpoint_per_method(Enumerator().get_api_endpoints()):
        if path.startswith(BASE) and path not in (f"{BASE}/schema/", f"{BASE}/docs/"):
            yield method, path.removeprefix(BASE), callback


def test_no_route_is_missing_from_the_table():
    assert {(method, path) for method, path, _ in endpoints()} == ROUTES.keys() | DEVICE_ROUTES


def test_every_id_in_a_path_is_known_to_be_owned_or_the_vendors():
    named = {
        part.strip("{}")
        for _, path, _ in endpoints()
        for part in path.split("/")
        if part.startswith("{")
    }
    assert named == OWNED | {"product_id", "feature_id", "version", "template_id", "gateway"}


def test_every_view_names_the_scope_that_the_table_says():
    for method, path, callback in endpoints():
        if (method, path) in ROUTES:
            assert callback.cls.scope == ROUTES[method, path].scope, path
            assert callback.cls.scope in roles.SCOPES


@pytest.fixture(scope="module")
def two_worlds(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        yield [World.make(timezone.now()) for _ in range(2)]


@pytest.fixture
def worlds(two_worlds, db):
    return deepcopy(two_worlds)


def ask(caller, method, path, world, **headers):
    route = ROUTES[method, path]
    body = route.body(world) if route.body else None
    return caller(method, world.path(path + route.query), body, **headers)


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_who_may_not_is_refused_and_nothing_happens(caller_with, worlds, method, path):
    route, (world, other) = ROUTES[method, path], worlds
    route.before(world)
    without = caller_with(*(scope for scope in roles.SCOPES if scope != route.scope))
    stranger = caller_with("*", tenant=other.tenant)
    before = Event.objects.count()

    assert_told(ask(Caller(), method, path, world), 401, "AUTHENTICATION_REQUIRED")
    assert_told(ask(Caller("lp_unknown"), method, path, world), 401, "INVALID_API_KEY")
    refused = assert_told(ask(without, method, path, world), 403, "SCOPE_REQUIRED")
    assert refused["error"]["details"] == {"scope": route.scope}
    elsewhere = {"X_Tenant_ID": str(world.tenant.pk)}
    named = ask(stranger, method, path, world, **elsewhere)
    expected = "VENDOR_ONLY" if route.vendor_only else "TENANT_FORBIDDEN"
    assert_told(named, 403, expected)
    if hidden_from_others(path, route):
        hidden = ask(stranger, method, path, world)
        assert hidden.status_code == 404, hidden.content
        assert hidden.json()["code"].endswith("_NOT_FOUND")
    assert Event.objects.count() == before


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_a_tenants_own_key_acts_inside_its_tenant(caller_with, worlds, method, path):
    route, world = ROUTES[method, path], worlds[0]
    route.before(world)
    response = ask(caller_with(route.scope, tenant=world.tenant), method, path, world)
    if route.vendor_only:
        assert_told(response, 403, "VENDOR_ONLY")
    else:
        assert response.status_code == route.success, response.content


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_the_vendors_key_acts_everywhere(caller_with, worlds, method, path):
    route, world = ROUTES[method, path], worlds[0]
    route.before(world)
    caller = caller_with(route.scope)
    assert ask(caller, method, path, world).status_code == route.success


LISTS = [
    path for method, path in ROUTES if method == "GET" and "{" not in path and "export" not in path
]


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_no_row_of_another_tenant(caller_with, worlds, path):
    mine, theirs = worlds
    shown = caller_with("*", tenant=mine.tenant).get(f"{path}?limit=1000").content.decode()
    foreign = [
        theirs.tenant.pk, theirs.customer.pk, theirs.license.pk, theirs.activation.pk,
        theirs.api_key.pk, theirs.template.pk, theirs.named.pk, theirs.incident.pk,
        theirs.order.pk, theirs.invoice.pk,
    ]  # fmt: skip
    assert not [pk for pk in foreign if str(pk) in shown]


@pytest.mark.parametrize("header", ["", " ", "Bearer", "Bearer "])
def test_an_empty_authorization_is_none(header, db):
    response = Caller(Authorization=header).get("/licenses")
    assert_told(response, 401, "AUTHENTICATION_REQUIRED")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer é", "lp_key", "Bearer " + "x" * 5000])
def test_a_key_that_is_none_does_not_work(header, db):
    assert_told(Caller(Authorization=header).get("/licenses"), 401, "INVALID_API_KEY")


def test_a_vendors_key_acts_in_the_tenant_it_names(vendor, worlds):
    here, there = worlds
    for name in (here.tenant.code, str(here.tenant.pk)):
        listed = vendor.get("/licenses", X_Tenant_ID=name).json()["data"]
        assert [row["id"] for row in listed] == [str(here.license.pk)]
        asked = vendor.get(f"/licenses?tenant_id={name}").json()["data"]
        assert asked == listed
    hidden = vendor.get(f"/licenses/{there.license.pk}", X_Tenant_ID=here.tenant.code)
    assert_told(hidden, 404, "LICENSE_NOT_FOUND")
    assert_told(vendor.get("/licenses", X_Tenant_ID="NOBODY"), 400, "TENANT_NOT_FOUND")


@pytest.mark.parametrize("name", ["NOBODY", "0190b0c4-0000-7000-8000-000000000000", "other"])
def test_naming_another_tenant_is_forbidden_whether_it_exists_or_not(caller_with, worlds, name):
    world, other = worlds
    name = other.tenant.code if name == "other" else name
    caller = caller_with("*", tenant=world.tenant)
    assert_told(caller.get(f"/licenses?tenant_id={name}"), 403, "TENANT_FORBIDDEN")
    given = {"name": "Ada", "email": "ada@brenner.example", "tenant_id": name}
    assert_told(caller.post("/customers", given), 403, "TENANT_FORBIDDEN")


def test_nobody_makes_a_key_that_may_more_than_they(caller_with, worlds):
    world = worlds[0]
    caller = caller_with("api_keys:write", "licenses:read", tenant=world.tenant)
    more = caller.post("/api-keys", {"name": "x", "scopes": ["licenses:write"]})
    assert_told(more, 403, "SCOPE_REQUIRED")
    assert_told(caller.post("/api-keys", {"name": "x", "scopes": ["*"]}), 403, "SCOPE_REQUIRED")
    made = caller.post("/api-keys", {"name": "x", "scopes": ["licenses:read"]}).json()["data"]
    assert made["tenant_id"] == str(world.tenant.pk)
    assert Caller(made["key"]).get("/licenses").json()["pagination"]["total"] == 1
    assert "key" not in caller.get("/api-keys").json()["data"][0]
    caller.post(f"/api-keys/{made['id']}/revoke", {})
    assert_told(Caller(made["key"]).get("/licenses"), 401, "INVALID_API_KEY")


def signed_in(user, **options):
    client = Client(raise_request_exception=False, **options)
    client.force_login(user)
    return client


def test_staff_use_the_api_with_their_session_as_far_as_they_may(worlds):
    world = worlds[0]
    assert_told(signed_in(make_staff()).get(f"{BASE}/licenses"), 403, "SCOPE_REQUIRED")
    root = make_staff(superuser=True)
    assert signed_in(root).get(f"{BASE}/licenses").json()["pagination"]["total"] == len(worlds)
    path = f"{BASE}/licenses/{world.license.pk}/park"
    strict = signed_in(root, enforce_csrf_checks=True)
    refused = strict.post(path, {}, content_type="application/json")
    assert_told(refused, 403, "PERMISSION_DENIED")
    assert signed_in(root).post(path, {}, content_type="application/json").status_code == 200


def test_staff_without_a_second_factor_are_refused_here_as_in_the_admin():
    lone = make_staff(superuser=True, totp=False)
    assert_told(signed_in(lone).get(f"{BASE}/licenses"), 403, "SECOND_FACTOR_REQUIRED")


def test_members_have_no_session_on_the_api(worlds):
    member = User.objects.create_user("ada@brenner.example")
    Membership.objects.create(user=member, tenant=worlds[0].tenant, role=Role.OWNER)
    refused = signed_in(member).get(f"{BASE}/licenses")
    assert_told(refused, 401, "AUTHENTICATION_REQUIRED")
