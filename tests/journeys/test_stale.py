"""Four web processes tell a device that it is barred, or its licence revoked, at the next call."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.journeys.askers import heard_after
from tests.journeys.served import Served

WORKERS = 4
# One process makes all: the command's key comes first.
PREPARE = """
from django.core.management import call_command
from django.utils import timezone
from tests.factories import issue
call_command("create_api_key", "journey", scopes="*")
for _ in range(2):
    print("KEY", issue(at=timezone.now()).key)
"""


@pytest.fixture
def portals(tmp_path: Path, installed: dict[str, str]) -> Iterator[list[Served]]:
    """One installation, served by processes that share nothing but what it runs on."""
    never = dict.fromkeys(("RATE_LIMIT_TOKEN", "RATE_LIMIT_LICENSE"), "1000000/min")
    shared = installed | never
    folders = [tmp_path / str(number) for number in range(WORKERS)]
    for folder in folders:
        folder.mkdir()
    served = [Served(folder, **shared) for folder in folders]
    with ExitStack() as ending, ThreadPoolExecutor(WORKERS) as pool:
        for starting in [pool.submit(one.start) for one in served]:
            starting.result()
        for one in served:
            ending.callback(one.stop)
        yield served


def test_a_bar_and_a_revocation_reach_the_next_answer_of_every_process(
    portals: list[Served],
) -> None:
    first, *_, last = portals
    said = first.manage("shell", "-v0", text=PREPARE).splitlines()
    _, key, *keys = (line.split()[-1] for line in said)
    bar = {"device_fingerprint": "device-1", "reason": "Stolen."}

    def revoke(license_id: str) -> None:
        path = f"/licenses/{license_id}/revoke"
        assert last.call("POST", path, {"reason": "Charged back."}, bearer=key)[0] == 200

    def bar_it(license_id: str) -> None:
        status, _ = first.call("POST", "/security/blacklist-device", bar, bearer=key)
        assert status == 200

    for issued, device, change, code in zip(
        keys,
        ("device-1", "device-2"),
        (bar_it, revoke),
        ("DEVICE_BLACKLISTED", "LICENSE_REVOKED"),
        strict=True,
    ):
        body = {"license_key": issued, "device_fingerprint": device}
        status, answer = first.call("POST", "/activations", body)
        assert status == 201, answer
        token = answer["data"]["activation_token"]

        told = heard_after(
            partial(change, answer["data"]["license_id"]),
            ports=[portal.port for portal in portals],
            token=token,
            answers=10,
        )

        assert [set(heard.codes) for heard in told] == [{code}] * WORKERS
