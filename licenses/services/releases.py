"""Releases: published and corrected, each with its event, and true at once for every device."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.services.storing import store
from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.models import Product, Release
from licenses.services.forgetting import forget

FIELDS = ("released_at", "channel", "notes", "url")


@transaction.atomic
def publish_release(
    *, product: Product, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Release:
    """
    Make a version known, by the date that maintenance is compared with.

    :raises VALIDATION_ERROR: an impossible value, or a version that the product has already
    """
    given = {name: fields[name] for name in ("version", *FIELDS) if name in fields}
    release = Release(product=product, created_at=at, updated_at=at, **given)
    changes = {name: (None, value) for name, value in given.items() if value}
    changes["product_id"] = (None, product.product_id)
    return _write(release, "release.published", changes, at=at, origin=origin)


@transaction.atomic
def change_release(
    *, pk: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Release:
    """
    Correct a release, its date included: verdicts follow from the next call on.

    :raises RELEASE_NOT_FOUND: there is no such release
    :raises VALIDATION_ERROR: an impossible value, or another version
    """
    rows = Release.objects.select_related("product").select_for_update(of=("self",))
    release = rows.filter(pk=pk).first()
    if release is None:
        raise Refusal("RELEASE_NOT_FOUND")
    if fields.get("version", release.version) != release.version:
        raise invalid(version="This version is known to others and stays.")
    changes = {
        name: (getattr(release, name), fields[name])
        for name in FIELDS
        if name in fields and fields[name] != getattr(release, name)
    }
    if not changes:
        return release
    for name, (_before, after) in changes.items():
        setattr(release, name, after)
    release.revision += 1
    release.updated_at = at
    product_id = release.product.product_id
    changes |= {"version": (release.version,) * 2, "product_id": (product_id,) * 2}
    return _write(release, "release.changed", changes, at=at, origin=origin)


def _write(
    release: Release,
    event: str,
    changes: dict[str, tuple[Any, Any]],
    *,
    at: datetime,
    origin: Origin,
) -> Release:
    if release.released_at is not None and not terms.in_calendar(release.released_at):
        raise invalid(released_at=terms.BEYOND_CALENDAR)
    store(release)
    trail.record(event, at=at, origin=origin, changes=changes)
    forget(release)
    return release
