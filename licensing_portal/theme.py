"""How the admin looks: the theme's settings, and nothing that decides anything."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.roles import permission_of

_SHADES = (50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950)


def _palette(*shades: str) -> dict[str, str]:
    return {str(name): f"oklch({shade})" for name, shade in zip(_SHADES, shades, strict=True)}


# The portal's petrol ink, and greys as warm as its paper.
PETROL = _palette(
    "97% .012 220",
    "94.5% .022 220",
    "89% .04 220",
    "80.5% .065 220",
    "69% .085 221",
    "63% .09 222",
    "47% .083 223",
    "40.5% .073 224",
    "33.5% .06 224",
    "28% .046 224",
    "20% .034 224",
)
PAPER = _palette(
    "97.5% .003 95",
    "95.4% .005 95",
    "90.8% .008 95",
    "84% .008 110",
    "70% .012 220",
    "52% .014 220",
    "45% .014 220",
    "36% .014 220",
    "28.5% .014 225",
    "22% .012 225",
    "17% .01 225",
)


def _page(title: Any, icon: str, page: str, scope: str) -> dict[str, Any]:
    def may_see(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(permission_of(scope)))

    return {"title": title, "icon": icon, "link": reverse_lazy(page), "permission": may_see}


def _among_licences(request: HttpRequest) -> bool:
    """Light the list's entry on every page below it but that of the entry beside it."""
    below, beside = (reverse(f"admin:licenses_license_{page}") for page in ("changelist", "add"))
    return request.path.startswith(below) and request.path != beside


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Licensing administration"),
    "SITE_HEADER": _("Licensing"),
    "SITE_SUBHEADER": _("All times are in UTC"),
    "SITE_SYMBOL": "verified_user",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("favicon.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": PETROL, "base": PAPER},
    "STYLES": [
        lambda request: static("portal/portal.css"),
        lambda request: static("admin/house.css"),
    ],
    "SCRIPTS": [lambda request: static("admin/house.js")],
    "DASHBOARD_CALLBACK": "licensing_portal.dashboard.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "items": [
                    {
                        "title": _("Dashboard"),
                        "icon": "dashboard",
                        "link": reverse_lazy("admin:index"),
                    },
                ],
            },
            {
                "title": _("Rights"),
                "items": [
                    _page(
                        _("Licences"), "sell", "admin:licenses_license_changelist", "licenses:read"
                    )
                    | {"active": _among_licences},
                    _page(
                        _("Issue a licence"), "add", "admin:licenses_license_add", "licenses:write"
                    ),
                    _page(
                        _("Devices"),
                        "devices",
                        "admin:licenses_activation_changelist",
                        "activations:read",
                    ),
                    _page(
                        _("Barred devices"),
                        "block",
                        "admin:licenses_blacklisteddevice_changelist",
                        "security:read",
                    ),
                    _page(
                        _("Keys that sign"),
                        "verified",
                        "admin:licenses_signingkey_changelist",
                        "security:read",
                    ),
                    _page(
                        _("Roots of trust"),
                        "anchor",
                        "admin:licenses_rootkey_changelist",
                        "security:read",
                    ),
                    _page(
                        _("Templates"),
                        "description",
                        "admin:licenses_licensetemplate_changelist",
                        "templates:read",
                    ),
                    _page(
                        _("Products"),
                        "inventory_2",
                        "admin:licenses_product_changelist",
                        "catalog:read",
                    ),
                    _page(
                        _("Releases"),
                        "new_releases",
                        "admin:licenses_release_changelist",
                        "catalog:read",
                    ),
                ],
            },
            {
                "title": _("Sales"),
                "items": [
                    _page(
                        _("Orders"),
                        "shopping_cart",
                        "admin:orders_order_changelist",
                        "orders:read",
                    ),
                    _page(
                        _("Invoices"),
                        "receipt_long",
                        "admin:orders_invoice_changelist",
                        "orders:read",
                    ),
                    _page(
                        _("Payments"),
                        "payments",
                        "admin:orders_payment_changelist",
                        "orders:read",
                    ),
                ],
            },
            {
                "title": _("Customers"),
                "items": [
                    _page(
                        _("Tenants"),
                        "apartment",
                        "admin:accounts_tenant_changelist",
                        "customers:read",
                    ),
                    _page(
                        _("Customers"),
                        "group",
                        "admin:accounts_customer_changelist",
                        "customers:read",
                    ),
                ],
            },
            {
                "title": _("Trust"),
                "items": [
                    _page(
                        _("Incidents"),
                        "gpp_maybe",
                        "admin:compliance_incident_changelist",
                        "compliance:read",
                    ),
                    _page(_("Trail"), "history", "admin:events_event_changelist", "events:read"),
                    _page(_("E-mails"), "mail", "admin:events_notice_changelist", "events:read"),
                    _page(
                        _("API keys"), "key", "admin:accounts_apikey_changelist", "api_keys:write"
                    ),
                    _page(
                        _("Messages of gateways"),
                        "payments",
                        "admin:orders_gatewayevent_changelist",
                        "orders:read",
                    ),
                    _page(
                        _("Webhooks"),
                        "webhook",
                        "admin:events_webhookendpoint_changelist",
                        "webhooks:read",
                    ),
                    _page(_("Users"), "person", "admin:accounts_user_changelist", "superuser"),
                    _page(_("Staff groups"), "groups", "admin:auth_group_changelist", "superuser"),
                ],
            },
        ],
    },
}
