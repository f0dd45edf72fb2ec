"""Hashes of local files. Called by whoever stores or verifies a file."""

import hashlib
from pathlib import Path

from filestore.operations import CHUNK_BYTES


def hash_file(path: Path) -> str:
    """Return the SHA-256 hash of a file."""
    with path.open("rb") as stored:
        piece = stored.read(CHUNK_BYTES)
        digest = hashlib.sha256(piece)
        while len(piece) == CHUNK_BYTES:  # most files end within the first piece
            piece = stored.read(CHUNK_BYTES)
            digest.update(piece)
        return digest.hexdigest()
