"""The licence that an operator names on the command line."""

import uuid

from django.core.management.base import CommandError

from events import vault
from licenses.models import License
from licenses.selectors import typed_keys
from licenses.selectors.snapshots import KEY


def license_of(text: str) -> License:
    """
    Return the licence with that key or id.

    :raises CommandError: if there is none, or it could be neither
    """
    try:
        license = License.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        key = typed_keys.canonical(text)
        if key is None:
            raise CommandError(
                "INVALID_LICENSE_KEY_FORMAT: this is no key of ours; a typing error?"
            ) from None
        license = License.objects.filter(key_digest__in=vault.digests(KEY, key)).first()
    if license is None:
        raise CommandError("LICENSE_NOT_FOUND: no licence has this key.")
    return license
