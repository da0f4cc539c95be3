"""The addresses of the device calls; `POST /activations` is joined with the list elsewhere."""

from django.urls import path

from licenses.device_api import integrity, offline, usage, views

urlpatterns = [
    path("activations/validate", views.ValidateActivation.as_view(), name="activation-validate"),
    path("activations/deactivate", views.Deactivate.as_view(), name="activation-give-back"),
    path("activations/heartbeat", views.Heartbeat.as_view(), name="activation-heartbeat"),
    path("activations/offline-request", offline.AskOffline.as_view(), name="offline-request"),
    path(
        "activations/offline-activate", offline.ActivateOffline.as_view(), name="offline-activate"
    ),
    path(
        "activations/offline-deactivate",
        offline.DeactivateOffline.as_view(),
        name="offline-deactivate",
    ),
    path("usage/offline", offline.ReportOfflineUsage.as_view(), name="usage-offline"),
    path("licenses/checkout", offline.CheckOut.as_view(), name="license-checkout"),
    path("validate", views.ValidateKey.as_view(), name="validate"),
    path("status", views.AskStatus.as_view(), name="license-status"),
    path("integrity-check", integrity.CheckIntegrity.as_view(), name="integrity-check"),
    path("usage/consume", usage.ConsumeUsage.as_view(), name="usage-consume"),
    path("usage/release", usage.ReleaseUsage.as_view(), name="usage-release"),
    path("usage/report", usage.ReportUsage.as_view(), name="usage-report"),
]
