"""Topics of mails that somebody does not want."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.notifications import Topic


def check_topics(value: Any) -> None:
    """Let a list of topics pass, each named once."""
    is_list = isinstance(value, list)
    if not is_list or len({*map(str, value)}) < len(value) or not {*map(str, value)} <= {*Topic}:
        raise ValidationError(_("No list of topics."))


def muted_topics() -> models.JSONField:
    """Return the field in which a tenant, a customer or a member has what they muted."""
    return models.JSONField(
        _("unwanted e-mails"), default=list, blank=True, validators=[check_topics]
    )
