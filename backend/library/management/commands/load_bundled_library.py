"""`manage.py load_bundled_library`: takes models, weather files and the starter construction set into the library."""

from typing import Any

from django.core.management.base import BaseCommand

from library.bundled import load_bundled_library


class Command(BaseCommand):
    """Loads the bundled library; a second call finds everything there and takes a second or less."""

    help = (
        "Take the engine's reference buildings and weather files, and the starter construction set, into the library."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how much there is."""
        loaded = load_bundled_library()
        text = (
            f"{loaded.models} models, {loaded.weathers} weather files and {loaded.construction_sets} construction set"
        )
        self.stdout.write(f"library: {text}, {loaded.changed} new or changed")
