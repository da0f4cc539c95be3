"""What can be done to a licence, and what can be read below it."""

from collections.abc import Callable
from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.events import EventFilters, EventShown
from accounts.api.shapes import Flag, Moment, Number, Shown, Text, Whole
from events.models import Event
from events.selectors.trail import opened
from licenses.api.license_shapes import FeatureOfLicenseGiven, grants
from licenses.api.licenses import LicenseView
from licenses.models import License
from licenses.selectors.entitlements import grants_of
from licenses.services import delivery, keyring, lifecycle
from licenses.terms import MAX_EXTENSION_DAYS, MAX_RENEWAL_MONTHS


class Reason(serializers.Serializer):
    reason = Text(max_length=2000)


class OptionalReason(serializers.Serializer):
    reason = Text(required=False, max_length=2000, allow_blank=True)


class Renewal(serializers.Serializer):
    duration_months = Whole(min_value=1, max_value=MAX_RENEWAL_MONTHS)
    extend_maintenance = Flag(required=False)
    upgrade_features = serializers.ListField(
        child=FeatureOfLicenseGiven(), required=False, max_length=1000
    )


class TrialExtension(serializers.Serializer):
    days = Whole(min_value=1, max_value=MAX_EXTENSION_DAYS)
    reason = Text(max_length=2000)


class Transfer(serializers.Serializer):
    new_customer_id = Text(required=False, max_length=100)
    new_issued_to = Text(max_length=200)
    transfer_reason = Text(max_length=2000)
    deactivate_existing = Flag()


class Delivery(serializers.Serializer):
    email = Text(max_length=254)
    reason = Text(required=False, max_length=2000, allow_blank=True)


class DeliveryShown(Shown):
    sent_to = serializers.CharField()
    notice_id = serializers.UUIDField()


class KeyShown(Shown):
    license_key = serializers.CharField()


class EntitlementShown(Shown):
    feature_id = serializers.CharField(source="entitlement.feature_id")
    feature_name = serializers.CharField(source="entitlement.feature_name")
    enabled = serializers.BooleanField(source="usable")
    limit_value = Number(source="limit", required=False)
    limit_type = serializers.CharField(source="entitlement.limit_type", required=False)
    period = serializers.CharField(source="entitlement.period")
    unit = serializers.CharField(required=False)
    used = Number()
    remaining = Number(required=False)
    resets_at = Moment(required=False)
    expires_at = Moment(source="entitlement.expires_at", required=False)


class _Act(LicenseView):
    """One act of the lifecycle that takes a reason and nothing else."""

    scope = "licenses:write"
    Input = Reason
    act: ClassVar[Callable[..., License]]

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        reason = self.read().get("reason", "")
        done = type(self).act(license_id=license.pk, reason=reason, at=self.at, origin=self.origin)
        return self.shown(done)


class SuspendLicense(_Act):
    """Hold a licence: it stops working until it is reinstated."""

    act = staticmethod(lifecycle.suspend_license)


class ReinstateLicense(_Act):
    """Lift the hold that staff placed."""

    act = staticmethod(lifecycle.reinstate_license)


class RevokeLicense(_Act):
    """End a licence for good and sign its devices out."""

    act = staticmethod(lifecycle.revoke_license)


class ParkLicense(_Act):
    """Rest a licence: its devices keep their seats and do not validate."""

    Input = OptionalReason
    act = staticmethod(lifecycle.park_license)


class UnparkLicense(_Act):
    """Let a parked licence work again."""

    Input = OptionalReason
    act = staticmethod(lifecycle.unpark_license)


class RenewLicense(LicenseView):
    """Extend a licence by calendar months."""

    scope = "licenses:write"
    Input = Renewal

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        given = self.read()
        upgrades = grants(given.pop("upgrade_features", []))
        return self.shown(
            lifecycle.renew_license(
                license_id=license.pk,
                upgrade_features=upgrades,
                may_override=self.may_override,
                at=self.at,
                origin=self.origin,
                **given,
            )
        )


class ExtendTrial(LicenseView):
    """Give a trial or an evaluation more days, twice at most."""

    scope = "licenses:write"
    Input = TrialExtension

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        return self.shown(
            lifecycle.extend_trial(
                license_id=license.pk, at=self.at, origin=self.origin, **self.read()
            )
        )


class TransferLicense(LicenseView):
    """Give a licence to another holder."""

    scope = "licenses:write"
    Input = Transfer

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        given = self.read()
        new = given.get("new_customer_id")
        return self.shown(
            lifecycle.transfer_license(
                license_id=license.pk,
                new_customer_id=self.customer(new).pk if new else None,
                new_issued_to=given["new_issued_to"],
                reason=given["transfer_reason"],
                deactivate_existing=given["deactivate_existing"],
                across_tenants=self.credential.vendor_wide,
                at=self.at,
                origin=self.origin,
            )
        )


class RevealLicenseKey(LicenseView):
    """Show a licence's key; the trail remembers who asked and why."""

    scope = "licenses:reveal"
    Input = Reason
    Output = KeyShown

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        reason = self.read()["reason"]
        key = keyring.reveal_key(
            license_id=license.pk, reason=reason, at=self.at, origin=self.origin
        )
        return self.answer({"license_key": key})


class DeliverLicense(LicenseView):
    """Mail a link that shows the licence's key once; a tenant's key mails its own people only."""

    scope = "licenses:reveal"
    Input = Delivery
    Output = DeliveryShown

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        given = self.read()
        notice = delivery.deliver_key(
            license_id=license.pk,
            email=given["email"],
            reason=given.get("reason", ""),
            inside_tenant=not self.credential.vendor_wide,
            at=self.at,
            origin=self.origin,
        )
        return self.answer({"sent_to": given["email"], "notice_id": notice.pk})


class ReissueLicenseKey(LicenseView):
    """Replace a licence's key; the old one stops at once."""

    scope = "licenses:reveal"
    Input = Reason

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        reason = self.read()["reason"]
        issued = keyring.reissue_key(
            license_id=license.pk, reason=reason, at=self.at, origin=self.origin
        )
        return self.shown(issued.license, key=issued.key)


class GetLicenseEvents(LicenseView):
    """List what happened to a licence, newest first."""

    scope = "licenses:read"
    Output = EventShown
    listing = True
    Filters = EventFilters
    newest_first_by = "sequence"

    def get(self, request: Request, license_id: str) -> Response:
        license = self.license(license_id)
        rows = rows_of(self.credential, Event).filter(license_id=license.pk)
        return self.listed(rows, arranged=opened)


class GetLicenseEntitlements(ManagementView):
    """List what a licence grants, with limits and what is left of them."""

    scope = "licenses:read"
    Output = EntitlementShown
    many = True

    def get(self, request: Request, license_id: str) -> Response:
        license = self.one(License, license_id, "LICENSE_NOT_FOUND")
        return self.answer(grants_of(license, at=self.at))
