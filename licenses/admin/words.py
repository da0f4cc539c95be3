"""What the refusals of licences are called on a page."""

from django.utils.translation import gettext_lazy as _

from accounts.admin.refusals import WORDS

WORDS.update(
    {
        "ILLEGAL_STATUS_CHANGE": _(
            "The licence's status does not allow this. Nothing was changed."
        ),
        "STALE_REVISION": _(
            "Somebody changed this licence while you were looking at it. Nothing of yours was "
            "saved: look again at what is there now, then change it."
        ),
        "NOTHING_TO_RENEW": _(
            "A perpetual licence has no end to move. Tick maintenance to extend that instead."
        ),
        "TRIAL_NOT_RENEWABLE": _("A trial is not renewed: extend it, or convert it to paid."),
        "TRIAL_EXTENSION_LIMIT": _("It was extended twice; convert it to a paid licence instead."),
        "NOT_A_TRIAL": _("This licence is no trial."),
        "ACTIVATION_LIMIT_EXCEEDED": _("Every seat is taken. Free one, or sell more."),
        "NOT_NAMED_USER": _("Devices hold the seats of this licence, not names."),
        "USER_IDENTITY_REQUIRED": _("Say who is to have the seat."),
        "NAMED_USER_NOT_FOUND": _("There is no such name."),
        "TRIAL_ALREADY_USED": _(
            "This customer has had a trial of this product. Give a reason to allow another."
        ),
        "DELIVERY_LIMIT": _(
            "This licence was mailed ten times in 24 hours. Try again tomorrow, or show the key."
        ),
        "EMERGENCY_CODE_MADE": _(
            "This code was made a moment ago, and is shown once. It stands in the list of codes."
        ),
        "EMERGENCY_LIMIT_EXCEEDED": _(
            "It has had its three codes of the last 365 days. The list tells when the first was."
        ),
        "SIGNING_ROOT_ABSENT": _(
            "No key signs here: let the operator certify one with the root, then try again."
        ),
        "RELEASE_LIMIT": _(
            "Too many devices or names of this licence were freed in the last 30 days."
        ),
        "LICENSE_NOT_FOUND": _("There is no such licence."),
        "PRODUCT_NOT_FOUND": _("There is no such product."),
        "TEMPLATE_NOT_FOUND": _("This template is not on offer to this tenant."),
        "TEMPLATE_DOES_NOT_FIT": _(
            "The template is of another type or counts otherwise: that is an upgrade of its own."
        ),
        "STALE_PREVIEW": _(
            "The template or the licence was changed while you were looking. Nothing was done: "
            "this is what it would change now."
        ),
        "RESELLER_NOT_FOUND": _("This tenant is not sold to by that reseller."),
        "NOT_AVAILABLE": _("Keys of this scheme are imported, none is made here."),
        "ACTIVATION_NOT_FOUND": _("There is no such device."),
    }
)
