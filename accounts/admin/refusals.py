"""What a refusal is called on a page: a sentence for staff instead of a code."""

from typing import Any

from django.forms import BaseForm
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.refusals import Refusal

Words = str | Promise

# The apps above add theirs when their admin is loaded.
WORDS: dict[str, Words] = {
    "VALIDATION_ERROR": gettext_lazy("Something in this form is impossible."),
    "TENANT_NOT_FOUND": gettext_lazy("There is no such tenant."),
    "CUSTOMER_NOT_FOUND": gettext_lazy("There is no such customer in this tenant."),
    "NOTICE_NOT_IN_TROUBLE": gettext_lazy(
        "Only e-mails that failed, came back or are unclear are sent again."
    ),
    "NOTICE_NOT_SENT": gettext_lazy("An e-mail that never left cannot have come back."),
    "ALREADY_MEMBER": gettext_lazy("This person is already a member of this tenant."),
    "LAST_OWNER": gettext_lazy("A tenant keeps at least one owner."),
    "OWN_ACCOUNT": gettext_lazy("Nobody takes their own rights away: ask another superuser."),
    "WEBHOOK_ENDPOINT_NOT_FOUND": gettext_lazy("There is no such webhook endpoint."),
    "WEBHOOK_DELIVERY_NOT_FOUND": gettext_lazy("There is no such delivery."),
    "WEBHOOK_ENDPOINT_LIMIT": gettext_lazy(
        "There are as many webhook endpoints as there may be: change one of them."
    ),
    "WEBHOOK_ENDPOINT_DISABLED": gettext_lazy("It is switched off: switch it on first."),
    "SCOPE_REQUIRED": gettext_lazy("You cannot give more than you may do yourself."),
}


def words_of(refusal: Refusal) -> str:
    """Say why the rule refused."""
    if refusal.message:
        return refusal.message
    if known := WORDS.get(refusal.code):
        return str(known)
    return _("Refused: %(code)s.") % {"code": refusal.code}


def tell(form: BaseForm, refusal: Refusal) -> None:
    """Put the refusal where the eye is: at the fields it names, else above the form."""
    placed = False
    for name, texts in _by_field(refusal.details).items():
        field = name.partition(".")[0]
        for text in texts:
            if field in form.fields:
                form.add_error(field, text)
            else:
                form.add_error(None, f"{name}: {text}")
            placed = True
    if not placed:
        form.add_error(None, words_of(refusal))


def _by_field(details: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: texts
        for name, texts in details.items()
        if isinstance(texts, list) and all(isinstance(text, str) for text in texts)
    }
