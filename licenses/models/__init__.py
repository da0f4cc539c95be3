"""What is sold and what is run; import models from here."""

from licenses.models.activation import Activation, BlacklistedDevice
from licenses.models.catalog import Feature, Product
from licenses.models.license import Entitlement, Hold, License, Restriction, TrialUse
from licenses.models.template import LicenseTemplate, TemplateFeature, TemplateRestriction
from licenses.models.usage import AppliedBatch, Heartbeat, UsageTotal

__all__ = [
    "Activation",
    "AppliedBatch",
    "BlacklistedDevice",
    "Entitlement",
    "Feature",
    "Heartbeat",
    "Hold",
    "License",
    "LicenseTemplate",
    "Product",
    "Restriction",
    "TemplateFeature",
    "TemplateRestriction",
    "TrialUse",
    "UsageTotal",
]
