"""What can go wrong in the library, as its services say it."""

from collections.abc import Sequence
from dataclasses import dataclass


class LibraryError(Exception):
    """Base of this room's errors."""


@dataclass(frozen=True)
class UploadFault:
    """One thing that is wrong with an upload.

    Attributes:
        field: of the form: `file` or `attachments`.
        message: what is wrong and what to do.
        found: what came.
        accepted: what would be taken.
    """

    field: str
    message: str
    found: str
    accepted: str


class UploadError(LibraryError):
    """The uploaded files are not what they should be.

    Attributes:
        faults: everything that is wrong with them.
    """

    def __init__(self, faults: Sequence[UploadFault]) -> None:
        super().__init__("\n".join(fault.message for fault in faults))
        self.faults = tuple(faults)


class UploadSizeError(UploadError):
    """The uploaded file is larger than the administrator allows."""


class GateClosedError(LibraryError):
    """This machine cannot read models safely, so it reads none; the message says why."""


class InUseError(LibraryError):
    """A batch uses the file, so it cannot be removed."""


class FileGoneError(LibraryError):
    """The file was removed since it was looked up."""


class ContentMissingError(LibraryError):
    """The content of a row is not in the store."""
