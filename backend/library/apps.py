"""The Django application `library`."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Registers `library` with Django."""

    name = "library"
