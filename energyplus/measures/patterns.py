"""Names and globs as arguments of measures give them; for measures that choose objects by name."""

from collections.abc import Sequence
from fnmatch import fnmatchcase


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of the names or globs, in any letter case; `*` and `?` are the only signs of a glob."""
    folded = name.strip().casefold()
    # names of objects do hold brackets
    return any(fnmatchcase(folded, pattern.strip().casefold().replace("[", "[[]")) for pattern in patterns)
