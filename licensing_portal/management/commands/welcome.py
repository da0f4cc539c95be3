"""Say where to sign in, and show the one call that activates a device."""

import json
import shlex
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from licensing_portal.environment import throwaway_folder

DEVICE = {"device_fingerprint": "demo-laptop-7f3a91c2", "machine_name": "demo-laptop"}


class Command(BaseCommand):
    help = "Print the addresses, the demo's sign-ins and a curl that activates a device."

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [
            "",
            f"The portal is running at {settings.PUBLIC_URL}",
            f"  Admin              {settings.PUBLIC_URL}/admin/",
            f"  Customer portal    {settings.PUBLIC_URL}/",
            f"  API documentation  {settings.PUBLIC_URL}/api/licensing/docs/",
        ]
        demo_file = settings.VAR_DIR / "demo.json"
        if demo_file.is_file():
            lines += self._demo(json.loads(demo_file.read_text()))
        lines += [
            "",
            "Commands, in another terminal:",
            "",
            f"  {_manage()} create_api_key first-steps",
            f"  {_manage()} help",
        ]
        secrets = throwaway_folder(settings.VAR_DIR)
        if secrets.is_dir():
            lines += [
                "",
                f"Throw-away secrets were made in {secrets}: without them every licence key",
                "in this database is lost. For anything but trying out, set your own.",
            ]
        self.stdout.write("\n".join([*lines, ""]))

    def _demo(self, demo: dict[str, str]) -> list[str]:
        body = json.dumps({"license_key": demo["license_key"], **DEVICE})
        return [
            "",
            f"  Staff sign-in      {demo['staff_email']}  {demo['staff_password']}",
            f"  Customer sign-in   {demo['customer_email']}  {demo['customer_password']}",
            f"  Demo licence key   {demo['license_key']}",
            "",
            "Activate a device:",
            "",
            f"  curl -s {settings.PUBLIC_URL}/api/licensing/activations \\",
            "    -H 'Content-Type: application/json' \\",
            f"    -d '{body}'",
        ]


def _manage() -> str:
    """Return how `manage.py` is called so that it finds this portal's data."""
    elsewhere = settings.VAR_DIR != settings.BASE_DIR / "var"
    return (
        f"VAR_DIR={shlex.quote(str(settings.VAR_DIR))} ./manage.py" if elsewhere else "./manage.py"
    )
