"""What a device used without a network is a chain: what goes on is counted, what forks is told."""

import json
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import OfflineDevice, UsageRollup
from licenses.models.series import Grain
from licenses.services import offline
from licenses.signing import Kind, signed_by_device
from licenses.signing.chains import head_after, head_of
from licenses.signing.compact import encoded
from tests.clock import NOW
from tests.factories import DEVICE, issue
from tests.licenses.services.offline.carried import KEY, OTHER_KEY, answer, code_of, request

pytestmark = pytest.mark.django_db


def entry(day: int, exports: Any = 1) -> str:
    return json.dumps({"day": f"2026-03-{day:02}", "usage": {"exports": exports}})


def chain(device: Any, told: list[str], *, since: int = 0, **other: Any) -> str:
    """A bundle of a chain's entries, those after the first `since`."""
    before = head_after(head_of(str(device)), told[:since])
    claims = {
        "dev": str(device),
        "start": since,
        "prev": encoded(before),
        "entries": told[since:],
        "head": encoded(head_after(before, told[since:])),
    }
    by = other.pop("by", KEY)
    return signed_by_device(Kind.USAGE_BUNDLE, claims | other, key=by)


def accept(text: str) -> tuple[int, int]:
    taken = offline.accept_bundle(text=text, at=NOW, origin=DEVICE)
    return taken.accepted, taken.entries


def counted() -> float:
    rows = UsageRollup.objects.filter(grain=Grain.DAY, metric="exports")
    return sum(rows.values_list("value", flat=True))


@pytest.fixture
def dev() -> Any:
    issued = issue()
    return answer(issued.license, request(issued.key)).activation_id


def test_a_chain_is_counted_once_and_goes_on_from_its_head_or_from_its_beginning(dev: Any):
    days = [entry(day) for day in range(1, 7)]
    assert accept(chain(dev, days[:2])) == (2, 2)
    assert accept(chain(dev, days[:2])) == (0, 2)
    assert accept(chain(dev, days[:4])) == (2, 4)
    assert accept(chain(dev, days, since=4)) == (2, 6)
    assert accept(chain(dev, days, since=3)) == (0, 6)
    assert counted() == 6
    assert UsageRollup.objects.filter(grain=Grain.DAY).count() == 6
    assert not Event.objects.filter(type="activation.usage_forked").exists()


def test_a_day_without_use_is_a_day_of_the_chain(dev: Any):
    idle = '{"day": "2026-03-02", "usage": {}}'
    assert accept(chain(dev, [entry(1), idle, entry(3)])) == (3, 3)
    assert counted() == 2


def test_entries_that_never_came_are_asked_for(dev: Any):
    days = [entry(day) for day in range(1, 5)]
    accept(chain(dev, days[:1]))
    with pytest.raises(Refusal) as refused:
        accept(chain(dev, days, since=2))
    assert (refused.value.code, refused.value.details) == ("USAGE_INCOMPLETE", {"expected": 1})
    assert counted() == 1


def test_attack_26_a_forked_chain_is_told_and_the_longest_is_billed(dev: Any):
    accept(chain(dev, [entry(1), entry(2)]))
    fork = [entry(1), entry(2, 0), entry(3, 5)]
    assert code_of(accept, chain(dev, fork)) == "USAGE_FORKED"
    assert counted() == 1 + 1 + 5
    event = Event.objects.get(type="activation.usage_forked")
    assert (event.reason, event.changes["entries"]) == ("FORKED", {"before": 2, "after": 3})
    assert event.activation_id == dev
    device = OfflineDevice.objects.get()
    assert (device.usage_forks, device.usage_count) == (1, 3)
    # A shorter fork adds nothing to the bill.
    assert code_of(accept, chain(dev, [entry(1, 0), entry(2, 0), entry(3, 0)])) == "USAGE_FORKED"
    assert counted() == 7


def test_attack_26_a_chain_set_back_is_told_and_counts_nothing(dev: Any):
    days = [entry(day) for day in range(1, 5)]
    accept(chain(dev, days))
    assert code_of(accept, chain(dev, days[:2])) == "USAGE_FORKED"
    assert Event.objects.get(type="activation.usage_forked").reason == "ROLLED_BACK"
    assert counted() == 4
    assert OfflineDevice.objects.get().usage_count == 4


@pytest.mark.parametrize(
    "other",
    [
        {"entries": [entry(1, 0)]},
        {"head": encoded(b"x" * 32)},
        {"prev": encoded(b"x" * 32)},
        {"start": -1},
        {"start": "0"},
        {"start": 2**60},
        {"entries": "hello"},
        {"by": OTHER_KEY},
        {"dev": "hello"},
    ],
    ids=[
        "entry changed", "head changed", "another beginning", "before the beginning",
        "start in words", "start beyond reason", "no entries", "another key", "no device",
    ],
)  # fmt: skip
def test_a_chain_whose_hashes_or_signature_are_wrong_counts_nothing(
    dev: Any, other: dict[str, Any]
):
    assert code_of(accept, chain(dev, [entry(1)], **other)) == "DOCUMENT_INVALID"
    assert counted() == 0
    assert OfflineDevice.objects.get().usage_count == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "DOCUMENT_INVALID"),
        ("{}", "DOCUMENT_INVALID"),
        ('{"day": "2026-13-01", "usage": {"exports": 1}}', "DOCUMENT_INVALID"),
        (entry(1, -1), "VALIDATION_ERROR"),
        (entry(1, 1e300), "VALIDATION_ERROR"),
        (entry(1, "many"), "DOCUMENT_INVALID"),
    ],
    ids=["text", "nothing", "no day", "negative", "beyond reason", "in words"],
)
def test_an_entry_that_cannot_be_takes_the_others_with_it(dev: Any, text: str, code: str):
    assert code_of(accept, chain(dev, [entry(1), text])) == code
    assert counted() == 0


def test_a_day_of_a_clock_that_was_wrong_is_counted_on_the_nearest(dev: Any):
    wrong = json.dumps({"day": "1980-01-01", "usage": {"exports": 2}})
    ahead = json.dumps({"day": "2999-01-01", "usage": {"exports": 3}})
    assert accept(chain(dev, [wrong, ahead, entry(3)])) == (3, 3)
    days = UsageRollup.objects.filter(grain=Grain.DAY).order_by("starts_at")
    assert [row.starts_at.isoformat()[:10] for row in days] == [
        "2025-02-07", "2026-03-03", "2026-03-15",
    ]  # fmt: skip


def test_with_a_new_key_a_chain_begins_anew():
    issued = issue()
    dev = answer(issued.license, request(issued.key)).activation_id
    accept(chain(dev, [entry(1)]))
    answer(issued.license, request(issued.key, by=OTHER_KEY, nonce="m" * 22))
    assert accept(chain(dev, [entry(2)], by=OTHER_KEY)) == (1, 1)
    assert code_of(accept, chain(dev, [entry(1), entry(2)])) == "DOCUMENT_INVALID"
    assert counted() == 2
