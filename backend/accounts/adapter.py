"""How allauth treats people here: they log in, but nobody signs up by himself. Named in `ACCOUNT_ADAPTER`."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's account rules, with sign-up closed: an administrator makes the accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are made by an administrator or by `create_local_user`."""
        return False
