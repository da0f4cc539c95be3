"""How sign-in behaves here, where it differs from the library's default."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: staff and owners add people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
