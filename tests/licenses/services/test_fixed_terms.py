"""What a template fixes, at every door of the services through which terms come."""

from decimal import Decimal
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Entitlement, License, LicenseTemplate, Restriction
from licenses.services.applying import apply_template
from licenses.services.changing import change_license
from licenses.services.entitlements import FeatureGrant
from licenses.services.lifecycle import renew_license
from licenses.services.templates import create_template, update_template
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product

pytestmark = pytest.mark.django_db
HOST = {"restriction_type": "DOMAIN", "operator": "ALLOW"}
FEATURES = [
    {"feature_id": "core", "required": True, "default_limit": Decimal(10)},
    {"feature_id": "base", "required": True, "configurable": False, "default_limit": Decimal(10)},
    {"feature_id": "fixed", "configurable": False, "default_limit": Decimal(10)},
    {"feature_id": "later", "configurable": False, "included": False},
    {"feature_id": "free", "default_limit": Decimal(10)},
]


def make(restrictions: Any = ()) -> LicenseTemplate:
    return create_template(
        product=make_product("core", "base", "fixed", "later", "free", "extra"),
        fields={
            "template_name": "Team",
            "license_type": "SUBSCRIPTION",
            "license_model": "PER_DEVICE",
        },
        features=FEATURES,
        restrictions=restrictions,
        at=NOW,
        origin=STAFF,
    )


def fixed_to(*values: str) -> list[dict[str, Any]]:
    return [HOST | {"default_values": list(values), "configurable": False}]


def grant(feature_id: str, limit: int | None = 10, **said: Any) -> FeatureGrant:
    value = None if limit is None else Decimal(limit)
    return FeatureGrant(feature_id=feature_id, limit_value=value, **said)


AS_OFFERED = {
    "core": grant("core"),
    "base": grant("base"),
    "fixed": grant("fixed"),
    "later": grant("later", None, enabled=False),
    "free": grant("free"),
}


def but(*without: str, **instead: FeatureGrant) -> list[FeatureGrant]:
    """What the template offers, without some and with others instead."""
    return [one for name, one in (AS_OFFERED | instead).items() if name not in without]


ALLOWED = {
    "all as offered": but(),
    "a free one left out": but("free"),
    "a free one changed": but(free=grant("free", 99)),
    "one that the template does not name": but(extra=grant("extra")),
    "a fixed one left out that is not required": but("fixed"),
    "a fixed one switched off that is not required": but(fixed=grant("fixed", enabled=False)),
    "a required one with another limit": but(core=grant("core", 99)),
}
REFUSED = {
    "a required one left out": (but("core"), "features"),
    "a required one switched off": (
        but(core=grant("core", enabled=False)), "features.0.feature_id",
    ),
    "a required and fixed one changed": (but(base=grant("base", 11)), "features.1.feature_id"),
    "a fixed one changed": (but(fixed=grant("fixed", None)), "features.2.feature_id"),
    "a fixed one until some day": (
        but(fixed=grant("fixed", expires_at=NOW)), "features.2.feature_id",
    ),
    "one that is not included": (but(later=grant("later", None)), "features.3.feature_id"),
}  # fmt: skip
GOOD = [pytest.param(grants, id=name) for name, grants in ALLOWED.items()]
BAD = [pytest.param(*case, id=name) for name, case in REFUSED.items()]


def state() -> Any:
    return (
        list(License.objects.values()),
        list(Entitlement.objects.order_by("pk").values()),
        list(Restriction.objects.order_by("pk").values()),
        Event.objects.count(),
    )


def refused(act: Any) -> Refusal:
    before = state()
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.code == "VALIDATION_ERROR"
    assert state() == before
    return caught.value


def change(license: License, **more: Any) -> License:
    return change_license(license_id=license.pk, changes={}, at=NOW, origin=STAFF, **more)


def granted(license: License) -> set[str]:
    return set(license.entitlements.values_list("feature_id", flat=True))


@pytest.mark.parametrize("grants", GOOD)
def test_what_a_template_leaves_open_is_agreed_at_issue(grants: list[FeatureGrant]) -> None:
    license = issue(template_id=make().pk, features=grants).license
    assert granted(license) == {one.feature_id for one in grants}


@pytest.mark.parametrize(("grants", "field"), BAD)
def test_what_it_fixes_is_not_agreed_otherwise_at_issue(
    grants: list[FeatureGrant], field: str
) -> None:
    template = make()

    told = refused(lambda: issue(template_id=template.pk, features=grants))

    assert [*told.details] == [field]
    license = issue(template_id=template.pk, features=grants, may_override=True).license
    assert granted(license) == {one.feature_id for one in grants}


@pytest.mark.parametrize("grants", GOOD)
def test_what_a_template_leaves_open_may_change_later(grants: list[FeatureGrant]) -> None:
    license = issue(template_id=make().pk).license
    change(license, features=grants)
    assert granted(license) == {one.feature_id for one in grants}


@pytest.mark.parametrize(("grants", "field"), BAD)
def test_what_it_fixes_is_not_changed_later(grants: list[FeatureGrant], field: str) -> None:
    license = issue(template_id=make().pk).license

    told = refused(lambda: change(license, features=grants))

    assert [*told.details] == [field]
    change(license, features=grants, may_override=True)
    assert granted(license) == {one.feature_id for one in grants}


def test_the_words_name_the_feature() -> None:
    license = issue(template_id=make().pk).license

    told = refused(lambda: change(license, features=but("core", fixed=grant("fixed", 1))))

    assert told.details == {
        "features": ["The template requires 'core'."],
        "features.1.feature_id": ["The template fixes 'fixed'."],
    }


def test_what_was_sold_otherwise_may_be_kept_and_may_become_what_the_template_says() -> None:
    template = make()
    sold = but("core", fixed=grant("fixed", 99))
    license = issue(template_id=template.pk, features=sold, may_override=True).license

    change(license, features=[*sold, grant("extra")])
    assert "extra" in granted(license)
    change(license, features=but())
    told = refused(lambda: change(license, features=but("core")))

    assert [*told.details] == ["features"]


def test_a_template_that_changed_since_takes_nothing_from_what_was_sold() -> None:
    template = make()
    license = issue(template_id=template.pk).license
    stricter = [row | {"default_limit": Decimal(1), "required": True} for row in FEATURES]
    update_template(pk=template.pk, fields={}, features=stricter, at=NOW, origin=STAFF)

    change(license, features=[*but(), grant("extra")])

    assert license.entitlements.get(feature_id="fixed").limit_value == 10


def test_a_renewal_upgrades_only_what_is_open() -> None:
    license = issue(template_id=make().pk).license

    def renew(*grants: FeatureGrant, **more: Any) -> License:
        given = {"license_id": license.pk, "duration_months": 1, "at": NOW, "origin": STAFF}
        return renew_license(upgrade_features=grants, **given, **more)

    told = refused(lambda: renew(grant("free", 99), grant("fixed", 99)))
    assert [*told.details] == ["upgrade_features.1.feature_id"]
    told = refused(lambda: renew(grant("core", enabled=False)))
    assert [*told.details] == ["upgrade_features.0.feature_id"]
    renew(grant("free", 99), grant("extra"))
    assert granted(license) == {*AS_OFFERED, "extra"}
    renew(grant("fixed", 99), may_override=True)
    assert license.entitlements.get(feature_id="fixed").limit_value == 99


def test_without_a_template_nothing_is_fixed() -> None:
    product = make_product("core")
    license = issue(product=product, features=[grant("core")]).license

    change(license, features=[])

    assert granted(license) == set()


def host(*values: str) -> dict[str, Any]:
    return HOST | {"values": list(values)}


def test_a_fixed_restriction_is_kept_or_named() -> None:
    template = make(fixed_to("a.example"))
    license = issue(template_id=template.pk).license
    germany = {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["DE"]}

    change(license, restrictions=[host("a.example"), germany])
    assert license.restrictions.count() == 2
    for rows in ([germany], [host("b.example"), germany], [host("a.example"), host("b.example")]):
        told = refused(lambda rows=rows: change(license, restrictions=rows))
        assert told.details == {"restrictions": ["The template fixes ALLOW DOMAIN."]}
    told = refused(lambda: change(license, shorthands={"bound_domain": "b.example"}))
    assert told.details == {"bound_domain": ["The template fixes this."]}
    change(license, restrictions=[host("b.example")], may_override=True)
    assert license.restrictions.get().values == ["b.example"]


def test_at_issue_whoever_may_override_states_the_same_kind_otherwise() -> None:
    template = make(fixed_to("a.example"))
    asked = [host("b.example")]

    told = refused(lambda: issue(template_id=template.pk, restrictions=asked))
    assert [*told.details] == ["restrictions.0"]

    free = {"template_id": template.pk, "may_override": True}
    other = issue(**free, restrictions=asked).license
    assert other.restrictions.get().values == ["b.example"]
    silent = issue(**free, restrictions=[]).license
    assert silent.restrictions.get().values == ["a.example"]
    short = issue(**free, bound_domain="c.example").license
    assert short.restrictions.get().values == ["c.example"]


def test_a_fixed_restriction_added_since_is_no_duty_of_what_was_sold() -> None:
    template = make()
    license = issue(template_id=template.pk, restrictions=[host("b.example")]).license
    update_template(
        pk=template.pk, fields={}, restrictions=fixed_to("a.example"), at=NOW, origin=STAFF
    )

    germany = {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["DE"]}
    change(license, restrictions=[host("b.example"), germany])
    change(license, restrictions=[host("a.example")])

    assert license.restrictions.get().values == ["a.example"]


def test_the_first_device_ties_a_licence_whatever_the_template_fixes() -> None:
    template = make(fixed_to("a.example"))
    LicenseTemplate.objects.update(bind_on_first_activation="HARDWARE")
    issued = issue(template_id=template.pk)

    activate(issued.key, "one", domain="a.example", hardware_id="board-77")

    assert issued.license.restrictions.count() == 2


def test_applying_a_template_brings_what_it_fixes() -> None:
    template = make(fixed_to("a.example"))
    license = issue(
        template_id=template.pk, features=[], restrictions=[host("b.example")], may_override=True
    ).license

    apply_template(license_id=license.pk, template_id=template.pk, at=NOW, origin=STAFF)

    assert granted(license) == set(AS_OFFERED)
    assert license.restrictions.get().values == ["a.example"]
