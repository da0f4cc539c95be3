"""What e-mails to the vendor's staff say."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import ngettext

from events.notifications import Mail, written


def mail_trouble(many: int) -> Mail:
    """Return the mail about mails that a person should look at."""
    subject = ngettext("%(many)d e-mail to look at", "%(many)d e-mails to look at", many) % {
        "many": many
    }
    page = settings.PUBLIC_URL + reverse("admin:events_notice_changelist") + "?state=TROUBLE"
    return written("mail_trouble", subject, {"many": many, "page": page})
