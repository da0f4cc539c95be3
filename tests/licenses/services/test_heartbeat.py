"""What devices tell of themselves adds up, however often they tell it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from events.refusals import Refusal
from licenses.models import Activation, Heartbeat, UsageTotal
from licenses.services import activation, heartbeat, usage_totals
from licenses.services.heartbeat import read_metrics
from licenses.services.usage_totals import Beat, grown
from tests.clock import NOW
from tests.factories import DEVICE, activate, issue

pytestmark = pytest.mark.django_db


def seat() -> Any:
    return activate(issue().key).snapshot


def total(metric: str = "api_calls_count") -> float:
    heartbeat.flush(at=NOW)
    return UsageTotal.objects.get(metric=metric).total


# A process starts near nothing and grows; each of its reports is sent once or several times.
PROCESS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 3)), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    processes=st.lists(PROCESS, min_size=1, max_size=4),
    cuts=st.sets(st.integers(1, 40)),
)
@pytest.mark.django_db(transaction=True)
def test_the_sum_over_any_processes_and_retries_is_exact(processes, cuts) -> None:
    known = seat()
    reports, expected, last = [], 0, -1
    for steps in processes:
        running = 0
        for step, times in steps:
            running += step
            reports += [running] * times
        # A process whose first report is no smaller than what its predecessor said last can't be
        # told from that one: such a start is left out here.
        first = steps[0][0]
        if first >= last >= 0:
            del reports[-sum(times for _, times in steps) :]
            continue
        expected, last = expected + running, running

    batch: list[Beat] = []
    for number, value in enumerate(reports):
        at = NOW.timestamp() + number
        batch.append(Beat(known.device.id, at, {"api_calls_count": float(value)}))
        if number in cuts:
            usage_totals.write(batch)
            batch = []
    usage_totals.write(batch)

    assert UsageTotal.objects.get(activation_id=known.device.id).total == expected
    assert Heartbeat.objects.get(activation_id=known.device.id).last_heartbeat == NOW + timedelta(
        seconds=len(reports) - 1
    )


def test_a_counter_grows_by_what_was_added_since() -> None:
    known = seat()

    for value in (5, 7, 7, 12):
        heartbeat.record(known, {"api_calls_count": value}, at=NOW)

    assert total() == 12


def test_a_smaller_value_is_a_process_that_started_anew() -> None:
    known = seat()

    for value in (100, 3, 4):
        heartbeat.record(known, {"api_calls_count": value}, at=NOW)

    assert total() == 104


def test_a_gauge_keeps_its_last_value_and_its_highest() -> None:
    known = seat()

    for value in (3, 9, 4):
        heartbeat.record(known, {"peak_concurrent_users": value, "storage_used": value}, at=NOW)

    heartbeat.flush(at=NOW)
    assert UsageTotal.objects.count() == 2
    for row in UsageTotal.objects.all():
        assert (row.last_value, row.total, row.peak) == (4, 4, 9)


def test_each_feature_is_counted_by_itself() -> None:
    told = read_metrics({"feature_usage": {"export": 2, "import": 1.5}, "workflow_runs": 7})

    assert told == {"feature_usage.export": 2, "feature_usage.import": 1.5, "workflow_runs": 7}


def test_a_late_heartbeat_does_not_turn_back_the_clock() -> None:
    known = seat()

    for minutes in (5, 3):
        heartbeat.record(known, {}, at=NOW + timedelta(minutes=minutes))

    heartbeat.flush(at=NOW)
    assert Heartbeat.objects.get().last_heartbeat == NOW + timedelta(minutes=5)


def test_what_a_signed_out_device_says_is_left_aside() -> None:
    known = seat()
    activation.deactivate(activation_id=known.device.id, reason="", at=NOW, origin=DEVICE)
    later = (NOW + timedelta(seconds=1)).timestamp()

    usage_totals.write(
        [
            Beat(known.device.id, NOW.timestamp() - 1, {"api_calls_count": 5}),
            Beat(uuid.uuid4(), later, {"api_calls_count": 5}),
        ]
    )
    assert total() == 5
    usage_totals.write([Beat(known.device.id, later, {"api_calls_count": 9})])
    assert total() == 5


def test_a_batch_of_many_devices_is_written_at_once(django_assert_max_num_queries) -> None:
    issued = issue(max_activations=30)
    ids = []
    for number in range(30):
        found = activate(issued.key, f"device-{number}").snapshot.device
        assert found is not None
        ids.append(found.id)

    with django_assert_max_num_queries(4):
        beats = [Beat(pk, NOW.timestamp(), {"api_calls_count": 1.0, "users": 2.0}) for pk in ids]
        assert usage_totals.write(beats) == 90


def test_a_fold_over_a_batch_knows_where_each_process_began() -> None:
    pk = uuid.uuid4()
    beats = [Beat(pk, 1.0 + n, {"api_calls_count": v}) for n, v in enumerate([8, 10, 2, 5])]

    (row,) = grown(beats)

    assert (row.first, row.more, row.last, row.at) == (8, 2 + 2 + 3, 5, 4.0)


def test_a_device_that_was_updated_says_so_once() -> None:
    known = seat()

    heartbeat.record(known, {}, application_version="4.3", at=NOW)

    row = Activation.objects.get()
    assert (row.application_version, row.operating_system, row.revision) == ("4.3", "", 2)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a,b{}", "ü\t'", "NULL", ""])
def test_a_metric_may_have_any_name(name) -> None:
    known = seat()

    heartbeat.record(known, {name: 1.5e300, "b": -0.0, "c": 0.1}, at=NOW)
    heartbeat.flush(at=NOW)

    told = dict(UsageTotal.objects.values_list("metric", "total"))
    assert told == {name: 1.5e300, "b": 0.0, "c": 0.1}


@pytest.mark.parametrize("value", [1.1e15, -1.1e15, 1.7e308, float("inf"), float("nan"), True, "1"])
def test_a_number_that_sums_could_not_hold_is_refused(value) -> None:
    with pytest.raises(Refusal) as refused:
        read_metrics({"storage_used": value})
    assert refused.value.code == "VALIDATION_ERROR"


def test_a_line_that_no_column_holds_does_not_stop_those_behind_it() -> None:
    bad, good = seat(), seat()
    lines = [
        b'["%b",%b' % (row.device.id.hex.encode(), heartbeat.tail({"x": value}, at=NOW))
        for row, value in ((bad, 1.7e308), (bad, 1.6e308), (bad, 1.5e308), (good, 7.0))
    ]
    broken = [b"not a heartbeat", lines[0], lines[3]]

    assert heartbeat.write_lines(broken) == 4
    with transaction.atomic():
        heartbeat.write_lines(lines)

    assert UsageTotal.objects.get(activation_id=good.device.id, metric="x").total == 7
