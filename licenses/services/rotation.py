"""Moving what is stored secret, licence keys, devices and signing keys, to the newest rings."""

import uuid

from django.db import transaction

from events import vault
from licenses.models import KeySigningKey, License, Restriction, SigningKey, TemplateRestriction
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
