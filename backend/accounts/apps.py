"""The Django application `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers `accounts` with Django."""

    name = "accounts"
