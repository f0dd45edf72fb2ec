"""The app of surrogates."""

from django.apps import AppConfig


class SurrogatesConfig(AppConfig):
    """Surrogates: their rows, files, tasks and addresses."""

    name = "surrogates"
    default_auto_field = "django.db.models.BigAutoField"
