"""The Django application `filestore`."""

from django.apps import AppConfig


class FilestoreConfig(AppConfig):
    """Registers `filestore` with Django."""

    name = "filestore"
