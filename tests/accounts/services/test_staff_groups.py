import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from accounts.roles import SCOPES, STAFF_GROUPS
from accounts.services.staff_groups import save_group, scope_permissions, set_up_groups
from events.models import Event
from events.refusals import Refusal
from events.trail import SYSTEM
from tests.clock import NOW
from tests.factories import STAFF

pytestmark = pytest.mark.django_db


def held(name):
    return set(Group.objects.get(name=name).permissions.values_list("name", flat=True))


def test_every_group_holds_exactly_its_scopes():
    assert set(set_up_groups(at=NOW, origin=SYSTEM)) == set(STAFF_GROUPS)
    assert {name: held(name) for name in STAFF_GROUPS} == STAFF_GROUPS


def test_a_second_time_changes_nothing():
    set_up_groups(at=NOW, origin=SYSTEM)
    events = Event.objects.count()
    assert set_up_groups(at=NOW, origin=SYSTEM) == []
    assert Event.objects.count() == events


def test_what_somebody_gave_a_standard_group_is_taken_away_again():
    set_up_groups(at=NOW, origin=SYSTEM)
    Group.objects.get(name="read-only").permissions.set(scope_permissions())
    assert set_up_groups(at=NOW, origin=SYSTEM) == ["read-only"]
    assert held("read-only") == STAFF_GROUPS["read-only"]


def test_every_scope_has_its_permission():
    assert {one.name for one in scope_permissions()} == set(SCOPES)


def test_a_group_of_ones_own_is_made_and_changed():
    group = save_group(name="catalogue", scopes=["catalog:write"], at=NOW, origin=STAFF)
    save_group(name="catalogue", scopes=["catalog:read"], group_id=group.pk, at=NOW, origin=STAFF)
    assert held("catalogue") == {"catalog:read"}
    assert Event.objects.latest("sequence").changes["scopes"] == {
        "before": ["catalog:write"],
        "after": ["catalog:read"],
    }


def test_a_standard_group_is_not_changed_by_hand():
    set_up_groups(at=NOW, origin=SYSTEM)
    group = Group.objects.get(name="support")
    for group_id in (None, group.pk):
        with pytest.raises(Refusal) as refused:
            save_group(name="support", scopes=SCOPES, group_id=group_id, at=NOW, origin=STAFF)
        assert refused.value.code == "STANDARD_GROUP"
    assert held("support") == STAFF_GROUPS["support"]


def test_the_command_says_what_it_changed(capsys):
    call_command("setup_roles")
    call_command("setup_roles")
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"Staff groups changed: {', '.join(STAFF_GROUPS)}."
    assert second == "Staff groups changed: none."


def test_a_group_without_scopes_and_its_new_name_are_told_too():
    group = save_group(name="empty", scopes=[], at=NOW, origin=STAFF)
    save_group(name="vacant", scopes=[], group_id=group.pk, at=NOW, origin=STAFF)
    told = [event.changes["name"] for event in Event.objects.order_by("sequence")]
    assert told == [{"before": None, "after": "empty"}, {"before": "empty", "after": "vacant"}]
