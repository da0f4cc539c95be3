"""Fixtures for tests that look at pages in a real Chromium."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parent / "browser" / "vendor" / "axe.min.js"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    # Playwright runs a loop in this thread, and Django then refuses the ORM to every fixture.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {
        "executable_path": chromium(),
        "headless": True,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "UTC",
    }


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Fail on any WCAG 2 A or AA violation that axe-core finds on the page."""

    def check(page: Page) -> None:
        # Evaluated from outside, so the page's content security policy need not allow it.
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})).violations"
        )
        assert not found, "\n".join(
            f"{rule['id']}: {rule['help']}\n  "
            + "\n  ".join(node["html"] for node in rule["nodes"])
            for rule in found
        )

    return check


def chromium() -> str:
    """Give the path of the machine's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise pytest.UsageError("No Chromium: `make test-browser` installs it where apt-get is at hand")
