"""Makes the staff groups."""

from typing import Any

from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from accounts.services.staff_groups import set_up_groups
from events import trail


class Command(RefusableCommand):
    """Repeats safely."""

    help = (
        "Make the staff groups (read-only, support, sales, finance, compliance) hold exactly\n"
        "their scopes. Run it after every migrate; a second time changes nothing.\n\n"
        "    manage.py setup_roles"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = set_up_groups(at=timezone.now(), origin=trail.SYSTEM)
        if options["verbosity"]:
            self.stdout.write(f"Staff groups changed: {', '.join(changed) or 'none'}.")
