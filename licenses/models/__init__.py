"""What is sold and what is run; import models from here."""

from licenses.models.activation import Activation
from licenses.models.blacklist import BlacklistedDevice
from licenses.models.catalog import Feature, Product
from licenses.models.emergency import EmergencyCode
from licenses.models.entitlement import Entitlement, Restriction
from licenses.models.hold import Hold, TrialUse
from licenses.models.key_link import KeyLink
from licenses.models.lease import LeaseWatch
from licenses.models.license import License
from licenses.models.named_user import NamedUser
from licenses.models.offline import (
    FileKind,
    FileNumber,
    IssuedFile,
    OfflineDevice,
    OfflineRequest,
)
from licenses.models.quota import QuotaCounter
from licenses.models.release import Release
from licenses.models.series import Grain, Source, UsageReport, UsageRollup
from licenses.models.signing import KeySigningKey, KeyStamp
from licenses.models.sweep import StatusSweep
from licenses.models.template import LicenseTemplate, TemplateFeature, TemplateRestriction
from licenses.models.trust import KeyState, RevocationList, RootKey, SigningKey
from licenses.models.usage import AppliedBatch, Heartbeat, UsageTotal

__all__ = [
    "Activation",
    "AppliedBatch",
    "BlacklistedDevice",
    "EmergencyCode",
    "Entitlement",
    "Feature",
    "FileKind",
    "FileNumber",
    "Grain",
    "Heartbeat",
    "Hold",
    "IssuedFile",
    "KeyLink",
    "KeySigningKey",
    "KeyStamp",
    "KeyState",
    "LeaseWatch",
    "License",
    "LicenseTemplate",
    "NamedUser",
    "OfflineDevice",
    "OfflineRequest",
    "Product",
    "QuotaCounter",
    "Release",
    "Restriction",
    "RevocationList",
    "RootKey",
    "SigningKey",
    "Source",
    "StatusSweep",
    "TemplateFeature",
    "TemplateRestriction",
    "TrialUse",
    "UsageReport",
    "UsageRollup",
    "UsageTotal",
]
