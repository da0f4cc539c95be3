import threading

import pytest
from django.db import connection, transaction

from events.models import Event, WebhookDelivery, WebhookEndpoint, WebhookFeed
from events.services.webhooks import feeding
from tests.clock import NOW
from tests.engines import ENGINE
from tests.factories import issue
from tests.races.threads import at_once
from tests.receiving import Receiver

pytestmark = pytest.mark.django_db(transaction=True)
NOWHERE = Receiver(url="https://8.8.8.8/")


def queued():
    return sorted(WebhookDelivery.objects.values_list("event__sequence", flat=True))


def events():
    rows = Event.objects.filter(type="license.issued").order_by("sequence")
    return list(rows.values_list("sequence", flat=True))


def test_an_event_whose_transaction_ends_late_is_not_skipped(listening):
    listening(NOWHERE, "license.issued")
    written, may_end = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            issue()
            written.set()
            may_end.wait(10)

    def meanwhile():
        written.wait(10)
        if ENGINE == "postgresql":  # SQLite lets nobody else write meanwhile
            issue()
            feeding.feed_next(at=NOW)
            assert queued() == []
        may_end.set()

    at_once(late, meanwhile)
    issue()
    while feeding.feed_next(at=NOW, chunk=1)[1]:
        pass
    feeding.feed_next(at=NOW)
    assert queued() == events()
    assert len(events()) == (3 if ENGINE == "postgresql" else 2)


def test_who_hand_out_at_once_hand_each_event_out_once(listening):
    for _ in range(2):
        listening(NOWHERE, "license.issued")
    for _ in range(30):
        issue()

    def all_of_it():
        made = 0
        while True:
            some, more = feeding.feed_next(at=NOW, chunk=7)
            made += some
            if not more:
                return made

    results = at_once(*[all_of_it] * 6)
    results.append(all_of_it())
    assert sum(results) == 60
    assert queued() == sorted(events() * 2)


def test_while_nobody_listens_the_trail_is_passed_over(listening):
    endpoint = listening(NOWHERE, "license.issued")
    WebhookEndpoint.objects.update(disabled_at=NOW, disabled_because="GONE")
    issue()
    assert feeding.feed_next(at=NOW) == (0, False)
    WebhookEndpoint.objects.update(disabled_at=None, disabled_because="")
    issue()
    feeding.feed_next(at=NOW)
    assert queued() == events()[1:]
    assert endpoint.deliveries.count() == 1


def test_without_any_endpoint_there_is_no_feed():
    issue()
    assert feeding.feed_next(at=NOW) == (0, False)
    assert not WebhookFeed.objects.exists()


@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
def test_one_large_transaction_is_handed_out_in_portions(chunk, listening):
    listening(NOWHERE, "license.issued")
    with transaction.atomic():
        for _ in range(5):
            issue()
    issue()
    for _ in range(30):
        feeding.feed_next(at=NOW, chunk=chunk)
    assert queued() == events()


def test_a_database_that_numbers_its_transactions_anew_goes_on_with_what_comes(listening, caplog):
    """Restored from a dump, rows keep the numbers of a server that is gone."""
    listening(NOWHERE, "license.issued")
    issue()
    feeding.feed_next(at=NOW)
    WebhookFeed.objects.update(passed=10**15)
    issue()
    feeding.feed_next(at=NOW)
    issue()
    feeding.feed_next(at=NOW)
    first, unheard, last = events()
    if ENGINE == "postgresql":
        assert queued() == [first, last]
        assert "numbered anew" in caplog.text
    else:
        assert queued() == [first, unheard, last]


def test_the_trail_is_not_walked_from_its_beginning(listening):
    listening(NOWHERE, "license.issued")
    if ENGINE != "postgresql":
        return
    feed = WebhookFeed.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT min(sequence + 0) FROM events_event"
            " WHERE transaction_id >= %s AND transaction_id < %s AND sequence > %s",
            [feed.passed, feed.passed + 100, 0],
        )
        plan = " ".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "Limit" not in plan
