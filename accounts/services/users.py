"""Who may sign in at all: staff and members alike, made and changed by superusers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from events import trail
from events.refusals import Refusal, invalid

CHANGEABLE = ("email", "name", "time_zone", "is_active", "is_staff", "is_superuser")


@transaction.atomic
def create_user(
    *,
    email: str,
    at: datetime,
    origin: trail.Origin,
    groups: Iterable[Group] = (),
    **fields: Any,
) -> User:
    """
    Make a person who sets their own password by a link.

    :raises VALIDATION_ERROR: somebody signs in by this address already
    """
    _refuse_taken(email)
    user = User.objects.create_user(email, **fields)
    user.groups.set(groups)
    after = _facts(user)
    trail.record(
        "user.created",
        at=at,
        origin=origin,
        changes={name: (None, value) for name, value in after.items()} | {"id": (None, user.pk)},
    )
    return user


@transaction.atomic
def change_user(
    *,
    user_id: Any,
    changes: dict[str, Any],
    at: datetime,
    origin: trail.Origin,
    groups: Iterable[Group] | None = None,
) -> User:
    """
    Change who a person is and what they may do.

    :raises OWN_ACCOUNT: they would take their own rights away and could not give them back
    :raises VALIDATION_ERROR: somebody else signs in by this address
    """
    user = User.objects.select_for_update().get(pk=user_id)
    before = _facts(user)
    if str(user.pk) == origin.actor_id and any(
        changes.get(right) is False and getattr(user, right)
        for right in ("is_active", "is_staff", "is_superuser")
    ):
        raise Refusal("OWN_ACCOUNT")
    if changes.get("email", user.email).lower() != user.email.lower():
        _refuse_taken(changes["email"])
    for name in CHANGEABLE:
        if name in changes:
            setattr(user, name, changes[name])
    user.email = user.email.strip().lower()
    user.save()
    if groups is not None:
        user.groups.set(groups)
    after = _facts(user)
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if changed:
        trail.record(
            "user.updated", at=at, origin=origin, changes=changed | {"id": (user.pk, user.pk)}
        )
    return user


@transaction.atomic
def remove_second_factor(*, user_id: Any, at: datetime, origin: trail.Origin) -> User:
    """Let a person who lost their second factor set up another at the next sign-in."""
    user = User.objects.select_for_update().get(pk=user_id)
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    if removed:
        trail.record(
            "user.second_factor_removed",
            at=at,
            origin=origin,
            changes={"id": (user.pk, user.pk)},
        )
    return user


def _refuse_taken(email: str) -> None:
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise invalid(email=_("Somebody signs in by this address already."))


def _facts(user: User) -> dict[str, Any]:
    groups = sorted(user.groups.values_list("name", flat=True))
    return {name: getattr(user, name) for name in CHANGEABLE} | {"groups": groups}
