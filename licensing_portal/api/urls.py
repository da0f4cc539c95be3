"""Every address below /api/licensing/, joined from the apps."""

from django.urls import include, path

from licensing_portal.api import docs

urlpatterns = [
    path("", include("accounts.api.urls")),
    path("", include("licenses.api.urls")),
    path("schema/", docs.schema, name="api-schema"),
    path("docs/", docs.page, name="api-docs"),
]
