"""Every address of the portal, joined from the apps."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.generic import RedirectView

from accounts.portal import urls as account_pages
from accounts.portal import views as entrance
from accounts.portal.unsubscribe import UnsubscribePage
from licenses.device_api import well_known
from licenses.portal import urls as license_pages
from licenses.portal.key_link import KeyLinkPage
from licensing_portal import health

# One sign-in for everybody, with its limiter and its second factor.
admin.site.login = secure_admin_login(admin.site.login)


class TenantCode:
    """A tenant's code as it stands in addresses."""

    regex = "[A-Z0-9]{2,20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TenantCode, "code")

tenant_pages = [*account_pages.urlpatterns, *license_pages.urlpatterns]
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
    path(".well-known/jwks.json", well_known.PublicKeys.as_view(), name="jwks"),
    path(".well-known/revocations", well_known.Revocations.as_view(), name="revocations"),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg")),
    path("admin/", admin.site.urls),
    # A person's address is changed by staff: it is what they sign in with.
    path("accounts/email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("accounts/", include("allauth.urls")),
    path("", entrance.home, name="home"),
    path("t/", entrance.choose, name="choose"),
    path("t/<code:code>/", include((tenant_pages, "portal"))),
    path("u/<str:token>/", UnsubscribePage.as_view(), name="unsubscribe"),
    path("k/<str:token>/", KeyLinkPage.as_view(), name="key-link"),
    path("api/licensing/", include("licensing_portal.api.urls")),
]
