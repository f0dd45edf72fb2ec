"""The Django application `backups`."""

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """Registers `backups` with Django, for its commands; it has no tables."""

    name = "backups"
