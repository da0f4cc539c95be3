import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from accounts.services import people
from events.models import Event, Notice, NoticeState, PersonKey
from events.refusals import Refusal
from events.selectors.trail import opened
from licenses.models import Activation, KeyLink, License, NamedUser
from licenses.services import delivery, lifecycle
from licenses.services.erasing import forget_customer
from licenses.services.named_users import unassign
from tests import factories
from tests.clock import NOW
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "oriel@quillfeather.example"
LATER = NOW + timedelta(days=1)
SAID = {"reason": "Asked for", "at": LATER, "origin": factories.STAFF}
# Whatever names her, wherever it was put.
MARKS = ("oriel", "quillfeather", "+49 30 1234", "lindenweg", "192.0.2.7", "customer-17")


@pytest.fixture
def person():
    """A person with a licence whose key was mailed, and a device of it."""
    fields = {
        "name": "Oriel Quillfeather",
        "email": ADDRESS,
        "company": "Quillfeather & Daughter",
        "contact_name": "Oriel",
        "phone": "+49 30 1234",
        "billing_address": {"street": "Lindenweg 1"},
        "external_id": "CUSTOMER-17",
    }
    return people.create_customer(
        tenant_id=factories.make_tenant().pk, fields=fields, at=NOW, origin=factories.STAFF
    )


@pytest.fixture
def issued(person):
    made = factories.issue(
        tenant=person.tenant,
        customer_id=str(person.pk),
        issued_to="Oriel Quillfeather",
        license_type="NAMED_USER",
        max_activations=5,
    )
    for device, name in (("one", ADDRESS), ("two", "quillfeather")):
        factories.activate(
            made.key,
            f"Oriel's {device}",
            user_identity=name,
            user_agent="oriel",
            metadata={"o": "Oriel"},
        )
    delivery.deliver_key(
        license_id=made.license.pk,
        email=ADDRESS,
        at=NOW,
        origin=factories.STAFF,
    )
    return made


def end(issued):
    lifecycle.revoke_license(
        license_id=issued.license.pk, reason="Over", at=NOW, origin=factories.STAFF
    )


def whole_database():
    """Every row of every table as text."""
    text = []
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f'SELECT * FROM "{table}"')
            text += [repr(row) for row in cursor.fetchall()]
    return "\n".join(text).lower()


def marks_left():
    text = whole_database()
    return [mark for mark in MARKS if mark in text]


def test_nothing_that_names_the_person_is_left_in_any_row(person, issued):
    end(issued)
    assert marks_left()
    before = Event.objects.count()
    assert forget_customer(customer_id=person.pk, **SAID)
    assert marks_left() == []
    assert License.objects.get().customer_id == person.pk
    assert Event.objects.count() == before + 1


def test_the_trail_says_forgotten_and_who_did_it_can_be_read(person, issued):
    end(issued)
    forget_customer(customer_id=person.pk, **SAID)
    *earlier, told = opened(list(Event.objects.order_by("sequence")))
    assert "oriel" not in str(earlier).lower()
    made = next(shown for shown in earlier if shown["type"] == "customer.created")
    assert made["changes"]["email"] == {"before": None, "after": "forgotten"}
    assert made["changes"]["name"] == {"before": None, "after": "forgotten"}
    came = next(shown for shown in earlier if shown["type"] == "activation.created")
    assert came["ip_address"] == "forgotten"
    assert (told["type"], told["reason"]) == ("customer.forgotten", "Asked for")
    assert told["actor"]["label"] == factories.STAFF.actor_label
    assert not PersonKey.objects.exists()


def test_mails_that_wait_are_not_sent_and_links_that_were_mailed_show_nothing(person, issued):
    end(issued)
    Notice.objects.update(state=NoticeState.QUEUED)
    forget_customer(customer_id=person.pk, **SAID)
    assert set(Notice.objects.values_list("state", flat=True)) == {NoticeState.WITHDRAWN}
    assert not KeyLink.objects.filter(opened_at=None, withdrawn_at=None).exists()


def test_a_customer_whose_licences_work_is_not_forgotten_by_mistake(person, issued):
    before = whole_database()
    with pytest.raises(Refusal, match="CUSTOMER_HAS_LICENSES"):
        forget_customer(customer_id=person.pk, **SAID)
    assert whole_database() == before


def test_licences_that_are_to_go_on_keep_their_devices_and_assigned_names(person, issued):
    gone = NamedUser.objects.get(identity="quillfeather")
    unassign(
        license_id=issued.license.pk,
        named_user_id=gone.pk,
        reason="Left",
        at=NOW,
        origin=factories.STAFF,
    )
    revision = License.objects.get().revision
    forget_customer(customer_id=person.pk, even_with_live_licenses=True, **SAID)
    names = set(NamedUser.objects.values_list("identity", flat=True))
    assert ADDRESS in names
    assert "quillfeather" not in names
    license = License.objects.get()
    assert (license.issued_to, license.revision) == ("Forgotten customer", revision + 1)
    again = factories.activate(issued.key, "Oriel's one", user_identity=ADDRESS, at=LATER)
    assert again.token
    assert Activation.objects.filter(deactivated_at=None).count() == 1


def test_forgetting_again_changes_nothing(person, issued):
    end(issued)
    assert forget_customer(customer_id=person.pk, **SAID)
    before = whole_database()
    assert not forget_customer(customer_id=person.pk, **SAID)
    assert whole_database() == before


@pytest.mark.parametrize(
    ("given", "code"),
    [({"reason": " "}, "VALIDATION_ERROR"), ({"customer_id": uuid.UUID(int=1)}, "CUSTOMER_NOT_F")],
)
def test_it_is_refused_without_a_reason_or_a_customer(given, code, person):
    with pytest.raises(Refusal, match=code):
        forget_customer(**{"customer_id": person.pk} | SAID | given)
    person.refresh_from_db()
    assert person.name == "Oriel Quillfeather"


def test_the_command_asks_whether_it_is_meant(person):
    with pytest.raises(CommandError, match="--yes"):
        call_command("forget_customer", str(person.pk), reason="Asked for")
    person.refresh_from_db()
    assert person.name == "Oriel Quillfeather"
    said = StringIO()
    call_command("forget_customer", str(person.pk), "--yes", reason="Asked for", stdout=said)
    call_command("forget_customer", str(person.pk), "--yes", reason="Asked for", stdout=said)
    assert said.getvalue().splitlines() == ["Forgotten.", "There was nothing left to forget."]


def test_staff_forget_on_a_page_that_asks_for_reason_and_confirmation(person):
    staff = signed_in("customers:read", "customers:write")
    page = reverse("admin:accounts_customer_forget", args=[person.pk])
    change = reverse("admin:accounts_customer_change", args=[person.pk])
    assert page in staff.get(change).content.decode()
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"reason": "Asked for"}).status_code == 200
    person.refresh_from_db()
    assert person.name == "Oriel Quillfeather"
    answer = staff.post(page, {"reason": "Asked for", "meant": "on"})
    assert (answer.status_code, answer["Location"]) == (302, change)
    person.refresh_from_db()
    assert person.name == "Forgotten customer"


def test_staff_are_told_in_words_that_licences_still_work(person, issued):
    staff = signed_in("customers:read", "customers:write")
    page = reverse("admin:accounts_customer_forget", args=[person.pk])
    said = staff.post(page, {"reason": "Asked for", "meant": "on"}).content.decode()
    assert "still work" in said
    assert signed_in("customers:read").get(page).status_code == 403
