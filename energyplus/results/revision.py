"""Revisions of this package's own reading and judging of results, so that nobody has to remember to count them up.

A revision is a digest of the code itself, without comments and layout. Known cases go by it: numbers that an older
reading made of a run are not taken for those of today's.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_JUDGING = ("verdict.py",)
_OF_BATCHES = ("outliers.py",)  # they compare cases; what one case gave does not depend on them


@cache
def reading_revision() -> str:
    """What turns a run folder into an outcome and decides which files are kept, sha256 in hex."""
    left_out = {*_JUDGING, *_OF_BATCHES, Path(__file__).name}
    modules = sorted(path for path in _FOLDER.glob("*.py") if path.name not in left_out)
    return digest_code([*modules, _FOLDER.parent / "outputs.py"])


@cache
def judging_revision() -> str:
    """What turns an outcome into a verdict, sha256 in hex."""
    return digest_code([_FOLDER / name for name in _JUDGING])


def digest_code(paths: Iterable[Path]) -> str:
    """The digest of what modules do, sha256 in hex: comments and layout do not count, the names of the files do."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\n{ast.dump(ast.parse(path.read_bytes()))}\n".encode())
    return digest.hexdigest()
