"""How the portal reaches database, cache and queue: with services, or with files in VAR_DIR."""

from pathlib import Path
from typing import Any

import environ


def database(url: str, *, prepare_threshold: str) -> dict[str, Any]:
    """Give the setting of the one database, which a URL names."""
    found: dict[str, Any] = environ.Env.db_url_config(url)
    if found["ENGINE"].endswith("postgresql"):
        # No health checks: they cost each request a round trip to spare it a restart of PostgreSQL.
        found["CONN_MAX_AGE"] = None
        found.setdefault("OPTIONS", {}).update(
            options="-c statement_timeout=30000",
            prepare_threshold=None if prepare_threshold == "off" else int(prepare_threshold),
        )
    else:
        # IMMEDIATE takes the write lock at BEGIN: a later upgrade of a read lock could not wait.
        found["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
            ),
        }
    return found


def cache(redis_url: str, var_dir: Path) -> dict[str, Any]:
    """Give a cache that all processes share: the sign-in limiter counts in it."""
    backends = "django.core.cache.backends"
    if redis_url:
        return {"BACKEND": f"{backends}.redis.RedisCache", "LOCATION": redis_url}
    return {"BACKEND": f"{backends}.filebased.FileBasedCache", "LOCATION": str(var_dir / "cache")}


def queue_of_files(var_dir: Path) -> dict[str, Any]:
    """Make the folders of a queue without Redis, and give its options."""
    messages, control = var_dir / "queue" / "messages", var_dir / "queue" / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        # One folder both ways: what web puts in is what the worker takes out.
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": 0.2,
    }
