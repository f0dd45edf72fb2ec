"""The reference models and weather files of the engine's package, by alias, for the library and the command."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from energyplus.errors import EngineError
from energyplus.weather import read_place


@dataclass(frozen=True)
class BundledFile:
    """A file of the engine's package.

    Attributes:
        alias: how studies refer to it ("small_office", "chicago").
        name: how people read it ("Reference building: small office (new 2004, Chicago)").
        path: where it lies on this machine.
    """

    alias: str
    name: str
    path: Path


@cache
def list_bundled_models() -> tuple[BundledFile, ...]:
    """The reference buildings, then the 90.1-2019 prototypes (`ashrae_…`), each sorted by alias.

    Raises:
        EngineError: the engine's package is not installed.
    """
    dataset = _dataset()
    references = [
        BundledFile(alias, f"Reference building: {alias.replace('_', ' ')} (new 2004, Chicago)", Path(path))
        for alias, path in sorted(dataset.ref_models.items())
    ]
    prototypes = [
        BundledFile(f"ashrae_{alias}", f"ASHRAE 90.1-2019 prototype: {alias.replace('_', ' ')} (Denver)", Path(path))
        for alias, path in sorted(dataset.ashrae_models.items())
    ]
    return (*references, *prototypes)


@cache
def list_bundled_weather() -> tuple[BundledFile, ...]:
    """The weather files by city, sorted by alias.

    Raises:
        EngineError: the engine's package is not installed.
    """
    found = [
        BundledFile(re.sub(r"^usa_[a-z]{2}_", "", key), read_place(Path(path)), Path(path))
        for key, path in _dataset().weather_files.items()
    ]
    return tuple(sorted(found, key=lambda entry: entry.alias))


def find_bundled_file(alias: str, files: tuple[BundledFile, ...]) -> Path | None:
    """The path of a bundled file by its alias, or None."""
    return next((entry.path for entry in files if entry.alias == alias), None)


def _dataset() -> Any:
    try:
        from pyenergyplus import dataset
    except ImportError as error:
        raise EngineError("The package pyenergyplus-lbnl, which brings the engine, is not installed.") from error
    return dataset
