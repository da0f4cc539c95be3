"""`manage.py signing_keys`: the keys that sign, on the server."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from events.refusals import Refusal
from licenses.management.commands.signing_root import read
from licenses.models import SigningKey
from licenses.services import certifying, replacing_keys, root_keys
from licenses.signing import Distrusted, public_key_in
from licenses.signing.requests import certificates_in, check_words, request_for


class Command(RefusableCommand):
    """Shows no private key; each act leaves an event."""

    help = (
        "See to the keys that sign: whose root is trusted, which are certified, which go early.\n\n"
        "    manage.py signing_keys list\n"
        "    manage.py signing_keys trust root.json\n"
        "    manage.py signing_keys request --ahead 4 > request.json\n"
        "    manage.py signing_keys accept certificates.json\n"
        '    manage.py signing_keys rotate KID --reason "Drill."\n'
        '    manage.py signing_keys compromise KID --reason "A backup was stolen."\n\n'
        "The reason of a compromise is published in the list of revocations."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="every key, with its state")
        for name, does in [
            ("trust", "take in a root's public half"),
            ("accept", "take in what a root signed"),
        ]:
            act = acts.add_parser(name, help=does)
            act.add_argument("file", help="its file; - is stdin")
        request = acts.add_parser("request", help="ask a root elsewhere for the next keys")
        request.add_argument("--ahead", type=int, default=4, help="of each; default: 4, a year")
        for name, does in [
            ("rotate", "let the next key sign at once"),
            ("compromise", "believe nothing any more that a key signed"),
        ]:
            act = acts.add_parser(name, help=does)
            act.add_argument(
                "kid", help="the key's name, or enough of it; leave out a dash before it"
            )
            act.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(**options)
        except Distrusted as distrust:
            raise CommandError(f"{distrust.code}: this cannot be what it should be.") from None

    def _list(self, **_: Any) -> None:
        at = timezone.now()
        keys = SigningKey.objects.select_related("product")
        for key in keys.order_by("purpose", "product__product_id", "active_from", "id"):
            self.stdout.write(
                f"{key.kid}  {key.state_at(at):<11}  {key.whose}"
                f"  {key.active_from:%Y-%m-%d} to {key.signs_until:%Y-%m-%d}"
            )

    def _trust(self, *, file: str, **_: Any) -> None:
        try:
            jwk = json.loads(read(file))
        except ValueError:
            raise Distrusted("MALFORMED") from None
        root = root_keys.trust_root(public_key_in(jwk), at=timezone.now(), origin=self.origin)
        self.stdout.write(f"{root.kid} is trusted.")

    def _request(self, *, ahead: int, **_: Any) -> None:
        wanted = certifying.request_certificates(ahead=ahead, at=timezone.now(), origin=self.origin)
        self.stderr.write(f"{len(wanted)} keys. Check words: {check_words(wanted)}")
        self.stdout.write(request_for(wanted))

    def _accept(self, *, file: str, **_: Any) -> None:
        new = certifying.accept_certificates(
            certificates_in(read(file)), at=timezone.now(), origin=self.origin
        )
        self.stdout.write(f"{new} keys are certified.")

    def _rotate(self, *, kid: str, reason: str, **_: Any) -> None:
        signing = replacing_keys.rotate_now(
            key_id=_named(kid).pk, reason=reason, at=timezone.now(), origin=self.origin
        )
        self.stdout.write(f"{signing.kid} signs now.")

    def _compromise(self, *, kid: str, reason: str, **_: Any) -> None:
        key = replacing_keys.compromise(
            key_id=_named(kid).pk, reason=reason, at=timezone.now(), origin=self.origin
        )
        self.stdout.write(f"{key.kid} is believed no more.")


def _named(kid: str) -> SigningKey:
    keys = list(SigningKey.objects.filter(kid__contains=kid)[:2]) if kid else []
    if not keys:
        raise Refusal("SIGNING_KEY_NOT_FOUND")
    if len(keys) > 1:
        raise CommandError(f"More than one key has {kid} in its name.")
    return keys[0]
