"""Reading the values of restrictions, and the form in which they are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from events import vault
from events.refusals import invalid
from licenses import restrictions
from licenses.models import License, LicenseTemplate, Restriction, TemplateRestriction
from licenses.restrictions import HIDDEN
from licenses.restrictions.matching import hint
from licenses.selectors.snapshots import FINGERPRINT
from licenses.selectors.whereabouts import HARDWARE_ID, MAC_ADDRESS
from licenses.terms import Operator, RestrictionType

Rows = Sequence[Mapping[str, Any]]
# What a device's value may be compared with: its own digest, or that of the device's identity.
_PURPOSES = {
    RestrictionType.MAC_ADDRESS: (MAC_ADDRESS,),
    RestrictionType.HARDWARE_ID: (HARDWARE_ID, FINGERPRINT),
}
_MAX_ROWS = 100
_MAX_VALUES = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A restriction in the form in which it is kept, not yet of any licence or template."""

    restriction_type: str
    operator: str
    values: tuple[str, ...]
    sealed: tuple[str, ...] = ()
    configurable: bool = True

    @property
    def kind(self) -> tuple[str, str]:
        return self.restriction_type, self.operator

    @property
    def shown_values(self) -> list[str]:
        return restrictions.shown_values(self.restriction_type, self.values)

    @property
    def compared(self) -> tuple[str, str, tuple[str, ...]]:
        """What tells it from another: not how it happens to be encrypted."""
        return self.restriction_type, self.operator, self.values


def held_by(license: License) -> list[Kept]:
    """Return what restricts a licence now."""
    return kept(license.restrictions.order_by("position", "id"))


def kept(rows: Iterable[Restriction]) -> list[Kept]:
    """Return what these rows of a licence restrict."""
    return [
        Kept(row.restriction_type, row.operator, tuple(row.values), tuple(row.sealed))
        for row in rows
    ]


def offered_by(template: LicenseTemplate) -> list[Kept]:
    """Return what a template restricts its licences to."""
    return [
        Kept(
            row.restriction_type,
            row.operator,
            tuple(row.default_values),
            tuple(row.sealed),
            row.configurable,
        )
        for row in template.restrictions.order_by("position", "id")
    ]


def read(given: Rows, *, held: Sequence[Kept] = (), values_in: str = "values") -> list[Kept]:
    """
    Return restrictions as they are to be kept.

    A device value that comes back as it was shown (`****a1b2`) is the one among `held` that is
    shown so.

    :raises VALIDATION_ERROR: naming every value that cannot be, by its path
    """
    wrong: dict[str, str | list[str]] = {}
    rows = []
    for index, row in enumerate(given):
        path = f"restrictions.{index}"
        kind, operator = row.get("restriction_type"), row.get("operator")
        texts = row.get(values_in) or []
        if kind not in list(RestrictionType):
            wrong[f"{path}.restriction_type"] = f"One of {', '.join(RestrictionType)}."
        if operator not in list(Operator):
            wrong[f"{path}.operator"] = f"One of {', '.join(Operator)}."
        if not texts and not (values_in == "default_values" and row.get("configurable", True)):
            wrong[f"{path}.{values_in}"] = "At least one value."
        if wrong:
            continue
        kept = Kept(str(kind), str(operator), (), configurable=row.get("configurable", True))
        for place, text in enumerate(texts):
            try:
                kept = with_value(kept, text, held)
            except ValueError as error:
                wrong[f"{path}.{values_in}.{place}"] = str(error)
        rows.append(kept)
    if len(given) > _MAX_ROWS or sum(len(row.values) for row in rows) > _MAX_VALUES:
        wrong["restrictions"] = f"At most {_MAX_ROWS} rows with {_MAX_VALUES} values in all."
    if wrong:
        raise invalid(**wrong)
    return rows


def told(rows: Iterable[Kept]) -> list[str]:
    """Return restrictions as the trail tells them."""
    return [f"{row.operator} {row.restriction_type}: {', '.join(row.shown_values)}" for row in rows]


def digested(restriction_type: str, text: str) -> str:
    """Return a device's value in the form in which it is kept: its digests and its end."""
    digests = [
        digest.hex()
        for purpose in _PURPOSES[RestrictionType(restriction_type)]
        for digest in vault.digests(purpose, text)
    ]
    return f"{','.join(digests)}|{hint(text)}"


def digested_anew(row: Restriction | TemplateRestriction) -> tuple[list[str], list[str]]:
    """
    Return a stored row's device values, digested and encrypted under the newest keys.

    :raises VaultError: if one opens with no key of the ring
    """
    return (
        [digested(row.restriction_type, vault.decrypt(text)) for text in row.sealed],
        [vault.rotate(text) for text in row.sealed],
    )


def with_value(row: Kept, text: str, held: Sequence[Kept]) -> Kept:
    """
    Return a restriction with one more value.

    :raises ValueError: saying what is wrong with it
    """
    kind = row.restriction_type
    if kind in restrictions.DEVICE_TYPES and text.startswith(HIDDEN):
        value, sealed = _as_shown(kind, text, held)
    else:
        value, sealed = restrictions.normalised(kind, text), ""
        if kind in restrictions.DEVICE_TYPES:
            value, sealed = digested(kind, value), vault.encrypt(value)
    if value in row.values:
        return row
    return replace(
        row,
        values=(*row.values, value),
        sealed=(*row.sealed, sealed) if sealed else row.sealed,
    )


def _as_shown(kind: str, text: str, held: Sequence[Kept]) -> tuple[str, str]:
    for row in held:
        if row.restriction_type == kind and text in row.shown_values:
            place = row.shown_values.index(text)
            return row.values[place], row.sealed[place] if row.sealed else ""
    raise ValueError("Nothing that is kept ends so; state the whole value.")
