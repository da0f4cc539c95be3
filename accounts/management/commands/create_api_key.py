"""`manage.py create_api_key`: the first key, which lets in whatever calls the API."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from accounts.models import Tenant
from accounts.roles import EVERYTHING, SCOPES
from accounts.services.api_keys import create_api_key


class Command(RefusableCommand):
    """Prints the key alone on the last line; nothing can print it again."""

    help = (
        "Make an API key.\n\n"
        "    manage.py create_api_key billing --scopes 'licenses:read,licenses:write'\n"
        "    KEY=$(manage.py create_api_key crm --tenant BRENNER --expires-in 90 | tail -1)"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--tenant", metavar="CODE", help="bind it to one tenant")
        parser.add_argument(
            "--scopes",
            default=EVERYTHING,
            help=f"of {', '.join(SCOPES)}, with commas between them; default: all",
        )
        parser.add_argument(
            "--expires-in", type=int, metavar="DAYS", help="default: it works until it is revoked"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        key, plain = create_api_key(
            name=options["name"],
            scopes=[scope.strip() for scope in options["scopes"].split(",") if scope.strip()],
            tenant=self._tenant(options["tenant"]),
            expires_at=self._end(options["expires_in"], at),
            at=at,
            origin=self.origin,
        )
        self.stdout.write(f"{key.name}: {', '.join(key.scopes)}")
        self.stdout.write(plain)

    def _end(self, days: int | None, at: datetime) -> datetime | None:
        try:
            return None if days is None else at + timedelta(days=days)
        except OverflowError:
            raise CommandError("--expires-in: too far away") from None

    def _tenant(self, code: str | None) -> Tenant | None:
        if code is None:
            return None
        try:
            return Tenant.objects.get(code=code)
        except Tenant.DoesNotExist:
            raise CommandError(f"No tenant has the code {code}.") from None
