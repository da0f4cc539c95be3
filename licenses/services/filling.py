"""Filling a database with very many licences to measure on; nothing that is sold is made so."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from accounts.models import Customer, Tenant
from events import trail, vault
from licenses import keys, statements
from licenses.keys import KeyScheme, grouped
from licenses.models import Entitlement, Feature, License, Product
from licenses.services import issuing, keyring
from licenses.services.entitlements import FeatureGrant
from licenses.services.issuing import IssueRequest
from licenses.terms import LicenseModel, LicenseType

PRODUCT = "bench"
CHUNK = 10_000
_FEATURES = ("alpha", "beta", "gamma")
_TENANTS = 100
_CUSTOMERS_PER_TENANT = 20
# Issued on each of so many days past, so that all of them still work.
_SPREAD_DAYS = 300


@dataclass(frozen=True, slots=True)
class _Row:
    """What differs from the first licence; each field is a column of the same name."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    customer_id: uuid.UUID
    issued_to: str
    key_digest: bytes
    key_ciphertext: str
    key_hint: str
    issued_date: datetime
    expiry_date: datetime
    grace_ends_at: datetime
    created_at: datetime
    updated_at: datetime


_COLUMNS = tuple(field.name for field in fields(_Row))
_values = attrgetter(*_COLUMNS)


def key_of(number: int) -> str:
    """Return the key of the licence of that number: anyone can, hence only for measuring."""
    digest = int.from_bytes(hashlib.sha256(b"bench\0%d" % number).digest(), "big")
    body = "".join(grouped.ALPHABET[(digest >> 5 * place) & 31] for place in range(19))
    symbols = body + grouped.check_symbol(body)
    return "-".join(symbols[start : start + 4] for start in range(0, 20, 4))


def fill(*, licenses: int, seats: int, at: datetime) -> Iterator[int]:
    """
    Let there be that many licences with three features each; yield how many there are by now.

    What an earlier call made is kept, so it may be broken off and called again for more.
    """
    pattern = _pattern(seats=seats, at=at)
    customers = list(Customer.objects.filter(tenant__code__startswith="BENCH").order_by("id"))
    start = License.objects.filter(product=pattern.product).count() - 1
    yield start
    while start < licenses:
        end = min(start + CHUNK, licenses)
        _fill_chunk(range(start, end), pattern, customers, at=at)
        start = end
        yield start


@transaction.atomic
def _pattern(*, seats: int, at: datetime) -> License:
    """Return the licence that all others copy, issued like any other."""
    product, is_new = Product.objects.get_or_create(
        product_id=PRODUCT, defaults={"product_name": "Bench", "product_version": "1.0"}
    )
    if not is_new:
        return License.objects.filter(product=product).earliest("id")
    Feature.objects.bulk_create(
        Feature(product=product, feature_id=name, feature_name=name.title()) for name in _FEATURES
    )
    tenants = [Tenant(code=f"BENCH{n:03d}", name=f"Bench tenant {n}") for n in range(_TENANTS)]
    Tenant.objects.bulk_create(tenants)
    Customer.objects.bulk_create(
        Customer(tenant=tenant, name=f"Buyer {n}", email=f"buyer{n}@{tenant.code.lower()}.example")
        for tenant in tenants
        for n in range(_CUSTOMERS_PER_TENANT)
    )
    request = IssueRequest(
        tenant_id=tenants[0].pk,
        product_id=PRODUCT,
        issued_to="The pattern of all others",
        license_type=LicenseType.SUBSCRIPTION,
        license_model=LicenseModel.PER_DEVICE,
        max_activations=seats,
        features=[FeatureGrant(feature_id=name) for name in _FEATURES],
    )
    return issuing.issue_license(request=request, at=at, origin=trail.SYSTEM).license


@transaction.atomic
def _fill_chunk(
    numbers: range, pattern: License, customers: list[Customer], *, at: datetime
) -> None:
    """Copy the pattern in two statements, for all numbers at once."""
    with connection.cursor() as cursor:
        if statements.on_postgresql():
            # After a crash it is filled anew anyway.
            cursor.execute("SET LOCAL synchronous_commit TO off")
        cursor.execute("DROP TABLE IF EXISTS bench_rows")
        listed = ", ".join(_COLUMNS)
        cursor.execute(
            f"CREATE TEMPORARY TABLE bench_rows AS SELECT {listed} FROM licenses_license WHERE 1=0"  # noqa: S608 - column names of our own
        )
        _load(cursor, (_row(number, customers, at=at) for number in numbers))
        pattern_id = License._meta.pk.get_db_prep_value(pattern.pk, connection)
        cursor.execute(_copy_licenses(), [pattern_id])
        cursor.execute(_copy_entitlements(), [pattern_id])


def _row(number: int, customers: list[Customer], *, at: datetime) -> _Row:
    customer = customers[number % len(customers)]
    key = key_of(number)
    issued = at - timedelta(days=number % _SPREAD_DAYS)
    expiry = issued + timedelta(days=365)
    return _Row(
        id=uuid7(),
        tenant_id=customer.tenant_id,
        customer_id=customer.pk,
        issued_to=f"{customer.name}, machine room {number}",
        key_digest=vault.digest(keyring.PURPOSE, key),
        key_ciphertext=vault.encrypt(key),
        key_hint=keys.hint_of(KeyScheme.GROUPED, key),
        issued_date=issued,
        expiry_date=expiry,
        grace_ends_at=expiry + timedelta(days=30),
        created_at=issued,
        updated_at=issued,
    )


def _load(cursor: Any, rows: Iterator[_Row]) -> None:
    listed = ", ".join(_COLUMNS)
    if statements.on_postgresql():
        with cursor.copy(f"COPY bench_rows ({listed}) FROM STDIN") as copy:
            for row in rows:
                # In COPY's own text form: adapting a million rows value by value takes minutes.
                copy.write("\t".join(map(_as_text, _values(row))) + "\n")
        return
    columns: list[Any] = [License._meta.get_field(name) for name in _COLUMNS]
    places = ", ".join(["%s"] * len(_COLUMNS))
    cursor.executemany(
        f"INSERT INTO bench_rows ({listed}) VALUES ({places})",  # noqa: S608 - column names of our own
        [
            [
                column.get_db_prep_save(value, connection)
                for column, value in zip(columns, _values(row), strict=True)
            ]
            for row in rows
        ],
    )


def _as_text(value: Any) -> str:
    return rf"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _copy_licenses() -> str:
    columns = [str(field.column) for field in License._meta.concrete_fields]
    values = [f"{'r' if column in _COLUMNS else 'p'}.{column}" for column in columns]
    return (
        f"INSERT INTO licenses_license ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608 - column names of our own
        " FROM bench_rows r, licenses_license p WHERE p.id = %s"
    )


def _copy_entitlements() -> str:
    columns = [str(field.column) for field in Entitlement._meta.concrete_fields]
    new_id = "gen_random_uuid()" if statements.on_postgresql() else "lower(hex(randomblob(16)))"
    own = {"id": new_id, "license_id": "r.id"}
    values = [own.get(column, f"p.{column}") for column in columns]
    return (
        f"INSERT INTO licenses_entitlement ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608 - column names of our own
        " FROM bench_rows r, licenses_entitlement p WHERE p.license_id = %s"
    )
