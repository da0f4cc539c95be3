"""Trials as tests make, extend and convert them."""

from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, LicenseTemplate, TrialUse
from licenses.services import lifecycle
from licenses.services.keyring import Issued
from tests.clock import NOW
from tests.factories import STAFF, issue, make_template

SAID = {"origin": STAFF, "reason": "a longer look"}


def trial(**terms: Any) -> Issued:
    given = {"license_type": "TRIAL", "expiry_basis": "ISSUE", "duration_days": 30} | terms
    return issue(**given)


def extend(license: License, days: int = 14, **more: Any) -> License:
    return lifecycle.extend_trial(
        **{"license_id": license.pk, "days": days, "at": NOW} | SAID | more
    )


def convert(license: License, template: LicenseTemplate, **more: Any) -> License:
    given = {"license_id": license.pk, "template_id": template.pk, "at": NOW}
    return lifecycle.convert_trial(**given | SAID | more)


def refusal_of(does: Any, *given: Any, **more: Any) -> str:
    before = list(License.objects.values()), Event.objects.count(), list(TrialUse.objects.values())
    with pytest.raises(Refusal) as refused:
        does(*given, **more)
    after = list(License.objects.values()), Event.objects.count(), list(TrialUse.objects.values())
    assert after == before
    return refused.value.code


def paid(license: License, **terms: Any) -> LicenseTemplate:
    given = {"max_activations": 5, "default_duration": 365, "grace_period_days": 10} | terms
    return make_template(license.product, **given)
