"""Old mails are forgotten; what waits, is unclear or has a link stays."""

from datetime import timedelta

import pytest

from events.models import Notice
from events.services import pruning
from tests.clock import NOW

pytestmark = pytest.mark.django_db
OLD, YOUNG = NOW - timedelta(days=401), NOW - timedelta(days=399)


def test_what_was_over_long_ago_goes():
    for state in ("QUEUED", "SENDING", "SENT", "FAILED", "WITHDRAWN", "BOUNCED"):
        for moment in (OLD, YOUNG):
            Notice.objects.create(
                kind="told",
                dedup_key=f"{state}{moment}",
                state=state,
                queued_at=moment,
                due_at=moment,
                claimed_at=moment,
                sent_at=moment,
            )
    assert pruning.prune_notices(at=NOW, chunk=3) == 4
    assert pruning.prune_notices(at=NOW) == 0
    left = Notice.objects.filter(queued_at=OLD).values_list("state", flat=True)
    assert sorted(left) == ["QUEUED", "SENDING"]
    assert Notice.objects.filter(queued_at=YOUNG).count() == 6


def test_what_was_sent_again_lately_stays():
    Notice.objects.create(
        kind="told", dedup_key="x", state="SENT", queued_at=OLD, due_at=YOUNG, sent_at=YOUNG
    )
    assert pruning.prune_notices(at=NOW) == 0
