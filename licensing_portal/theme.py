"""How the admin looks: the theme's settings, and nothing that decides anything."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# Petrol ink on warm paper, the same family as the portal's brand colour.
PETROL = {
    "50": "#eef6f6",
    "100": "#d5e8e9",
    "200": "#aed2d5",
    "300": "#7eb5ba",
    "400": "#4d949b",
    "500": "#2f7881",
    "600": "#1f616a",
    "700": "#194e56",
    "800": "#153f46",
    "900": "#11343a",
    "950": "#0a2126",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Licensing Portal"),
    "SITE_HEADER": _("Licensing Portal"),
    "SITE_SYMBOL": "verified_user",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": PETROL},
    "SIDEBAR": {"show_search": True, "show_all_applications": True},
}
