"""What can go wrong with a back-up; a message names the file and says what to do."""


class BackupError(Exception):
    """Base of this room's errors."""


class DamagedArchiveError(BackupError):
    """An archive is not what was written; nothing of it is used."""


class NotEmptyError(BackupError):
    """The stack that is to be restored into has something in it."""


class UnfitArchiveError(BackupError):
    """The archive is whole, but this stack cannot take it: its release, its server or its disk."""


class ToolError(BackupError):
    """pg_dump or pg_restore is missing, too old or has failed."""
