"""Issuing."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, LicenseTemplate, TemplateFeature, TemplateRestriction
from licenses.services.entitlements import FeatureGrant
from licenses.states import PendingCause, Status
from tests.clock import NOW
from tests.factories import issue, make_customer, make_product, make_template, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PERPETUAL = {"license_type": "PERPETUAL"}
WARP = FeatureGrant(feature_id="warp")


@pytest.mark.parametrize(
    ("terms", "status", "expiry", "grace"),
    [
        ({}, Status.ACTIVE, NOW + 365 * DAY, 30),
        ({"license_type": "TRIAL"}, Status.PENDING, None, 0),
        ({"license_type": "TRIAL", "trial_period_days": 7}, Status.PENDING, None, 0),
        ({"license_type": "PERPETUAL"}, Status.ACTIVE, None, 30),
        ({"duration_days": 10}, Status.ACTIVE, NOW + 10 * DAY, 30),
        ({"expiry_date": NOW + DAY}, Status.ACTIVE, NOW + DAY, 30),
        ({"expiry_basis": "FIRST_ACTIVATION"}, Status.PENDING, None, 30),
        (
            {"license_type": "TRIAL", "pending_cause": PendingCause.NONE},
            Status.ACTIVE,
            NOW + 30 * DAY,
            0,
        ),
        ({"pending_cause": PendingCause.APPROVAL}, Status.PENDING, NOW + 365 * DAY, 30),
    ],
)
def test_terms_that_are_not_stated_follow_from_the_type(
    terms: dict[str, Any], status: Status, expiry: datetime | None, grace: int
) -> None:
    license = issue(**terms).license

    assert (license.status, license.expiry_date, license.grace_period_days) == (
        status,
        expiry,
        grace,
    )
    assert license.grace_ends_at == (expiry and expiry + grace * DAY)


def test_a_template_is_tried_for_its_days_where_it_allows_that() -> None:
    template = make_template(trial_allowed=True, trial_duration_days=9)
    tried = issue(template_id=template.pk, license_type="TRIAL").license
    longer = issue(template_id=template.pk, license_type="TRIAL", trial_period_days=21).license
    assert (tried.duration_days, tried.grace_period_days, tried.status) == (9, 0, Status.PENDING)
    assert longer.duration_days == 21


def test_a_template_that_allows_no_trial_is_not_tried() -> None:
    template = make_template(trial_allowed=False)
    with pytest.raises(Refusal) as caught:
        issue(template_id=template.pk, license_type="TRIAL")
    assert (caught.value.code, set(caught.value.details)) == ("VALIDATION_ERROR", {"license_type"})
    assert not License.objects.exists()


def test_the_key_works_and_is_told_once() -> None:
    issued = issue()

    assert issued.license.masked_key == f"****-****-****-****-{issued.key[-4:]}"
    assert issued.key not in repr(Event.objects.values().get())


def test_a_template_gives_the_terms_and_what_is_stated_overrides_them() -> None:
    product = make_product("export")
    template = make_template(product, max_activations=10, grace_period_days=5, default_duration=90)
    TemplateFeature.objects.create(
        template=template, feature_id="export", feature_name="Export", default_limit=500
    )

    license = issue(
        template_id=template.pk, license_type=None, license_model=None, max_activations=12
    ).license

    assert (license.max_activations, license.grace_period_days) == (12, 5)
    assert license.expiry_date == NOW + 90 * DAY
    granted = license.entitlements.get()
    assert (granted.feature_id, granted.limit_value) == ("export", 500)


def test_changing_a_template_never_alters_what_was_sold() -> None:
    template = make_template(max_activations=10)
    license = issue(template_id=template.pk, license_type=None, max_activations=None).license

    template.max_activations = 1
    template.save()

    assert License.objects.get(pk=license.pk).max_activations == 10


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"max_activations": 0}, "VALIDATION_ERROR", "max_activations"),
        ({"max_activations": -3}, "VALIDATION_ERROR", "max_activations"),
        ({"max_activations": 2**31}, "VALIDATION_ERROR", "max_activations"),
        ({"issued_to": "  "}, "VALIDATION_ERROR", "issued_to"),
        ({"license_type": "FLOATING"}, "VALIDATION_ERROR", "license_type"),
        ({"license_type": None}, "VALIDATION_ERROR", "license_type"),
        ({"overage": "9X"}, "VALIDATION_ERROR", "overage"),
        ({"expiry_date": NOW - DAY}, "VALIDATION_ERROR", "expiry_date"),
        ({"expiry_date": NOW}, "VALIDATION_ERROR", "expiry_date"),
        (PERPETUAL | {"expiry_date": NOW + DAY}, "VALIDATION_ERROR", "expiry_date"),
        ({"duration_days": 0}, "VALIDATION_ERROR", "duration_days"),
        ({"grace_period_days": -1}, "VALIDATION_ERROR", "grace_period_days"),
        ({"metadata": {"a": "x" * 17_000}}, "VALIDATION_ERROR", "metadata"),
        ({"metadata": {"a": [[[[[1]]]]]}}, "VALIDATION_ERROR", "metadata"),
        ({"issued_date": datetime(9999, 12, 1, tzinfo=UTC)}, "VALIDATION_ERROR", "expiry_date"),
        ({"issued_date": datetime(1, 1, 1, tzinfo=UTC)}, "VALIDATION_ERROR", "issued_date"),
        ({"expiry_date": datetime(9999, 1, 2, tzinfo=UTC)}, "VALIDATION_ERROR", "expiry_date"),
        ({"expiry_date": datetime(9999, 1, 1, tzinfo=UTC)}, "VALIDATION_ERROR",
         "grace_period_days"),
        ({"maintenance_expiry": datetime(9999, 1, 2, tzinfo=UTC)}, "VALIDATION_ERROR",
         "maintenance_expiry"),
        ({"key_scheme": "OPAQUE"}, "VALIDATION_ERROR", "key_scheme"),
        ({"product_id": "nothing"}, "PRODUCT_NOT_FOUND", "product_id"),
        ({"template_id": uuid.uuid4()}, "TEMPLATE_NOT_FOUND", None),
        ({"customer_id": uuid.uuid4()}, "CUSTOMER_NOT_FOUND", None),
        ({"reseller_id": uuid.uuid4()}, "RESELLER_NOT_FOUND", None),
        ({"restrictions": [{"restriction_type": "DOMAIN", "operator": "ALLOW", "values": []}]},
         "VALIDATION_ERROR", "restrictions.0.values"),
        ({"restrictions": [{"restriction_type": "SHOE", "operator": "ALLOW", "values": ["44"]}]},
         "VALIDATION_ERROR", "restrictions.0.restriction_type"),
        ({"restrictions": [{"restriction_type": "DOMAIN", "operator": "ALLOW",
                            "values": ["a.example", "b..example"]}]},
         "VALIDATION_ERROR", "restrictions.0.values.1"),
        ({"bound_domain": "b..example"}, "VALIDATION_ERROR", "bound_domain"),
        ({"features": [WARP]}, "VALIDATION_ERROR", "features.0.feature_id"),
    ],
)  # fmt: skip
def test_impossible_terms_are_refused_and_nothing_is_written(
    terms: dict[str, Any], code: str, field: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        issue(**terms)

    assert refused.value.code == code
    if field is not None:
        assert field in refused.value.details
    assert not License.objects.exists()
    assert not Event.objects.exists()


def test_another_tenants_customer_does_not_exist() -> None:
    with pytest.raises(Refusal) as refused:
        issue(customer_id=make_customer().pk)

    assert refused.value.code == "CUSTOMER_NOT_FOUND"


def test_a_template_reserved_for_another_tenant_does_not_exist() -> None:
    template = make_template(reserved_for=make_tenant())

    with pytest.raises(Refusal) as refused:
        issue(template_id=template.pk)

    assert refused.value.code == "TEMPLATE_NOT_FOUND"


def restricted_template(*rows: tuple[str, str, list[str], bool]) -> LicenseTemplate:
    template = make_template()
    for position, (kind, operator, values, configurable) in enumerate(rows):
        TemplateRestriction.objects.create(
            template=template,
            restriction_type=kind,
            operator=operator,
            default_values=values,
            configurable=configurable,
            position=position,
        )
    return template


def told_of(license: License) -> list[tuple[str, str, list[str]]]:
    return [
        (row.restriction_type, row.operator, row.shown_values)
        for row in license.restrictions.order_by("position")
    ]


def test_a_licence_is_restricted_as_its_template_says() -> None:
    template = restricted_template(
        ("DOMAIN", "ALLOW", ["a.example"], True), ("GEOGRAPHIC", "DENY", ["AQ"], False)
    )

    issued = issue(template_id=template.pk)

    assert told_of(issued.license) == [
        ("DOMAIN", "ALLOW", ["a.example"]), ("GEOGRAPHIC", "DENY", ["AQ"]),
    ]  # fmt: skip
    changes = Event.objects.get(type="license.issued").changes
    assert changes["restrictions"]["after"] == ["ALLOW DOMAIN: a.example", "DENY GEOGRAPHIC: AQ"]


def test_what_a_template_fixes_stays_whatever_is_asked() -> None:
    template = restricted_template(
        ("DOMAIN", "ALLOW", ["a.example"], True), ("GEOGRAPHIC", "DENY", ["AQ"], False)
    )
    wider = {"restriction_type": "GEOGRAPHIC", "operator": "DENY", "values": ["BV"]}

    assert told_of(issue(template_id=template.pk, restrictions=[]).license) == [
        ("GEOGRAPHIC", "DENY", ["AQ"])
    ]
    with pytest.raises(Refusal) as refused:
        issue(template_id=template.pk, restrictions=[wider])
    assert (refused.value.code, [*refused.value.details]) == (
        "VALIDATION_ERROR",
        ["restrictions.0"],
    )


def test_a_template_may_leave_values_to_be_stated() -> None:
    template = restricted_template(("DOMAIN", "ALLOW", [], True))

    with pytest.raises(Refusal) as refused:
        issue(template_id=template.pk)
    issued = issue(template_id=template.pk, bound_domain="A.Example:443")

    assert [*refused.value.details] == ["restrictions"]
    assert told_of(issued.license) == [("DOMAIN", "ALLOW", ["a.example"])]


def test_a_customer_has_one_trial_of_a_product_unless_staff_say_why() -> None:
    product, customer = make_product(), make_customer()
    given = {
        "tenant": customer.tenant,
        "customer_id": customer.pk,
        "product": product,
        "license_type": "TRIAL",
    }
    issue(**given)

    with pytest.raises(Refusal) as refused:
        issue(**given)
    assert refused.value.code == "TRIAL_ALREADY_USED"
    assert License.objects.count() == 1

    issue(**given, trial_override_reason="the first one was ours to blame")
    assert License.objects.count() == 2
