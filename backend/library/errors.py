"""What can go wrong in the library, as its services say it."""


class LibraryError(Exception):
    """Base of this room's errors."""


class UploadError(LibraryError):
    """The uploaded file is not what it should be.

    Attributes:
        found: what came.
        accepted: what would be taken.
    """

    def __init__(self, message: str, found: str, accepted: str) -> None:
        super().__init__(message)
        self.found = found
        self.accepted = accepted


class UploadSizeError(UploadError):
    """The uploaded file is larger than the administrator allows."""


class InUseError(LibraryError):
    """A batch uses the file, so it cannot be removed."""


class FileGoneError(LibraryError):
    """The file was removed since it was looked up."""


class ContentMissingError(LibraryError):
    """The content of a row is not in the store."""
