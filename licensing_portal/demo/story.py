"""Telling the lives of the demo's licences in the order of time, through the services."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import Customer
from accounts.services import telling
from events.refusals import Refusal
from licenses.models import License, LicenseTemplate
from licenses.services import activation, issuing, lifecycle, reaping
from licenses.services.issuing import IssueRequest
from licenses.services.keyring import Issued
from licenses.states import HoldCode, PendingCause
from licensing_portal.demo import cast, incidents, mails, orders, versions
from licensing_portal.demo.lives import GROWING, SHOWCASE, Life, Step, all_lives
from licensing_portal.demo.machines import Machine, Machines, note_usage
from licensing_portal.demo.metering import consumed_when, meter
from licensing_portal.demo.others import OTHERS, Other
from licensing_portal.demo.stage import Happening, Stage, set_stage

_SEED = 1967  # any number, always the same one
# The real sweep runs every minute; two years of minutes would take hours.
_SWEPT_EVERY = timedelta(days=2)
_NOTHING: Mapping[str, Any] = {}
_WHY_PARKED = "The project is paused until spring."
_HOLD_REASONS = {
    "STAFF": "Asked for by the customer while the contract is redrafted.",
    "PAYMENT_FAILED": "The invoice was not paid within thirty days.",
    "COMPLIANCE": "More machines than the audit can account for.",
}


def tell(*, at: datetime, progress: Callable[[str], None], thinned: int = 1) -> tuple[Stage, str]:
    """Fill an empty database, wholly or not at all; return the set and the key to be shown."""
    with transaction.atomic():
        stage = set_stage(random.Random(_SEED), at=at)  # noqa: S311 - guards nothing
        progress(f"{len(stage.tenants)} tenants, {len(stage.customers)} customers")
        story = _Story(stage)
        story.tell(all_lives(stage.rng, thinned=thinned))
        progress(f"{story.issued} licences, {len(story.machines.placed)} devices")
        note_usage(stage, story.machines)
        meter(stage)
        return stage, story.showcase_key


class _Story:
    """What is still to happen, soonest first."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.machines = Machines(stage)
        self.issued = 0
        self.showcase_key = ""
        self._ahead: list[tuple[datetime, int, Happening]] = []
        self._dice = random.Random(_SEED)  # noqa: S311 - guards nothing
        self._order = itertools.count()
        self._trials = self._trial_places()

    def tell(self, lives: list[Life]) -> None:
        for days_ago, version in versions.published_when():
            self._plan(days_ago, partial(versions.publish, self.stage, version))
        for life in lives:
            self._plan(life.issued, partial(self._issue, life))
        for other in OTHERS:
            self._plan(other.issued, partial(self._issue_other, other))
        for days_ago, happen in orders.ordered_when(self.stage):
            self._plan(days_ago, happen)
        swept = self._ahead[0][0]
        while self._ahead:
            moment, _, happen = heapq.heappop(self._ahead)
            while swept + _SWEPT_EVERY < moment:
                swept += _SWEPT_EVERY
                lifecycle.catch_up(at=swept)
                reaping.reap(at=swept)
            happen(moment)
        lifecycle.catch_up(at=self.stage.now)
        reaping.reap(at=self.stage.now)
        # Two years of somebody's past are no news.
        telling.begin_now()

    def _plan(self, days_ago: float, happen: Happening) -> None:
        heapq.heappush(self._ahead, (self.stage.ago(days_ago), next(self._order), happen))

    def _issue(self, life: Life, at: datetime) -> None:
        customer, buyer, template = self._place(life)
        trial = life.license_type == "TRIAL"
        perpetual = life.license_type == "PERPETUAL"
        request = IssueRequest(
            tenant_id=customer.tenant_id,
            customer_id=customer.pk,
            template_id=template.pk,
            issued_to=buyer.name,
            license_type=life.license_type,
            product_version=versions.newest_of(self.stage, template.product.product_id, at),
            max_activations=3 if trial else None,
            auto_renewal=False if trial or perpetual else None,
            maintenance_expiry=at + timedelta(days=365) if perpetual else None,
            pending_cause=PendingCause(life.pending_cause) if life.pending_cause else None,
        )
        issued = issuing.issue_license(request=request, at=at, origin=cast.SALES)
        self.issued += 1
        if life.kind == SHOWCASE:
            self.showcase_key = issued.key
        self._plan_devices(life, issued, buyer)
        self._plan_use(issued)
        for step in life.steps:
            self._plan(step[1], partial(self._act, issued, step))

    def _issue_other(self, other: Other, at: datetime) -> None:
        customer, buyer = self.stage.customers[other.buyer]
        request = IssueRequest(
            tenant_id=customer.tenant_id,
            customer_id=customer.pk,
            template_id=self.stage.others[other.name].pk,
            issued_to=buyer.name,
        )
        issued = issuing.issue_license(request=request, at=at, origin=cast.SALES)
        self.issued += 1
        # By dice of their own, so that they come alike whatever else happens.
        for visits in other.visits(random.Random(_SEED)):  # noqa: S311 - guards nothing
            machine = self.machines.new(buyer.tenant)
            for days_ago, says in visits:
                self._plan(days_ago, partial(self._activate, issued, machine, says=says))
        self._plan_use(issued)
        for mail in mails.DELIVERIES:
            if mail.template == other.name:
                self._plan(mail.days_ago, partial(self._deliver, issued.license, mail))
        for noticed in incidents.NOTICED:
            if noticed.template == other.name:
                self._plan(noticed.days_ago, partial(self._notice, issued.license, noticed))

    def _plan_use(self, issued: Issued) -> None:
        for days_ago, consume in consumed_when(self.stage, issued.license, self._dice):
            self._plan(days_ago, consume)

    def _deliver(self, license: License, mail: mails.Delivery, at: datetime) -> None:
        link = mails.deliver(license, mail, at=at)
        if link is not None and mail.opened_after is not None:
            self._plan(mail.days_ago - mail.opened_after, partial(mails.open_link, link_id=link.pk))

    def _notice(self, license: License, noticed: incidents.Noticed, at: datetime) -> None:
        incident = incidents.notice(license, noticed, self.machines, at=at)
        if incident is not None and noticed.closed_after is not None:
            closed = noticed.days_ago - noticed.closed_after
            look = partial(incidents.close, incident=incident, notes=noticed.notes)
            self._plan(closed, look)

    def _place(self, life: Life) -> tuple[Customer, cast.Buyer, LicenseTemplate]:
        """Return for whom and on which terms the licence is."""
        rng = self.stage.rng
        if life.license_type == "TRIAL":
            (customer, buyer), software = next(self._trials)
            return customer, buyer, self.stage.templates[software.product_id][0]
        if life.kind == SHOWCASE:
            customer, buyer = self.stage.customers[0]
            return customer, buyer, self.stage.templates["strata-desktop"][0]
        everyone = self.stage.customers
        customer, buyer = rng.choices(everyone, [buyer.weight for _, buyer in everyone])[0]
        software = rng.choices(cast.SOFTWARE, [software.weight for software in cast.SOFTWARE])[0]
        templates = self.stage.templates[software.product_id]
        return customer, buyer, rng.choices(templates, [50, 36, 14])[0]

    def _trial_places(self) -> Iterator[tuple[tuple[Customer, cast.Buyer], cast.Software]]:
        """Each customer may try each product once."""
        pairs = list(itertools.product(self.stage.customers, cast.SOFTWARE))
        self.stage.rng.shuffle(pairs)
        return iter(pairs)

    def _plan_devices(self, life: Life, issued: Issued, buyer: cast.Buyer) -> None:
        rng = self.stage.rng
        capacity = issued.license.capacity
        seats = rng.randint(5, 14) if capacity is None else capacity
        wanted = 1 if life.kind == SHOWCASE else round(seats * life.busy)
        last = max([0.01, *(days for _, days in life.steps)], default=0.01)
        span = min(life.issued - last, 25.0 if life.license_type == "TRIAL" else 340.0)
        for number in range(wanted):
            # The first comes on the day of issue; most others in the weeks after it.
            wait = rng.uniform(0.01, 0.3) if number == 0 else span * rng.random() ** 3
            machine = self.machines.new(buyer.tenant)
            days_ago = life.issued - min(wait, span)
            if number and life.kind in GROWING and rng.random() < 0.1:
                days_ago = rng.uniform(0.02, min(days_ago, 12))
            self._plan(days_ago, partial(self._activate, issued, machine))
            if number and rng.random() < 0.12:
                freed = days_ago - (days_ago - last) * rng.uniform(0.2, 0.9)
                self._plan(freed, partial(self._free, machine))
        if capacity is not None and wanted == capacity:
            late = self.machines.new(buyer.tenant)
            days_ago = life.issued - span * rng.uniform(0.7, 0.999)
            self._plan(days_ago, partial(self._activate, issued, late))

    def _activate(
        self, issued: Issued, machine: Machine, at: datetime, says: Mapping[str, Any] = _NOTHING
    ) -> None:
        license = issued.license
        runs = versions.newest_of(
            self.stage, license.product.product_id, at, until=license.maintenance_expiry
        )
        try:
            done = activation.activate_device(
                key=issued.key,
                device=replace(machine.device, application_version=runs, **says),
                at=at,
                origin=machine.origin,
            )
        except Refusal:
            return  # a device too many: the trail has it
        assert done.snapshot.device is not None  # noqa: S101 - it was just activated
        self.machines.placed[done.snapshot.device.id] = machine

    def _free(self, machine: Machine, at: datetime) -> None:
        for activation_id, placed in self.machines.placed.items():
            if placed is machine:
                activation.deactivate(
                    activation_id=activation_id,
                    reason="Replaced by a new machine.",
                    at=at,
                    origin=machine.owner,
                )

    def _act(self, issued: Issued, step: Step, at: datetime) -> None:
        act, _, code = step[0].partition(" ")
        license_id = issued.license.pk
        match act:
            case "renew":
                lifecycle.renew_license(
                    license_id=license_id, duration_months=12, at=at, origin=cast.SALES
                )
            case "hold":
                lifecycle.suspend_license(
                    license_id=license_id,
                    reason=_HOLD_REASONS[code],
                    code=HoldCode(code),
                    at=at,
                    origin=cast.BILLING if code == HoldCode.PAYMENT_FAILED else cast.SUPPORT,
                )
            case "paid":
                lifecycle.reinstate_license(
                    license_id=license_id,
                    reason="Paid by bank transfer.",
                    code=HoldCode.PAYMENT_FAILED,
                    at=at,
                    origin=cast.BILLING,
                )
            case "park":
                lifecycle.park_license(
                    license_id=license_id, reason=_WHY_PARKED, at=at, origin=cast.SUPPORT
                )
            case "transfer":
                lifecycle.transfer_license(
                    license_id=license_id,
                    new_issued_to=f"{issued.license.issued_to}, successors",
                    reason="The department was merged.",
                    deactivate_existing=False,
                    at=at,
                    origin=cast.SALES,
                )
            case "revoke":
                lifecycle.revoke_license(
                    license_id=license_id,
                    reason="Returned and refunded.",
                    at=at,
                    origin=cast.SUPPORT,
                )
