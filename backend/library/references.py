"""Where other rooms say which library files they use, so that clean-up leaves those alone.

A room registers a function in its `AppConfig.ready`; `library.services` asks all of them before it removes anything.
The library itself knows no batches: the direction of the rooms forbids it.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class UsedFiles:
    """What a room uses.

    Attributes:
        ids: ids of `StoredModel` and `StoredWeather` rows that must stay.
        sha256s: hashes of contents that must stay in the store, whether or not a row means them.
    """

    ids: frozenset[str] = frozenset()
    sha256s: frozenset[str] = frozenset()


_finders: list[Callable[[], UsedFiles]] = []


def register_finder(find_used_files: Callable[[], UsedFiles]) -> None:
    """Have `find_used_files` asked before anything is removed; registering it twice has no further effect."""
    if find_used_files not in _finders:
        _finders.append(find_used_files)


def find_used_files() -> UsedFiles:
    """Return what all rooms together use, as the database has it now."""
    found = [find() for find in _finders]
    return UsedFiles(
        ids=frozenset[str]().union(*(used.ids for used in found)),
        sha256s=frozenset[str]().union(*(used.sha256s for used in found)),
    )
