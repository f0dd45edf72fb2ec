"""What is wrong with a study: entries that say where, what was found and what to do; made here, shown by everyone."""

import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_TEXT_LENGTH = 120
MAX_ACCEPTED = 20
MOST_COMPARED = 20_000
"""Names that are compared with what was written while one study is looked at: a second or so. Nobody reads more
guesses, and a study of many slips must not keep a server busy."""

_left: ContextVar[list[int] | None] = ContextVar("names left to compare", default=None)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a study.

    Attributes:
        path: Where it stands in the document, like `parameters[1].target.object`; empty for the document itself.
        message: A sentence that says what to do.
        found: What stands there, shortened, always writable as JSON.
        accepted: What would be accepted: the nearest names, the keys, the limits.
    """

    path: str
    message: str
    found: Any = None
    accepted: Any = None


class InvalidStudy(Exception):  # noqa: N818 - reads as what it is
    """A study that is refused, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.path or 'study'}: {problem.message}" for problem in self.problems))


def make_problem(path: str, message: str, found: Any, accepted: Any) -> Problem:
    """Return a problem whose parts can be written as JSON and UTF-8, whatever the document held."""
    if isinstance(accepted, list | tuple):
        accepted = [shorten(entry) for entry in accepted[:MAX_ACCEPTED]]
    return Problem(make_printable(path), make_printable(message), shorten(found), accepted)


def make_printable(text: str) -> str:
    """Replace what no UTF-8 text or database column can hold: lone surrogates and control characters."""
    if text.isprintable():
        return text
    text = text.encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def shorten(value: Any) -> Any:
    """Return a value as it may be shown: numbers and short texts as they are, all else as short text."""
    if value is None or isinstance(value, bool | int | float):
        return _shorten_number(value)
    if isinstance(value, str):
        text = make_printable(value[: MAX_TEXT_LENGTH + 1])
        return text if len(text) <= MAX_TEXT_LENGTH else text[: MAX_TEXT_LENGTH - 1] + "…"
    if isinstance(value, dict):
        return f"a mapping with {_count(len(value), 'key')}"
    if isinstance(value, list | tuple):
        return _shorten_list(value)
    return f"a value of type {type(value).__name__}"


def _shorten_number(value: float | None) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, int) and abs(value) > 2**53:
        return "a whole number beyond 2^53"
    return value


def _shorten_list(values: Sequence[Any]) -> Any:
    simple = all(value is None or isinstance(value, bool | int | float | str) for value in values[:8])
    if simple and len(values) <= 8:
        return [shorten(value) for value in values]
    return f"a list of {_count(len(values), 'entry', 'entries')}"


@contextmanager
def limit_guesses(most: int = MOST_COMPARED) -> Iterator[None]:
    """Compare no more names than so many with what was written, within; then nothing is near any more."""
    token = _left.set([most])
    try:
        yield
    finally:
        _left.reset(token)


def _may_compare(name: str, count: int) -> bool:
    left = _left.get()
    if len(name) > MAX_TEXT_LENGTH or (left is not None and left[0] <= 0):
        return False
    if left is not None:
        left[0] -= count
    return True


def nearest_names(name: str, names: Iterable[str], count: int = 5) -> list[str]:
    """Return the names most like `name`, nearest first; the first few names when none is alike.

    Args:
        name: What was written.
        names: What exists.
        count: How many to return at most.
    """
    names = names if isinstance(names, Collection) else list(names)
    if not _may_compare(name, len(names)):
        return list(islice(names, count))
    by_folded: dict[str, str] = {}
    for known in names:
        by_folded.setdefault(known.casefold(), known)
    wanted = name.casefold().strip("*? ")
    near = difflib.get_close_matches(wanted, by_folded, n=count, cutoff=0.5)
    if wanted:
        near += [folded for folded in by_folded if wanted in folded and folded not in near]
    return [by_folded[folded] for folded in (near or list(by_folded))[:count]]


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """Return the one name that `name` was probably meant to be, or None."""
    by_folded = {known.casefold(): known for known in names}
    if not _may_compare(name, len(by_folded)):
        return None
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"1 {singular}" if number == 1 else f"{number:,} {plural or singular + 's'}"


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    """Return `1 case`, `12 cases`: a count with its noun."""
    return _count(number, singular, plural)


def list_names(names: Sequence[str], most: int = 4) -> str:
    """Return `a, b and c` or `a, b, c and 5 more`: names as they stand in a sentence."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
