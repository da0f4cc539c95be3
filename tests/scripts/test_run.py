"""Bad days of `make run`: each ends with one clear line."""

import os
import socket
import subprocess
import sys
import venv
from pathlib import Path

import pip
import pytest

from tests.engines import BASE_DIR


@pytest.fixture
def start(tmp_path):
    def run(script, *arguments, **variables):
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(tmp_path / "var"),
            **variables,
        }
        command = [sys.executable, str(BASE_DIR / "scripts" / script), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    return run


def test_a_taken_port_is_named_with_a_way_out(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = start("run.py", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"Port {port} cannot be used (Address already in use): PORT={port + 1} make run\n"
    )


def test_a_folder_that_cannot_be_written_is_named(start, tmp_path):
    (tmp_path / "file").write_text("")
    done = start("run.py", VAR_DIR=str(tmp_path / "file" / "var"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("VAR_DIR cannot be made")


def test_without_an_index_the_set_up_says_so_in_one_line(start, tmp_path):
    # As `setup.py` makes it, but with the pip that is here: to unpack another takes seconds.
    venv.create(tmp_path / "venv", symlinks=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python3.*/site-packages")
    (packages / "pip").symlink_to(Path(pip.__file__).parent)
    nowhere = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    done = start("setup.py", "base", VENV=str(tmp_path / "venv"), **nowhere)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("The package index cannot be reached")


def test_an_environment_that_cannot_be_written_is_named(start, tmp_path):
    (tmp_path / "file").write_text("")
    done = start("setup.py", "base", VENV=str(tmp_path / "file" / "venv"))
    assert done.returncode == 1
    assert done.stderr.startswith("The environment cannot be written")
