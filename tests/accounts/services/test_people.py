import pytest

from accounts.models import Customer, Membership, Tenant, User
from accounts.roles import Role
from accounts.services import people
from events import trail
from events.models import Event, PersonKey
from events.refusals import Refusal
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF

pytestmark = pytest.mark.django_db
SAID = {"at": NOW, "origin": STAFF}


def make_tenant(**fields):
    given = {"code": "BRENNER", "name": "Brenner Ingenieure"} | fields
    return people.create_tenant(fields=given, **SAID)


def test_a_tenant_is_made_and_told():
    tenant = make_tenant()
    event = Event.objects.get()
    assert (event.type, event.tenant_id) == ("tenant.created", tenant.pk)
    assert event.changes["code"] == {"before": None, "after": "BRENNER"}


@pytest.mark.parametrize("fields", [
    {"code": "lower"},
    {"code": ""},
    {"name": ""},
    {"time_zone": "Moon/Tranquillity"},
    {"time_zone": "../etc/passwd"},
])  # fmt: skip
def test_an_impossible_tenant_is_not_made(fields):
    with pytest.raises(Refusal, match="VALIDATION_ERROR") as refused:
        make_tenant(**fields)
    assert refused.value.details.keys() == fields.keys()
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


def test_a_code_is_given_once():
    make_tenant()
    with pytest.raises(Refusal, match="VALIDATION_ERROR"):
        make_tenant(name="Another")


def test_only_a_reseller_sells_on():
    ordinary = factories.make_tenant()
    with pytest.raises(Refusal, match="VALIDATION_ERROR") as refused:
        make_tenant(sold_by=ordinary)
    assert refused.value.details.keys() == {"sold_by"}


def test_a_change_that_changes_nothing_is_not_told():
    tenant = make_tenant()
    people.update_tenant(tenant_id=tenant.pk, fields={"name": tenant.name}, **SAID)
    people.update_tenant(tenant_id=tenant.pk, fields={"name": "Brenner & Söhne"}, **SAID)
    told = [event.type for event in Event.objects.order_by("sequence")]
    assert told == ["tenant.created", "tenant.updated"]


def test_what_the_trail_keeps_of_a_customer_can_be_forgotten():
    tenant = factories.make_tenant()
    customer = people.create_customer(
        tenant_id=tenant.pk, fields={"name": "Ada", "email": "ada@brenner.example"}, **SAID
    )
    event = Event.objects.get()
    assert "ada" not in str(event.changes).lower()
    shown = trail.unsealed(event, trail.salts_of([event]))
    assert shown["changes"]["email"]["after"] == "ada@brenner.example"
    PersonKey.objects.filter(person_id=customer.pk).delete()
    assert trail.unsealed(event, trail.salts_of([event]))["changes"]["email"]["after"] == (
        "forgotten"
    )


def test_an_external_id_names_one_customer_of_a_tenant():
    customer = factories.make_customer(external_id="C-1")
    given = {"name": "Twin", "email": "twin@brenner.example", "external_id": "C-1"}
    with pytest.raises(Refusal, match="VALIDATION_ERROR"):
        people.create_customer(tenant_id=customer.tenant_id, fields=given, **SAID)
    assert Customer.objects.count() == 1


def test_a_person_is_added_once_and_has_no_password_yet():
    tenant = factories.make_tenant()
    given = {"tenant_id": tenant.pk, "email": "Ada@brenner.example", "role": Role.OWNER}
    membership = people.add_member(**given, **SAID)
    assert not membership.user.has_usable_password()
    with pytest.raises(Refusal, match="ALREADY_MEMBER"):
        people.add_member(**given | {"email": "ada@BRENNER.example"}, **SAID)
    assert User.objects.count() == Membership.objects.count() == 1


def test_an_organisation_keeps_an_owner():
    tenant = factories.make_tenant()
    owner = people.add_member(
        tenant_id=tenant.pk, email="ada@brenner.example", role=Role.OWNER, **SAID
    )
    with pytest.raises(Refusal, match="LAST_OWNER"):
        people.change_member(membership_id=owner.pk, role=Role.VIEWER, **SAID)
    with pytest.raises(Refusal, match="LAST_OWNER"):
        people.remove_member(membership_id=owner.pk, **SAID)
    people.add_member(tenant_id=tenant.pk, email="bo@brenner.example", role=Role.OWNER, **SAID)
    people.change_member(membership_id=owner.pk, role=Role.VIEWER, **SAID)
    assert Membership.objects.get(pk=owner.pk).role == Role.VIEWER
