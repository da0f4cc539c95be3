"""Addresses of a licence's pages about devices without a network."""

from django.urls import URLPattern

from accounts.admin.base import ScopedAdmin
from licenses.admin import offline, offline_files

_SCOPE = "activations:write"


def of(admin: ScopedAdmin) -> list[URLPattern]:
    """Give them, each behind its scope."""
    answer = "offline/<uuid:answer_id>"
    return [
        admin.act_path("offline", offline.activate(admin), scope=_SCOPE),
        admin.act_path(
            "offline/receipt", offline_files.receipt(admin), scope=_SCOPE, name="offline-receipt"
        ),
        admin.act_path(answer, offline.response(admin), scope=_SCOPE, name="offline-response"),
        admin.act_path(
            f"{answer}/file",
            offline.response_file(admin),
            scope=_SCOPE,
            name="offline-response-file",
        ),
        admin.act_path("license-file", offline_files.license_file(admin), scope=_SCOPE),
        admin.act_path(
            "device-file/<uuid:activation_id>",
            offline_files.device_file(admin),
            scope=_SCOPE,
            name="device-file",
        ),
    ]
