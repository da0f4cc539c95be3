"""Matching what is known of a caller against the restrictions of a licence."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

import msgspec

from licenses.restrictions import hours
from licenses.restrictions.values import (
    DEVICE_TYPES,
    Network,
    address_of,
    host_of,
    network_of,
)
from licenses.terms import Operator, RestrictionType

# In the order in which a failure names the code.
CODES = {
    RestrictionType.GEOGRAPHIC: "RESTRICTED_COUNTRY",
    RestrictionType.DOMAIN: "RESTRICTED_DOMAIN",
    RestrictionType.IP_RANGE: "RESTRICTED_IP",
    RestrictionType.MAC_ADDRESS: "RESTRICTED_MAC",
    RestrictionType.HARDWARE_ID: "RESTRICTED_HARDWARE",
    RestrictionType.TIME_BASED: "RESTRICTED_TIME",
}
# Before the end of a value that is not shown.
HIDDEN = "****"
_LONGEST_HINT = 4
NOT_STATED = "not stated"
NOT_KNOWN = "not known of this address"
NOT_ALLOWED = "not among the allowed"
DENIED = "denied"
AS_STATED = "as stated by the caller"


class RestrictionFacts(msgspec.Struct, frozen=True, array_like=True):
    """
    One restriction, its values in the form in which they are kept.

    A value that names a device is digests, joined by commas, and what people may see of it:
    `3fa1…,9c0d…|a1b2`.
    """

    restriction_type: str
    operator: str
    values: tuple[str, ...]

    @property
    def shown_values(self) -> list[str]:
        """Return the values as people may see them."""
        return shown_values(self.restriction_type, self.values)


class Row(Protocol):
    """A restriction, stored or known."""

    restriction_type: str
    operator: str

    @property
    def shown_values(self) -> list[str]: ...


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a caller, empty where nothing is; devices are known by digests, in hex."""

    country: str = ""
    # The caller's own word, as no file of addresses says otherwise.
    country_stated: bool = True
    domain: str = ""
    address: str = ""
    mac: frozenset[str] = frozenset()
    hardware: frozenset[str] = frozenset()
    # Besides those, by which the device may be meant, though it named no hardware id.
    fingerprint: frozenset[str] = frozenset()


class Finding(msgspec.Struct, frozen=True):
    """Whether the restrictions of one type let a caller pass, and why not."""

    restriction_type: RestrictionType
    passed: bool
    detail: str = ""

    @property
    def code(self) -> str:
        return CODES[self.restriction_type]


def hint(identity: str) -> str:
    """Return the end by which people recognise a device's identity: a quarter, at most four."""
    identity = identity.strip()
    shown = min(_LONGEST_HINT, len(identity) // 4)
    return identity[len(identity) - shown :]


def shown_values(restriction_type: str, values: Sequence[str]) -> list[str]:
    """Return values as people may see them: of one that names a device only its end."""
    if restriction_type not in DEVICE_TYPES:
        return list(values)
    return [f"{HIDDEN}{value.partition('|')[2]}" for value in values]


def bound_to(rows: Iterable[Row], restriction_type: str) -> str:
    """Return the one value that a licence is tied to, or nothing where it is none or several."""
    allowed = [
        row
        for row in rows
        if row.restriction_type == restriction_type and row.operator == Operator.ALLOW
    ]
    values = [value for row in allowed for value in row.shown_values]
    return values[0] if len(values) == 1 else ""


def findings(
    restrictions: Sequence[RestrictionFacts], caller: Whereabouts, *, at: datetime
) -> list[Finding]:
    """
    Return a finding for every type that is restricted, in the order of their codes.

    Rows of one type and operator add up; all types must pass; DENY wins over ALLOW. ALLOW refuses
    what it does not name and what is unknown, DENY only what is known to match.
    """
    return [
        _finding(kind, rows, caller, at)
        for kind in CODES
        if (rows := [row for row in restrictions if row.restriction_type == kind])
    ]


def _finding(
    kind: RestrictionType, rows: list[RestrictionFacts], caller: Whereabouts, at: datetime
) -> Finding:
    matches, unknown = _MATCHERS[kind](caller, at)
    said = AS_STATED if kind is RestrictionType.GEOGRAPHIC and caller.country_stated else ""
    allowed = [row for row in rows if row.operator == Operator.ALLOW]
    denied = [row for row in rows if row.operator == Operator.DENY]
    if any(matches(value) for row in denied for value in row.values):
        return Finding(kind, False, DENIED)
    if not allowed or any(matches(value) for row in allowed for value in row.values):
        return Finding(kind, True, "" if unknown else said)
    return Finding(kind, False, unknown or NOT_ALLOWED)


# How one value of a type is compared, and why nothing can be, where that is so.
_Matcher = tuple[Callable[[str], bool], str]


def _by_country(caller: Whereabouts, at: datetime) -> _Matcher:
    unknown = NOT_STATED if caller.country_stated else NOT_KNOWN
    return lambda value: value == caller.country, "" if caller.country else unknown


def _by_domain(caller: Whereabouts, at: datetime) -> _Matcher:
    host = host_of(caller.domain)

    def matches(value: str) -> bool:
        if value.startswith("*."):
            return host.endswith(value[1:]) and len(host) > len(value) - 1
        return value == host

    return (matches, "") if host else (_never, NOT_STATED)


def _by_address(caller: Whereabouts, at: datetime) -> _Matcher:
    address = address_of(caller.address)
    if address is None:
        return _never, NOT_STATED
    return lambda value: address in _network(value), ""


def _by_mac(caller: Whereabouts, at: datetime) -> _Matcher:
    return _named_in(caller.mac), "" if caller.mac else NOT_STATED


def _by_hardware(caller: Whereabouts, at: datetime) -> _Matcher:
    return _named_in(caller.hardware | caller.fingerprint), "" if caller.hardware else NOT_STATED


def _by_time(caller: Whereabouts, at: datetime) -> _Matcher:
    return lambda value: hours.read(value).holds(at), ""


def _named_in(digests: frozenset[str]) -> Callable[[str], bool]:
    return lambda value: not digests.isdisjoint(value.partition("|")[0].split(","))


def _never(value: str) -> bool:
    return False


@lru_cache(maxsize=4_096)
def _network(text: str) -> Network:
    return network_of(text)


_MATCHERS: dict[RestrictionType, Callable[[Whereabouts, datetime], _Matcher]] = {
    RestrictionType.GEOGRAPHIC: _by_country,
    RestrictionType.DOMAIN: _by_domain,
    RestrictionType.IP_RANGE: _by_address,
    RestrictionType.MAC_ADDRESS: _by_mac,
    RestrictionType.HARDWARE_ID: _by_hardware,
    RestrictionType.TIME_BASED: _by_time,
}
