"""A server of its own for a journey: real process, real port, empty database, movable clock."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.engines import BASE_DIR

PATIENCE = 300  # seconds; the machine may have other things to do


class Served:
    """The web process on a free port; `days_ahead` moves its clock while it runs."""

    def __init__(self, folder: Path, **variables: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "log"
        self.clock = folder / "days-ahead"
        self.days_ahead(0)
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(BASE_DIR),
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "DEBUG": "1",
            "DAYS_AHEAD_FILE": str(self.clock),
            **variables,
        }

    def days_ahead(self, days: float) -> None:
        draft = self.clock.with_suffix(".draft")
        draft.write_text(str(days))
        draft.replace(self.clock)

    def start(self) -> None:
        command = [
            str(Path(sys.executable).parent / "granian"),
            *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--workers", "1", "--blocking-threads", "4", "--log-level", "warning"),
            "tests.journeys.later:application",
        ]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=out, cwd=BASE_DIR
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)

    def manage(self, *arguments: str, text: str = "", **variables: str) -> str:
        """Run a command of the portal beside the server and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment | variables,
            cwd=BASE_DIR,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(
        self, method: str, path: str, body: Any = None, *, bearer: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Call the API and give status and answer, whatever they are."""
        request = urllib.request.Request(
            f"{self.url}/api/licensing{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {bearer}"} if bearer else {}),
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)
