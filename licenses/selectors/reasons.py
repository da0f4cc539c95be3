"""Why something happened, in words: the codes of rules as people read them, and who reads what."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# The way out stands first; what was in the way follows.
REASONS: dict[str, Any] = {
    "ACTIVATION_LIMIT_EXCEEDED": _("Free a device or add seats: every seat was taken."),
    "INVALID_FINGERPRINT": _("Update the software: what it sent names no device."),
    "USER_IDENTITY_REQUIRED": _("Sign in to the software: it did not say who uses the device."),
    "REPLACE_TOKEN_INVALID": _("Choose a device again: it could no longer be replaced."),
    "RELEASE_LIMIT": _("Wait, or write to the vendor: too many devices were freed lately."),
    "BORROW_NOT_ALLOWED": _("Borrow for fewer days, or not at all: it lends no seat for so long."),
    "VERSION_NOT_COVERED": _("Renew the maintenance: this version came out after it ended."),
    "REPLACED": _("Activate again: another device took its place."),
    "USER_UNASSIGNED": _("Have the name assigned again: its seat was freed."),
    "OFFLINE_RECEIPT": _("Nothing is wrong: the device ended itself without a network."),
    "PRODUCT_MISMATCH": _("Use the key of this product: the licence is for another."),
    "REPLAYED": _("Make a new request on the device: another one came under its nonce."),
    "ACTIVATION_DEACTIVATED": _("Make a new request on the device: it was let go since."),
    "SIGNING_ROOT_ABSENT": _("Try again later: no key could sign here."),
    "ANOTHER_KEY": _("See where the device stands: its fingerprint came with another key."),
    "SAME_KEY": _("See where the device stands: its key came with another fingerprint."),
    "FORKED": _("See where the device stands: its record of use went another way."),
    "ROLLED_BACK": _("See where the device stands: its record of use was set back."),
    "ACTIVATED": _("Nothing is wrong: the device has a seat now and needs no emergency code."),
    "USER_CHANGED": _("Nothing is wrong: another named user signed in on the device."),
    "EMERGENCY_CODE_INVALID": _("Type the emergency code again: this is none of the licence's."),
    "EMERGENCY_CODE_LOCKED": _("Ask for another emergency code: wrong ones came too often."),
    "EMERGENCY_CODE_EXPIRED": _("Ask for another emergency code: the day of this one was over."),
    "EMERGENCY_CODE_USED": _("Ask for another emergency code: another device had used this one."),
    "VALIDATION_ERROR": _("Update the software: what it sent cannot be."),
    "DEVICE_BLACKLISTED": _("Ask for the bar to be lifted: this device may not run it."),
    "BLACKLISTED": _("Ask for the bar to be lifted: the device was barred and signed out."),
    "LICENSE_PENDING": _("Wait until it is in force: it was still pending."),
    "LICENSE_INACTIVE": _("Take it back into use: it was parked."),
    "LICENSE_SUSPENDED": _("Have the suspension lifted: no new device may start meanwhile."),
    "LICENSE_EXPIRED": _("Renew it: it had ended."),
    "LICENSE_REVOKED": _("Get another licence: this one was revoked."),
    "LICENSE_TRANSFERRED": _("Activate again: the licence went to another holder."),
    "GRACE_PERIOD_ENDED": _("Renew it: its grace was over."),
    "TRIAL_ALREADY_USED": _("Change to a paid licence: the product was tried here before."),
    "RESTRICTED_COUNTRY": _("Use it where it may run, or have this country added."),
    "RESTRICTED_DOMAIN": _("Use it where it may run, or have this domain added."),
    "RESTRICTED_IP": _("Use it where it may run, or have this network added."),
    "RESTRICTED_MAC": _("Use it where it may run, or have this network card added."),
    "RESTRICTED_HARDWARE": _("Use it where it may run, or have this hardware added."),
    "RESTRICTED_TIME": _("Try again at a time at which it may run."),
}

# Acts of which customers read the reason in the portal; every other reason stays with staff.
TOLD_TO_CUSTOMERS = frozenset(
    f"license.{done}"
    for done in (
        "renewed",
        "suspended",
        "reinstated",
        "parked",
        "unparked",
        "transferred",
        "revoked",
    )
)
