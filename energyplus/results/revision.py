"""Revisions of this package's own reading of models and results, so that nobody has to remember to count them up.

A revision is a digest of the code itself, without comments and layout. Known cases go by it: numbers that an older
reading made of a run are not taken for those of today's. So do kept descriptions of models, whose objects go by number.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock

# Python 3.11 counts the depth of the tree it makes for all threads together: of two that parse at once one may be
# told "SystemError: AST constructor recursion depth mismatch" (github.com/python/cpython/issues/106905).
_ONE_AT_A_TIME = Lock()
_FOLDER = Path(__file__).parent
_PACKAGE = _FOLDER.parent
_BESIDES = ("outputs.py", "engines/conclusion.py", "engines/executable.py", "engines/expansion.py")
_DESCRIBING = ("description.py", "model_text.py", "schema.py")
_JUDGING = ("verdict.py",)
_OF_BATCHES = ("outliers.py",)  # they compare cases; what one case gave does not depend on them


@cache
def reading_revision() -> str:
    """What makes an outcome of a case and decides which files are kept, sha256 in hex."""
    left_out = {*_JUDGING, *_OF_BATCHES, Path(__file__).name}
    modules = sorted(path for path in _FOLDER.glob("*.py") if path.name not in left_out)
    return digest_code([*modules, *(_PACKAGE / name for name in _BESIDES)])


@cache
def describing_revision() -> str:
    """What turns a model file into its description: our code, in hex, and the package that brings the schemas."""
    return f"{digest_code([_PACKAGE / 'models' / name for name in _DESCRIBING])} idfkit {version('idfkit')}"


@cache
def judging_revision() -> str:
    """What turns an outcome into a verdict, sha256 in hex."""
    return digest_code([_FOLDER / name for name in _JUDGING])


def digest_code(paths: Iterable[Path]) -> str:
    """The digest of what modules do, sha256 in hex: comments and layout do not count, the names of the files do."""
    digest = hashlib.sha256()
    for path in paths:
        with _ONE_AT_A_TIME:
            tree = ast.parse(path.read_bytes())
        digest.update(f"{path.name}\n{ast.dump(tree)}\n".encode())
    return digest.hexdigest()
