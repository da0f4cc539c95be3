"""
Count answers that are older than a revocation or a bar: `python -m benchmarks.stale`.

Two servers of two workers each are asked all the while about a device of which they keep copies;
through one of them its licence is revoked, or it is barred. Whatever is asked after that was
answered, and is still told VALID, is stale. Exits non-zero if anything was.
"""

import argparse
import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.world import PORT, World

API = "/api/licensing"
READERS = 8
# Answers that each reader waits for once the change was answered.
AFTERWARDS = 25
ACTS = {"LICENSE_REVOKED": "revoke", "DEVICE_BLACKLISTED": "bar"}
PRODUCT = """
from django.utils import timezone
from accounts.services import people
from events.trail import SYSTEM
from licenses.services import catalog
stated = {"at": timezone.now(), "origin": SYSTEM}
people.create_tenant(fields={"code": "BENCH", "name": "Bench"}, **stated)
catalog.create_product(
    fields={"product_id": "bench", "product_name": "Bench", "product_version": "1"}, **stated)
"""


@dataclass
class Turn:
    """One change among the questions of all readers."""

    token: str
    code: str
    answered: float = float("inf")
    stale: int = 0
    asked: int = 0
    last_stale: float = 0.0
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


def call(address: str, path: str, body: Any, key: str = "") -> dict[str, Any]:
    """Return the data of an answer; each call is a connection, so that any worker may take it."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {key}"} if key else {}
        connection.request("POST", API + path, json.dumps(body), headers)
        answer = connection.getresponse()
        said = json.load(answer)
    finally:
        connection.close()
    if answer.status >= http.client.BAD_REQUEST:
        raise SystemExit(f"{path} was refused: {said}")
    data: dict[str, Any] = said["data"]
    return data


def read(turn: Turn, addresses: list[str]) -> None:
    """Ask one server after the other until the change was answered, and a while longer."""
    left = AFTERWARDS
    for address in itertools.cycle(addresses):
        asked = time.monotonic()
        told = call(address, "/activations/validate", {"activation_token": turn.token})["code"]
        if told not in ("VALID", turn.code):
            raise SystemExit(f"A validation was told {told}.")
        with turn.lock:
            turn.asked += 1
            if asked < turn.answered:
                continue
            left -= 1
            if told == "VALID":
                turn.stale += 1
                turn.last_stale = max(turn.last_stale, time.monotonic() - turn.answered)
            else:
                turn.slowest = max(turn.slowest, time.monotonic() - asked)
        if not left:
            return


def measure(servers: list[str], key: str, code: str, number: int) -> Turn:
    """Sell a licence, let a device be known everywhere, then end it among questions."""
    terms = {
        "tenant_id": "BENCH", "product_id": "bench", "issued_to": "Bench",
        "license_type": "SUBSCRIPTION", "license_model": "PER_DEVICE",
    }  # fmt: skip
    sold = call(servers[0], "/licenses", terms, key)
    device = {"license_key": sold["license_key"], "device_fingerprint": f"stolen-laptop-{number}"}
    turn = Turn(call(servers[0], "/activations", device)["activation_token"], code)
    acts: dict[str, tuple[str, dict[str, str]]] = {
        "revoke": (f"/licenses/{sold['id']}/revoke", {"reason": "Misused."}),
        "bar": ("/security/blacklist-device", {**device, "reason": "Stolen."}),
    }
    readers = [
        threading.Thread(target=read, args=(turn, servers[n % 2 :] + servers[: n % 2]))
        for n in range(READERS)
    ]
    for reader in readers:
        reader.start()
    while turn.asked < READERS * AFTERWARDS:
        time.sleep(0.01)
    call(servers[number % 2], *acts[ACTS[code]], key)
    turn.answered = time.monotonic()
    for reader in readers:
        reader.join()
    return turn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stale", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="of each kind of change")
    rounds = parser.parse_args().rounds
    world = World()
    try:
        world.create_database()
        world.manage("shell", "-v0", "-c", PRODUCT)
        key = world.manage("create_api_key", "stale", "--scopes", "*").split()[-1]
        with world.web(PORT) as one, world.web(PORT + 1) as other:
            turns = [
                measure([one, other], key, code, number)
                for number in range(rounds)
                for code in ACTS
            ]
    finally:
        world.drop_database()
    for code in ACTS:
        found = [turn for turn in turns if turn.code == code]
        after = len(found) * READERS * AFTERWARDS
        print(
            f"{code}: {len(found)} changes, {sum(turn.asked for turn in found):,} validations by"
            f" 4 workers, {after:,} of them asked afterwards: {sum(turn.stale for turn in found)}"
            f" stale, slowest right answer {max(turn.slowest for turn in found):.3f} s"
        )
    raise SystemExit(1 if any(turn.stale for turn in turns) else 0)


if __name__ == "__main__":
    main()
