"""The staff groups: named sets of scopes, kept as Django's own groups and permissions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.models import User
from accounts.roles import SCOPES, STAFF_GROUPS, codename_of
from events import trail
from events.refusals import Refusal


@transaction.atomic
def set_up_groups(*, at: datetime, origin: trail.Origin) -> list[str]:
    """Make every standard group hold exactly its scopes; return the names of those it changed."""
    there = {group.name: group for group in Group.objects.filter(name__in=STAFF_GROUPS)}
    return [
        name
        for name, scopes in STAFF_GROUPS.items()
        if _write(there.get(name), name=name, scopes=scopes, at=at, origin=origin)[1]
    ]


@transaction.atomic
def save_group(
    *, name: str, scopes: Iterable[str], at: datetime, origin: trail.Origin, group_id: Any = None
) -> Group:
    """
    Make or change a group of the vendor's own.

    :raises STANDARD_GROUP: the group is one that every installation has
    """
    if name in STAFF_GROUPS:
        raise Refusal("STANDARD_GROUP")
    group = None
    if group_id is not None:
        group = Group.objects.select_for_update().get(pk=group_id)
        if group.name in STAFF_GROUPS:
            raise Refusal("STANDARD_GROUP")
    group, _changed = _write(group, name=name, scopes=frozenset(scopes), at=at, origin=origin)
    return group


def _write(
    group: Group | None, *, name: str, scopes: frozenset[str], at: datetime, origin: trail.Origin
) -> tuple[Group, bool]:
    """Let a group be so called and hold exactly these; return it, and whether it was otherwise."""
    before = None if group is None else (group.name, _held_by(group))
    after = (name, sorted(scopes))
    if group is not None and before == after:
        return group, False
    group = group or Group()
    group.name = name
    group.save()
    group.permissions.set([one for one in scope_permissions() if one.name in scopes])
    told = before or (None, [])
    trail.record(
        "group.updated",
        at=at,
        origin=origin,
        changes={"name": (told[0], name), "scopes": (told[1], after[1])},
    )
    return group, True


def _held_by(group: Group) -> list[str]:
    return sorted(group.permissions.values_list("name", flat=True))


def scope_permissions() -> list[Permission]:
    """Return every scope's permission; Django makes them only after a whole migrate."""
    content_type = ContentType.objects.get_for_model(User)
    named = {codename_of(scope): scope for scope in SCOPES}
    theirs = Permission.objects.filter(content_type=content_type, codename__in=named).order_by()
    if missing := named.keys() - theirs.values_list("codename", flat=True):
        Permission.objects.bulk_create(
            [
                Permission(content_type=content_type, codename=codename, name=named[codename])
                for codename in sorted(missing)
            ],
            ignore_conflicts=True,
        )
    return list(theirs.all())
