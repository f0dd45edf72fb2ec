"""`manage.py load_bundled_library`: takes the models and weather files of the engine's package into the library."""

from typing import Any

from django.core.management.base import BaseCommand

from library.bundled import load_bundled_library


class Command(BaseCommand):
    """Loads the bundled library; a second call finds everything there and takes a second or less."""

    help = "Take the reference buildings and weather files of the engine's package into the library."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how much there is."""
        loaded = load_bundled_library()
        text = f"library: {loaded.models} models and {loaded.weathers} weather files, {loaded.changed} new or changed"
        self.stdout.write(text)
