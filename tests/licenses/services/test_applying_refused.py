"""To which licences a template is not applied; the preview refuses alike."""

from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, LicenseTemplate
from licenses.services import lifecycle
from licenses.services.templates import update_template
from tests.clock import NOW
from tests.factories import STAFF, make_product, make_tenant
from tests.licenses.services.plans import apply, make, preview, rows_of, sold

pytestmark = pytest.mark.django_db


def refused(license: License, template: LicenseTemplate, **more: Any) -> Refusal:
    """Refused alike by preview and act, with nothing changed."""
    before = rows_of(license), Event.objects.count()
    with pytest.raises(Refusal) as caught:
        apply(license, template, **more)
    only = {name: more[name] for name in ("at", "expected_revision") if name in more}
    if "expected_digest" not in more:
        with pytest.raises(Refusal) as shown:
            preview(license, template, **only)
        assert (shown.value.code, shown.value.details) == (caught.value.code, caught.value.details)
    assert (rows_of(license), Event.objects.count()) == before
    return caught.value


def test_a_revoked_licence_stays_as_it_was() -> None:
    product, issued = sold()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="fraud", at=NOW, origin=STAFF)

    assert refused(issued.license, make(product)).code == "ILLEGAL_STATUS_CHANGE"


def test_a_template_of_another_product_is_refused() -> None:
    _, issued = sold()

    told = refused(issued.license, make(make_product()))

    assert (told.code, [*told.details]) == ("VALIDATION_ERROR", ["template_id"])


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"license_type": "PERPETUAL"}, "license_type"),
        ({"license_model": "PER_CORE"}, "license_model"),
    ],
)
def test_another_type_or_count_is_an_upgrade_of_its_own(fields: dict[str, str], named: str) -> None:
    product, issued = sold()
    other = make(product)
    LicenseTemplate.objects.filter(pk=other.pk).update(**fields)

    told = refused(issued.license, other)

    assert told.code == "TEMPLATE_DOES_NOT_FIT"
    assert told.details[f"template_{named}"] == fields[named]


def test_a_template_reserved_for_somebody_else_or_switched_off_is_not_there() -> None:
    product, issued = sold()
    off = make(product, active=False)
    theirs = make(product, reserved_for=make_tenant())
    ours = make(product, reserved_for=issued.license.tenant)

    assert refused(issued.license, off).code == "TEMPLATE_NOT_FOUND"
    assert refused(issued.license, theirs).code == "TEMPLATE_NOT_FOUND"
    assert apply(issued.license, ours).applied


def test_values_that_are_left_to_the_licence_must_be_there() -> None:
    product, issued = sold()
    rows = [{"restriction_type": "DOMAIN", "operator": "ALLOW", "default_values": []}]

    told = refused(issued.license, make(product, restrictions=rows))

    assert [*told.details] == ["restrictions"]


def test_whoever_saw_an_older_licence_is_refused() -> None:
    product, issued = sold()
    apply(issued.license, make(product))

    assert refused(issued.license, make(product), expected_revision=1).code == "STALE_REVISION"


def test_a_confirmation_of_something_else_than_was_shown_is_refused() -> None:
    product, issued = sold()
    team = make(product)
    shown = preview(issued.license, team)
    update_template(pk=team.pk, fields={"max_activations": 2}, at=NOW, origin=STAFF)

    assert refused(issued.license, team, expected_digest=shown.digest).code == "STALE_PREVIEW"
    assert apply(issued.license, team, expected_digest=preview(issued.license, team).digest).applied
