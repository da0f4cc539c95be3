"""`manage.py create_api_key`: the first key, which lets in whatever calls the API."""

from argparse import RawDescriptionHelpFormatter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Tenant
from accounts.roles import EVERYTHING
from accounts.services.api_keys import create_api_key
from events.refusals import Refusal
from events.trail import Origin


class Command(BaseCommand):
    """Prints the key alone on the last line; nothing can print it again."""

    help = (
        "Make an API key.\n\n"
        "    manage.py create_api_key billing --scopes 'licenses:read,licenses:write'\n"
        "    KEY=$(manage.py create_api_key crm --tenant BRENNER --expires-in 90 | tail -1)"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--tenant", metavar="CODE", help="bind it to one tenant")
        parser.add_argument("--scopes", default=EVERYTHING, help="comma-separated; default: all")
        parser.add_argument("--expires-in", type=int, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        days = options["expires_in"]
        try:
            key, plain = create_api_key(
                name=options["name"],
                scopes=[scope.strip() for scope in options["scopes"].split(",") if scope.strip()],
                tenant=self._tenant(options["tenant"]),
                expires_at=at + timedelta(days=days) if days is not None else None,
                at=at,
                origin=Origin(actor_kind="system", actor_label="create_api_key"),
            )
        except Refusal as refusal:
            reasons = [f"{name}: {' '.join(texts)}" for name, texts in refusal.details.items()]
            raise CommandError("; ".join(reasons) or str(refusal)) from None
        except OverflowError:
            raise CommandError("--expires-in: too far away") from None
        self.stdout.write(f"{key.name}: {', '.join(key.scopes)}")
        self.stdout.write(plain)

    def _tenant(self, code: str | None) -> Tenant | None:
        if code is None:
            return None
        try:
            return Tenant.objects.get(code=code)
        except Tenant.DoesNotExist:
            raise CommandError(f"No tenant has the code {code}.") from None
