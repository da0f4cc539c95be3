"""How sign-in behaves here, where it differs from the library's default."""

from typing import ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events import vault


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: staff and owners add people."""

    # One sentence for every failure, so that none tells which addresses we know.
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "Check the e-mail and the password. After five tries we pause sign-in for five minutes."
        ),
        "too_many_login_attempts": _("Too many tries: sign-in is paused for five minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing: the pages themselves show what was done."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted at rest, and the QR code is drawn without inline styles."""

    def encrypt(self, text: str) -> str:
        return vault.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        code = segno.make(url, error="m")
        return code.svg_inline(omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None)
