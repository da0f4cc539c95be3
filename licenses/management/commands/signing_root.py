"""`manage.py signing_root`: the root of all signatures, on a machine that is no server."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.management.refusable import RefusableCommand
from licenses.signing import Distrusted, jwk_of, thumbprint
from licenses.signing.requests import certificates_for, check_words, in_words, wanted_in
from licenses.signing.root_files import RootFileError, make_root, open_root


class Command(RefusableCommand):
    """Needs no database and no network: only the file, and what opens it."""

    help = (
        "Make a root of signatures on a machine that is no server, and vouch with it for keys.\n"
        "No database and no network is needed. SIGNING_ROOT_PASSPHRASE opens its file.\n\n"
        "    manage.py signing_root make root.pem\n"
        "    manage.py signing_root public root.pem > root.json\n"
        "    manage.py signing_root sign root.pem request.json > certificates.json"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        for name, does in [
            ("make", "make a root, and its file"),
            ("public", "print its public half, for apps and servers"),
            ("sign", "vouch for the keys that a server asked for"),
        ]:
            act = acts.add_parser(name, help=does)
            act.add_argument("file", type=Path, help="the root's file")
            if name == "sign":
                act.add_argument("request", help="what `signing_keys request` printed; - is stdin")
                act.add_argument("--yes", action="store_true", help="do not ask once more")

    def handle(self, *args: Any, **options: Any) -> None:
        passphrase = settings.SIGNING_ROOT_PASSPHRASE
        if not passphrase:
            raise CommandError("State SIGNING_ROOT_PASSPHRASE, or a file with it by ..._FILE.")
        try:
            if options["act"] == "make":
                key = make_root(options["file"], passphrase=passphrase)
                self.stdout.write(thumbprint(key.public_key()))
                return
            key = open_root(options["file"], passphrase=passphrase)
        except RootFileError as error:
            raise CommandError(f"{error}.") from None
        if options["act"] == "public":
            public = jwk_of(key.public_key()) | {"kid": thumbprint(key.public_key())}
            self.stdout.write(json.dumps(public, indent=1))
            return
        try:
            wanted = wanted_in(read(options["request"]))
        except Distrusted:
            raise CommandError("This is no request, or asks for what no root gives.") from None
        for one in wanted:
            self.stderr.write(in_words(one))
        self.stderr.write(f"{len(wanted)} keys. Check words: {check_words(wanted)}")
        if not options["yes"] and not self._meant():
            raise CommandError("Nothing was signed.")
        self.stdout.write(certificates_for(wanted, root=key))

    def _meant(self) -> bool:
        self.stderr.write("Does the server show the same words? Then type yes: ", ending="")
        return sys.stdin.readline().strip().lower() == "yes"


def read(name: str) -> str:
    """
    Return the text of a file, or of what is piped in.

    :raises CommandError: if there is no such file
    """
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from None
