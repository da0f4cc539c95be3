"""
Build the environment: `setup.py base` to run the portal, `setup.py dev` to test it as well.

Runs on the machine's own Python, so it uses the standard library only and syntax that an old
Python can read far enough to be told that it is too old.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VENV") or ROOT / ".venv")
UV = "uv==0.13.9"
MINIMUM = (3, 11)


def main(wanted):
    if sys.version_info < MINIMUM:
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(f"Python 3.11 or newer is needed, this is {found}: PYTHON=python3.12 make run")
    wanted_file = ROOT / "requirements" / f"{wanted}.txt"
    stamp = VENV / f"installed-{wanted}"
    state = hashlib.sha256(wanted_file.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == state:
        return
    try:
        create()
        install(wanted_file)
        stamp.write_text(state)
    except OSError as error:
        sys.exit(f"The environment cannot be written: {error}")


def create():
    if (VENV / "bin" / "python").exists():
        return
    print(f"Creating the environment in {VENV.name} (this once) ...", flush=True)
    VENV.mkdir(parents=True, exist_ok=True)
    quiet(
        "Python's venv module is missing (Debian: apt install python3-venv)",
        sys.executable,
        "-m",
        "venv",
        str(VENV),
    )


def install(requirements):
    """uv takes seconds where pip takes minutes; where it cannot be had or fails, pip does it."""
    print(f"Installing {requirements.name} ...", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip"]
    pinned = ["--quiet", "--require-hashes", "-r", str(requirements)]
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "-p", str(VENV / "bin" / "python")]
    # pip compiles as well. Else every process of every start does where Python may keep nothing.
    uv += ["--compile-bytecode"]
    if succeeds([*pip, "install", "--quiet", UV]) and succeeds([*uv, *pinned]):
        return
    quiet(
        "The package index cannot be reached, or lacks a pinned package", *pip, "install", *pinned
    )


def succeeds(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def quiet(complaint, *command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        sys.exit("{}: {}".format(complaint, said[-1].strip() if said else "no reason given"))


if __name__ == "__main__":
    main(*sys.argv[1:])
