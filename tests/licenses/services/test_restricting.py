"""What licences are restricted to, as people state it and as it is kept."""

from typing import Any

import pytest

from events import vault
from events.models import Event
from events.refusals import Refusal
from licenses.models import License, LicenseTemplate
from licenses.services.changing import change_license
from licenses.services.templates import create_template, update_template
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product

pytestmark = pytest.mark.django_db
MAC = "00:1a:2b:3c:4d:5e"


def row(kind: str, *values: str, operator: str = "ALLOW") -> dict[str, Any]:
    return {"restriction_type": kind, "operator": operator, "values": list(values)}


def change(license: License, rows: Any = None, **shorthands: str | None) -> License:
    return change_license(
        license_id=license.pk,
        changes={},
        restrictions=rows,
        shorthands=shorthands,
        at=NOW,
        origin=STAFF,
    )


def told_of(license: License) -> list[tuple[str, str, list[str]]]:
    return [
        (one.restriction_type, one.operator, one.shown_values)
        for one in license.restrictions.order_by("position")
    ]


def test_restrictions_replace_whole_with_one_event_and_a_new_revision() -> None:
    license = issue(restrictions=[row("DOMAIN", "a.example")]).license

    change(license, [row("GEOGRAPHIC", "uk", "DE"), row("IP_RANGE", "10.1.2.3/8", operator="DENY")])

    license.refresh_from_db()
    assert told_of(license) == [
        ("GEOGRAPHIC", "ALLOW", ["GB", "DE"]), ("IP_RANGE", "DENY", ["10.0.0.0/8"]),
    ]  # fmt: skip
    assert license.revision == 2
    assert Event.objects.get(type="license.updated").changes["restrictions"] == {
        "before": ["ALLOW DOMAIN: a.example"],
        "after": ["ALLOW GEOGRAPHIC: GB, DE", "DENY IP_RANGE: 10.0.0.0/8"],
    }


@pytest.mark.parametrize(
    ("rows", "shorthands"),
    [
        ([row("DOMAIN", "A.example:80"), row("MAC_ADDRESS", MAC)], {}),
        ([row("DOMAIN", "a.example"), row("MAC_ADDRESS", "****d:5e")], {}),
        ([row("DOMAIN", "a.example", "a.example"), row("MAC_ADDRESS", MAC, MAC.upper())], {}),
        (None, {"bound_domain": "a.example"}),
        ([row("DOMAIN", "a.example"), row("MAC_ADDRESS", MAC)], {"bound_domain": "a.example"}),
    ],
)
def test_what_says_the_same_changes_nothing(rows: Any, shorthands: dict[str, str]) -> None:
    license = issue(restrictions=[row("DOMAIN", "a.example"), row("MAC_ADDRESS", MAC)]).license
    before = list(license.restrictions.values())

    change(license, rows, **shorthands)

    license.refresh_from_db()
    assert (license.revision, list(license.restrictions.values())) == (1, before)
    assert not Event.objects.filter(type="license.updated").exists()


def test_what_names_a_device_is_kept_as_digests_with_its_end() -> None:
    license = issue(restrictions=[row("MAC_ADDRESS", MAC), row("HARDWARE_ID", "board-77")]).license

    mac, hardware = license.restrictions.order_by("position")

    assert mac.values == [f"{vault.digest('mac_address', MAC).hex()}|d:5e"]
    digests = [vault.digest(name, "board-77").hex() for name in ("hardware_id", "fingerprint")]
    assert hardware.values == [f"{','.join(digests)}|77"]
    assert [vault.decrypt(text) for text in mac.sealed + hardware.sealed] == [MAC, "board-77"]
    kept = str(list(License.objects.values()) + list(license.restrictions.values()))
    events = str(list(Event.objects.values()))
    assert MAC not in kept + events
    assert "board-77" not in kept + events


def test_a_device_that_is_shown_may_be_kept_beside_a_new_one() -> None:
    license = issue(restrictions=[row("MAC_ADDRESS", MAC)]).license
    (old,) = license.restrictions.get().values

    change(license, [row("MAC_ADDRESS", "****d:5e", "00:1a:2b:3c:4d:ff")])

    kept = license.restrictions.get()
    assert kept.values[0] == old
    assert kept.shown_values == ["****d:5e", "****d:ff"]
    assert len(kept.sealed) == 2


@pytest.mark.parametrize(
    ("rows", "shorthands", "field"),
    [
        ([row("MAC_ADDRESS", "****ffff")], {}, "restrictions.0.values.0"),
        ([row("GEOGRAPHIC", "DE"), row("GEOGRAPHIC", "DE", "XX")], {}, "restrictions.1.values.1"),
        ([row("DOMAIN")], {}, "restrictions.0.values"),
        ([row("DOMAIN", "a.example", operator="MAYBE")], {}, "restrictions.0.operator"),
        ([row("DOMAIN", "a.example")] * 101, {}, "restrictions"),
        (
            [row("IP_RANGE", *(f"10.0.{n // 256}.{n % 256}" for n in range(1001)))],
            {},
            "restrictions",
        ),
        (None, {"bound_domain": "a b"}, "bound_domain"),
        (None, {"hardware_fingerprint": "****zzzz"}, "hardware_fingerprint"),
        # Both say something new, and not the same.
        ([row("DOMAIN", "b.example")], {"bound_domain": "c.example"}, "bound_domain"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_changes(rows, shorthands, field) -> None:
    license = issue(restrictions=[row("DOMAIN", "a.example")]).license

    with pytest.raises(Refusal) as refused:
        change(license, rows, **shorthands)

    assert (refused.value.code, [*refused.value.details]) == ("VALIDATION_ERROR", [field])
    license.refresh_from_db()
    assert (license.revision, told_of(license)) == (1, [("DOMAIN", "ALLOW", ["a.example"])])


HELD = [row("DOMAIN", "a.example"), row("DOMAIN", "x.example", operator="DENY")]


@pytest.mark.parametrize(
    ("rows", "shorthands", "allowed"),
    [
        (None, {"bound_domain": "b.example"}, ["b.example"]),
        (None, {"bound_domain": None}, None),
        (None, {"bound_domain": ""}, None),
        # An answer sent back with one of the two changed: that one is meant.
        (HELD, {"bound_domain": "b.example"}, ["b.example"]),
        ([row("DOMAIN", "b.example"), HELD[1]], {"bound_domain": "a.example"}, ["b.example"]),
        ([row("DOMAIN", "a.example", "b.example"), HELD[1]], {"bound_domain": "a.example"},
         ["a.example", "b.example"]),
        ([row("DOMAIN", "b.example"), HELD[1]], {"bound_domain": "B.example"}, ["b.example"]),
    ],
)  # fmt: skip
def test_a_shorthand_stands_for_the_one_value_that_is_allowed(rows, shorthands, allowed) -> None:
    license = issue(restrictions=HELD).license

    change(license, rows, **shorthands)

    told = {operator: values for _, operator, values in told_of(license)}
    assert told == {"DENY": ["x.example"]} | ({"ALLOW": allowed} if allowed else {})


def test_a_template_restricts_and_what_was_sold_stays() -> None:
    template = create_template(
        product=make_product(),
        fields={
            "template_name": "Bound", "license_type": "SUBSCRIPTION", "license_model": "PER_SEAT",
            "max_activations": 3,
        },
        restrictions=[
            {"restriction_type": "MAC_ADDRESS", "operator": "DENY", "default_values": [MAC]},
            {"restriction_type": "DOMAIN", "operator": "ALLOW", "configurable": True},
        ],
        at=NOW,
        origin=STAFF,
    )  # fmt: skip
    sold = issue(template_id=template.pk, bound_domain="a.example").license

    update_template(pk=template.pk, fields={}, restrictions=[], at=NOW, origin=STAFF)

    assert told_of(sold) == [
        ("MAC_ADDRESS", "DENY", ["****d:5e"]), ("DOMAIN", "ALLOW", ["a.example"]),
    ]  # fmt: skip
    assert not LicenseTemplate.objects.get().restrictions.exists()
    changes = Event.objects.get(type="template.updated").changes["restrictions"]
    assert changes == {"before": ["DENY MAC_ADDRESS: ****d:5e", "ALLOW DOMAIN: "], "after": []}
