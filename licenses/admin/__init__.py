"""The admin of what is sold and run: catalogue, templates, licences, devices."""

from licenses.admin import (
    activations,
    blacklist,
    customers,
    licenses,
    products,
    releases,
    signing,
    templates,
    trail,
    words,
)

__all__ = [
    "activations",
    "blacklist",
    "customers",
    "licenses",
    "products",
    "releases",
    "signing",
    "templates",
    "trail",
    "words",
]
