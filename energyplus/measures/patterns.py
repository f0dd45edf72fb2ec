"""Names and globs as arguments of measures give them; for measures that choose objects by name."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BeforeValidator

Patterns = Annotated[tuple[str, ...], BeforeValidator(lambda found: (found,) if isinstance(found, str) else found)]
"""Names or globs; one may be written without a list."""


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of the names or globs, in any letter case; `*` and `?` are the only signs of a glob."""
    folded = name.strip().casefold()
    # names of objects do hold brackets
    return any(fnmatchcase(folded, pattern.strip().casefold().replace("[", "[[]")) for pattern in patterns)
