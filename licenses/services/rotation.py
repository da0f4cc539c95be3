"""Moving what is stored secret, licence keys, devices and signing keys, to the newest rings."""

import uuid

from django.db import transaction

from events import vault
from licenses.models import (
    KeySigningKey,
    License,
    OfflineDevice,
    OfflineRequest,
    Restriction,
    SigningKey,
    TemplateRestriction,
)
from licenses.services import keyring, root_keys
from licenses.services.forgetting import forget
from licenses.services.kept_restrictions import digested_anew

CHUNK = 500


def rotate_keys(
    *, after: uuid.UUID | None = None, chunk: int = CHUNK
) -> tuple[int, uuid.UUID | None]:
    """
    Encrypt and digest one chunk of licences anew; return how many and where to go on from.

    Their keys, and the devices that they are restricted to.

    Safe to stop, to repeat and to run beside everything else: each chunk is a transaction of its
    own, and while the old keys stay in the rings both forms are found. The second value is None
    when all rows have been seen.

    :raises VaultError: if a stored key opens with no key of the ring
    """
    with transaction.atomic():
        rows = License.objects.order_by("id").select_for_update()
        if after is not None:
            rows = rows.filter(id__gt=after)
        licenses = list(rows[:chunk])
        for license in licenses:
            keyring.keep(license, vault.decrypt(license.key_ciphertext))
            license.revision += 1
            license.save(
                update_fields=["key_digest", "key_digest_version", "key_ciphertext", "revision"]
            )
        restrictions = Restriction.objects.filter(license__in=licenses).exclude(sealed=[])
        for restriction in restrictions:
            restriction.values, restriction.sealed = digested_anew(restriction)
            restriction.save(update_fields=["values", "sealed"])
        forget(*licenses)
    return len(licenses), licenses[-1].pk if len(licenses) == chunk else None


@transaction.atomic
def rotate_templates() -> int:
    """
    Encrypt and digest anew the devices that templates name; return how many rows name some.

    :raises VaultError: if one opens with no key of the ring
    """
    rows = list(TemplateRestriction.objects.select_for_update().exclude(sealed=[]))
    for row in rows:
        row.default_values, row.sealed = digested_anew(row)
        row.save(update_fields=["default_values", "sealed"])
    return len(rows)


@transaction.atomic
def rotate_signing_keys() -> int:
    """
    Encrypt every key that signs anew, and the root's file; return how many keys there are.

    :raises VaultError: if one opens with no key of the ring
    """
    of_keys = list(KeySigningKey.objects.select_for_update().order_by("pk"))
    of_documents = list(SigningKey.objects.select_for_update().order_by("pk"))
    rows: list[KeySigningKey | SigningKey] = [*of_keys, *of_documents]
    for row in rows:
        row.private_ciphertext = vault.rotate(row.private_ciphertext)
        row.save(update_fields=["private_ciphertext"])
    root_keys.seal_files_anew()
    return len(rows)


def rotate_offline(*, chunk: int = CHUNK) -> int:
    """
    Encrypt anew what is kept of devices without a network; return how many rows there are.

    Each chunk is a transaction of its own, so that it may be stopped and repeated.

    :raises VaultError: if one opens with no key of the ring
    """
    of_requests = _rotate(OfflineRequest, "response_ciphertext", chunk)
    return of_requests + _rotate(OfflineDevice, "fingerprint_ciphertext", chunk)


def _rotate(model: type[OfflineRequest | OfflineDevice], column: str, chunk: int) -> int:
    total, after = 0, uuid.UUID(int=0)
    while True:
        with transaction.atomic():
            found = model._default_manager.select_for_update().filter(pk__gt=after).order_by("pk")
            rows = list(found[:chunk])
            for row in rows:
                setattr(row, column, vault.rotate(getattr(row, column)))
            model._default_manager.bulk_update(rows, [column])
        total += len(rows)
        if len(rows) < chunk:
            return total
        after = rows[-1].pk
