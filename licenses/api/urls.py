"""Addresses of the catalogue, licences, activations and barred devices."""

from django.urls import path

from accounts.api.base import by_method
from licenses.api.activations import DeactivateActivation, GetActivation
from licenses.api.alerts import GetExpiryAlerts
from licenses.api.applying import ApplyTemplate
from licenses.api.blacklist import BlacklistDevice, GetBlacklist, UnblacklistDevice
from licenses.api.emergency import GenerateEmergencyCode
from licenses.api.features import CreateFeature, GetFeatures, UpdateFeature
from licenses.api.license_acts import (
    DeliverLicense,
    ExtendTrial,
    GetLicenseEntitlements,
    GetLicenseEvents,
    ParkLicense,
    ReinstateLicense,
    ReissueLicenseKey,
    RenewLicense,
    RevealLicenseKey,
    RevokeLicense,
    SuspendLicense,
    TransferLicense,
    UnparkLicense,
)
from licenses.api.license_export import ExportLicenses
from licenses.api.licenses import (
    CreateLicense,
    GetLicense,
    GetLicenseByKey,
    GetLicenses,
    UpdateLicense,
)
from licenses.api.named_users import AssignNamedUser, GetNamedUsers, UnassignNamedUser
from licenses.api.offline import AnswerOfflineRequest, CheckOutActivation
from licenses.api.products import CreateProduct, GetProduct, GetProducts, UpdateProduct
from licenses.api.releases import CreateRelease, GetReleases, UpdateRelease
from licenses.api.usage import GetUsage

PRODUCT = "products/<str:product_id>"
LICENSE = "licenses/<str:license_id>"
ACTIVATION = "activations/<str:activation_id>"
# What hangs below one licence, by the last part of its address.
ACTS = {
    "renew": RenewLicense,
    "extend-trial": ExtendTrial,
    "suspend": SuspendLicense,
    "reinstate": ReinstateLicense,
    "revoke": RevokeLicense,
    "park": ParkLicense,
    "unpark": UnparkLicense,
    "transfer": TransferLicense,
    "apply-template": ApplyTemplate,
    "reveal-key": RevealLicenseKey,
    "reissue-key": ReissueLicenseKey,
    "deliver": DeliverLicense,
    "events": GetLicenseEvents,
    "entitlements": GetLicenseEntitlements,
}

urlpatterns = [
    path("products", by_method(get=GetProducts, post=CreateProduct), name="api-products"),
    path(PRODUCT, by_method(get=GetProduct, put=UpdateProduct), name="api-product"),
    path(
        f"{PRODUCT}/features",
        by_method(get=GetFeatures, post=CreateFeature),
        name="api-features",
    ),
    path(f"{PRODUCT}/features/<str:feature_id>", UpdateFeature.as_view(), name="api-feature"),
    path(
        f"{PRODUCT}/releases",
        by_method(get=GetReleases, post=CreateRelease),
        name="api-releases",
    ),
    path(f"{PRODUCT}/releases/<str:version>", UpdateRelease.as_view(), name="api-release"),
    path("licenses", by_method(get=GetLicenses, post=CreateLicense), name="api-licenses"),
    path("licenses/export", ExportLicenses.as_view(), name="api-licenses-export"),
    path(
        "licenses/by-key/<str:license_key>",
        GetLicenseByKey.as_view(),
        name="api-license-by-key",
    ),
    path(LICENSE, by_method(get=GetLicense, put=UpdateLicense), name="api-license"),
    *(
        path(f"{LICENSE}/{act}", view.as_view(), name=f"api-license-{act}")
        for act, view in ACTS.items()
    ),
    path(
        f"{LICENSE}/users",
        by_method(get=GetNamedUsers, post=AssignNamedUser),
        name="api-license-users",
    ),
    path(
        f"{LICENSE}/users/<str:user_id>/unassign",
        UnassignNamedUser.as_view(),
        name="api-license-user-unassign",
    ),
    path("emergency-code", GenerateEmergencyCode.as_view(), name="api-emergency-code"),
    path("alerts/expiring", GetExpiryAlerts.as_view(), name="api-alerts-expiring"),
    path("usage", GetUsage.as_view(), name="api-usage"),
    path("security/blacklist", GetBlacklist.as_view(), name="api-blacklist"),
    path(
        "security/blacklist-device", BlacklistDevice.as_view(), name="api-security-blacklist-device"
    ),
    path(
        "security/unblacklist-device",
        UnblacklistDevice.as_view(),
        name="api-security-unblacklist-device",
    ),
    path(
        "activations/offline-response", AnswerOfflineRequest.as_view(), name="api-offline-response"
    ),
    # GET /activations is joined with the devices' POST where both are known.
    path(ACTIVATION, GetActivation.as_view(), name="api-activation"),
    path(f"{ACTIVATION}/checkout", CheckOutActivation.as_view(), name="api-activation-checkout"),
    path(
        f"{ACTIVATION}/deactivate",
        DeactivateActivation.as_view(),
        name="api-activation-deactivate",
    ),
]
