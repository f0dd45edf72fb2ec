"""Reads IDF text with eppy, giving it the IDD it needs; called once per model by `BuildingModel`.

eppy keeps the IDD on its IDF class, one for the whole process. Here every IDD gets a class of its own, so that models
of any size live side by side; reading changes the class, hence the lock.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from io import StringIO
from typing import Any

from energyplus.models.idd import render_idd

_LOCK = threading.Lock()
_LARGEST_CACHE = 4
_classes: OrderedDict[tuple[str, tuple[tuple[str, int], ...]], Any] = OrderedDict()


class _IddText(StringIO):
    """An IDD that eppy may ask for its first line again and again; given a path, eppy would leave files open."""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        self.seek(0)
        return super().readline(size)


def read_idf(text: str, version: str, groups: Mapping[str, int]) -> Any:
    """Read a model with eppy.

    Args:
        text: IDF text of known classes only.
        version: "25.2".
        groups: repeated groups its largest objects have, by class.

    Returns:
        An `eppy.modeleditor.IDF`.
    """
    with _LOCK:
        return _idf_class(version, groups)(StringIO(text))


def _idf_class(version: str, groups: Mapping[str, int]) -> Any:
    from eppy.modeleditor import IDF

    key = (version, tuple(sorted(groups.items())))
    if key not in _classes:
        idd = _IddText(render_idd(version, groups))
        _classes[key] = type("IDF", (IDF,), {"iddname": idd, "idd_info": None, "block": None})
    _classes.move_to_end(key)
    while len(_classes) > _LARGEST_CACHE:
        _classes.popitem(last=False)
    return _classes[key]
