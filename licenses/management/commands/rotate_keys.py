"""Move every stored licence key to the newest encryption and digest keys."""

from typing import Any

from django.core.management.base import CommandError

from accounts.management.refusable import RefusableCommand
from events.services.webhooks import endpoints
from events.vault import VaultError
from licenses.services import rotation


class Command(RefusableCommand):
    """Rotates what is at rest."""

    help = (
        "Encrypt and digest every licence key, and encrypt every signing key, the root's file and\n"
        "what is kept of offline devices and the secrets of webhooks anew under the newest keys\n"
        "of ENCRYPTION_KEYS and DIGEST_KEY. Put the new key before the old one, restart, run\n"
        "this, and only then take the old one away.\n\n"
        "    manage.py rotate_keys"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total, after = 0, None
        try:
            rotation.rotate_signing_keys()
            rotation.rotate_templates()
            rotation.rotate_offline()
            endpoints.seal_anew()
        except VaultError as error:
            raise CommandError(f"Stopped before the licence keys: {error}.") from None
        while True:
            try:
                done, after = rotation.rotate_keys(after=after)
            except VaultError as error:
                raise CommandError(
                    f"Stopped after {total} keys, which stay rotated: {error}."
                ) from None
            total += done
            if after is None:
                break
            self.stderr.write(f"{total} keys ...")
        self.stdout.write(f"{total} licence keys are under the newest keys.")
