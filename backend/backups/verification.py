"""Reads an archive through and compares every hash with its manifest; writes nothing. Called before every restore.

The manifest comes last, so what was read is noted in a local file and compared with it line by line: the order is the
same.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from backups.archives import Member, read_archive
from backups.errors import DamagedArchiveError
from backups.manifests import DUMP, FILES, MANIFEST, Description, Entry, ManifestReader, Summary

ROOTS = ("batches", "blobs", "known")  # of the keys that a back-up may hold


@dataclass(frozen=True)
class VerifiedArchive:
    """An archive every byte of which has been read and found right.

    Attributes:
        source: the archive.
        manifest: a local copy of its manifest, which stays while the verification's folder does.
    """

    source: Path
    manifest: Path
    description: Description
    summary: Summary

    def entries(self) -> Iterator[Entry]:
        """Yield its files in order."""
        with self.manifest.open("rb") as lines:
            yield from ManifestReader(lines).entries()


def verify_archive(source: Path, folder: Path) -> VerifiedArchive:
    """Read an archive to its end.

    Args:
        source: a tar file or a folder.
        folder: a local folder for notes.

    Raises:
        DamagedArchiveError: it is not what was written; the message names the file.
    """
    copy = folder / MANIFEST
    with tempfile.TemporaryFile(dir=folder) as seen:
        for member in read_archive(source):
            if member.name == MANIFEST:
                copy.write_bytes(b"".join(member.chunks()))
                break
            seen.write(f"{hash_member(member)}\t{member.size_bytes}\t{member.name}\n".encode())
        else:
            raise DamagedArchiveError(f"{MANIFEST} is missing: the end of {source} is cut off.")
        seen.seek(0)
        with copy.open("rb") as lines:
            manifest = ManifestReader(lines)
            compare(manifest, seen)
    assert manifest.summary is not None  # noqa: S101 - or the entries had raised
    return VerifiedArchive(source, copy, manifest.description, manifest.summary)


def hash_member(member: Member) -> str:
    """Return the sha256 of a file.

    Raises:
        DamagedArchiveError: the archive ends in the middle of it.
    """
    digest, size_bytes = hashlib.sha256(), 0
    for chunk in member.chunks():
        digest.update(chunk)
        size_bytes += len(chunk)
    if size_bytes != member.size_bytes:
        raise DamagedArchiveError(f"{member.name} is cut off after {size_bytes:,} of {member.size_bytes:,} bytes.")
    return digest.hexdigest()


def compare(manifest: ManifestReader, seen: IO[bytes]) -> None:
    """Do nothing where the files that were read are those of the manifest.

    Raises:
        DamagedArchiveError: one is not, or there is one more or less.
    """
    names: set[str] = set()
    for entry in manifest.entries():
        refuse_strange_name(entry.file)
        if entry.same_as is not None:
            if entry.same_as not in names:
                raise DamagedArchiveError(f"{entry.file} is the same as {entry.same_as}, which is not before it.")
            continue
        line = seen.readline().decode().rstrip("\n")
        if not line:
            raise DamagedArchiveError(f"{entry.file} is missing.")
        sha256, size, name = line.split("\t", 2)
        if name != entry.file:
            raise DamagedArchiveError(f"{name} stands where {entry.file} should.")
        if (sha256, int(size)) != (entry.sha256, entry.size_bytes):
            raise DamagedArchiveError(f"{name} is not what was backed up: its hash is another one.")
        names.add(name)
    if line := seen.readline().decode():
        raise DamagedArchiveError(f"{line.split(chr(9), 2)[2].strip()} is not in the manifest.")


def refuse_strange_name(name: str) -> None:
    """Do nothing where a file of an archive belongs where a back-up puts files.

    Raises:
        DamagedArchiveError: it would lie elsewhere.
    """
    path = PurePosixPath(name)
    inside = name.startswith(FILES) and len(path.parts) > 2 and path.parts[1] in ROOTS and ".." not in path.parts
    if name != DUMP and not inside:
        raise DamagedArchiveError(f"{name} is no file of a back-up.")
