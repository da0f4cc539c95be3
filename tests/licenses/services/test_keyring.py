"""Showing and replacing keys."""

import uuid

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.selectors import snapshots
from licenses.services import keyring, lifecycle
from licenses.services.tokens import token_digest
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db
GIVEN = {"reason": "customer asked", "at": NOW, "origin": STAFF}


def test_a_key_is_shown_to_who_may_see_it_with_an_event_each_time() -> None:
    issued = issue()

    for _ in range(2):
        shown = keyring.reveal_key(license_id=issued.license.pk, **GIVEN)
        assert shown == issued.key

    assert Event.objects.filter(type="license.key_revealed").count() == 2


def test_a_reissued_key_works_and_the_old_one_is_unknown() -> None:
    issued = issue()
    token = activate(issued.key).token

    new = keyring.reissue_key(license_id=issued.license.pk, **GIVEN)

    with pytest.raises(Refusal) as refused:
        activate(issued.key)
    assert refused.value.code == "LICENSE_NOT_FOUND"
    again = activate(new.key)
    assert (again.is_new, again.token == token) == (False, False)
    assert snapshots.by_token(token_digest(token)) is None
    found = snapshots.by_token(token_digest(again.token))
    assert found is not None
    assert found.license.current_activations == 1
    event = Event.objects.get(type="license.key_reissued")
    assert issued.key not in repr(event.changes)
    assert new.key not in repr(event.changes)


def test_a_revoked_licence_gets_no_new_key() -> None:
    issued = issue()
    lifecycle.revoke_license(license_id=issued.license.pk, **GIVEN)

    with pytest.raises(Refusal) as refused:
        keyring.reissue_key(license_id=issued.license.pk, **GIVEN)

    assert refused.value.code == "ILLEGAL_STATUS_CHANGE"
    assert keyring.reveal_key(license_id=issued.license.pk, **GIVEN) == issued.key


@pytest.mark.parametrize("act", [keyring.reveal_key, keyring.reissue_key])
def test_neither_goes_without_a_reason_or_a_licence(act) -> None:  # type: ignore[no-untyped-def]
    issued = issue()

    with pytest.raises(Refusal) as refused:
        act(license_id=issued.license.pk, **(GIVEN | {"reason": " "}))
    assert refused.value.code == "VALIDATION_ERROR"
    with pytest.raises(Refusal) as refused:
        act(license_id=uuid.uuid4(), **GIVEN)
    assert refused.value.code == "LICENSE_NOT_FOUND"
    assert Event.objects.count() == 1
