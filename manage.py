#!/usr/bin/env python3
"""Django's command line for this project; after `make run` it speaks to what that started."""

import importlib.util
import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent / ".venv"


def use_the_built_environment() -> None:
    """A Python without Django hands over to the one that `make run` or `make setup` made."""
    if importlib.util.find_spec("django") is not None:
        return
    python = VENV / "bin" / "python"
    if Path(sys.prefix).resolve() == VENV or not python.exists():
        sys.exit("Django is missing here: `make setup` builds the environment in .venv.")
    os.execv(python, [str(python), *sys.argv])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    use_the_built_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing_portal.settings")
    from licensing_portal.command_line import CommandLine
    from licensing_portal.last_run import continue_run

    continue_run()
    CommandLine(sys.argv).execute()
