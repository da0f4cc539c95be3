"""Run Django's deployment checks against the settings a production installation would have."""

import os
import subprocess
import sys
import tempfile

from licensing_portal.environment import SECRETS

with tempfile.TemporaryDirectory() as folder:
    production = {
        **os.environ,
        **{name: make() for name, make in SECRETS.items()},
        "ENV_FILE": os.devnull,
        "DEBUG": "0",
        "VAR_DIR": folder,
        "PUBLIC_URL": "https://licensing.example.com",
        "ALLOWED_HOSTS": "licensing.example.com",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    sys.exit(subprocess.run(command, env=production, check=False).returncode)
