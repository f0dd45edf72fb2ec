"""Takes what is bundled into the library: buildings and weather of the engine's package, and the starter set.

Called by its command.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energyplus.bundled import BundledFile, list_bundled_models, list_bundled_weather
from energyplus.models.description import describe_model
from energyplus.weather import describe_weather
from filestore.hashing import hash_file
from library import storage
from library.construction_services import load_starter_set
from library.judging import keep_description
from library.models import StoredFile, StoredModel, StoredWeather
from library.services import store_row
from library.storage import IncomingFile


@dataclass(frozen=True)
class LoadedLibrary:
    """How many bundled things there are, and how many of them were new or had changed."""

    models: int
    weathers: int
    construction_sets: int
    changed: int


def load_bundled_library() -> LoadedLibrary:
    """Take every bundled model, weather file and construction set in; what is there unchanged is left alone.

    A file that a new engine package has changed keeps its row and alias and gets the new content; the old content
    stays for the batches that used it.
    """
    models, weathers = list_bundled_models(), list_bundled_weather()
    changed = load_files(StoredModel, models, describe_bundled_model)
    changed += load_files(StoredWeather, weathers, describe_bundled_weather)
    changed += load_starter_set()
    return LoadedLibrary(len(models), len(weathers), 1, changed)


def load_files(
    kind: type[StoredFile], files: tuple[BundledFile, ...], describe: Callable[[IncomingFile], dict[str, Any]]
) -> int:
    """Take bundled files of one kind in; return how many were new or had changed."""
    known = {row.alias: row for row in kind.objects.filter(owner=None)}
    changed = 0
    for file in reversed(files):  # lists show the newest row first
        row = known.get(file.alias)
        if row and row.name == file.name and is_stored(row, file.path):
            continue
        with storage.receive_file(storage.read_chunks(file.path)) as incoming:
            values = {"name": file.name, "owner": None, "facts": describe(incoming)}
            store_row(kind, [incoming], {"alias": file.alias}, values)
        changed += 1
    return changed


def is_stored(row: StoredFile, path: Path) -> bool:
    """Return whether a row means the content of a file and the store has it."""
    return row.sha256 == hash_file(path) and storage.has_content(row.sha256)


def describe_bundled_model(incoming: IncomingFile) -> dict[str, Any]:
    """Read a bundled model in this process (it is trusted), keep its description, return its facts."""
    description = describe_model(incoming.path)
    keep_description(incoming.sha256, description)
    return description.facts


def describe_bundled_weather(incoming: IncomingFile) -> dict[str, Any]:
    """Read a bundled weather file, return its facts."""
    return describe_weather(incoming.path).to_json()
