"""Start checks: what this portal needs to work with, each fault said in one line."""

import ipaddress
import sqlite3
import sys
from typing import Any

import maxminddb
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Critical, Tags, register
from django.db import connections

from accounts import statements
from licenses.services.root_keys import EMBEDDED, OFFLINE

MINIMUM_PYTHON = (3, 11)
MINIMUM_SQLITE = (3, 38)
MINIMUM_POSTGRESQL = 150_000
MINIMUM_REDIS = (6, 2)


@register()
def versions_in_this_process(**_: Any) -> list[CheckMessage]:
    """Report a Python or SQLite that is too old."""
    found: list[CheckMessage] = []
    if sys.version_info < MINIMUM_PYTHON:
        found.append(Critical("Python 3.11 or newer is needed.", id="portal.C001"))
    if _uses("sqlite") and sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        found.append(Critical("SQLite 3.38 or newer is needed.", id="portal.C002"))
    return found


@register(Tags.database)
def version_of_postgresql(**_: Any) -> list[CheckMessage]:
    """Report a PostgreSQL that is too old; `migrate` asks, so every deployment does."""
    if not _uses("postgresql"):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
    if version >= MINIMUM_POSTGRESQL:
        return []
    return [Critical("PostgreSQL 15 or newer is needed.", id="portal.C003")]


@register(Tags.database)
def wall_between_tenants(**_: Any) -> list[CheckMessage]:
    """Report that the database withholds no tenant's rows: then only our own filters do."""
    if not statements.wall_is_due() or statements.wall_stands():
        return []
    return [
        checks.Warning(
            "PostgreSQL does not keep tenants apart: its role portal_tenant is missing, or a pooler"
            " stands between.",
            hint="The operator's guide says under 'The second wall' how to raise it.",
            id="portal.W001",
        )
    ]


@register(Tags.database)
def version_of_redis(**_: Any) -> list[CheckMessage]:
    """Report a Redis that is too old; one that is away is no reason not to start."""
    if not settings.REDIS_URL:
        return []
    import redis  # noqa: PLC0415 - slow to import, and not used where there is none

    try:
        version = redis.Redis.from_url(settings.REDIS_URL).info("server")["redis_version"]
    except redis.RedisError:
        return []
    if tuple(int(part) for part in version.split(".")[:2]) >= MINIMUM_REDIS:
        return []
    return [Critical("Redis 6.2 or newer is needed.", id="portal.C004")]


@register()
def file_of_addresses(**_: Any) -> list[CheckMessage]:
    """Report a GEOIP_FILE that cannot be read: without it countries were believed."""
    if not settings.GEOIP_FILE:
        return []
    try:
        maxminddb.open_database(settings.GEOIP_FILE).close()
    except (OSError, maxminddb.InvalidDatabaseError):
        return [Critical("GEOIP_FILE is no file in MaxMind's format.", id="portal.C005")]
    return []


@register()
def place_of_the_root(**_: Any) -> list[CheckMessage]:
    """Report a SIGNING_ROOT that is neither: meant as offline, it would leave the root here."""
    if settings.SIGNING_ROOT in (EMBEDDED, OFFLINE):
        return []
    return [
        Critical(
            f"SIGNING_ROOT is {settings.SIGNING_ROOT!r}: it is {EMBEDDED} or {OFFLINE}.",
            id="portal.C006",
        )
    ]


@register(deploy=True)
def root_on_this_server(**_: Any) -> list[CheckMessage]:
    """Say, to `check --deploy`, that whoever breaks in here could vouch for keys of their own."""
    if settings.SIGNING_ROOT != EMBEDDED:
        return []
    return [
        checks.Info(
            "The root of all signatures is on this server, encrypted in VAR_DIR/roots.",
            hint="The operator's guide says under 'Keys that sign' how to keep it elsewhere.",
            id="portal.I001",
        )
    ]


@register()
def networks_of_webhooks(**_: Any) -> list[CheckMessage]:
    """Report a WEBHOOK_NETWORKS that cannot be read: sending would fail one by one."""
    for text in settings.WEBHOOK_NETWORKS:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            return [Critical(f"WEBHOOK_NETWORKS: {text} is no network.", id="portal.C007")]
    return []


def _uses(vendor: str) -> bool:
    return connections["default"].vendor == vendor
