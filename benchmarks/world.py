"""The database, Redis and servers that a run measures, all its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("BENCH_PORT", "8140"))
DATABASE = os.environ.get("BENCH_DATABASE", "bench_portal")
_NEVER = "1000000000/min"


class World:
    """One run's surroundings; everything it starts ends with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.administration = servers.postgresql()
        self.database = f"{self.administration.rpartition('/')[0]}/{DATABASE}"
        self.redis = f"{servers.start_redis()}/0"
        # Limits are raised and not switched off: what they cost is part of the measure.
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "DEBUG": "0",
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(self.folder),
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis,
            "RATE_LIMIT_TOKEN": _NEVER,
            "RATE_LIMIT_LICENSE": _NEVER,
            "RATE_LIMIT_API_KEY": _NEVER,
            "PYTHONPATH": str(ROOT),
            **{
                name: f"measuring-only-0123456789-abcdefghijklmnopqrstuvwxyz-{name.lower()}"
                for name in ("SECRET_KEY", "DIGEST_KEY", "TOKEN_KEYS")
            },
            "ENCRYPTION_KEYS": "bWVhc3VyaW5nLW9ubHktMDEyMzQ1Njc4OTAxMjM0NTY=",
        }

    def create_database(self) -> None:
        self._administer(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        self._administer(f"CREATE DATABASE {DATABASE}")
        self.manage("migrate", "--verbosity", "0")

    def drop_database(self) -> None:
        self._administer(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")

    def manage(self, *command: str) -> str:
        return self._python("manage.py", *command)

    def inside(self, job: str, *arguments: object) -> Any:
        """Run a job of benchmarks/inside.py in a process of its own; returns what it found out."""
        told = self._python("-m", "benchmarks.inside", job, *map(str, arguments))
        return json.loads(told.splitlines()[-1])

    @contextmanager
    def web(self, port: int, **changes: str) -> Iterator[str]:
        """Serve the portal as the Procfile does, for as long as the block runs."""
        granian = str(Path(sys.executable).parent / "granian")
        command = [granian, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--workers", "2", "--blocking-threads", "4", "--log-level", "warning"]
        with (self.folder / f"web-{port}.log").open("w") as log:
            process = subprocess.Popen(
                [*command, "licensing_portal.wsgi:application"],
                env=self.environment | changes,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            self._wait_for(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=120)

    def pids(self) -> list[int]:
        """Return every process of web, Redis and PostgreSQL that works for this run."""
        with psycopg.connect(self.administration) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", [DATABASE]
            ).fetchall()
        with redis.Redis.from_url(self.redis) as client:
            store = int(client.info("server")["process_id"])
        servers = [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _is_ours(folder)]
        return [store, *servers, *(pid for (pid,) in rows)]

    def _wait_for(self, address: str, process: subprocess.Popen[bytes]) -> None:
        for _ in range(1_200):
            if process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5)
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"The server does not answer; its log is in {self.folder}")

    def _python(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            told = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            raise SystemExit(f"{' '.join(command)} failed:\n{told}")
        return done.stdout

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute(statement)


def _is_ours(folder: Path) -> bool:
    """Return whether a process is a granian that this run started, or a worker of one."""
    try:
        line = (folder / "cmdline").read_bytes()
    except OSError:
        return False
    ports = [f"--port\0{port}\0".encode() for port in (PORT, PORT + 1)]
    return b"granian" in line and any(port in line for port in ports)
