"""What would become of all that was sold from a template."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.refusals import Refusal
from licenses.models import Feature, License, LicenseTemplate
from licenses.services import lifecycle, simulating
from licenses.services.applying import preview_template
from licenses.services.entitlements import FeatureGrant
from licenses.services.simulating import Simulation, simulate_template
from licenses.services.templates import create_template, update_template
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_tenant

pytestmark = pytest.mark.django_db
GERMAN = {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "default_values": ["DE"]}


def make(**fields: Any) -> LicenseTemplate:
    given = {
        "template_name": "Solo",
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_DEVICE",
        "max_activations": 3,
    } | fields
    return create_template(
        product=make_product("exports", "kriging"),
        fields=given,
        features=[{"feature_id": "exports", "default_limit": Decimal(100)}],
        at=NOW,
        origin=STAFF,
    )


def sell(template: LicenseTemplate, **terms: Any) -> Any:
    return issue(template_id=template.pk, **({"max_activations": None} | terms))


def simulate(template: LicenseTemplate, **more: Any) -> Simulation:
    given = {
        "visible": LicenseTemplate.objects.all(),
        "licenses": License.objects.all(),
        "fields": {},
        "at": NOW,
    }
    return simulate_template(template_id=template.pk, **(given | more))


def every_row() -> dict[str, Any]:
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
    }


def test_nothing_is_written_to_any_table() -> None:
    template = make()
    issued = sell(template)
    activate(issued.key)
    before = every_row()

    simulation = simulate(
        template,
        fields={"max_activations": 1, "template_name": "Other"},
        features=[{"feature_id": "kriging"}],
        restrictions=[GERMAN],
    )

    assert simulation.changed == 1
    assert every_row() == before


def test_gains_and_losses_are_counted_by_licence_and_by_term() -> None:
    template = make()
    sell(template)
    sell(template, features=[FeatureGrant(feature_id="kriging")])
    sell(template, max_activations=9)

    told = simulate(template, fields={"max_activations": 5})

    assert (told.total, told.examined, told.changed) == (3, 3, 3)
    assert (told.gaining, told.losing) == (2, 2)
    assert told.fields["max_activations"] == {"GAIN": 2, "LOSS": 1}
    assert told.fields["features.kriging"] == {"LOSS": 1}
    assert told.fields["features.exports"] == {"GAIN": 1}
    assert not told.capped


def test_what_it_tells_of_a_licence_is_what_applying_would_do() -> None:
    template = make()
    changes: dict[str, Any] = {
        "fields": {"max_activations": 1, "grace_period_days": 3, "lease_seconds": 90},
        "features": [{"feature_id": "exports", "default_limit": Decimal(5)}],
        "restrictions": [GERMAN],
    }
    licenses = [
        sell(template).license,
        sell(template, features=[], restrictions=[]).license,
        sell(template, bound_domain="a.example", max_activations=7).license,
    ]

    told = {one.license_id: one.changes for one in simulate(template, **changes).licenses}
    update_template(pk=template.pk, at=NOW, origin=STAFF, **changes)

    for license in licenses:
        shown = preview_template(license_id=license.pk, template_id=template.pk, at=NOW)
        assert told[license.pk] == shown.changes


def test_as_it_is_now_only_what_was_sold_otherwise_would_change() -> None:
    template = make()
    sell(template)
    other = sell(template, max_activations=9).license

    told = simulate(template)

    assert [one.license_id for one in told.licenses] == [other.pk]
    assert (told.examined, told.changed) == (2, 1)


def test_devices_beyond_the_limit_and_devices_refused_are_counted_apart() -> None:
    template = make()
    first, second = sell(template), sell(template)
    for number in range(3):
        activate(first.key, f"device-{number}", country="US" if number else "DE")
    activate(second.key, "alone", country="DE")

    told = simulate(template, fields={"max_activations": 2}, restrictions=[GERMAN])

    assert (told.over_limit, told.restricted) == (1, 2)
    assert {one.license_id: (one.over_limit, one.restricted) for one in told.licenses} == {
        first.license.pk: (1, 2),
        second.license.pk: (0, 0),
    }


def test_revoked_licences_and_those_of_other_templates_count_for_nothing() -> None:
    template = make()
    gone = sell(template).license
    lifecycle.revoke_license(license_id=gone.pk, reason="x", at=NOW, origin=STAFF)
    sell(make())

    assert simulate(template, fields={"max_activations": 1}).total == 0


def test_licences_that_could_not_take_it_are_counted_by_code() -> None:
    template = make()
    sell(template)

    told = simulate(template, fields={"license_type": "PERPETUAL"})

    assert (told.refused, told.changed) == (1, 0)
    assert told.refusals == {"TEMPLATE_DOES_NOT_FIT": 1}


def test_no_more_are_shown_than_asked_for_and_no_more_looked_at_than_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template = make()
    for _ in range(3):
        sell(template)
    monkeypatch.setattr(simulating, "MOST_EXAMINED", 2)

    told = simulate(template, fields={"max_activations": 1}, limit=1)

    assert (told.total, told.examined, told.changed, len(told.licenses)) == (3, 2, 2, 1)
    assert told.capped


def test_only_what_the_caller_may_see_is_looked_at() -> None:
    template, tenant = make(), make_tenant()
    sell(template)
    mine = sell(template, tenant=tenant).license
    licenses = License.objects.filter(tenant=tenant)

    told = simulate(template, licenses=licenses, fields={"max_activations": 1})

    assert [one.license_id for one in told.licenses] == [mine.pk]
    with pytest.raises(Refusal) as refused:
        simulate(template, visible=LicenseTemplate.objects.none())
    assert refused.value.code == "TEMPLATE_NOT_FOUND"


def test_a_change_that_could_not_be_made_is_refused_likewise() -> None:
    template = make()

    with pytest.raises(Refusal) as refused:
        simulate(template, features=[{"feature_id": "unknown"}])

    assert [*refused.value.details] == ["features.0.feature_id"]


def test_a_grace_that_runs_is_left_alone_here_too() -> None:
    template = make()
    sell(template)
    later = NOW + timedelta(days=370)

    assert simulate(template, fields={"grace_period_days": 0}).losing == 1
    assert simulate(template, fields={"grace_period_days": 0}, at=later).changed == 0


def test_a_quota_that_starts_anew_otherwise_is_a_change() -> None:
    template = make()
    sell(template)
    Feature.objects.filter(feature_id="exports").update(period="MONTH")

    assert simulate(template).fields == {"features.exports": {"CHANGE": 1}}


def test_however_many_licences_it_asks_the_database_as_often() -> None:
    template = make()
    asked = []
    for _ in range(2):
        for number in range(3):
            issued = sell(template, restrictions=[] if number else None)
            activate(issued.key, country="US")
        with CaptureQueriesContext(connection) as queries:
            told = simulate(template, fields={"max_activations": 1}, restrictions=[GERMAN])
        asked.append(len(queries))

    assert told.restricted == 6
    assert asked[0] == asked[1]
