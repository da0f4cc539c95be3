"""The devices of the demo, and what they reported of themselves."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.trail import Origin
from licenses.models import Activation, Heartbeat, UsageTotal
from licenses.services.claims import Device
from licensing_portal.demo import cast
from licensing_portal.demo.others import BORROWED_DAYS
from licensing_portal.demo.stage import Stage

_NETWORKS = {"BRENNER": "192.0.2", "NORDLYS": "198.51.100", "WESTERMANN": "203.0.113"}


@dataclass(frozen=True, slots=True)
class Machine:
    """A device, the address it calls from, and the person who may free its seat."""

    device: Device
    origin: Origin
    owner: Origin


class Machines:
    """Every device of the demo; `placed` holds those that got a seat, by activation."""

    def __init__(self, stage: Stage) -> None:
        self._rng = stage.rng
        self._organisations = {each.code: each for each in cast.ORGANISATIONS}
        self._numbers: Counter[str] = Counter()
        self.placed: dict[uuid.UUID, Machine] = {}

    def new(self, tenant: str) -> Machine:
        """Return one more machine of that organisation."""
        rng = self._rng
        organisation = self._organisations[tenant]
        name = f"{organisation.short}-{rng.choice(cast.ROLES_OF_MACHINES)}"
        self._numbers[name] += 1
        address = f"{_NETWORKS[tenant]}.{rng.randint(1, 254)}"
        device = Device(
            fingerprint=f"{rng.getrandbits(128):032x}",
            machine_name=f"{name}-{self._numbers[name]:03d}",
            operating_system=rng.choice(cast.SYSTEMS),
            user_agent="strata/8.2 licensing-client/1.0",
            ip_address=address,
            country=organisation.country,
        )
        return Machine(
            device=device,
            origin=Origin(actor_kind="device", ip_address=address),
            owner=Origin(
                actor_kind="member", actor_label=organisation.member_email, ip_address=address
            ),
        )


def note_usage(stage: Stage, machines: Machines) -> None:
    """Write when each device was last heard of and what it used: the sum of two years of calls."""
    heartbeats, totals = [], []
    for activation in Activation.objects.select_related("license").order_by("id"):
        last = _last_heard(stage, activation)
        heartbeats.append(Heartbeat(activation=activation, last_heartbeat=last))
        days = max(0.0, (last - activation.activated_at).total_seconds() / 86_400)
        for metric, per_day in zip(cast.USED_METRICS, (90, 35, 6), strict=True):
            used = round(days * per_day * stage.rng.uniform(0.2, 1.4), 1)
            totals.append(
                UsageTotal(
                    activation=activation,
                    metric=metric,
                    last_value=round(used % (per_day * 5), 1),
                    total=used,
                    rolled=used,
                    due=False,
                    peak=round(used % (per_day * 5), 1),
                    updated_at=last,
                )
            )
    # The door adds to running totals call by call; two years of calls would take hours.
    Heartbeat.objects.bulk_create(heartbeats)
    UsageTotal.objects.bulk_create(totals, batch_size=2_000)


def _last_heard(stage: Stage, activation: Activation) -> datetime:
    """Return a moment between activation and the end of the device's use: mostly just now."""
    license = activation.license
    if activation.lease_expires_at is not None and license.lease_length is not None:
        # A lease runs from when its device was last heard of.
        kept = activation.borrowed_until and timedelta(days=BORROWED_DAYS)
        return activation.lease_expires_at - (kept or license.lease_length)
    ends = [activation.deactivated_at, license.grace_ends_at, license.revoked_at, stage.now]
    end = min(end for end in ends if end is not None)
    silent = stage.rng.random()
    if silent < 0.72:
        quiet = timedelta(minutes=stage.rng.uniform(0, 10))
    elif silent < 0.92:
        quiet = timedelta(hours=stage.rng.uniform(1, 60))
    else:
        quiet = timedelta(days=stage.rng.uniform(20, 110))
    return max(activation.activated_at, end - quiet)
