"""The mail by which a person sets a password of their own."""

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User


def send_password_link(request: HttpRequest, user: User) -> None:
    """
    Mail the link and say so, once the person is stored.

    A mail server that is away stops nobody's work.
    """
    transaction.on_commit(lambda: _send(request, user), robust=True)


def _send(request: HttpRequest, user: User) -> None:
    form = ResetPasswordForm(data={"email": user.email})
    if not (form.is_valid() and user.is_active):
        return
    try:
        form.save(request)
    except OSError:
        messages.warning(request, _("The mail server took no message for %s.") % user.email)
    else:
        messages.success(request, _("A link to set a password is on its way to %s.") % user.email)
