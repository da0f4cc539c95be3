"""
Measure the portal against bare servers on the same machine: `make bench`.

Everything is run in turn, forwards and backwards, and compared within its round, so that what
else the machine does falls on both sides. Exits non-zero if a median is far below its target.
"""

import argparse
import statistics
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

import redis

from benchmarks import load
from benchmarks.world import PORT, World

TOLERATED = 0.8
API = "/api/licensing"


@dataclass(frozen=True)
class Row:
    """One line of the report: what is measured, against what, and what it should reach."""

    name: str
    measured: str
    against: str
    target: float


ROWS = [
    Row("activation, spread over licences", "spread", "pgbench spread", 0.20),
    Row("activation, one hot licence", "hot", "pgbench hot", 0.60),
    # It is a validation and then a statement: what both would reach in turn is its ceiling.
    Row("quota consumed, spread over licences", "consume", "token, then pgbench consume", 0.5),
    Row("quota consumed, one hot counter", "consume hot", "pgbench consume hot", 0.35),
    Row("lease taken, spread / activation, spread", "lease", "spread", 0.8),
    Row("validation by token, warm", "token", "empty", 0.25),
    Row("validation by key, warm", "key", "empty", 0.25),
    Row("validation by token, warm, answer signed", "signed", "empty", 0.15),
    Row("validation, 30 features and 10 restrictions", "rich", "empty", 0.15),
    Row("validation, Redis just emptied", "emptied", "empty", 0.12),
    Row("validation without Redis", "without", "empty without", 0.15),
    Row("heartbeat with metrics", "beat", "empty", 0.22),
    # CPU of all servers together tells this apart even where others use the machine.
    Row("CPU of a validation without Redis / warm", "without cpu", "token cpu", 1.4),
    Row("CPU of a heartbeat without Redis / buffered", "beat without cpu", "beat cpu", 1.4),
]


def main() -> None:
    options = _options()
    load.check_tools()
    world = World()
    begun = time.monotonic()
    try:
        failed = measure(world, options)
    finally:
        world.drop_database()
    print(f"\n{time.monotonic() - begun:.0f} seconds.")
    raise SystemExit(1 if failed else 0)


def measure(world: World, options: argparse.Namespace) -> bool:
    """Fill, serve, measure and report; returns whether anything fell far short."""
    world.create_database()
    _fill(world, 10_000)
    with world.web(PORT) as web:
        key = world.manage("create_api_key", "bench", "--scopes", "*").split()[-1]
        small = _list_page(web, key)
    _fill(world, options.licenses)
    world.inside("prepare", world.folder, options.licenses, min(20_000, options.licenses - 1))
    with world.web(PORT) as web, world.web(PORT + 1, REDIS_URL="") as without:
        rounds = _rounds(world, web, without, options.rounds)
    failed = _report(rounds)
    flushed = world.inside("flush", 10_000)
    failed |= _line("flush of heartbeats, rows a second", flushed, 20_000)
    swept = world.inside("sweep", 12_000, 300)
    failed |= _line("status sweep, rows a second", swept["sweep"], 25_000)
    print(f"CPU of one licence swept, both sides: {swept['cpu']['median']:.0f} µs")
    failed |= _line("status sweep / ORM loop", _over(swept["sweep"], swept["loop"]), 60)
    without = world.inside("offline", 300)
    name = "licence file checked out / activation, one process"
    failed |= _line(name, _over(without["checkout"], without["activate"]), 0.2)
    name = "offline request answered / activation, one process"
    failed |= _line(name, _over(without["answer"], without["activate"]), 0.1)
    if options.large:
        _fill(world, options.large)
        larger = world.inside("sweep", 12_000, 1)
        name = f"status sweep at {options.large:,} licences / at {options.licenses:,}"
        failed |= _line(name, _over(larger["sweep"], swept["sweep"]), 0.8)
        with world.web(PORT) as web:
            large = _list_page(web, key)
        name = f"list page at {options.large:,} / at 10,000, as speed"
        failed |= _line(name, dict.fromkeys(_SPREAD, small / large), 0.5)
    return failed


def _rounds(world: World, web: str, without: str, count: int) -> list[dict[str, float]]:
    """Return the rates of every round; each round begins where the last one ended."""
    files, client = world.folder, redis.Redis.from_url(world.redis)
    validate = f"{API}/activations/validate"
    number = 0

    def emptied() -> float:
        for name in client.scan_iter("hot:[^b]*", count=5_000):
            client.delete(name)
        return load.http(web + validate, files / "tokens.txt", start=number * 5_000)

    jobs: dict[str, Callable[[], float]] = {
        "empty": lambda: load.http(f"{web}/empty", files / "empty.txt"),
        "token": lambda: load.http(web + validate, files / "warm.txt"),
        "signed": lambda: load.http(web + validate, files / "signed.txt"),
        "key": lambda: load.http(f"{web}{API}/validate", files / "keys.txt"),
        "rich": lambda: load.http(f"{web}{API}/validate", files / "rich.txt"),
        "beat": lambda: load.http(f"{web}{API}/activations/heartbeat", files / "beats.txt"),
        "spread": lambda: load.http(f"{web}{API}/activations", files / "spread.txt"),
        "lease": lambda: load.http(f"{web}{API}/activations", files / "leases.txt"),
        "renew": lambda: load.http(f"{web}{API}/activations/heartbeat", files / "renewals.txt"),
        "pgbench spread": lambda: load.pgbench(world.database, files / "spread.sql"),
        "hot": lambda: load.http(f"{web}{API}/activations", files / "hot.txt"),
        "pgbench hot": lambda: load.pgbench(world.database, files / "hot.sql"),
        "consume": lambda: load.http(f"{web}{API}/usage/consume", files / "consume.txt"),
        "pgbench consume": lambda: load.pgbench(world.database, files / "consume.sql"),
        "consume hot": lambda: load.http(f"{web}{API}/usage/consume", files / "consume_hot.txt"),
        "pgbench consume hot": lambda: load.pgbench(world.database, files / "consume_hot.sql"),
        "emptied": emptied,
        "empty without": lambda: load.http(f"{without}/empty", files / "empty.txt"),
        "beat without": lambda: load.http(
            f"{without}{API}/activations/heartbeat", files / "beats.txt"
        ),
        "without": lambda: load.http(without + validate, files / "tokens.txt"),
    }
    for job in jobs.values():
        job()
    rounds = []
    for number in range(count):
        names = list(jobs) if number % 2 == 0 else list(reversed(jobs))
        rounds.append({})
        for name in names:
            pids = world.pids()
            before = load.cpu_seconds(pids)
            rate = rounds[-1][name] = jobs[name]()
            used = load.cpu_seconds(pids) - before
            rounds[-1][f"{name} cpu"] = used * 1_000 / (rate * load.SECONDS)
        rates = rounds[-1]
        both = 1 / rates["token"] + 1 / rates["pgbench consume"]
        rates["token, then pgbench consume"] = 1 / both
        shown = ", ".join(
            f"{name} {rate:,.0f}" for name, rate in sorted(rates.items()) if "cpu" not in name
        )
        print(f"round {number + 1}: {shown}", flush=True)
    return rounds


def _report(rounds: list[dict[str, float]]) -> bool:
    print(f"\n{'what':<48}{'ratio':>9}{'target':>9}   least to most")
    failed = False
    for row in ROWS:
        ratios = [found[row.measured] / found[row.against] for found in rounds]
        spread = {
            "least": min(ratios),
            "median": statistics.median(ratios),
            "most": max(ratios),
        }
        failed |= _line(row.name, spread, row.target)
    for name in (
        "beat",
        "token",
        "signed",
        "key",
        "rich",
        "consume",
        "spread",
        "lease",
        "renew",
        "empty",
    ):
        used = statistics.median(found[f"{name} cpu"] for found in rounds)
        print(f"CPU of one call, all servers together: {name:<9}{used:>9.2f} ms")
    return failed


_SPREAD = ("least", "median", "most")


def _over(found: dict[str, float], against: dict[str, float]) -> dict[str, float]:
    """Return what was found as a ratio to the median of something else."""
    return {part: found[part] / against["median"] for part in _SPREAD}


def _line(name: str, found: dict[str, float], target: float) -> bool:
    """Print one result; returns whether it is far below its target."""
    form = "{:.2f}" if found["most"] < 1_000 else "{:,.0f}"
    least, median, most = (form.format(found[part]) for part in _SPREAD)
    short = found["median"] < TOLERATED * target
    mark = "  TOO SLOW" if short else ""
    print(f"{name:<48}{median:>9}{form.format(target):>9}   {least} to {most}{mark}", flush=True)
    return short


def _fill(world: World, licenses: int) -> None:
    world.manage("bench_fill", "--licenses", str(licenses), "--seats", "1000000", "--yes")


def _list_page(web: str, key: str) -> float:
    """Return the median time of a page of licences, in seconds."""
    times = []
    for _ in range(30):
        request = urllib.request.Request(
            f"{web}{API}/licenses?limit=50", headers={"Authorization": f"Bearer {key}"}
        )
        begun = time.perf_counter()
        urllib.request.urlopen(request, timeout=30).read()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--licenses", type=int, default=50_000, help="that devices call about")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--large", type=int, default=1_000_000, help="licences of the list; 0 leaves it out"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
