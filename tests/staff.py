"""Staff for tests: people with a second factor, in a group or with single scopes."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from accounts.services.staff_groups import scope_permissions, set_up_groups
from events.trail import SYSTEM
from tests.clock import NOW


def make_staff(*scopes, group="", superuser=False, totp=True):
    """Make a member of staff, who may do what group and scopes permit."""
    user = User.objects.create_user(
        f"staff{User.objects.count()}@tern-vale.example",
        "correct horse battery",
        is_staff=True,
        is_superuser=superuser,
    )
    if group:
        set_up_groups(at=NOW, origin=SYSTEM)
        user.groups.add(Group.objects.get(name=group))
    if scopes:
        held = [one for one in scope_permissions() if one.name in scopes]
        assert len(held) == len(scopes)
        user.user_permissions.set(held)
    if totp:
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": "made up"}
        )
    return user


def signed_in(*scopes, **who):
    """Give a browser in which such a person is signed in."""
    client = Client()
    client.force_login(make_staff(*scopes, **who))
    return client
