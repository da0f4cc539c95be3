"""The same request sent several times at once is one act."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import close_old_connections, connection, connections
from django.utils import timezone

from accounts.models import Tenant
from accounts.services.repeats import Answer, Attempt, once
from events.refusals import Refusal
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 12


def in_threads(act):
    """What each of several threads got, all of them let go at the same instant."""
    gate = Barrier(AT_ONCE)

    def run(number):
        try:
            connection.ensure_connection()
            gate.wait()
            return act()
        finally:
            connections.close_all()
            close_old_connections()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_one_request_sent_twelve_times_at_once_is_done_once():
    attempt = Attempt(credential="api_key:1", route="POST /x", key="k", content=b"{}")

    def make():
        factories.make_tenant()
        return Answer(201, "{}")

    def send():
        try:
            return once(attempt, make, at=timezone.now())
        except Refusal as refusal:
            assert refusal.code == "IDEMPOTENCY_IN_PROGRESS"  # noqa: PT017 - either may come
            return None

    answers = [answer for answer in in_threads(send) if answer]
    assert Tenant.objects.count() == 1
    assert [answer.replayed for answer in answers].count(False) == 1
    assert once(attempt, make, at=timezone.now()).replayed
