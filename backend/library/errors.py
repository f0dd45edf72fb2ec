"""What can go wrong in the library, as its services say it."""


class LibraryError(Exception):
    """Base of this room's errors."""


class UploadRefused(LibraryError):
    """The uploaded file is not what it should be; the message says what was found and what to do."""


class StillInUse(LibraryError):
    """A batch uses the file, so it cannot be removed."""


class ContentMissing(LibraryError):
    """The content of a row is not in the store."""
