import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.services.users import change_user, create_user, remove_second_factor
from events.models import Event
from events.refusals import Refusal
from events.trail import Origin
from tests.clock import NOW
from tests.factories import STAFF
from tests.staff import make_staff

pytestmark = pytest.mark.django_db


def make(email="sunniva@tern-vale.example", **fields):
    return create_user(email=email, at=NOW, origin=STAFF, **fields)


def test_a_user_is_made_without_a_password_and_the_trail_tells():
    user = make(is_staff=True, groups=[Group.objects.create(name="sales")])
    assert not user.has_usable_password()
    event = Event.objects.get()
    assert event.type == "user.created"
    assert event.changes["groups"] == {"before": None, "after": ["sales"]}
    assert user.email not in str(event.changes)


@pytest.mark.parametrize("email", ["sunniva@tern-vale.example", " Sunniva@Tern-Vale.example "])
def test_an_address_signs_in_one_person_only(email):
    make()
    with pytest.raises(Refusal) as refused:
        make(email)
    assert refused.value.code == "VALIDATION_ERROR"
    assert User.objects.count() == Event.objects.count() == 1


def test_a_change_tells_what_changed():
    user = make()
    change_user(user_id=user.pk, changes={"is_staff": True}, at=NOW, origin=STAFF)
    event = Event.objects.latest("sequence")
    assert event.type == "user.updated"
    assert event.changes["is_staff"] == {"before": False, "after": True}


def test_the_same_again_tells_nothing():
    user = make()
    change_user(user_id=user.pk, changes={"name": ""}, groups=[], at=NOW, origin=STAFF)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("right", ["is_active", "is_staff", "is_superuser"])
def test_nobody_takes_their_own_rights_away(right):
    user = make(is_staff=True, is_superuser=True)
    themselves = Origin(actor_kind="staff", actor_id=str(user.pk))
    with pytest.raises(Refusal) as refused:
        change_user(user_id=user.pk, changes={right: False}, at=NOW, origin=themselves)
    assert refused.value.code == "OWN_ACCOUNT"
    user.refresh_from_db()
    assert getattr(user, right)


def test_a_lost_second_factor_is_removed_once():
    user = make_staff()
    for _ in range(2):
        remove_second_factor(user_id=user.pk, at=NOW, origin=STAFF)
    assert not user.authenticator_set.exists()
    assert Event.objects.get().type == "user.second_factor_removed"
