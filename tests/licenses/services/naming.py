"""Named-user licences as tests make and watch them."""

from typing import Any

from django.core.management import call_command

from licenses.models import Activation, License, NamedUser
from licenses.services import named_users
from licenses.services.keyring import Issued
from tests.clock import NOW
from tests.factories import STAFF, issue


def named(**terms: Any) -> Issued:
    """A licence with seats for two names."""
    return issue(license_type="NAMED_USER", max_activations=2, **terms)


def taken(issued: Issued) -> int:
    """How many seats are taken, once the counter is proved to be right."""
    license = License.objects.get(pk=issued.license.pk)
    call_command("check_seats")
    return license.current_activations


def assign(issued: Issued, identity: str, **more: Any) -> tuple[NamedUser, bool]:
    return named_users.assign(
        license_id=issued.license.pk, identity=identity, at=NOW, origin=STAFF, **more
    )


def unassign(issued: Issued, identity: str, **more: Any) -> NamedUser:
    row = issued.license.named_users.get(identity=identity)
    given = {"at": NOW, "origin": STAFF, "reason": "left"} | more
    return named_users.unassign(license_id=issued.license.pk, named_user_id=row.pk, **given)


def everything() -> tuple[Any, ...]:
    models = (License, Activation, NamedUser)
    return tuple(list(model.objects.order_by("pk").values()) for model in models)
