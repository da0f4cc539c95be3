from datetime import timedelta

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import Activation, BlacklistedDevice
from licenses.services import blacklist
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/licenses/blacklisteddevice/"
MAY = ("activations:read", "licenses:read", "security:read", "security:write")


@pytest.fixture
def staff():
    return signed_in(*MAY)


@pytest.fixture
def device():
    activate(issue(tenant=make_tenant(name="Brenner"), product=make_product()).key)
    return Activation.objects.get()


def bar(fingerprint="device-1", **given):
    stated = {"reason": "Stolen.", "at": NOW, "origin": STAFF} | given
    return blacklist.blacklist_device(fingerprint=fingerprint, **stated)


def page(name, row):
    return reverse(f"admin:licenses_{name}", args=[row.pk])


def sent(client, device, callbacks, **given):
    with callbacks(execute=True):
        return client.post(
            page("activation_bar", device), {"reach": "everywhere", "reason": "Stolen."} | given
        )


@pytest.mark.parametrize(
    ("reach", "tenant", "product"),
    [
        ("everywhere", False, False),
        ("tenant", True, False),
        ("product", False, True),
        ("both", True, True),
    ],
)
def test_a_device_is_barred_on_its_page_within_the_reach_that_is_chosen(
    staff, device, django_capture_on_commit_callbacks, reach, tenant, product
):
    answer = sent(
        staff, device, django_capture_on_commit_callbacks, reach=reach, last_day="2026-03-20"
    )

    assert answer["Location"] == page("license_change", device.license)
    made = BlacklistedDevice.objects.get()
    assert made.tenant_id == (device.license.tenant_id if tenant else None)
    assert made.product_id == (device.license.product_id if product else None)
    assert f"{made.expires_at:%Y-%m-%d %H:%M}" == "2026-03-21 00:00"
    assert Activation.objects.get().deactivation_reason == "BLACKLISTED"
    event = Event.objects.get(type="device.blacklisted")
    assert (event.actor_kind, event.reason) == ("staff", "Stolen.")


@pytest.mark.parametrize(
    "given", [{"reason": " "}, {"reach": "moon"}, {"last_day": "2026-03-13"}, {"last_day": "x"}]
)
def test_a_form_that_cannot_be_comes_back_and_bars_nobody(
    staff, device, django_capture_on_commit_callbacks, given
):
    answer = sent(staff, device, django_capture_on_commit_callbacks, **given)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not BlacklistedDevice.objects.exists()
    assert device.license.activations.live().exists()


def test_a_devices_page_offers_the_bar_and_says_what_bars_it(staff, device):
    address = page("activation_bar", device)
    html = staff.get(page("activation_change", device)).content.decode()
    assert f'href="{address}"' in html
    made = bar()
    bar(tenant_id=make_tenant().pk, reason="Elsewhere.")
    html = staff.get(page("activation_change", device)).content.decode()
    assert f'href="{page("blacklisteddevice_change", made)}"' in html
    assert "Elsewhere." not in html


def test_who_may_not_bar_sees_no_button_and_who_may_not_read_sees_no_bar(device):
    bar(reason="Known to be cloned.")
    html = signed_in("activations:read").get(page("activation_change", device)).content.decode()
    assert page("activation_bar", device) not in html
    assert "Known to be cloned." not in html


def test_a_device_that_is_none_has_no_page(staff):
    for address in (f"{reverse('admin:licenses_activation_changelist')}none/change/",):
        assert staff.get(address).status_code == 302
    unknown = "0190b0c4-0000-7000-8000-000000000000"
    assert staff.get(reverse("admin:licenses_activation_bar", args=[unknown])).status_code == 404


def found(client, **query):
    rows = client.get(LIST, query).context["cl"].result_list
    return {row.reason for row in rows}


def test_bars_are_found_by_state_product_tenant_hint_and_reason(staff):
    tenant, product = make_tenant(), make_product()
    bar(reason="stolen", tenant_id=tenant.pk)
    bar("serial-77", reason="cloned", product=product)
    past = NOW - timedelta(days=9)
    bar("serial-88", reason="lent", at=past, expires_at=past + timedelta(days=1))

    for query, reasons in {
        (): {"stolen", "cloned", "lent"},
        (("now", "in-force"),): {"stolen", "cloned"},
        (("now", "over"),): {"lent"},
        (("product", product.pk),): {"cloned"},
        (("tenant__id__exact", tenant.pk),): {"stolen"},
        (("q", "88"),): {"lent"},
        (("q", "clon"),): {"cloned"},
    }.items():
        assert found(staff, **dict(query)) == reasons, query


def test_the_list_says_whom_a_bar_keeps_out_until_when_and_who_placed_it(staff):
    tenant, product = make_tenant(name="Brenner"), make_product(product_name="Contour")
    bar(tenant_id=tenant.pk, product=product, expires_at=NOW + timedelta(days=1))
    bar("serial-77")
    _, _, rows = staff.get(LIST).content.decode().partition("result_list")
    said = ("Contour of Brenner", "every licence", "no end", "15 Mar 2026", STAFF.actor_label)
    assert [words for words in said if words not in rows] == []


def test_the_list_asks_as_much_of_many_bars_as_of_one(staff, django_assert_num_queries):
    bar()
    staff.get(LIST)
    with django_assert_num_queries(8):
        staff.get(LIST)
    for number in range(5):
        bar(f"serial-{number}9", tenant_id=make_tenant().pk, product=make_product())
    with django_assert_num_queries(8):
        staff.get(LIST)


def test_a_bar_is_lifted_with_a_reason(staff):
    made = bar()
    address = page("blacklisteddevice_lift", made)
    assert f'href="{address}"' in staff.get(page("blacklisteddevice_change", made)).content.decode()

    assert staff.post(address, {"reason": ""}).context["form"].errors
    assert BlacklistedDevice.objects.exists()
    answer = staff.post(address, {"reason": "Found."})

    assert answer["Location"] == LIST
    assert not BlacklistedDevice.objects.exists()
    assert Event.objects.get(type="device.unblacklisted").reason == "Found."
    assert staff.post(address, {"reason": "Again."})["Location"] == LIST
    assert Event.objects.filter(type="device.unblacklisted").count() == 1


def test_who_may_only_read_sees_bars_and_no_way_to_lift_them():
    made = bar()
    html = signed_in("security:read").get(page("blacklisteddevice_change", made)).content.decode()
    assert page("blacklisteddevice_lift", made) not in html
    assert "Stolen." in html
