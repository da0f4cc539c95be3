from datetime import timedelta

import pytest

from accounts.models import StoredAnswer, Tenant
from accounts.services.repeats import Answer, Attempt, once
from accounts.tasks import prune_stored_answers
from events.refusals import Refusal
from tests import factories
from tests.clock import NOW

pytestmark = pytest.mark.django_db


def attempt(**given):
    asked = {"credential": "api_key:1", "route": "POST /x", "key": "k", "content": b"{}"} | given
    return Attempt(**asked)


def making(status=201):
    def act():
        factories.make_tenant()
        return Answer(status, '{"secret": "Q7RT"}', etag='"1"')

    return act


def test_the_second_time_hears_the_first_answer_and_does_nothing():
    first = once(attempt(), making(), at=NOW)
    again = once(attempt(), making(), at=NOW + timedelta(hours=23))
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.status, again.body, again.etag) == (first.status, first.body, first.etag)
    assert Tenant.objects.count() == 1


def test_what_is_kept_cannot_be_read_in_the_database():
    once(attempt(), making(), at=NOW)
    assert "Q7RT" not in str(StoredAnswer.objects.values())


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_answer_that_says_later_undoes_the_act_and_is_not_kept(status):
    once(attempt(), making(status), at=NOW)
    assert not Tenant.objects.exists()
    assert not once(attempt(), making(), at=NOW).replayed


def test_the_same_key_with_another_request_is_refused():
    once(attempt(), making(), at=NOW)
    with pytest.raises(Refusal, match="IDEMPOTENCY_KEY_REUSED"):
        once(attempt(content=b'{"other": 1}'), making(), at=NOW)
    assert Tenant.objects.count() == 1


@pytest.mark.parametrize("other", [{"credential": "api_key:2"}, {"route": "POST /y"}, {"key": "l"}])
def test_a_key_means_one_caller_and_one_route(other):
    once(attempt(), making(), at=NOW)
    assert not once(attempt(**other), making(), at=NOW).replayed
    assert Tenant.objects.count() == 2


def test_a_key_is_new_again_after_a_day():
    once(attempt(), making(), at=NOW)
    assert not once(attempt(), making(), at=NOW + timedelta(days=1)).replayed
    assert Tenant.objects.count() == 2


def test_old_answers_are_forgotten():
    once(attempt(), making(), at=NOW)
    once(attempt(key="l"), making(), at=NOW + timedelta(hours=2))
    later = NOW + timedelta(hours=25)
    assert prune_stored_answers(at=later.isoformat()) == {"answers": 1}
