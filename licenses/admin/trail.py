"""What the trail's pages say of licences: words for their events, names, and the way to them."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.admin import events
from licenses.models import License
from licenses.models.license_queries import key_ends_in
from licenses.selectors.reasons import REASONS
from licenses.selectors.story import SENTENCES

# A hint is short, so several keys may end alike; nobody reads more stories than this at once.
_MOST = 20

events.TYPES.update(
    SENTENCES
    | {
        "product.created": _("Product made"),
        "product.updated": _("Product changed"),
        "feature.created": _("Feature made"),
        "feature.updated": _("Feature changed"),
        "release.published": _("Release published"),
        "release.changed": _("Release changed"),
        "template.created": _("Template made"),
        "template.updated": _("Template changed"),
        "template.priced": _("Template priced"),
        "device.blacklisted": _("Device barred"),
        "device.unblacklisted": _("Bar of a device lifted"),
        "signing_key.created": _("Signing key made"),
        "signing_key.certified": _("Signing key certified"),
        "signing_key.rotated": _("Signing key replaced"),
        "signing_key.compromised": _("Signing key not believed any more"),
        "root_key.trusted": _("Root key trusted"),
    }
)
events.REASONS.update(REASONS)


class _Licenses:
    """The licences that the trail names by their ids."""

    def names(self, ids: set[UUID]) -> dict[UUID, str]:
        rows = License.objects.filter(pk__in=ids).values_list("pk", "product_name", "key_hint")
        return {pk: f"{product} …-{hint}" for pk, product, hint in rows}

    def found(self, text: str) -> list[UUID]:
        return list(License.objects.filter(key_ends_in(text)).values_list("pk", flat=True)[:_MOST])


events.licenses.append(_Licenses())
