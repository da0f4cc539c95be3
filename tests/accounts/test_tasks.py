"""What is kept for a day goes after it."""

from datetime import timedelta

import pytest

from accounts.models import StoredAnswer
from accounts.tasks import prune_stored_answers
from tests.clock import NOW


@pytest.mark.django_db
def test_stored_answers_are_forgotten_after_a_day():
    for hours in (23, 25):
        StoredAnswer.objects.create(
            credential="key",
            route="licenses",
            key=str(hours),
            request_digest=b"x",
            status=200,
            body_ciphertext="x",
            created_at=NOW - timedelta(hours=hours),
        )
    assert prune_stored_answers(at=NOW.isoformat()) == {"answers": 1}
    assert StoredAnswer.objects.get().key == "23"
