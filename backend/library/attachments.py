"""The files that come with a model: takes them from an upload's form, says what is remembered of them.

Called by `library.services`. Their names are judged with the model (`energyplus.models.judgement`); a model together
with its attachments is one upload: the same text with another schedule is another model.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypedDict

from django.conf import settings
from django.core.files.base import File

from filestore.operations import CHUNK_BYTES
from library import storage
from library.errors import UploadError, UploadFault, UploadSizeError
from library.names import clean_name
from library.storage import IncomingFile


class Attachment(TypedDict):
    """What is remembered of a file that came with a model; its content lies in the store under its hash."""

    name: str
    sha256: str
    size_bytes: int


@contextmanager
def receive_attachments(files: Sequence["File[bytes]"]) -> Iterator[dict[str, IncomingFile]]:
    """Write the attachments of an upload to temporary files; they are gone afterwards unless the store took them.

    Yields:
        The files by the names that the model can refer to them by.

    Raises:
        UploadError: too many or too large, or two of the same name.
    """
    refuse_excess(files)
    names = [clean_name(file.name, "attachment") for file in files]
    for name in names:
        if names.count(name) > 1:
            raise UploadError([UploadFault("attachments", "Two attachments have the same name.", name, "each once")])
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(storage.receive_file(file.chunks(CHUNK_BYTES)))
            for name, file in zip(names, files, strict=True)
        }


def refuse_excess(files: Sequence["File[bytes]"]) -> None:
    """Raise `UploadError` where there are more attachments, or more of them, than a server takes."""
    most = settings.CASEFARM_MAX_ATTACHMENTS
    limit_mb = settings.CASEFARM_UPLOAD_LIMIT_MB
    if len(files) > most:
        message = "There are too many attachments."
        raise UploadError([UploadFault("attachments", message, f"{len(files)} files", f"at most {most}")])
    size_mb = sum(file.size for file in files) / 1024**2
    if size_mb > limit_mb:
        message = "The attachments are too large."
        raise UploadSizeError([UploadFault("attachments", message, f"{size_mb:.1f} MB", f"at most {limit_mb} MB")])


def list_attachments(received: Mapping[str, IncomingFile]) -> list[Attachment]:
    """Return what a model's row remembers of its attachments, by name."""
    return [
        {"name": name, "sha256": file.sha256, "size_bytes": file.size_bytes} for name, file in sorted(received.items())
    ]


def digest_attachments(attachments: Collection[Attachment]) -> str:
    """Return the SHA-256 hash of names and contents together; empty where a model has no attachments."""
    if not attachments:
        return ""
    pairs = sorted((entry["name"], entry["sha256"]) for entry in attachments)
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()
