"""
What processes that share the suite tell the one that reports: no more than it shows.

Each test is six messages otherwise, and to take them apart is a process's work of its own.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

WORTH_TELLING = 0.05  # seconds: a slower set-up stands among the `--durations`


def _is_shown(event: str, data: dict[str, Any]) -> bool:
    if event in ("logstart", "logfinish"):
        return False
    if event != "testreport" or data["when"] == "call" or data["outcome"] != "passed":
        return True
    return bool(data["sections"]) or data["duration"] > WORTH_TELLING


def pytest_configure(config: pytest.Config) -> None:
    """Let this worker's messenger leave out the rest."""
    for plugin in config.pluginmanager.get_plugins():
        if hasattr(plugin, "sendevent"):
            plugin.sendevent = partial(_send_what_is_shown, plugin.sendevent)


def _send_what_is_shown(send: Callable[..., None], event: str, **said: Any) -> None:
    if _is_shown(event, said.get("data", said)):
        send(event, **said)
