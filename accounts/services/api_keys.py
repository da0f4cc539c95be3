"""API keys: made once, shown once, revoked for good."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import roles
from accounts.access import Credential
from accounts.models import ApiKey, Tenant, User
from events import trail, vault
from events.refusals import Refusal, invalid
from events.trail import Origin

PREFIX = "lp_"
_RANDOM_BYTES = 32
# A busy key would otherwise write its row with every call.
_NOTE_USE_EVERY = timedelta(minutes=5)


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Iterable[str],
    tenant: Tenant | None = None,
    expires_at: datetime | None = None,
    made_by: User | None = None,
    maker: Credential | None = None,
    at: datetime,
    origin: Origin,
) -> tuple[ApiKey, str]:
    """
    Make a key and return it with its plain form, which nothing can show again.

    It may no more than its `maker`; without one it was made at the machine itself, which may all.

    :raises SCOPE_REQUIRED: the maker lacks one of the scopes
    :raises VALIDATION_ERROR: no name, no or unknown scopes, or an end that has passed
    """
    held = _checked(scopes)
    for scope in held:
        if maker is not None and not maker.may(scope):
            raise Refusal("SCOPE_REQUIRED", f"The scope {scope} is needed.", scope=scope)
    if not name.strip():
        raise invalid(name="A name says later what the key was for.")
    if expires_at is not None and expires_at <= at:
        raise invalid(expires_at="This has already passed.")
    plain = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    key = ApiKey.objects.create(
        name=name.strip(),
        tenant=tenant,
        key_digest=vault.digest("api_key", plain),
        key_hint=f"{PREFIX}…{plain[-4:]}",
        scopes=held,
        created_by=made_by,
        expires_at=expires_at,
    )
    trail.record(
        "api_key.created",
        at=at,
        origin=origin,
        tenant_id=key.tenant_id,
        changes={
            "id": (None, key.pk),
            "name": (None, key.name),
            "scopes": (None, held),
            "expires_at": (None, expires_at),
        },
    )
    return key, plain


@transaction.atomic
def revoke_api_key(*, key_id: uuid.UUID, at: datetime, origin: Origin) -> ApiKey:
    """
    End a key for good; ending it twice changes nothing.

    :raises API_KEY_NOT_FOUND: there is no such key
    """
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise Refusal("API_KEY_NOT_FOUND")
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        trail.record(
            "api_key.revoked",
            at=at,
            origin=origin,
            tenant_id=key.tenant_id,
            changes={"id": (key.pk, key.pk), "revoked_at": (None, at)},
        )
    return key


def find_api_key(*, plain: str, at: datetime) -> ApiKey:
    """
    Return the key of that plain form, and note now and then that it was used.

    :raises INVALID_API_KEY: unknown, revoked, expired, or of a tenant that was switched off
    """
    digests = vault.digests("api_key", plain)
    found = ApiKey.objects.filter(key_digest__in=digests).select_related("tenant").first()
    if found is None or not found.works_at(at) or not _tenant_active(found):
        raise Refusal("INVALID_API_KEY")
    if found.last_used_at is None or found.last_used_at <= at - _NOTE_USE_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=at - _NOTE_USE_EVERY)
        ApiKey.objects.filter(stale, pk=found.pk).update(last_used_at=at)
    return found


def _tenant_active(key: ApiKey) -> bool:
    return key.tenant is None or key.tenant.active


def _checked(scopes: Iterable[str]) -> list[str]:
    held = list(dict.fromkeys(scopes))
    if not held:
        raise invalid(scopes="At least one scope is needed.")
    known = [roles.EVERYTHING, *roles.SCOPES]
    if unknown := [scope for scope in held if scope not in known]:
        raise invalid(scopes=f"Unknown: {', '.join(unknown)}. Known are {', '.join(known)}.")
    return held
