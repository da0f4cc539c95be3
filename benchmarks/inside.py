"""What has to be done or measured inside a Django process: `python -m benchmarks.inside JOB`."""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from uuid_utils.compat import uuid7  # noqa: E402

from accounts.models import Customer  # noqa: E402
from benchmarks import offline  # noqa: E402
from benchmarks.load import as_pgbench, cpu_seconds  # noqa: E402
from benchmarks.rich import body_of_rich  # noqa: E402
from events import trail, vault  # noqa: E402
from events.models import PersonKey  # noqa: E402
from licenses import hot  # noqa: E402
from licenses.models import Activation, License  # noqa: E402
from licenses.selectors import snapshots  # noqa: E402
from licenses.selectors.snapshots import FINGERPRINT  # noqa: E402
from licenses.services import counters, heartbeat, lifecycle, seats  # noqa: E402
from licenses.services.filling import PRODUCT, key_of  # noqa: E402
from licenses.services.tokens import token_digest, token_for  # noqa: E402
from licenses.terms import LicenseType  # noqa: E402

_LEASED = 1_000
_METRICS = {"api_calls_count": 17.0, "data_processed_mb": 3.5, "active_users": 4.0}


def prepare(folder: str, licenses: str, tokens: str) -> dict[str, int]:
    """Write the bodies that wrk sends and the scripts that pgbench runs."""
    keys = [key_of(number) for number in range(int(licenses) - 1)]
    # As issuing would have made them; the trail needs one to write down an address.
    PersonKey.objects.bulk_create(
        [PersonKey(person_id=pk) for pk in Customer.objects.values_list("pk", flat=True)],
        ignore_conflicts=True,
    )
    known = _activate(keys[: int(tokens)])
    leased = _lease(keys[-_LEASED:])
    bodies: dict[str, list[dict[str, Any]]] = {
        "spread": [{"license_key": key, "device_fingerprint": "device-@"} for key in keys],
        "hot": [{"license_key": keys[0], "device_fingerprint": "device-@"}],
        "empty": [{"activation_token": known[0][1]}],
        "tokens": [{"activation_token": token} for _, token in known],
        "warm": [{"activation_token": token} for _, token in known[:1_000]],
        "signed": [
            {"activation_token": token, "nonce": f"measured-{number:04}"}
            for number, (_, token) in enumerate(known[:1_000])
        ],
        "keys": [
            {
                "license_key": key,
                "device_fingerprint": f"known-{number}",
                "product_id": PRODUCT,
                "features": ["alpha"],
            }
            for number, key in enumerate(keys[:1_000])
        ],
        "rich": [body_of_rich(at=timezone.now())],
        "consume": [
            {"activation_token": token, "feature_id": "alpha"} for _, token in known[:1_000]
        ],
        "consume_hot": [{"license_key": keys[0], "feature_id": "alpha"}],
        "leases": [
            {"license_key": key, "device_fingerprint": "lease-@"} for key in keys[-_LEASED:]
        ],
        "renewals": [{"activation_token": token} for _, token in leased],
        "beats": [{"activation_token": token, "metrics": _METRICS} for _, token in known[:1_000]],
    }
    for name, lines in bodies.items():
        text = "\n".join(map(json.dumps, lines))
        (Path(folder) / f"{name}.txt").write_text(text + "\n")
    _write_pgbench(Path(folder), len(keys))
    return {"keys": len(keys), "tokens": len(known)}


def flush(beats: str) -> dict[str, float]:
    """Measure how fast kept heartbeats are written: rows a second over a whole flush."""
    ids = list(Activation.objects.live().values_list("id", flat=True)[: int(beats)])
    heartbeat.flush(at=timezone.now())
    store, rates = hot.store(), []
    for number in range(3):
        told = {"api_calls_count": 10.0 * number, "data_processed_mb": 2.0 * number}
        for pk in ids:
            at = heartbeat.tail(told, at=timezone.now())
            store.keep_beat(b'["%b",%b' % (pk.hex.encode(), at))
        begun = time.perf_counter()
        rows = heartbeat.flush(at=timezone.now())
        rates.append(rows / (time.perf_counter() - begun))
    # The first round inserts, the others update: the others are the ordinary day.
    return _spread(rates[1:])


def sweep(due: str, by_orm: str) -> dict[str, dict[str, float]]:
    """Measure the status sweep and the same by an ORM loop, both with an event each."""
    now = timezone.now()
    days = [now - timedelta(days=days) for days in (5, 4, 3, 2, 1)]
    for day, count in zip(days, (int(by_orm), 1, *[int(due)] * 3), strict=True):
        _make_due(count, day)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        # As if they had lain there for a year: those that end on a day were issued on one.
        cursor.execute("VACUUM (FULL, ANALYZE) licenses_license")
    loop = _sweep_by_orm(days[0])
    lifecycle.keep_up(at=days[1])
    rates, used, both = [], [], _both_sides()
    for day in days[2:]:
        begun, before = time.perf_counter(), cpu_seconds(both)
        moved = lifecycle.keep_up(at=day)
        rates.append(moved / (time.perf_counter() - begun))
        used.append((cpu_seconds(both) - before) * 1e6 / moved)
    return {"sweep": _spread(rates), "loop": _spread([loop]), "cpu": _spread(used)}


def _both_sides() -> list[int]:
    """Return this process, and the one of PostgreSQL that works for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [os.getpid(), cursor.fetchone()[0]]


def _sweep_by_orm(at: datetime) -> float:
    """Do what a sweep does as one would at first; return how many rows a second."""
    begun = time.perf_counter()
    moved = 0
    for pk in list(License.objects.behind_the_clock(at).values_list("pk", flat=True)):
        with transaction.atomic():
            row = License.objects.select_for_update().get(pk=pk)
            before, row.status = row.status, "EXPIRED"
            row.save()
            changes = {"status": (before, row.status)}
            trail.record(
                "license.expired",
                at=at,
                origin=trail.SYSTEM,
                tenant_id=row.tenant_id,
                customer_id=row.customer_id,
                license_id=row.pk,
                changes=changes,
            )
        moved += 1
    return moved / (time.perf_counter() - begun)


def _spread(rates: list[float]) -> dict[str, float]:
    return {"least": min(rates), "median": statistics.median(rates), "most": max(rates)}


def _lease(keys: list[str]) -> list[tuple[str, str]]:
    """Let these licences count live leases, one of a day for each; return whose, and its token."""
    digests = [vault.digest(snapshots.KEY, key) for key in keys]
    rows = License.objects.filter(key_digest__in=digests)
    rows.update(license_type=LicenseType.CONCURRENT, lease_seconds=86_400)
    return _activate(keys, leased_until=timezone.now() + timedelta(days=1))


def _activate(keys: list[str], *, leased_until: datetime | None = None) -> list[tuple[str, str]]:
    """Give each licence one device, and return its name and token."""
    digests = {vault.digest(snapshots.KEY, key): key for key in keys}
    owners = {
        bytes(digest): pk
        for pk, digest in License.objects.filter(product__product_id=PRODUCT).values_list(
            "pk", "key_digest"
        )
    }
    rows, known, at = [], [], timezone.now()
    for number, digest in enumerate(digests):
        pk, name = uuid7(), f"known-{number}"
        token = token_for(pk, generation=1, version=vault.token_version())
        known.append((name, token))
        rows.append(
            Activation(
                id=pk,
                license_id=owners[digest],
                fingerprint_digest=vault.digest(FINGERPRINT, name),
                fingerprint_digest_version=vault.digest_version(),
                fingerprint_hint="nown",
                token_digest=token_digest(token),
                token_key_version=vault.token_version(),
                activated_at=at,
                lease_expires_at=leased_until,
            )
        )
    Activation.objects.bulk_create(rows, batch_size=2_000)
    License.objects.filter(pk__in=[row.license_id for row in rows]).update(current_activations=1)
    return known


def _make_due(count: int, expired: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE licenses_license SET expiry_date = %s, grace_ends_at = %s + interval '9 years'
               WHERE id IN (SELECT id FROM licenses_license WHERE status = 'ACTIVE'
                            AND expiry_date > now() ORDER BY id DESC LIMIT %s)""",
            [expired, expired, count],
        )


def _write_pgbench(folder: Path, licenses: int) -> None:
    """Licences of its own, found by hashes that SQL can make, and the statements as ours are."""
    columns = [str(field.column) for field in License._meta.concrete_fields]
    chosen = {"id": "md5(n::text)::uuid", "key_digest": "sha256(n::text::bytea)"}
    values = ", ".join(chosen.get(column, f"p.{column}") for column in columns)
    tenant = License.objects.earliest("id").tenant_id
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO licenses_license ({", ".join(columns)}) SELECT {values}
                FROM generate_series(1, {licenses}) n,
                     (SELECT * FROM licenses_license ORDER BY id LIMIT 1) p"""
        )
        entitlement = "id, license_id, feature_id, feature_name, enabled, period, position"
        cursor.execute(
            f"""INSERT INTO licenses_entitlement ({entitlement}, limit_type)
                SELECT gen_random_uuid(), md5(n::text)::uuid, f, f, true, 'NONE', 0, ''
                FROM generate_series(1, {licenses}) n, unnest(ARRAY['alpha','beta','gamma']) f"""
        )
        cursor.execute("ANALYZE")
    device = "sha256(:d::text::bytea)"
    given = {
        "digest": "sha256(:n::text::bytea)",
        "fingerprint": device,
        "license": "md5(:n::text)::uuid",
        "tenant": f"'{tenant}'::uuid",
        "revision": "1",
        "capacity": "1000000000",
        "sold": "1000000000",
        "marks": "ARRAY[100, 90, 75]",
        "mark_id": "gen_random_uuid()",
        "units": "1",
        "told_once_since": "NULL",
        "at": "now()",
        **{f"a_{name}": "''" for name in seats._ACTIVATION},
        **{f"e_{name}": "''" for name in seats._EVENT},
        **dict.fromkeys(("a_id", "e_event_id", "e_activation_id"), "gen_random_uuid()"),
        **dict.fromkeys(("a_activated_at", "e_occurred_at", "e_recorded_at"), "now()"),
        **dict.fromkeys(("a_token_generation", "a_units", "a_token_key_version"), "1"),
        **dict.fromkeys(("a_hardware_digest", "a_mac_digest", "e_customer_id"), "NULL"),
        **dict.fromkeys(("a_declared_units", "a_named_user_id", "a_lease_expires_at"), "NULL"),
        **dict.fromkeys(("a_borrowed_until", "a_heartbeat_due_at", "a_valid_until"), "NULL"),
        **dict.fromkeys(("a_metadata", "e_changes"), "'{}'"),
        "a_fingerprint_digest": device,
        "a_fingerprint_digest_version": "1",
        "a_token_digest": "sha256(gen_random_uuid()::text::bytea)",
        "a_activation_type": "'ONLINE'",
        "a_ip_address": "'127.0.0.1'",
        "e_type": "'activation.created'",
        "e_tenant_id": f"'{tenant}'::uuid",
        "e_license_id": "md5(:n::text)::uuid",
        "e_actor_kind": "'device'",
        "e_ip_address_sealed": f"'{'x' * 60}'",
        "e_request_id": f"'{'x' * 32}'",
    }
    anyone = f"\\set n random(1, {licenses})\n\\set d random(1, 1000000000000000)\n"
    counted = given | {
        "id": "gen_random_uuid()",
        "feature_id": "'alpha'",
        "period_start": "'1970-01-01'::date",
        "amount": "1::numeric",
        "most": "1e15::numeric",
        "shares": "'{}'",
    }
    consume = as_pgbench(counters._ADDED_UNTOLD, counted)
    # As many licences as the devices have that consume over HTTP.
    few = anyone.replace(f"random(1, {licenses})", "random(1, 1000)", 1)
    (folder / "consume.sql").write_text(few + consume)
    (folder / "consume_hot.sql").write_text(few.replace("random(1, 1000)", "1", 1) + consume)
    load = as_pgbench(snapshots._sql()[0], given)
    take = as_pgbench(seats._TAKE, given)
    (folder / "spread.sql").write_text(anyone + load + take)
    (folder / "hot.sql").write_text(anyone.replace(f"random(1, {licenses})", "1", 1) + take)


JOBS: dict[str, Callable[..., Any]] = {
    "prepare": prepare,
    "flush": flush,
    "sweep": sweep,
    "offline": offline.measure,
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    print(json.dumps(JOBS[sys.argv[1]](*sys.argv[2:])))
