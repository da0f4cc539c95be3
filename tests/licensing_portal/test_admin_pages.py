"""Every page of the admin, and who may open it."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import User
from accounts.roles import STAFF_GROUPS
from events.models import Event
from licenses.models import License
from tests.factories import issue
from tests.kept import kept
from tests.licensing_portal.admin_rows import row_for_every_page
from tests.staff import signed_in

SUPERUSERS = "superuser"
NOBODY = "nobody"
READ_AND_WRITE = {
    "accounts_tenant": ("customers:read", "customers:write"),
    "accounts_customer": ("customers:read", "customers:write"),
    "accounts_user": (SUPERUSERS, SUPERUSERS),
    "accounts_apikey": ("api_keys:write", "api_keys:write"),
    "auth_group": (SUPERUSERS, SUPERUSERS),
    "compliance_incident": ("compliance:read", NOBODY),
    "events_event": ("events:read", NOBODY),
    "events_notice": ("events:read", NOBODY),
    "events_webhookendpoint": ("webhooks:read", "webhooks:write"),
    "events_webhookdelivery": ("webhooks:read", NOBODY),
    "licenses_activation": ("activations:read", NOBODY),
    "licenses_blacklisteddevice": ("security:read", NOBODY),
    "licenses_license": ("licenses:read", "licenses:write"),
    "licenses_product": ("catalog:read", "catalog:write"),
    "licenses_release": ("catalog:read", "catalog:write"),
    "licenses_licensetemplate": ("templates:read", "templates:write"),
    "licenses_signingkey": ("security:read", NOBODY),
    "licenses_rootkey": ("security:read", NOBODY),
    "orders_order": ("orders:read", NOBODY),
    "orders_invoice": ("orders:read", NOBODY),
    "orders_payment": ("orders:read", NOBODY),
    "orders_gatewayevent": ("orders:read", NOBODY),
}
# Acts upon a row, beside the pages that every model has.
ACTS = {
    "accounts_customer_forget": "customers:write",
    "accounts_user_password-link": SUPERUSERS,
    "accounts_user_second-factor": SUPERUSERS,
    "accounts_apikey_revoke": "api_keys:write",
    "compliance_incident_close": "compliance:write",
    "events_webhookendpoint_test": "webhooks:write",
    "events_webhookendpoint_switch": "webhooks:write",
    "events_webhookendpoint_rotate": "webhooks:write",
    "events_webhookendpoint_replay": "webhooks:write",
    "events_webhookdelivery_replay": "webhooks:write",
    "events_notice_repeat": "licenses:write",
    "events_notice_bounced": "licenses:write",
    "licenses_activation_bar": "security:write",
    "licenses_blacklisteddevice_lift": "security:write",
    "licenses_license_change-terms": "licenses:write",
    "licenses_license_apply-template": "licenses:write",
    "licenses_licensetemplate_duplicate": "templates:write",
    "licenses_licensetemplate_simulate": "templates:read",
    "licenses_license_free": "activations:write",
    "licenses_license_assign-user": "activations:write",
    "licenses_license_unassign-user": "activations:write",
    "licenses_license_offline": "activations:write",
    "licenses_license_offline-receipt": "activations:write",
    "licenses_license_offline-response": "activations:write",
    "licenses_license_offline-response-file": "activations:write",
    "licenses_license_license-file": "activations:write",
    "licenses_license_device-file": "activations:write",
    "licenses_license_import": "licenses:write",
    "licenses_license_renew": "licenses:write",
    "licenses_license_extend": "licenses:write",
    "licenses_license_convert": "licenses:write",
    "licenses_license_approve": "licenses:write",
    "licenses_license_reinstate": "licenses:write",
    "licenses_license_unpark": "licenses:write",
    "licenses_license_transfer": "licenses:write",
    "licenses_license_park": "licenses:write",
    "licenses_license_suspend": "licenses:write",
    "licenses_license_revoke": "licenses:write",
    "licenses_license_reveal": "licenses:reveal",
    "licenses_license_reissue": "licenses:reveal",
    "licenses_license_integrity": "security:read",
    "licenses_license_emergency": "security:write",
    "licenses_license_deliver": "licenses:reveal",
    "orders_gatewayevent_close": "payments:write",
    "licenses_signingkey_rotate": SUPERUSERS,
    "licenses_signingkey_compromise": SUPERUSERS,
    "orders_order_approve": "orders:approve",
    "orders_order_fulfil": "orders:approve",
    "orders_order_cancel": "orders:write",
    "orders_order_pay": "payments:write",
    "orders_order_refund": "payments:write",
}
SITE = {"index", "search", "login", "logout", "password_change", "password_change_done"}
SITE |= {"autocomplete", "jsi18n", "view_on_site", "app_list"}


def _table():
    pages = dict(ACTS)
    for model, (read, write) in READ_AND_WRITE.items():
        pages |= {
            f"{model}_changelist": read,
            f"{model}_change": read,
            f"{model}_history": read,
            f"{model}_add": write,
            f"{model}_delete": NOBODY,
        }
    return pages


PAGES = _table()
PEOPLE = ["anonymous", "customer", "staff without a group", "superuser", *STAFF_GROUPS]


def _named(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name
        else:
            yield from _named(pattern.url_patterns)


def test_every_page_of_the_admin_stands_in_the_table():
    assert set(_named(admin.site.urls[0])) - SITE == set(PAGES)


def test_every_model_of_the_admin_stands_in_the_table():
    registered = {
        f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry
    }
    assert registered == set(READ_AND_WRITE)


@pytest.fixture(scope="module")
def all_rows(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        yield row_for_every_page()


@pytest.fixture
def rows(all_rows, db):
    return all_rows


def _browser(person):
    if person == "anonymous":
        return Client()
    if person == "customer":
        client = Client()
        client.force_login(User.objects.create_user("member@brenner.example", "x"))
        return client
    if person == "superuser":
        return signed_in(superuser=True)
    return signed_in(group=person if person in STAFF_GROUPS else "")


def _may(person, scope):
    if scope == NOBODY or person in ("anonymous", "customer"):
        return False
    return person == "superuser" or scope in STAFF_GROUPS.get(person, ())


def _address(page, rows):
    model, _, name = page.rpartition("_")
    if name in ("changelist", "add", "import"):
        return reverse(f"admin:{page}")
    if name in ("free", "device-file"):
        return reverse(f"admin:{page}", args=[rows[model], rows["licenses_activation"]])
    if name in ("offline-response", "offline-response-file"):
        return reverse(f"admin:{page}", args=[rows[model], rows["licenses_offlinerequest"]])
    if name == "unassign-user":
        return reverse(f"admin:{page}", args=[rows[model], rows["licenses_nameduser"]])
    return reverse(f"admin:{page}", args=[rows[model]])


def _is_open(client, address):
    answer = client.get(address)
    assert answer.status_code < 500
    refused = answer.status_code == 403 or (
        answer.status_code == 302 and "/login/" in answer["Location"]
    )
    return not refused


@pytest.mark.parametrize("person", PEOPLE)
def test_each_page_opens_to_those_who_hold_its_scope_and_to_nobody_else(person, rows):
    client = _browser(person)
    opened = {page for page in PAGES if _is_open(client, _address(page, rows))}
    assert opened == {page for page, scope in PAGES.items() if _may(person, scope)}


@pytest.mark.parametrize("person", PEOPLE)
def test_no_act_is_done_by_posting_past_a_missing_button(person, rows):
    client = _browser(person)
    forbidden = [page for page, scope in PAGES.items() if not _may(person, scope)]
    before = [License.objects.values().get(), Event.objects.count()]
    for page in forbidden:
        answer = client.post(_address(page, rows), {"reason": "because"})
        assert answer.status_code in (302, 403), page
    assert [License.objects.values().get(), Event.objects.count()] == before


@pytest.mark.parametrize("model", READ_AND_WRITE)
def test_every_list_is_searched_narrowed_and_paged_without_a_fault(model, rows):
    client = _browser("superuser")
    page = reverse(f"admin:{model}_changelist")
    first = client.get(page).context["cl"]
    assert first.model_admin.search_fields
    queries = [{"q": words} for words in ("brenner", str(rows[model]), "%'\\x")]
    for spec in first.filter_specs:
        for name in spec.expected_parameters():
            queries += [{name: value} for value, _ in getattr(spec, "lookup_choices", [])[:3]]
            queries += [{name: "nonsense"}]
    for query in queries:
        assert client.get(page, query, follow=True).status_code == 200, query


@pytest.mark.django_db
@pytest.mark.parametrize("model", READ_AND_WRITE)
def test_a_whole_key_in_any_search_leads_to_its_licence_and_is_echoed_nowhere(model):
    key, unknown = issue(), issue()
    License.objects.filter(pk=unknown.license.pk).update(key_digest=b"another")
    page = reverse(f"admin:{model}_changelist")
    story = reverse("admin:licenses_license_change", args=[key.license.pk])
    everybody = signed_in(superuser=True)
    places = {f" {key.key.lower()} ": story, unknown.key: page}
    for sought, place in places.items():
        answer = everybody.get(page, {"q": sought})
        assert (answer.status_code, answer["Location"]) == (302, place)


@pytest.mark.django_db
def test_a_list_keeps_its_order_without_the_key():
    issued, page = issue(), reverse("admin:accounts_tenant_changelist")
    License.objects.filter(pk=issued.license.pk).update(key_digest=b"another")
    answer = signed_in("customers:read", "licenses:read").get(page, {"q": issued.key, "o": "1"})
    assert answer["Location"] == f"{page}?o=1"


@pytest.mark.django_db
def test_who_may_see_no_licences_learns_of_a_key_only_that_it_is_none_of_theirs():
    key, page = issue().key, reverse("admin:accounts_tenant_changelist")
    client = signed_in("customers:read")
    assert client.get(page, {"q": key})["Location"] == page
    html = client.get(page).content.decode()
    assert "Keys are sought among the licences." in html
    assert key not in html
    assert signed_in("catalog:read").get(page, {"q": key}).status_code == 403
