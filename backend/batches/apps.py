"""The Django application `batches`."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Registers `batches` with Django."""

    name = "batches"
