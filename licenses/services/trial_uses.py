"""That a product was tried: by a customer and by a device, once each but by staff's leave."""

from datetime import datetime

from django.db import IntegrityError, transaction

from events.refusals import Refusal
from licenses.models import License, TrialUse


def note_customer(license: License, *, reason: str, at: datetime) -> None:
    """
    Note a customer's trial; the database refuses the second one, however close they come.

    What staff allow beyond that is a row of its own, for the licence's devices too: the first
    trial counts as one whether or not they gave a reason.

    :raises TRIAL_ALREADY_USED: if there was one, and no reason is given
    """
    allowed = bool(reason.strip())
    noted = {
        "product": license.product,
        "license": license,
        "customer_id": license.customer_id,
        "used_at": at,
    }
    if license.customer_id is not None:
        try:
            with transaction.atomic():
                TrialUse.objects.create(**noted)
        except IntegrityError:
            if not allowed:
                raise Refusal("TRIAL_ALREADY_USED") from None
    if allowed:
        TrialUse.objects.create(**noted, overridden=True)


def note_device(license: License, fingerprint: bytes, *, at: datetime) -> None:
    """
    Note a device's trial; only staff's leave lets it have a second one of the product.

    :raises TRIAL_ALREADY_USED: if it had one by another licence
    """
    used, _ = TrialUse.objects.get_or_create(
        product_id=license.product_id,
        fingerprint_digest=fingerprint,
        overridden=False,
        defaults={"license": license, "used_at": at},
    )
    if used.license_id == license.pk or license.trial_uses.filter(overridden=True).exists():
        return
    raise Refusal("TRIAL_ALREADY_USED")
