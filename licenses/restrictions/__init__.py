"""Where, when and on what a licence may run: reading such values, and matching a caller to them."""

from licenses.restrictions.matching import (
    CODES,
    HIDDEN,
    NOT_STATED,
    Finding,
    RestrictionFacts,
    Row,
    Whereabouts,
    bound_to,
    findings,
    shown_values,
)
from licenses.restrictions.values import (
    DEVICE_TYPES,
    address_of,
    country_of,
    host_of,
    mac_of,
    normalised,
)

__all__ = [
    "CODES",
    "DEVICE_TYPES",
    "HIDDEN",
    "NOT_STATED",
    "Finding",
    "RestrictionFacts",
    "Row",
    "Whereabouts",
    "address_of",
    "bound_to",
    "country_of",
    "findings",
    "host_of",
    "mac_of",
    "normalised",
    "shown_values",
]
