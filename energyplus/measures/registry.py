"""Finds the measures: every module of this package that defines one has it here, in the API, the form and the docs."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

from energyplus import measures
from energyplus.measures.base import Measure


@cache
def list_measures() -> Mapping[str, Measure[Any]]:
    """Every measure by its name, in the order of their names."""
    names = (entry.name for entry in pkgutil.iter_modules(measures.__path__) if not entry.name.startswith("_"))
    modules = (importlib.import_module(f"{measures.__name__}.{name}") for name in names)
    found = sorted((measure for module in modules for measure in _measures_of(module)), key=lambda found: found.name)
    return MappingProxyType({measure.name: measure for measure in found})


def _measures_of(module: ModuleType) -> Iterator[Measure[Any]]:
    """What a module defines; a class without a name is only what several measures share."""
    for _, entry in inspect.getmembers(module, inspect.isclass):
        if issubclass(entry, Measure) and entry.__module__ == module.__name__ and hasattr(entry, "name"):
            yield entry()
