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


def set_up_groups(*, at: datetime, origin: trail.Origin) -> list[str]:
    """This will make every standard group hold exactly its scopes, and name those it changed."""
    return [
        name
        for name, scopes in STAFF_GROUPS.items()
        if _write(name=name, scopes=scopes, at=at, origin=origin)
    ]


@transaction.atomic
def save_group(
    *, name: str, scopes: Iterable[str], at: datetime, origin: trail.Origin, group_id: Any = None
) -> Group:
    """
    This will make or change a group of the vendor's own.

    :raises STANDARD_GROUP: the group is one that every installation has
    """
    if group_id is not None:
        group = Group.objects.select_for_update().get(pk=group_id)
        if group.name in STAFF_GROUPS:
            raise Refusal("STANDARD_GROUP")
        Group.objects.filter(pk=group_id).update(name=name)
    if name in STAFF_GROUPS:
        raise Refusal("STANDARD_GROUP")
    _write(name=name, scopes=frozenset(scopes), at=at, origin=origin)
    return Group.objects.get(name=name)


@transaction.atomic
def _write(*, name: str, scopes: frozenset[str], at: datetime, origin: trail.Origin) -> bool:
    group, _made = Group.objects.get_or_create(name=name)
    held = sorted(group.permissions.values_list("name", flat=True))
    if held == sorted(scopes):
        return False
    group.permissions.set([one for one in scope_permissions() if one.name in scopes])
    trail.record(
        "group.updated",
        at=at,
        origin=origin,
        changes={"name": (name, name), "scopes": (held, sorted(scopes))},
    )
    return True


def scope_permissions() -> list[Permission]:
    """This will give every scope's permission; Django makes them only after a whole migrate."""
    content_type = ContentType.objects.get_for_model(User)
    return [
        Permission.objects.get_or_create(
            content_type=content_type, codename=codename_of(scope), defaults={"name": scope}
        )[0]
        for scope in SCOPES
    ]
