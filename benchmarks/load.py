"""The two generators: wrk for HTTP, pgbench for the same statements without any of us."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path

SECONDS = 2
_SCRIPT = Path(__file__).parent / "wrk.lua"
_runs = count(1)


def check_tools() -> None:
    missing = [tool for tool in ("wrk", "pgbench") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"Install {' and '.join(missing)} first (packages wrk, postgresql).")


def http(url: str, bodies: Path, *, start: int = 0, connections: int = 32) -> float:
    """Return requests a second; an answer that is no success ends the run."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{SECONDS}s", "-s", str(_SCRIPT), url, "--"]
    told = _run([*command, str(bodies), str(start), f"run{next(_runs)}"])
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{url} was refused:\n{told}")
    return _number(r"Requests/sec:\s+([\d.]+)", told)


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time that these processes of this machine have used so far."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def pgbench(database: str, script: Path, *, clients: int = 16) -> float:
    """Return transactions a second of one script, its statements prepared."""
    command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
    told = _run([*command, "-T", str(SECONDS), "-f", str(script), database])
    return _number(r"tps = ([\d.]+)", told)


def as_pgbench(statement: str, values: Mapping[str, str]) -> str:
    """Return a statement of ours with SQL expressions in the place of its parameters."""
    text = re.sub(r"%\((\w+)\)s", lambda found: values[found[1]], statement).replace("%%", "%")
    return " ".join(text.split()) + ";\n"


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"No number in:\n{text}")
    return float(found[1])
