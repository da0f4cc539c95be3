"""Any template applied to any licence: the preview is what happens, and once is enough."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Tenant
from events.models import Event
from events.refusals import Refusal
from licenses import plans
from licenses.models import License, Product
from licenses.services.applying import apply_template, preview_template
from licenses.services.blueprints import terms_held
from licenses.services.entitlements import FeatureGrant
from licenses.services.simulating import simulate_template
from licenses.services.templates import create_template
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_tenant

FEATURES = ["exports", "kriging", "sync"]
LIMITS = st.none() | st.integers(0, 3).map(Decimal)
MODELS = st.sampled_from(["PER_DEVICE", "PER_SEAT"])
KINDS = {
    "GEOGRAPHIC": ["DE", "US"],
    "DOMAIN": ["a.example", "b.example"],
    "HARDWARE_ID": ["board-1", "board-2"],
    "TIME_BASED": ["2026-01-01/2026-12-31"],
}
RESTRICTION = st.sampled_from([*KINDS]).flatmap(
    lambda kind: st.fixed_dictionaries(
        {
            "restriction_type": st.just(kind),
            "operator": st.sampled_from(["ALLOW", "DENY"]),
            "values": st.lists(st.sampled_from(KINDS[kind]), min_size=1, max_size=2, unique=True),
        }
    )
)
RESTRICTIONS = st.lists(RESTRICTION, max_size=3)
GRANTED = st.dictionaries(st.sampled_from(FEATURES), st.tuples(st.booleans(), LIMITS))
OVERAGE = st.sampled_from(["NONE", "1.5X", "2X", "UNLIMITED"])
TEMPLATE = st.fixed_dictionaries(
    {
        "license_model": MODELS,
        "max_activations": st.integers(1, 4),
        "overage": OVERAGE,
        "grace_period_days": st.integers(0, 40),
        "heartbeat_interval_seconds": st.sampled_from([60, 600]),
        "require_heartbeat": st.booleans(),
        "lease_seconds": st.sampled_from([None, 90]),
        "max_borrow_days": st.sampled_from([None, 7]),
        "self_service": st.sampled_from(["NONE", "SEE"]),
        "releases_per_30_days": st.sampled_from([None, 1, 30]),
        "bind_on_first_activation": st.sampled_from(["", "HARDWARE"]),
    }
)
SOLD = st.fixed_dictionaries(
    {
        "license_model": MODELS,
        "max_activations": st.integers(1, 4),
        "overage": OVERAGE,
        "grace_period_days": st.integers(0, 40),
        "self_service": st.sampled_from(["NONE", "SEE"]),
    }
)


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    sold=SOLD,
    held=GRANTED,
    tied=RESTRICTIONS,
    fields=TEMPLATE,
    offered=GRANTED,
    restricted=RESTRICTIONS,
    devices=st.integers(0, 3),
    day=st.sampled_from([0, 370]),
)
def test_a_preview_tells_what_applying_does_and_applying_twice_is_applying_once(
    sold: dict[str, Any],
    held: dict[str, Any],
    tied: list[Any],
    fields: dict[str, Any],
    offered: dict[str, Any],
    restricted: list[Any],
    devices: int,
    day: int,
) -> None:
    product = Product.objects.first() or make_product(*FEATURES)
    tenant = Tenant.objects.first() or make_tenant()
    grants = [
        FeatureGrant(feature_id=name, enabled=enabled, limit_value=limit)
        for name, (enabled, limit) in held.items()
    ]
    issued = issue(product=product, tenant=tenant, features=grants, restrictions=tied, **sold)
    for number in range(devices):
        says = {"country": "DE", "domain": "a.example", "hardware_id": "board-1"}
        try:
            activate(issued.key, f"device-{number}", **says)
        except Refusal:
            break
    template = create_template(
        product=product,
        fields={"template_name": "Any", "license_type": "SUBSCRIPTION"} | fields,
        features=[
            {"feature_id": name, "included": included, "default_limit": limit}
            for name, (included, limit) in offered.items()
        ],
        restrictions=[row | {"default_values": row["values"]} for row in restricted],
        at=NOW,
        origin=STAFF,
    )
    asked: dict[str, Any] = {"license_id": issued.license.pk, "template_id": template.pk}
    asked["at"] = NOW + timedelta(days=day)
    before = License.objects.get(pk=issued.license.pk)
    held_before = terms_held(before)

    shown = preview_template(**asked)
    done = apply_template(**asked, origin=STAFF)
    after = License.objects.get(pk=before.pk)

    assert (done.changes, done.affected) == (shown.changes, shown.affected)
    assert shown.changes == plans.changes(held_before, terms_held(after))
    assert done.applied == (after.revision == before.revision + 1)
    for name in ("expiry_date", "issued_date", "key_digest", "current_activations", "auto_renewal"):
        assert getattr(after, name) == getattr(before, name)
    assert after.status_at(asked["at"]) == before.status_at(asked["at"])

    events = Event.objects.count()
    again = apply_template(**asked, origin=STAFF)
    assert (again.changes, again.applied) == ([], False)
    assert (License.objects.get(pk=before.pk).revision, Event.objects.count()) == (
        after.revision,
        events,
    )
    simulated = simulate_template(
        template_id=template.pk,
        visible=type(template).objects.all(),
        licenses=License.objects.all(),
        fields={},
        at=asked["at"],
    )
    assert (simulated.examined, simulated.changed, simulated.refused) == (1, 0, 0)
