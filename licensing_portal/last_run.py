"""What `make run` was last started with, so that `manage.py` finds the same portal."""

import json
import os
from pathlib import Path

import environ

from licensing_portal.environment import SECRETS, stated

ROOT = Path(__file__).resolve().parent.parent
FILE = "last_run.json"
REMEMBERED = (
    "DEBUG",
    "PORT",
    "PUBLIC_URL",
    "VENDOR_NAME",
    "VENDOR_EMAIL",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
)


def remember_run(var_dir: Path) -> None:
    """This will keep what this process was started with, unless it brought its own secrets."""
    path = var_dir / FILE
    path.unlink(missing_ok=True)
    if _brings_secrets():
        return
    content = {name: os.environ[name] for name in REMEMBERED if name in os.environ}
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=2)


def continue_run() -> None:
    """
    This will state in the environment what `make run` was last started with.

    Whoever states a secret or DEBUG has a portal of their own: nothing is added to that. So a
    command that would start anyway never starts otherwise than it is told to.
    """
    environ.Env.read_env(os.environ.get("ENV_FILE", str(ROOT / ".env")))
    path = Path(os.environ.get("VAR_DIR") or ROOT / "var") / FILE
    if "DEBUG" in os.environ or _brings_secrets() or not path.is_file():
        return
    for name, value in json.loads(path.read_text()).items():
        os.environ.setdefault(name, value)


def _brings_secrets() -> bool:
    return any(stated(name) for name in SECRETS)
