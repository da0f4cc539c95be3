from decimal import Decimal

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import LicenseTemplate
from licenses.services.templates import create_template, update_template
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product

pytestmark = pytest.mark.django_db
FIELDS = {
    "template_name": "Professional",
    "license_type": "SUBSCRIPTION",
    "license_model": "PER_DEVICE",
}


def make(product=None, features=(), **fields):
    product = product or make_product("exports")
    return create_template(
        product=product, fields=FIELDS | fields, features=features, at=NOW, origin=STAFF
    )


def test_a_template_grants_its_features_in_order_under_the_products_names():
    product = make_product("exports", "kriging")
    template = make(
        product,
        [{"feature_id": "kriging"}, {"feature_id": "exports", "default_limit": Decimal(2000)}],
    )
    granted = template.features.order_by("position").values_list(
        "feature_id", "feature_name", "default_limit"
    )
    assert list(granted) == [("kriging", "Kriging", None), ("exports", "Exports", Decimal(2000))]


def test_making_and_changing_are_told_by_the_trail():
    template = make()
    update_template(pk=template.pk, fields={"max_activations": 5}, at=NOW, origin=STAFF)
    created, updated = Event.objects.order_by("sequence")
    assert created.type == "template.created"
    assert created.changes["template_name"]["after"] == "Professional"
    assert updated.type == "template.updated"
    assert updated.changes["max_activations"] == {"before": 1, "after": 5}


def test_a_change_that_changes_nothing_tells_nothing():
    template = make(features=[{"feature_id": "exports"}])
    before = Event.objects.count()
    same = [{"feature_id": "exports"}]
    update_template(pk=template.pk, fields=FIELDS, features=same, at=NOW, origin=STAFF)
    assert Event.objects.count() == before


def test_features_that_are_not_stated_stay():
    template = make(features=[{"feature_id": "exports"}])
    update_template(pk=template.pk, fields={"active": False}, at=NOW, origin=STAFF)
    assert template.features.count() == 1


def test_a_change_never_alters_what_was_sold():
    template = make(max_activations=3)
    license = issue(template_id=template.pk, max_activations=None).license
    update_template(pk=template.pk, fields={"max_activations": 99}, at=NOW, origin=STAFF)
    license.refresh_from_db()
    assert license.max_activations == 3


@pytest.mark.parametrize("license_type", ["TRIAL", "EVALUATION"])
@pytest.mark.parametrize(
    ("stated", "days", "grace"),
    [
        ({}, 30, 0),
        ({"default_duration": 14}, 14, 0),
        ({"trial_duration_days": 14}, 14, 0),
        ({"default_duration": 365, "trial_duration_days": 14}, 14, 0),
        ({"grace_period_days": 3}, 30, 3),
    ],
)
def test_a_trial_has_its_term_by_either_name_and_no_grace_of_itself(
    license_type, stated, days, grace
):
    template = make(license_type=license_type, **stated)
    license = issue(template_id=template.pk, license_type=None).license
    assert (license.duration_days, license.grace_period_days) == (days, grace)


def test_changing_the_duration_of_a_trial_changes_its_term_and_no_grace():
    template = make(license_type="TRIAL", grace_period_days=3)
    fields = {"default_duration": 7}
    template = update_template(pk=template.pk, fields=fields, at=NOW, origin=STAFF)
    assert (template.trial_duration_days, template.grace_period_days) == (7, 3)


@pytest.mark.parametrize(
    ("fields", "features", "code"),
    [
        ({"max_activations": 0}, (), "VALIDATION_ERROR"),
        ({"license_type": "WEEKLY"}, (), "VALIDATION_ERROR"),
        ({"key_scheme": "OPAQUE"}, (), "NOT_AVAILABLE"),
        ({}, [{"feature_id": "unknown"}], "VALIDATION_ERROR"),
        ({}, [{"feature_id": "exports"}, {"feature_id": "exports"}], "VALIDATION_ERROR"),
        ({}, [{"feature_id": "exports", "default_limit": Decimal(-1)}], "VALIDATION_ERROR"),
    ],
)
def test_what_cannot_be_sold_is_refused_and_nothing_is_made(fields, features, code):
    with pytest.raises(Refusal) as refused:
        make(features=features, **fields)
    assert refused.value.code == code
    assert not LicenseTemplate.objects.exists()
    assert not Event.objects.exists()


def test_a_restriction_that_cannot_be_changes_nothing():
    template = make()
    with pytest.raises(Refusal) as refused:
        update_template(
            pk=template.pk,
            fields={"active": False},
            restrictions=[
                {
                    "restriction_type": "DOMAIN",
                    "operator": "ALLOW",
                    "default_values": ["no domain"],
                }
            ],
            at=NOW,
            origin=STAFF,
        )
    assert refused.value.code == "VALIDATION_ERROR"
    assert [*refused.value.details] == ["restrictions.0.default_values.0"]
    template.refresh_from_db()
    assert template.active


def test_an_unknown_template_is_refused():
    with pytest.raises(Refusal) as refused:
        update_template(pk=make_product().pk, fields={}, at=NOW, origin=STAFF)
    assert refused.value.code == "TEMPLATE_NOT_FOUND"
