"""Giving, showing and replacing a licence's key."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from events import trail, vault
from events.models import Event
from events.refusals import Refusal
from events.trail import Origin
from licenses import keys, statements, states
from licenses.keys import Contents, KeyScheme
from licenses.models import Activation, License
from licenses.services import reasons
from licenses.services.forgetting import forget
from licenses.services.key_links import withdraw_links
from licenses.services.key_seals import LicenseSeal
from licenses.services.tokens import token_digest, token_for
from licenses.states import Status

PURPOSE = "license_key"


@dataclass(frozen=True, slots=True)
class Issued:
    """A licence and its key in clear, for the one answer that may show it."""

    license: License
    key: str


def give_new_key(license: License, *, features: Sequence[str], at: datetime, origin: Origin) -> str:
    """
    Put a new key on a licence that is not stored yet, or is about to be stored again.

    A licence that has had a key gets one of the same form.
    """
    contents = contents_of(license, features=features, at=at)
    key = keys.make(license.key_scheme, contents, LicenseSeal(license, at=at, origin=origin))
    keep(license, key)
    return key


def contents_of(license: License, *, features: Sequence[str], at: datetime) -> Contents:
    """Return what a key of the licence may carry, were it made now."""
    prefix, version = _form_of(license)
    return Contents(
        tenant=license.tenant.code,
        customer=str(license.customer_id) if license.customer_id else license.tenant.code,
        product=license.product.product_id,
        license_type=license.license_type,
        license_model=license.license_model,
        max_activations=license.max_activations,
        features=features,
        issued_at=at,
        expires_at=license.expiry_date,
        ends_known=license.expiry_date is not None or license.duration_days is None,
        prefix=prefix,
        version=version,
    )


def _form_of(license: License) -> tuple[str, str]:
    """Return prefix and version of a licence's keys: as it has them, else as they are sold."""
    prefix, _, rest = license.key_head.partition("-")
    if prefix:
        return prefix, rest if license.key_scheme == KeyScheme.SIGNED else ""
    chosen = license.template.key_prefix if license.template else ""
    return chosen or license.product.key_prefix, license.product.key_version


def keep(license: License, key: str) -> None:
    """Put a key on a licence as it is kept at rest: digest, encrypted copy, what masks show."""
    license.key_digest = vault.digest(PURPOSE, key)
    license.key_digest_version = vault.digest_version()
    license.key_ciphertext = vault.encrypt(key)
    license.key_head = keys.head_of(license.key_scheme, key)
    license.key_hint = keys.hint_of(license.key_scheme, key)


def granted(license: License) -> list[str]:
    """Return the features that a stored licence grants, for its key to carry."""
    return list(license.entitlements.filter(enabled=True).values_list("feature_id", flat=True))


def reveal_key(*, license_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> str:
    """
    Show a licence's key to someone who may see it, and let the trail tell.

    :raises VALIDATION_ERROR: if no reason is given
    :raises LICENSE_NOT_FOUND: if there is no such licence
    """
    return reveal_keys(license_ids=[license_id], reason=reason, at=at, origin=origin)[license_id]


@transaction.atomic
def reveal_keys(
    *, license_ids: list[uuid.UUID], reason: str, at: datetime, origin: Origin
) -> dict[uuid.UUID, str]:
    """
    Show the keys of several licences, with an event for each of them.

    :raises VALIDATION_ERROR: if no reason is given
    :raises LICENSE_NOT_FOUND: if one of them does not exist
    """
    reasons.demand(reason)
    found = License.objects.in_bulk(license_ids)
    if len(found) != len(set(license_ids)):
        raise Refusal("LICENSE_NOT_FOUND")
    personal = trail.is_personal(origin)
    people = {license.customer_id for license in found.values() if license.customer_id}
    salts = trail.salts_for(people) if personal and people else {}
    statements.insert_many(
        Event,
        [
            trail.columns(
                "license.key_revealed",
                at=at,
                origin=origin,
                salt=salts.get(license.customer_id) if license.customer_id else None,
                tenant_id=license.tenant_id,
                customer_id=license.customer_id,
                license_id=license.pk,
                reason=reason,
            )
            for license in found.values()
        ],
    )
    return {pk: vault.decrypt(license.key_ciphertext) for pk, license in found.items()}


@transaction.atomic
def reissue_key(*, license_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> Issued:
    """
    Replace a licence's key; from this commit on the old one and every token got by it are unknown.

    Devices keep their seats and are let in again by the new key: who holds the old one only, as
    whoever copied it does, is out.

    :raises VALIDATION_ERROR: if no reason is given
    :raises LICENSE_NOT_FOUND: if there is no such licence
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    """
    reasons.demand(reason)
    license = License.objects.select_for_update().filter(pk=license_id).first()
    if license is None:
        raise Refusal("LICENSE_NOT_FOUND")
    if license.status_at(at) == Status.REVOKED:
        raise Refusal(states.ILLEGAL, act="reissue_key", status=Status.REVOKED.value)
    old_hint = license.key_hint
    key = give_new_key(license, features=granted(license), at=at, origin=origin)
    license.revision += 1
    license.updated_at = at
    license.save()
    _record(
        "license.key_reissued",
        license,
        reason=reason,
        at=at,
        origin=origin,
        changes={"key_hint": (old_hint, license.key_hint)},
    )
    withdraw_links(license, at=at)
    _end_tokens(license)
    forget(license)
    return Issued(license, key)


def _end_tokens(license: License) -> None:
    """Give every device of a locked licence a token that it has yet to ask for."""
    live = list(license.activations.live().select_for_update().order_by("pk"))
    version = vault.token_version()
    for row in live:
        row.token_generation += 1
        row.token_key_version = version
        token = token_for(row.pk, generation=row.token_generation, version=version)
        row.token_digest = token_digest(token)
        row.revision += 1
    turned = ["token_generation", "token_key_version", "token_digest", "revision"]
    Activation.objects.bulk_update(live, turned, batch_size=500)
    if live:
        forget(*live)


def _record(
    event: str,
    license: License,
    *,
    reason: str,
    at: datetime,
    origin: Origin,
    changes: trail.Changes | None = None,
) -> None:
    trail.record(
        event,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes=changes,
        reason=reason,
    )
