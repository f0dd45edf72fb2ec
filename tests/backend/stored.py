"""Where a test looks at, or spoils, what the farm has kept in its local folder."""

from pathlib import Path, PurePosixPath

from django.conf import settings


def stored(key: PurePosixPath) -> Path:
    """Return where a file or folder of the store lies on this disk."""
    return Path(settings.CASEFARM_FILES) / key
