"""Reads IDF text with eppy, giving it the IDD it needs; called once per model by `BuildingModel`.

The IDD is that of an installed EnergyPlus where there is one and the model fits into it: an IDD ends after a number of
repeated fields. For every other model an IDD is made of the schema, as long as the model needs it.

eppy keeps the IDD on its IDF class, one for the whole process. Here every IDD gets a class of its own, so that models
of any size live side by side; reading changes the class, hence the lock.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from energyplus.models.idd import render_idd

_LOCK = threading.Lock()
_LARGEST_CACHE = 4
_classes: OrderedDict[Any, Any] = OrderedDict()


class _IddText(StringIO):
    """An IDD that eppy may ask for its first line again and again; given a path, eppy would leave files open."""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        self.seek(0)
        return super().readline(size)


def read_idf(text: str, version: str, groups: Mapping[str, int], idd: Path | None = None) -> Any:
    """Read a model with eppy.

    Args:
        text: IDF text of known classes only.
        version: "25.2".
        groups: repeated groups its largest objects have, by class.
        idd: of an installed EnergyPlus of that version, if it has room for the model's largest objects.

    Returns:
        An `eppy.modeleditor.IDF`.
    """
    with _LOCK:
        return _idf_class(version, groups, idd)(StringIO(text))


def _idf_class(version: str, groups: Mapping[str, int], idd: Path | None) -> Any:
    from eppy.modeleditor import IDF

    key = idd or (version, tuple(sorted(groups.items())))
    if key not in _classes:
        content = _IddText(idd.read_text(encoding="latin-1") if idd else render_idd(version, groups))
        _classes[key] = type("IDF", (IDF,), {"iddname": content, "idd_info": None, "block": None})
    _classes.move_to_end(key)
    while len(_classes) > _LARGEST_CACHE:
        _classes.popitem(last=False)
    return _classes[key]
