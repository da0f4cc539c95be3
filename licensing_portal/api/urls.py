"""Every address below /api/licensing/, joined from the apps."""

from django.urls import include, path

from accounts.api.base import by_method
from compliance.api.incidents import ReportActivity
from compliance.device_api.views import ReportSuspiciousActivity
from licenses.api.activations import GetActivations
from licenses.api.flags import GetFeatureFlags
from licenses.device_api.flags import AskFeatureFlags
from licenses.device_api.views import ActivateDevice
from licensing_portal.api import docs
from licensing_portal.api.doors import by_credential

urlpatterns = [
    # Devices post here; the list that management reads stands at the same address.
    path("activations", by_method(get=GetActivations, post=ActivateDevice), name="activations"),
    path(
        "feature-flags",
        by_method(get=GetFeatureFlags, post=AskFeatureFlags),
        name="feature-flags",
    ),
    path(
        "security/report-activity",
        by_credential(device=ReportSuspiciousActivity, management=ReportActivity),
        name="report-activity",
    ),
    path("", include("licenses.device_api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("licenses.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("compliance.api.urls")),
    path("schema/", docs.schema, name="api-schema"),
    path("docs/", docs.page, name="api-docs"),
]
