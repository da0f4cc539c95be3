"""Importing row by row within a chunk: what is right is written, what is wrong is told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction

from events import trail, vault
from events.models import Event
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import keys, statements
from licenses.keys import KeyScheme
from licenses.models import Entitlement, Hold, License, Restriction, TrialUse
from licenses.selectors import typed_keys
from licenses.services import entitlements, issue_terms, keyring, restricting
from licenses.services.importing.files import Row
from licenses.services.importing.names import Names
from licenses.services.importing.rows import Asked, asked
from licenses.services.issue_terms import IssueRequest
from licenses.services.kept_restrictions import kept, told
from licenses.services.lifecycle.writing import told_at_issue
from licenses.services.metadata import check_metadata
from licenses.states import HoldCode, Status
from licenses.terms import LicenseType

CHUNK = 2_000
# Another import of the same keys at the same time makes a chunk be judged once more.
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row was not imported."""

    line: int
    refusal: Refusal
    # Another licence has its key: the row was imported before, and there is nothing to mend.
    held: bool = False

    @property
    def words(self) -> str:
        """What is wrong, by column where it is known."""
        told = self.refusal
        parts = [
            f"{name}: {' '.join(text) if isinstance(text, list) else text}"
            for name, text in told.details.items()
        ]
        code = [] if told.code == "VALIDATION_ERROR" else [told.message or told.code]
        return "; ".join([*code, *parts])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come: rows read and imported so far, and this chunk's faults."""

    read: int
    imported: int
    faults: Sequence[Fault]


@dataclass(slots=True)
class _Made:
    """What one row becomes."""

    line: int
    license: License
    entitlements: list[dict[str, Any]]
    restrictions: list[Restriction]
    key: str
    hold: Hold | None = None


def import_licenses(
    *, rows: Iterable[Row], at: datetime, origin: Origin, dry_run: bool = False, chunk: int = CHUNK
) -> Iterator[Progress]:
    """
    Import licences and yield how far it has come after each chunk, a transaction of its own.

    A row that is wrong is told by its line and leaves the others alone. A key that a licence has
    already is such a fault, so a file can be mended and imported again. With `dry_run` everything
    is judged and nothing written.
    """
    names, seen = Names(), set[bytes]()
    rows = iter(rows)
    read = imported = 0
    while given := list(islice(rows, chunk)):
        made, faults = _import_chunk(given, names, seen, at=at, origin=origin, dry_run=dry_run)
        read, imported = read + len(given), imported + made
        yield Progress(read, imported, sorted(faults, key=lambda fault: fault.line))


def _import_chunk(
    given: list[Row],
    names: Names,
    seen: set[bytes],
    *,
    at: datetime,
    origin: Origin,
    dry_run: bool,
) -> tuple[int, list[Fault]]:
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                made, faults = _judged(given, names, at=at)
                made = _not_there_yet(made, seen, faults)
                if not dry_run:
                    _write(made, names, at=at, origin=origin)
                break
        except IntegrityError:
            if attempt == _TRIES - 1:
                raise
    seen |= {bytes(one.license.key_digest) for one in made if one.key}
    return len(made), faults


def _judged(given: list[Row], names: Names, *, at: datetime) -> tuple[list[_Made], list[Fault]]:
    made, faults = [], []
    readable: list[tuple[int, Asked]] = []
    for line, cells in given:
        try:
            readable.append((line, asked(cells)))
        except Refusal as refusal:
            faults.append(Fault(line, refusal))
    names.look_up([wanted for _, wanted in readable])
    for line, wanted in readable:
        try:
            made.append(_made(line, wanted, names, at=at))
        except Refusal as refusal:
            faults.append(Fault(line, refusal))
    return made, faults


def _made(line: int, row: Asked, names: Names, *, at: datetime) -> _Made:
    """Return the licence a row asks for, by the rules by which any licence is issued."""
    tenant = names.tenant(row)
    template = names.template(row, tenant)
    product = names.product(row, template)
    request = row.request()
    license = issue_terms.terms_of(request, product, template)
    license.tenant = tenant
    license.reseller = tenant.sold_by
    license.customer = names.customer(row, tenant)
    issue_terms.set_dates(license, request, at=at)
    check_metadata(license.metadata)
    grants = request.features
    if grants is None:
        grants = names.grants_of(template) if template else []
    made = _Made(
        line,
        license,
        names.granted.columns(license, product, grants),
        _restricted(license, request, names),
        row.key,
    )
    if row.restricted and not made.restrictions:
        raise invalid(restricted="State to what, or a template that does.")
    if row.key:
        _keep_key(made)
    _set_standing(made, row.status, at=at)
    license.status = license.status_at(at).value
    license.created_at = license.updated_at = at
    return made


def _restricted(license: License, request: IssueRequest, names: Names) -> list[Restriction]:
    stated = {name: getattr(request, name) for name in restricting.SHORTHANDS}
    if license.template is not None and not any(stated.values()):
        kept = names.restrictions_of(license.template)
    else:
        kept = restricting.for_issue(None, stated, license.template)
    return restricting.rows_for(license, kept)


def _keep_key(made: _Made) -> None:
    found = keys.recognise(made.key, opaque_too=True)
    if found is None:
        raise invalid(license_key="8 to 512 letters, digits and `._~-`.")
    made.license.key_scheme, made.key = found[0].value, found[1]
    keyring.keep(made.license, made.key)


def _set_standing(made: _Made, status: str, *, at: datetime) -> None:
    """Let a licence stand as it stood where it came from; what the clock says needs no word."""
    license = made.license
    if status == Status.REVOKED:
        license.revoked_at = at
    elif status == Status.INACTIVE:
        license.parked = True
    elif status == Status.SUSPENDED and license.status_at(at) != Status.SUSPENDED:
        license.hold_code, license.hold_reason = HoldCode.STAFF.value, "Imported as suspended."
        made.hold = Hold(
            license=license, code=license.hold_code, reason=license.hold_reason, placed_at=at
        )


def _not_there_yet(made: list[_Made], seen: set[bytes], faults: list[Fault]) -> list[_Made]:
    """Return those whose key nobody has, neither in the database nor further up in the file."""
    taken = set(seen)
    ours = {one.license.pk: vault.digests(keyring.PURPOSE, one.key) for one in made if one.key}
    every = [digest for digests in ours.values() for digest in digests]
    held = License.objects.filter(key_digest__in=every).values_list("key_digest", flat=True)
    taken |= {bytes(digest) for digest in held}
    fresh = []
    for one in made:
        digests = ours.get(one.license.pk, ())
        if taken.intersection(digests):
            refusal = invalid(license_key="A licence has this key already.")
            faults.append(Fault(one.line, refusal, held=True))
            continue
        taken.update(digests)
        fresh.append(one)
    return fresh


def _write(made: list[_Made], names: Names, *, at: datetime, origin: Origin) -> None:
    for one in made:
        if not one.key:
            features = [row["feature_id"] for row in one.entitlements if row["enabled"]]
            keyring.give_new_key(one.license, features=features, at=at, origin=origin)
    licenses = [one.license for one in made]
    statements.insert_many(License, [vars(one) for one in licenses])
    statements.insert_many(Entitlement, [row for one in made for row in one.entitlements])
    restricted = [vars(row) for one in made for row in one.restrictions]
    statements.insert_many(Restriction, restricted)
    statements.insert_many(Hold, [vars(one.hold) for one in made if one.hold])
    TrialUse.objects.bulk_create(
        [
            TrialUse(product=one.product, license=one, customer_id=one.customer_id, used_at=at)
            for one in licenses
            if one.license_type == LicenseType.TRIAL and one.customer_id
        ],
        # Who had a trial before has had it; what was sold elsewhere is not judged again.
        ignore_conflicts=True,
    )
    salts: dict[Any, bytes] = {}
    if trail.is_personal(origin):
        salts = names.salts(one.customer_id for one in licenses if one.customer_id)
    statements.insert_many(Event, [_event(one, salts, at=at, origin=origin) for one in made])
    if any(one.key_scheme == KeyScheme.OPAQUE for one in licenses):
        transaction.on_commit(typed_keys.look_again)


def _event(made: _Made, salts: dict[Any, bytes], *, at: datetime, origin: Origin) -> dict[str, Any]:
    license = made.license
    return trail.columns(
        "license.issued",
        at=at,
        origin=origin,
        salt=salts.get(license.customer_id),
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes=told_at_issue(
            license,
            features=entitlements.told_of(made.entitlements),
            restrictions=told(kept(made.restrictions)),
        )
        # What vouches for a key that was brought, another system knows.
        | ({"key_brought": (None, True)} if made.key else {}),
        reason=f"Imported from line {made.line}.",
    )
