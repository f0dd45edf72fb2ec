"""The Django application `batches`."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Registers `batches` with Django, and with the library which files batches need."""

    name = "batches"

    def ready(self) -> None:
        """Have the library's clean-up ask which files batches still need, and the API document show studies."""
        import batches.openapi  # noqa: F401 - makes itself known to drf-spectacular
        from batches.queries import find_used_files
        from library.references import register_finder

        register_finder(find_used_files)
