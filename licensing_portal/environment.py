"""
Reading the configuration from the environment, and the secrets it must hold.

`python -m licensing_portal.environment` prints a fresh set of secrets in `.env` form.
"""

import base64
import binascii
import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

MINIMUM_LENGTH = 32
MINIMUM_VARIETY = 10
_SIGNING_BYTES = 24


class CannotStart(SystemExit):
    """The configuration is wrong: the process ends with this one line instead of a traceback."""


def fernet_key() -> str:
    """Make a key in the form that Fernet wants."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def passphrase() -> str:
    return secrets.token_urlsafe(48)


# Every secret, with what makes a new one. Losing DIGEST_KEY or the last of ENCRYPTION_KEYS loses
# every licence key.
SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": passphrase,
    "ENCRYPTION_KEYS": fernet_key,
    "DIGEST_KEY": passphrase,
    "TOKEN_KEYS": passphrase,
}


def stated(name: str) -> str:
    """Give NAME's value, or the content of the file that NAME_FILE points to, or ''."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "").strip()
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise CannotStart(f"{name}_FILE cannot be read: {error}") from None


def read_secrets(var_dir: Path, *, debug: bool) -> dict[str, str]:
    """
    Give every secret, stated in the environment or (with DEBUG only) made once.

    :raises CannotStart: one is missing or weak, outside DEBUG.
    """
    found = {name: stated(name) for name in SECRETS}
    if debug:
        return {name: value or _throwaway(name, var_dir) for name, value in found.items()}
    faults = {name: _fault(name, value) for name, value in found.items()}
    problems = [f"{name} is {fault}" for name, fault in faults.items() if fault]
    if problems:
        raise CannotStart(f"Not started: {', '.join(problems)}. {_way_out(var_dir)}")
    return found


def _way_out(var_dir: Path) -> str:
    """Fresh secrets over data that others protect would lose every licence key in it."""
    thrown_away = throwaway_folder(var_dir)
    if thrown_away.is_dir():
        return f"The data here is protected by {thrown_away}: DEBUG=1 uses that, fresh ones cannot."
    return "`python -m licensing_portal.environment` prints a fresh set; keep it safe."


def ring(value: str) -> list[str]:
    """Return the secrets of a comma list, newest first; spaces around them are the writer's."""
    return [part.strip() for part in value.split(",")]


def signing_ring(name: str, value: str) -> list[str]:
    """Return secrets of Standard Webhooks, each `whsec_` and at least 24 bytes in base64."""
    secrets_of_it = ring(value) if value.strip() else []
    for secret in secrets_of_it:
        try:
            long = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
        except ValueError:
            long = 0
        if long < _SIGNING_BYTES:
            raise CannotStart(
                f"{name}: each is whsec_ and at least {_SIGNING_BYTES} bytes in base64."
            )
    return secrets_of_it


def _fault(name: str, value: str) -> str:
    if not value:
        return "missing"
    for part in ring(value) if name != "SECRET_KEY" else [value]:
        if name == "ENCRYPTION_KEYS" and not _is_fernet(part):
            return "not made of Fernet keys (32 bytes, URL-safe base64)"
        if len(part) < MINIMUM_LENGTH or len(set(part)) < MINIMUM_VARIETY:
            return f"weak (at least {MINIMUM_LENGTH} varied characters)"
    return ""


def _is_fernet(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == MINIMUM_LENGTH
    except (binascii.Error, ValueError):
        return False


def _throwaway(name: str, var_dir: Path) -> str:
    """A secret made once and kept beside the data it protects."""
    path = throwaway_folder(var_dir) / name
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, SECRETS[name]())
        return path.read_text().strip()
    except OSError as error:
        raise CannotStart(f"VAR_DIR cannot be written: {error}") from None


def _write_once(path: Path, content: str) -> None:
    """Web, worker and beat start together: a link lets one win and never shows half a file."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(content)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def throwaway_folder(var_dir: Path) -> Path:
    return var_dir / "secrets"


if __name__ == "__main__":
    for secret, make in SECRETS.items():
        print(f"{secret}={make()}")  # noqa: T201 - its whole purpose
