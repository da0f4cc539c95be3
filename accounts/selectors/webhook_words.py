"""What people read of webhooks: kinds of events, and what went wrong."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "license.*": _("Licences: issued, renewed, suspended, expired …"),
    "activation.*": _("Devices: activated, refused, signed out"),
    "usage.*": _("Usage that comes near its limit"),
    "order.*": _("Orders"),
    "invoice.*": _("Invoices"),
    "payment.*": _("Payments"),
    "incident.*": _("Incidents"),
    "member.*": _("Members of the organisation"),
    "api_key.*": _("API keys"),
    "webhook_endpoint.*": _("Webhooks themselves"),
    "*": _("Everything, also what will be added later"),
}
# Codes of tries that failed.
ERRORS: dict[str, str | Promise] = {
    "STATUS": _("It answered with an error."),
    "REDIRECT": _("It answered with a redirect, which is not followed."),
    "TIMEOUT": _("It took longer than ten seconds."),
    "UNREACHABLE": _("Nobody answered at this address."),
    "UNKNOWN_HOST": _("The name of the server is unknown."),
    "TLS": _("Its certificate is not valid."),
    "NOT_HTTP": _("Its answer was no HTTP."),
    "FORBIDDEN_ADDRESS": _("The address leads into a private network."),
    "BAD_ADDRESS": _("The address is none that can be sent to."),
    "NOT_COMPOSED": _("The message could not be written: a fault of ours, which is in the log."),
}
