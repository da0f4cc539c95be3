"""A newcomer's first minutes: the portal starts whole, says where to go, stops, starts again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.engines import BASE_DIR

PATIENCE = 300  # seconds; the machine may have other things to do


class Portal:
    """`scripts/run.py` on a port and in a folder of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            **variables,
        }

    def start(self) -> str:
        """Start everything and give what was said once the web process answered."""
        command = [sys.executable, str(BASE_DIR / "scripts" / "run.py")]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )
        self.wait_for(lambda: "/admin/" in self.log.read_text())
        return self.log.read_text()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE)

    def get(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)

    def wait_for(self, condition) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)


@pytest.fixture
def portal(tmp_path, services):
    portal = Portal(tmp_path, **services)
    yield portal
    portal.stop()


def test_it_starts_whole_says_where_to_go_and_keeps_its_data(portal, services):
    said = portal.start()
    assert f"http://localhost:{portal.port}/admin/" in said
    assert portal.get("/readyz")["database"] == "ok"
    assert portal.get("/readyz").get("redis") == ("ok" if services else None)
    assert portal.stop() == 0

    said = portal.start()
    assert "Migrating" not in said
    assert portal.stop() == 0
