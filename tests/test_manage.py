"""`manage.py` works as the docs call it: with any Python, and with what `make run` left."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.engines import BASE_DIR


@pytest.fixture
def checkout(tmp_path):
    """A folder with manage.py alone."""
    shutil.copy(BASE_DIR / "manage.py", tmp_path)
    return tmp_path


def without_django(folder, *arguments):
    # -S leaves out every installed package.
    command = [sys.executable, "-S", "manage.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_python_without_django_hands_over_to_the_one_that_was_built(checkout):
    built = checkout / ".venv" / "bin" / "python"
    built.parent.mkdir(parents=True)
    built.write_text('#!/bin/sh\necho "$@"\n')
    built.chmod(0o755)
    assert without_django(checkout, "check_seats", "--help").stdout == (
        "manage.py check_seats --help\n"
    )


def test_without_an_environment_it_says_in_one_line_how_to_build_one(checkout):
    done = without_django(checkout, "check")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Django is missing here: `make setup` builds the environment in .venv."
    ]


def test_a_command_speaks_to_what_make_run_started(tmp_path):
    var = tmp_path / "var"
    bare = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(var)}
    started = "from licensing_portal.last_run import *; remember_run(Path(os.environ['VAR_DIR']))"
    command = [sys.executable, str(BASE_DIR / "manage.py"), "welcome"]

    def run(arguments, **more):
        return subprocess.run(
            arguments, cwd=BASE_DIR, env=bare | more, capture_output=True, text=True, check=False
        )

    var.mkdir()
    assert "SECRET_KEY is missing" in run(command).stderr
    run([sys.executable, "-c", started], DEBUG="1", PUBLIC_URL="http://localhost:8123")
    said = run(command)
    assert "running at http://localhost:8123" in said.stdout, said.stderr
    assert f"VAR_DIR={var} ./manage.py create_api_key" in said.stdout
