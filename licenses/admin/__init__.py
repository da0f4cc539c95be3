"""The admin of what is sold and run: catalogue, templates, licences, devices."""

from licenses.admin import (
    activations,
    customers,
    licenses,
    products,
    releases,
    templates,
    trail,
    words,
)

__all__ = [
    "activations",
    "customers",
    "licenses",
    "products",
    "releases",
    "templates",
    "trail",
    "words",
]
