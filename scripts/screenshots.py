"""
Start the portal with a fresh demo and photograph its pages: `make screenshots`.

The pictures go to docs/screenshots, or to the folder given. Each page is taken at both widths.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"": 1440, "-phone": 390}
PATIENCE = 120

# Name, who looks at it, where it is, and the link to follow from there if the address is not known.
# A licence with some of its seats taken shows most.
A_LICENSE = "main tr:has-text('of 10') a[href*='/licenses/']"
A_LICENSE_OF_ALL = "tbody tr:has-text('Active'):has-text('/ 10') a[href*='/change/']"
SHOTS = [
    ("sign-in", "", "/accounts/login/", ""),
    ("portal-overview", "customer", "/t/{tenant_code}/", ""),
    ("portal-licenses", "customer", "/t/{tenant_code}/licenses/", ""),
    ("portal-license", "customer", "/t/{tenant_code}/licenses/", A_LICENSE),
    ("admin-dashboard", "staff", "/admin/", ""),
    ("admin-licenses", "staff", "/admin/licenses/license/", ""),
    ("admin-license", "staff", "/admin/licenses/license/", A_LICENSE_OF_ALL),
    ("admin-templates", "staff", "/admin/licenses/licensetemplate/", ""),
    ("admin-trail", "staff", "/admin/events/event/", ""),
    ("api-docs", "", "/api/licensing/docs/", ""),
]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {**os.environ, "VAR_DIR": var, "PORT": str(port), "ENV_FILE": os.devnull}
        command = [sys.executable, str(ROOT / "scripts" / "run.py")]
        portal = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://localhost:{port}"
            wait_for(f"{address}/healthz")
            photograph(address, json.loads((Path(var) / "demo.json").read_text()), folder)
        finally:
            portal.send_signal(signal.SIGINT)
            portal.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"The portal did not answer within {PATIENCE} s.")


def photograph(address: str, demo: dict[str, str], folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        for who in ("", "customer", "staff"):
            page = signed_in(browser, address, demo, who)
            for name, looked_at_by, path, link in SHOTS:
                if looked_at_by == who:
                    take(page, name, address + path.format(**demo), link, folder)
        browser.close()


def signed_in(browser: Browser, address: str, demo: dict[str, str], who: str) -> Page:
    page = browser.new_context(locale="en-GB", timezone_id="UTC").new_page()
    if who:
        page.goto(f"{address}/accounts/login/")
        page.fill("input[name=login]", demo[f"{who}_email"])
        page.fill("input[name=password]", demo[f"{who}_password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state("networkidle")
    return page


def take(page: Page, name: str, url: str, link: str, folder: Path) -> None:
    for suffix, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(url, wait_until="networkidle")
        if answer is None or not answer.ok:
            sys.exit(f"{name}: {url} answered {answer and answer.status}")
        if link:
            page.goto(page.locator(link).first.evaluate("a => a.href"), wait_until="networkidle")
        page.screenshot(path=str(folder / f"{name}{suffix}.png"), full_page=True)
        print(f"{name}{suffix}.png", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
