"""
Run the whole portal on this machine: `make run`.

Migrates, seeds the demo once, starts what the Procfile names, and says where to sign in as soon
as the web process answers.
"""

import os
import shutil
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing_portal.settings")
os.environ.setdefault("DEBUG", "1")

PATIENCE = 60  # seconds until a web process that does not answer is called stuck


def main() -> None:
    os.chdir(ROOT)
    # Each server process counts for itself; this folder is where /metrics adds them up. Named
    # before anything counts, cleared because the numbers are of one start.
    from licensing_portal.last_run import remember_run
    from licensing_portal.settings import PORT, PUBLIC_URL, VAR_DIR

    refuse_taken(PORT)
    os.environ |= {"PORT": str(PORT), "PUBLIC_URL": PUBLIC_URL}
    # The demo's vendor, unless the environment or .env, which is read by now, names another.
    os.environ.setdefault("VENDOR_NAME", "Tern & Vale")
    os.environ.setdefault("VENDOR_EMAIL", "licensing@tern-vale.example")
    remember_run(VAR_DIR)
    numbers = VAR_DIR / "metrics"
    shutil.rmtree(numbers, ignore_errors=True)
    numbers.mkdir()
    prepare_data()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "WEB_WORKERS": os.environ.get("WEB_WORKERS", "1"),  # each more makes the start slower
        "PROMETHEUS_MULTIPROC_DIR": str(numbers),
        "PYTHONUNBUFFERED": "1",
    }
    sys.exit(serve(environment, PORT))


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used ({error.strerror}): PORT={port + 1} make run")


def prepare_data() -> None:
    import django
    from django.core.management import call_command, get_commands
    from django.db import connections

    django.setup()
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except SystemExit:
        print("Migrating the database ...", flush=True)
        call_command("migrate", verbosity=0)
    call_command("setup_roles", verbosity=0)
    if "seed_demo" in get_commands():
        call_command("seed_demo", once=True)
    connections.close_all()


def serve(environment: dict[str, str], port: int) -> int:
    from honcho.environ import parse_procfile
    from honcho.manager import Manager

    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        # Somebody waits for web; the others may take what it leaves of the processor.
        command = command if name == "web" else f"nice -n 19 {command}"
        manager.add_process(name, command, env=environment)
    threading.Thread(target=welcome, args=[port], daemon=True).start()
    manager.loop()
    stopped_by_hand = manager.returncode in {130, 143}  # Ctrl-C, SIGTERM
    return 0 if stopped_by_hand else int(manager.returncode or 0)


def welcome(port: int) -> None:
    from django.core.management import call_command

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            call_command("welcome")
            sys.stdout.flush()  # whoever reads a log waits for it
            return
    print(f"The web process did not answer within {PATIENCE} s; its lines above say why.")


if __name__ == "__main__":
    main()
