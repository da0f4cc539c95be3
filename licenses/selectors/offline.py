"""What devices without a network hold that they ought not to: for the list of revocations."""

from datetime import datetime

from django.db.models import Max

from licenses.models import Activation, IssuedFile, RevocationList
from licenses.models.activation import ActivationQuerySet
from licenses.models.offline import IssuedFileQuerySet


def files_still_worth_naming(at: datetime) -> IssuedFileQuerySet:
    """
    Return the files that a device would still believe, and that would not be made again.

    Their licence was revoked or went to another tenant, or their device was let go; once they have
    expired nobody need be told.
    """
    return IssuedFile.objects.in_use(at).out_of_force().order_by("id")


def devices_freed_offline(at: datetime) -> ActivationQuerySet:
    """Return the devices that were let go while a file of theirs lasts, till `files_end_at`."""
    held = Activation.objects.filter(deactivated_at__isnull=False, files__expires_at__gt=at)
    return held.annotate(files_end_at=Max("files__expires_at")).order_by("id")


def revocations_to_know() -> int:
    """Return the lowest version of the list of revocations that a device must hold; 0 for none."""
    known = RevocationList.objects.values_list("version", flat=True).first()
    return known or 0
