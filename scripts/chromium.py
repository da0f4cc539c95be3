"""Make sure that there is a Chromium for the browser tests: `make test-browser`."""

import os
import shutil
import subprocess
import sys

INSTALL = "apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core"


def main() -> None:
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if not shutil.which("apt-get"):
        sys.exit("No Chromium found, and no apt-get to install it: install Chromium and try again.")
    print("Installing Chromium ...", flush=True)
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in ("apt-get update -qq", INSTALL):
        done = subprocess.run(
            [*rights, *command.split()], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            sys.exit(f"Chromium cannot be installed: {said[0]}")


if __name__ == "__main__":
    main()
