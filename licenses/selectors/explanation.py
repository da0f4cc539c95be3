"""Why a licence is what it is, in words: for support, who has to say it to a customer."""

from collections.abc import Iterator
from datetime import datetime

from licenses.models import License, Release
from licenses.selectors.releases import coverage_of
from licenses.selectors.restricted import restricted_to
from licenses.states import ACTS, Act, PendingCause, Status
from licenses.terms import MAX_TRIAL_EXTENSIONS, MISSED_BEATS, TRIALS, LicenseModel, LicenseType

_PENDING = {
    PendingCause.FIRST_ACTIVATION: "It waits for its first device, and starts when that activates.",
    PendingCause.PAYMENT: "It waits for payment.",
    PendingCause.APPROVAL: "It waits for staff to approve it.",
}
_CHANGES = {
    Act.RENEW: "renewing it gives it a new expiry",
    Act.EXTEND: "extending the trial gives it more days",
    Act.CONVERT: "converting it to paid begins a paid term",
    Act.REINSTATE: "reinstating it lifts the hold",
    Act.UNPARK: "unparking it takes it back into use",
    Act.APPROVE: "approving it ends the waiting",
}


def explain(license: License, *, at: datetime) -> list[str]:
    """Return sentences that say what the licence is at that instant, why, and what would help."""
    status = license.status_at(at)
    return [
        f"{license.product_name}, {license.license_type}, issued to {license.issued_to}"
        f" on {_day(license.issued_date)}.",
        f"At {_moment(at)} it is {status.value}{_works(license, status, at)}.",
        *_reasons(license, status, at),
        *_term(license, at),
        *_restrictions(license),
        *_trial(license),
        _seats(license),
        *_heartbeats(license),
        *_column(license, status),
        *_ways_on(license, status),
    ]


def _works(license: License, status: Status, at: datetime) -> str:
    if license.in_grace_at(at):
        return ", and still works: it is in grace"
    return ", and works" if status == Status.ACTIVE else ", and does not validate"


def _reasons(license: License, status: Status, at: datetime) -> Iterator[str]:
    if license.revoked_at is not None:
        yield f"It was revoked on {_day(license.revoked_at)}; that is final."
    for hold in license.holds.filter(lifted_at=None).order_by("placed_at"):
        by = f" by {hold.placed_by}" if hold.placed_by else ""
        yield f"It is held since {_day(hold.placed_at)}{by}: {hold.code}, “{hold.reason}”."
    if license.suspension_code_at(at) == "GRACE_PERIOD_ENDED":
        yield "Its grace has ended; no hold was needed, this follows from the dates."
    if license.parked:
        yield "It is parked; the clock runs on, devices keep their seats and do not validate."
    if license.pending_cause:
        yield _PENDING[PendingCause(license.pending_cause)]
    if status == Status.ACTIVE:
        yield "Nothing is in its way: not revoked, not held, not parked, not expired, not waiting."


def _term(license: License, at: datetime) -> Iterator[str]:
    expiry = license.expiry_date
    if expiry is None:
        if license.duration_days:
            yield f"It has no expiry yet: {license.duration_days} days count from the first device."
        else:
            yield "It never expires."
    else:
        yield f"It {'expired' if expiry <= at else 'expires'} at {_moment(expiry)}."
        if license.grace_ends_at is not None and license.grace_ends_at > expiry:
            ended = "ended" if license.grace_ends_at <= at else "ends"
            yield f"Grace of {license.grace_period_days} days {ended} at" + (
                f" {_moment(license.grace_ends_at)}; meanwhile known devices work, new ones do not."
            )
        else:
            yield "It has no grace."
    yield from _versions(license, at)


def _versions(license: License, at: datetime) -> Iterator[str]:
    coverage = coverage_of(license, at=at)
    if coverage is None:
        return
    ended = "ended" if coverage.until <= at else "ends"
    yield (
        f"It covers versions released before {_moment(coverage.until)}, when its maintenance"
        f" {ended}; a version that is no known release counts as released today."
    )
    if coverage.newest is not None:
        yield f"The newest that it covers is {_released(coverage.newest)}."
    if coverage.beyond is not None:
        yield (f"It does not cover {_released(coverage.beyond)}; extending its maintenance would.")


def _released(release: Release) -> str:
    return f"{release.version}, released on {_day(release.released_at)}"


def _restrictions(license: License) -> Iterator[str]:
    for line in restricted_to(license):
        values = f": {', '.join(line.values)}" if line.values else ""
        yield f"{line.text}{values}."


_UNITS = {LicenseModel.PER_CPU: "CPUs", LicenseModel.PER_CORE: "cores"}


def _seats(license: License) -> str:
    held = _taken(license)
    if license.held_by_names:
        return f"{held} Names hold them, each on however many devices."
    length = license.lease_length
    if length is None:
        return held
    return f"{held} Each is held by a lease of {length.total_seconds():,.0f} s."


def _heartbeats(license: License) -> Iterator[str]:
    if license.require_heartbeat:
        yield (
            f"Its devices have to be heard of every {license.heartbeat_interval_seconds:,} s;"
            f" one that misses {MISSED_BEATS} does not validate until it is heard of again."
        )


def _trial(license: License) -> Iterator[str]:
    if license.license_type in TRIALS and license.trial_extensions:
        times = "once" if license.trial_extensions == 1 else "twice"
        yield f"Its trial was extended {times}; twice is the most."


def _taken(license: License) -> str:
    taken = license.current_activations
    if license.capacity is None:
        who = "name" if license.held_by_names else "device"
        holding = f"1 {who} holds" if taken == 1 else f"{taken} {who}s hold"
        return f"{holding} it; it never fills."
    over = "" if license.overage == "NONE" else f" ({license.max_activations} sold, overage)"
    left = license.seats_left
    free = "1 is free" if left == 1 else f"{left} are free"
    held = "is" if taken == 1 else "are"
    units = _UNITS.get(LicenseModel(license.license_model), "seats")
    return f"{taken} of {license.capacity} {units}{over} {held} taken, {free}."


def _column(license: License, status: Status) -> Iterator[str]:
    if license.status != status:
        yield (
            f"The stored status is still {license.status}: the sweep has not come by."
            " No answer depends on that."
        )


def _ways_on(license: License, status: Status) -> Iterator[str]:
    ways = [words for act, words in _CHANGES.items() if ACTS[act][status] is None]
    for act in _of_no_use_to(license, status):
        ways = [words for words in ways if words != _CHANGES[act]]
    if license.holds.filter(lifted_at=None).exists():
        # Time alone lifts no hold.
        time = {_CHANGES[act] for act in (Act.RENEW, Act.EXTEND, Act.CONVERT)}
        ways = [words for words in ways if words not in time]
        if license.hold_code == "PAYMENT_FAILED":
            ways.append("paying, or renewing it, lifts the hold")
    elif status == Status.SUSPENDED:
        ways = [words for words in ways if words != _CHANGES[Act.REINSTATE]]
    if license.pending_cause == PendingCause.FIRST_ACTIVATION and status == Status.PENDING:
        ways = ["activating a device starts it"]
    if status == Status.REVOKED:
        yield "Nothing changes that; issue another licence."
    elif status != Status.ACTIVE and ways:
        yield f"What would change it: {'; '.join(ways)}."


def _of_no_use_to(license: License, status: Status) -> Iterator[Act]:
    """Give the acts that the status allows and that change nothing for this licence."""
    trial = license.license_type in TRIALS
    if trial or license.license_type == LicenseType.PERPETUAL:
        yield Act.RENEW
    over = trial and status in (Status.EXPIRED, Status.SUSPENDED)
    if not over or license.trial_extensions >= MAX_TRIAL_EXTENSIONS:
        yield Act.EXTEND
    if not over:
        yield Act.CONVERT


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
