"""Staff hear that an offline device may be two: once a day for each and cause."""

from functools import partial

import pytest
from django.conf import LazySettings
from django.core import mail

from events.models import Notice
from events.services import notices
from licenses.services import offline
from licenses.services.offline import alerts
from tests.clock import NOW
from tests.factories import DEVICE, issue
from tests.licenses.services.offline.carried import DAY, KEY, OTHER_KEY, answer, code_of, request
from tests.licenses.services.offline.test_bundles import chain, entry

pytestmark = pytest.mark.django_db


def owed() -> int:
    return Notice.objects.filter(kind=alerts.NOTICE).count()


def test_of_copies_there_is_one_mail_a_day():
    issued = issue()
    for number, key in enumerate([KEY, OTHER_KEY, KEY, OTHER_KEY]):
        code = request(issued.key, nonce=f"{number:022}", by=key)
        answer(issued.license, code, at=NOW + (number // 3) * DAY)
    assert owed() == 2


@pytest.mark.parametrize("forked", [True, False], ids=["forked", "cloned"])
def test_the_mail_says_what_was_seen_and_where_to_look(forked: bool, settings: LazySettings):
    settings.VENDOR_EMAIL = "licensing@tern-vale.example"
    issued = issue()
    first = answer(issued.license, request(issued.key, machine_name="Press 4"))
    if forked:
        bring = partial(offline.accept_bundle, at=NOW, origin=DEVICE)
        bring(text=chain(first.activation_id, [entry(1)]))
        other = chain(first.activation_id, [entry(1, 2)])
        assert code_of(bring, text=other) == "USAGE_FORKED"
    else:
        answer(issued.license, request(issued.key, by=OTHER_KEY, nonce="m" * 22))
    notices.send_due(at=NOW)
    (sent,) = mail.outbox
    assert "Press 4" in sent.body
    assert ("told its use otherwise" in sent.body) == forked
    assert str(issued.license.pk) in sent.body
    assert issued.key not in sent.body
