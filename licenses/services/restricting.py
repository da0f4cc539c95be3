"""Restricting: what licences and templates are restricted to, and how that is changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from events import vault
from events.refusals import invalid
from licenses.models import License, LicenseTemplate, Restriction, TemplateRestriction
from licenses.services.fixed_terms import FIXED, check_restrictions
from licenses.services.kept_restrictions import (
    Kept,
    Rows,
    held_by,
    offered_by,
    read,
    told,
    with_value,
)
from licenses.terms import BindTo, Operator, RestrictionType

Changes = dict[str, tuple[Any, Any]]
# A field that stands for the one value of an ALLOW row.
SHORTHANDS = {
    "bound_domain": RestrictionType.DOMAIN,
    "hardware_fingerprint": RestrictionType.HARDWARE_ID,
}


def for_issue(
    given: Rows | None,
    shorthands: Mapping[str, str | None],
    template: LicenseTemplate | None,
    *,
    may_override: bool = False,
) -> list[Kept]:
    """
    Return what a new licence is restricted to: what was asked, else what the template says.

    What a template does not let be configured stays, whatever is asked; whoever may override it
    states the same kind otherwise.

    :raises VALIDATION_ERROR: a value cannot be, the template fixes it, or leaves it to be stated
    """
    offered = offered_by(template) if template else []
    fixed = [row for row in offered if not row.configurable]
    if given is None:
        for row in offered:
            if not row.values and not _stated_by(shorthands, row):
                raise invalid(
                    restrictions=f"State the values of {row.operator} {row.restriction_type}."
                )
        rows = [row for row in offered if row.values]
    else:
        asked = read(given, held=offered)
        if may_override:
            kinds = {row.kind for row in asked}
            fixed = [row for row in fixed if row.kind not in kinds]
        taken = {row.kind for row in fixed}
        same = [row.compared for row in fixed]
        wrong: dict[str, str | list[str]] = {
            f"restrictions.{index}": FIXED
            for index, row in enumerate(asked)
            if row.kind in taken and row.compared not in same
        }
        if wrong:
            raise invalid(**wrong)
        rows = fixed + [row for row in asked if row.compared not in same]
    for name, value in shorthands.items():
        if not value:
            continue
        if not may_override and any(allows(row, SHORTHANDS[name]) for row in fixed):
            raise invalid(**{name: FIXED})
        rows = _with_shorthand(rows, name, value, offered)
    return rows


def change(
    license: License,
    given: Rows | None,
    shorthands: Mapping[str, str | None],
    *,
    may_override: bool = False,
) -> Changes:
    """
    Let a locked licence be restricted to exactly this; return what changed, for the trail.

    A shorthand that says what the licence has is no wish of its own, so that an answer may be
    sent back with only its restrictions changed, or only its shorthand.

    :raises VALIDATION_ERROR: a value cannot be, shorthand and restrictions disagree, or the
        licence's template fixes it
    """
    held = held_by(license)
    rows = held if given is None else read(given, held=held)
    for name, value in shorthands.items():
        wished = _with_shorthand(rows, name, value, held)
        stated, asked, before = (_allowed(kept, SHORTHANDS[name]) for kept in (rows, wished, held))
        if asked in (stated, before):
            continue
        if stated != before:
            raise invalid(**{name: "The restrictions say something else."})
        rows = wished
    if license.template is not None and not may_override:
        short = {(kind.value, Operator.ALLOW.value): name for name, kind in SHORTHANDS.items()}
        names = short if given is None else {}
        check_restrictions(offered_by(license.template), rows, held=held, names=names)
    return replace(license, rows, held)


def take_over(license: License, template: LicenseTemplate) -> Changes:
    """
    Let a locked licence be restricted as its new template says; return what changed.

    What the template leaves to be stated, and what it too ties to a first device, stays as it is.

    :raises VALIDATION_ERROR: the template leaves something to be stated that the licence lacks
    """
    held, offered = held_by(license), offered_by(template)
    rows = [row for row in offered if row.values]
    stays = {row.kind for row in offered if not row.values}
    kept = [row for row in held if row.kind in stays]
    lacking = stays - {row.kind for row in kept}
    if lacking:
        named = ", ".join(f"{operator} {kind}" for kind, operator in sorted(lacking))
        raise invalid(restrictions=f"State the values of {named}.")
    for kind in BindTo(template.bind_on_first_activation).types:
        tied = [row for row in held if allows(row, kind)]
        kept += [] if any(allows(row, kind) for row in [*rows, *kept]) else tied
    return replace(license, [*rows, *kept], held)


def store(license: License, rows: Sequence[Kept]) -> None:
    """Write a licence's restrictions; it has none yet."""
    Restriction.objects.bulk_create(rows_for(license, rows))


def rows_for(license: License, rows: Sequence[Kept]) -> list[Restriction]:
    """Return the rows, not yet stored, by which a licence would be restricted."""
    return [
        Restriction(
            license=license,
            restriction_type=row.restriction_type,
            operator=row.operator,
            values=list(row.values),
            sealed=list(row.sealed),
            position=position,
        )
        for position, row in enumerate(rows)
    ]


def restated(template: LicenseTemplate) -> Rows:
    """Return a template's restrictions as somebody would state them for another."""
    return [
        {
            "restriction_type": row.restriction_type,
            "operator": row.operator,
            "configurable": row.configurable,
            "default_values": [vault.decrypt(text) for text in row.sealed] or row.default_values,
        }
        for row in template.restrictions.order_by("position", "id")
    ]


def replace_in_template(template: LicenseTemplate, given: Rows) -> Changes:
    """
    Let a template restrict its licences to exactly this; return what changed, for the trail.

    :raises VALIDATION_ERROR: a value cannot be
    """
    held = offered_by(template)
    rows = read(given, held=held, values_in="default_values")
    if _same(rows, held) and [row.configurable for row in rows] == [
        row.configurable for row in held
    ]:
        return {}
    template.restrictions.all().delete()
    TemplateRestriction.objects.bulk_create(
        TemplateRestriction(
            template=template,
            restriction_type=row.restriction_type,
            operator=row.operator,
            configurable=row.configurable,
            default_values=list(row.values),
            sealed=list(row.sealed),
            position=position,
        )
        for position, row in enumerate(rows)
    )
    return {"restrictions": (told(held), told(rows))}


def _with_shorthand(
    rows: Sequence[Kept], name: str, value: str | None, held: Sequence[Kept]
) -> list[Kept]:
    """Return the rows with exactly this one value allowed, or without any of its type."""
    kind = SHORTHANDS[name]
    others = [row for row in rows if not allows(row, kind)]
    if not value:
        return others
    try:
        allowed = with_value(Kept(kind, Operator.ALLOW, ()), value, held)
    except ValueError as error:
        raise invalid(**{name: str(error)}) from None
    if any(allows(row, kind) and row.values == allowed.values for row in rows):
        return list(rows)
    return [*others, allowed]


def replace(license: License, rows: Sequence[Kept], held: Sequence[Kept]) -> Changes:
    """Let a locked licence, restricted to `held`, be restricted to these; return what changed."""
    if _same(rows, held):
        return {}
    license.restrictions.all().delete()
    store(license, rows)
    return {"restrictions": (told(held), told(rows))}


def _same(one: Sequence[Kept], other: Sequence[Kept]) -> bool:
    return [row.compared for row in one] == [row.compared for row in other]


def _allowed(rows: Sequence[Kept], restriction_type: str) -> list[tuple[str, ...]]:
    return [row.values for row in rows if allows(row, restriction_type)]


def allows(row: Kept, restriction_type: str) -> bool:
    """Return whether a row lets only values of this kind pass."""
    return row.restriction_type == restriction_type and row.operator == Operator.ALLOW


def _stated_by(shorthands: Mapping[str, str | None], row: Kept) -> bool:
    return any(value and allows(row, SHORTHANDS[name]) for name, value in shorthands.items())
