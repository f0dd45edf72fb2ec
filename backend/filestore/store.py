"""The store that the settings name: `files.keep_file(…)`. Asked by every room that keeps files.

`STORAGES["files"]` is looked up at each use, so that a test may put another one in its place.
"""

from typing import Any, cast

from django.core.files.storage import storages

from filestore.operations import FileStore


class _ConfiguredStore:
    """Passes every question on to the store of the settings."""

    def __getattr__(self, name: str) -> Any:
        return getattr(storages["files"], name)


files = cast("FileStore", _ConfiguredStore())
