"""Without Redis tasks wait in a folder, which writers and a worker use at once."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from licensing_portal import folder_queue
from licensing_portal.celery import app

MESSAGES = 300


@pytest.fixture
def channel(tmp_path: Path) -> Any:
    options = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out")}
    with Connection("filesystem://", transport_options=options | {
        "control_folder": str(tmp_path / "control"),
        "store_processed": True,
        "processed_folder": str(tmp_path / "processed"),
    }) as connection:  # fmt: skip
        (tmp_path / "processed").mkdir()
        yield connection.default_channel


def test_the_portal_uses_it_where_there_is_no_redis(channel: Any):
    assert app.connection("filesystem://").transport_cls == folder_queue.NAME
    assert isinstance(channel, folder_queue.Channel)


def test_a_worker_never_takes_a_message_that_is_not_written_to_its_end(channel: Any):
    # Long enough that writing it takes a while.
    long = "x" * 200_000

    def write() -> None:
        for number in range(MESSAGES):
            channel._put("celery", {"number": number, "long": long})

    writer = threading.Thread(target=write)
    writer.start()
    taken = []
    while writer.is_alive() or channel._size("celery"):
        try:
            taken.append(channel._get("celery")["number"])
        except Empty:
            continue
    writer.join()
    assert sorted(taken) == list(range(MESSAGES))
