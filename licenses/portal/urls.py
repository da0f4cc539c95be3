"""Addresses of a tenant's licence pages, below /t/<code>/."""

from django.urls import path

from licenses.portal.emergency import EmergencyPage
from licenses.portal.freeing import FreeDevice
from licenses.portal.key import KeyPage
from licenses.portal.license import DevicesPage, LicensePage
from licenses.portal.names import FreeName, NamesPage
from licenses.portal.offline import ActivateOffline, OfflineResponse, OfflineResponseFile
from licenses.portal.offline_files import DeviceFile, LicenseFile, OfflineReceipt
from licenses.portal.overview import OverviewPage
from licenses.portal.shelf import LicensesPage

_LICENSE = "licenses/<uuid:license_id>/"
_ANSWER = f"{_LICENSE}offline/<uuid:answer_id>/"

urlpatterns = [
    path("", OverviewPage.as_view(), name="overview"),
    path("licenses/", LicensesPage.as_view(), name="licenses"),
    path(_LICENSE, LicensePage.as_view(), name="license"),
    path(f"{_LICENSE}key/", KeyPage.as_view(), name="key"),
    path(f"{_LICENSE}emergency/", EmergencyPage.as_view(), name="emergency"),
    path(f"{_LICENSE}devices/", DevicesPage.as_view(), name="devices"),
    path(
        f"{_LICENSE}devices/<uuid:activation_id>/free/",
        FreeDevice.as_view(),
        name="free-device",
    ),
    path(f"{_LICENSE}file/", LicenseFile.as_view(), name="license-file"),
    path(
        f"{_LICENSE}devices/<uuid:activation_id>/file/",
        DeviceFile.as_view(),
        name="device-file",
    ),
    path(f"{_LICENSE}offline/", ActivateOffline.as_view(), name="offline"),
    path(f"{_LICENSE}offline/receipt/", OfflineReceipt.as_view(), name="offline-receipt"),
    path(_ANSWER, OfflineResponse.as_view(), name="offline-response"),
    path(f"{_ANSWER}file/", OfflineResponseFile.as_view(), name="offline-response-file"),
    path(f"{_LICENSE}names/", NamesPage.as_view(), name="names"),
    path(f"{_LICENSE}names/<uuid:user_id>/free/", FreeName.as_view(), name="free-name"),
]
