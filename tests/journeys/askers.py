"""Devices that keep asking each of several web processes, while something changes under them."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

_PATIENCE = 120


@dataclass
class Heard:
    """What one process told of a token after the change was answered, and which of it was old."""

    codes: list[str] = field(default_factory=list)
    stale: int = 0
    # How long after the change the last question was put that got an old answer.
    late: float = 0.0


def heard_after(
    change: Callable[[], object], *, ports: Sequence[int], token: str, answers: int
) -> list[Heard]:
    """
    Keep asking every port about the token, make the change, and return what each told after it.

    Each is heard to say VALID before, and so many times after the change was answered.
    """
    done: list[float] = []
    ready = threading.Barrier(len(ports) + 1, timeout=_PATIENCE)

    def ask(port: int) -> Heard:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        for _ in range(3):
            assert _code(connection, token) == "VALID"
        ready.wait()
        heard = Heard()
        while len(heard.codes) < answers:
            begun = time.monotonic()
            code = _code(connection, token)
            if done and begun >= done[0]:
                heard.codes.append(code)
                if code == "VALID":
                    heard.stale += 1
                    heard.late = begun - done[0]
        connection.close()
        return heard

    with ThreadPoolExecutor(len(ports)) as pool:
        asking = [pool.submit(ask, port) for port in ports]
        try:
            ready.wait()
            change()
        finally:
            # Whatever went wrong, nobody asks for ever.
            done.append(time.monotonic())
        return [one.result() for one in asking]


def _code(connection: http.client.HTTPConnection, token: str) -> str:
    connection.request(
        "POST",
        "/api/licensing/activations/validate",
        json.dumps({"activation_token": token}),
        {"Content-Type": "application/json"},
    )
    body = json.load(connection.getresponse())
    code: str = body["data"]["code"]
    return code
