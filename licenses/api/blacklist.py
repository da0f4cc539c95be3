"""Devices that are barred: listed, barred and let go."""

from typing import Any

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import YesNo
from accounts.api.shapes import Hint, Moment, Shown, Text
from events import vault
from events.refusals import Refusal
from licenses.models import BlacklistedDevice, Product
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import blacklist


class BlacklistedDeviceShown(Shown):
    id = serializers.UUIDField()
    device_fingerprint = Hint(source="fingerprint_hint")
    reason = serializers.CharField()
    tenant_id = serializers.UUIDField(
        required=False, help_text="Whose licences it may not use; absent: everybody's."
    )
    product_id = serializers.CharField(
        source="product.product_id",
        required=False,
        help_text="Which product it may not use; absent: all of them.",
    )
    in_force = serializers.SerializerMethodField()
    expires_at = Moment(required=False)
    created_at = Moment()

    def get_in_force(self, bar: BlacklistedDevice) -> bool:
        return bar.bars_at(self.context["view"].at)


class DeviceLifted(serializers.Serializer):
    device_fingerprint = Text(max_length=2000)
    reason = Text(max_length=2000)
    product_id = Text(required=False, max_length=50)
    tenant_id = Text(
        required=False,
        max_length=100,
        help_text="Id or code; a vendor-wide key that names none means every tenant's licences.",
    )


class DeviceBarred(DeviceLifted):
    expires_at = Moment(required=False, allow_null=True, ends_day=True)


class Barred(Shown):
    success = serializers.BooleanField()


class Lifted(Barred):
    lifted = serializers.IntegerField(help_text="How many bars there were.")


class BlacklistFilters(FilterSet):
    device_fingerprint = CharFilter(method="of_device")
    product_id = CharFilter(field_name="product__product_id")
    in_force = YesNo(method="whether_in_force")

    def of_device(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(fingerprint_digest__in=vault.digests(FINGERPRINT, value))

    def whether_in_force(self, rows: Any, name: str, value: bool) -> Any:
        at = self.request.parser_context["view"].at
        return rows.in_force(at) if value else rows.over(at)


class GetBlacklist(ManagementView):
    """List barred devices; a bar that has ended bars nobody and stays until it is lifted."""

    scope = "security:read"
    Output = BlacklistedDeviceShown
    listing = True
    Filters = BlacklistFilters
    sortable = {"created_at": "created_at", "expires_at": "expires_at"}
    searched = ("reason__icontains", "fingerprint_hint__iexact")

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, BlacklistedDevice).with_names())


class _AboutDevice(ManagementView):
    """What is done to a device that a fingerprint names, within one reach."""

    scope = "security:write"

    def taken(self) -> dict[str, Any]:
        """
        Return what is asked for as the services take it.

        :raises PRODUCT_NOT_FOUND: if the product is none that the caller sees
        """
        given = self.read()
        product = None
        if slug := given.get("product_id"):
            product = rows_of(self.credential, Product).filter(product_id=slug).first()
            if product is None:
                raise Refusal("PRODUCT_NOT_FOUND", product_id=slug)
        ends = {"expires_at": given["expires_at"]} if "expires_at" in given else {}
        return {
            "fingerprint": given["device_fingerprint"],
            "reason": given["reason"],
            "tenant_id": self.credential.tenant_id,
            "product": product,
            "at": self.at,
            "origin": self.origin,
            **ends,
        }


class BlacklistDevice(_AboutDevice):
    """Bar a device: it is signed out wherever that reaches, and may activate nothing there."""

    Input = DeviceBarred
    Output = Barred

    def post(self, request: Request) -> Response:
        blacklist.blacklist_device(**self.taken())
        return self.answer({"success": True})


class UnblacklistDevice(_AboutDevice):
    """Lift what bars a device; where nothing does, nothing is changed."""

    Input = DeviceLifted
    Output = Lifted

    def post(self, request: Request) -> Response:
        lifted = blacklist.unblacklist_device(**self.taken())
        return self.answer({"success": True, "lifted": lifted})
