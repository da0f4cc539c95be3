"""What every command of the house has in common: refusals in words, examples that stay in shape."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.refusals import Refusal
from events.trail import Origin


class RefusableCommand(BaseCommand):
    """A door for whoever operates the machine: a refusal ends it with its code and words."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(in_words(refusal)) from None

    @property
    def origin(self) -> Origin:
        """What the trail remembers of an act that came from this machine's command line."""
        name = type(self).__module__.rpartition(".")[2]
        return Origin(actor_kind="system", actor_label=f"manage.py {name}")


def in_words(refusal: Refusal) -> str:
    """Return a refusal's code and what it says of the fields."""
    said = [refusal.message] if refusal.message else []
    for name, value in refusal.details.items():
        text = " ".join(value) if isinstance(value, list) and value else str(value)
        said.append(f"{name}: {text}")
    return f"{refusal.code}: {'; '.join(said)}" if said else refusal.code
