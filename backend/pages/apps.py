"""The Django application `pages`."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Registers `pages` with Django."""

    name = "pages"
