"""From a row's cells to the licence they ask for; what cannot be read is refused by its column."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from events.refusals import invalid
from licenses.selectors import feature_list
from licenses.services.entitlements import FeatureGrant
from licenses.services.issue_terms import IssueRequest
from licenses.states import PendingCause, Status
from licenses.terms import ExpiryBasis, default_basis, end_of_day

Cells = Mapping[str, Any]

_NOBODY = uuid.UUID(int=0)
_YES = {"true", "yes", "1"}
_NO = {"false", "no", "0"}
# What an export tells beside the terms; an import reckons it anew.
TOLD_BY_EXPORTS = frozenset(
    {"id", "unlimited", "current_activations", "grace_ends_at", "suspension_code"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A row that could be read: its names as they stand there, and the terms."""

    key: str
    tenant: str
    customer: str
    template: str
    product: str
    terms: dict[str, Any]
    status: str
    restricted: bool

    def request(self) -> IssueRequest:
        """Return what is asked for; whom and what it names is resolved elsewhere."""
        return IssueRequest(tenant_id=_NOBODY, pending_cause=self._cause(), **self.terms)

    def _cause(self) -> PendingCause | None:
        if self.status != Status.PENDING:
            return PendingCause.NONE if self.status else None
        kind = self.terms.get("license_type", "")
        waits_by_itself = default_basis(kind) == ExpiryBasis.FIRST_ACTIVATION
        return (
            None if waits_by_itself and "expiry_date" not in self.terms else PendingCause.APPROVAL
        )


def asked(cells: Cells) -> Asked:
    """
    Return what a row asks for.

    :raises VALIDATION_ERROR: naming every cell that cannot be read
    """
    wrong: dict[str, str] = {}
    read: dict[str, Any] = {}
    for name, value in cells.items():
        if name not in COLUMNS:
            continue
        try:
            read[name] = COLUMNS[name](value)
        except (ValueError, TypeError, OverflowError) as error:
            wrong[name] = str(error) or "Cannot be read."
    if "tenant" not in read and "tenant" not in wrong:
        wrong["tenant"] = "Required."
    if "*" in read.get("license_key", ""):
        wrong["license_key"] = "This is a mask; export with the keys in clear."
    if wrong:
        raise invalid(**wrong)
    names = {
        field: read.pop(column, "")
        for field, column in {
            "key": "license_key",
            "tenant": "tenant",
            "customer": "customer",
            "template": "template",
            "product": "product_id",
            "status": "status",
        }.items()
    }
    read.setdefault("issued_to", names["customer"])
    restricted = read.pop("restricted", False)
    return Asked(**names, restricted=restricted, terms=read)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("A text.")
    if "\0" in value:
        raise ValueError("No NUL in any text.")
    return value.strip()


def _code(value: Any) -> str:
    return _text(value).upper()


def _number(value: Any) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise ValueError("A whole number.")
    return int(str(value))


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise ValueError("true or false.")
    return word in _YES


def _status(value: Any) -> str:
    try:
        return Status(_code(value)).value
    except ValueError:
        raise ValueError(f"One of {', '.join(Status)}.") from None


def _moment(value: Any, *, of_day: Callable[[date], datetime]) -> datetime:
    text = _text(value)
    try:
        if len(text) == len("2027-01-31"):
            return of_day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Write 2027-01-31 or 2027-01-31T09:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _start(value: Any) -> datetime:
    return _moment(value, of_day=lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC))


def _end(value: Any) -> datetime:
    return _moment(value, of_day=end_of_day)


def _metadata(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("An object; JSON files only.")
    return value


def _features(value: Any) -> tuple[FeatureGrant, ...]:
    return _granted(_text(value))


# A file of a hundred thousand rows states a handful of lists.
@lru_cache(maxsize=1_000)
def _granted(line: str) -> tuple[FeatureGrant, ...]:
    return tuple(FeatureGrant(**one._asdict()) for one in feature_list.read(line))


# The columns that an import knows, and how each is read.
COLUMNS: dict[str, Callable[[Any], Any]] = {
    "license_key": _text,
    "tenant": _code,
    "customer": _text,
    "issued_to": _text,
    "template": _text,
    "product_id": _text,
    "product_name": _text,
    "product_version": _text,
    "license_type": _code,
    "license_model": _code,
    "status": _status,
    "max_activations": _number,
    "overage": _code,
    "issued_date": _start,
    "activation_date": _start,
    "expiry_date": _end,
    "maintenance_expiry": _end,
    "duration_days": _number,
    "trial_period_days": _number,
    "grace_period_days": _number,
    "auto_renewal": _flag,
    "features": _features,
    "restricted": _flag,
    "bound_domain": _text,
    "hardware_fingerprint": _text,
    "metadata": _metadata,
}
