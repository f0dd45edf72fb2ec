"""The patch of a case against its base model: two texts, object by object, go in, `model.diff` comes out.

The objects of a case stand in the order of the base model, the new ones behind them, one field a line, so nothing has
to be searched for: objects are compared one by one and their lines one by one. `patch` applies the result to the base
model's rendering.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT_LINES = 3


@dataclass(frozen=True)
class Piece:
    """One object, or the end of the file with what every case has: what it is, and its text in both files.

    A text is None in the file that does not have the object; the last piece stands in both.
    """

    title: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class _Change:
    """Lines `first` up to `last`, which is not among them (the first line of the file is 0), give way to others."""

    title: str
    first: int
    last: int
    lines: list[str]


def render_patch(pieces: Sequence[Piece], notes: Sequence[str]) -> str:
    """A unified diff with the title of an object above every hunk.

    Args:
        pieces: both files in pieces, each of which ends with a line end; an empty line stands between two.
        notes: lines to stand above the diff, each behind a "#".

    Returns:
        The notes alone where nothing differs.
    """
    lines = "\n".join(piece.before for piece in pieces if piece.before is not None).split("\n")
    hunks = list(_group(_find_changes(pieces)))
    text = [f"# {note}" for note in notes] + (["--- unmodified/model.idf", "+++ case/model.idf"] if hunks else [])
    shift = 0
    for hunk in hunks:
        text += _hunk_lines(hunk, lines, shift)
        shift += sum(len(change.lines) - (change.last - change.first) for change in hunk)
    return "\n".join(text) + "\n"


def _find_changes(pieces: Sequence[Piece]) -> Iterator[_Change]:
    start = 0
    for piece in pieces:
        # the empty line behind an object comes and goes with it
        before, after = (text.split("\n") if text is not None else [] for text in (piece.before, piece.after))
        ends = 1 if before and after else 0
        if before != after:
            pair = before[: len(before) - ends], after[: len(after) - ends]
            for tag, first, last, new_first, new_last in SequenceMatcher(None, *pair, False).get_opcodes():
                if tag != "equal":
                    yield _Change(piece.title, start + first, start + last, after[new_first:new_last])
        start += len(before)


def _group(changes: Iterator[_Change]) -> Iterator[list[_Change]]:
    hunk: list[_Change] = []
    for change in changes:
        if hunk and change.first - hunk[-1].last > 2 * CONTEXT_LINES:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk


def _hunk_lines(hunk: Sequence[_Change], lines: Sequence[str], shift: int) -> list[str]:
    first, last = max(0, hunk[0].first - CONTEXT_LINES), min(len(lines) - 1, hunk[-1].last + CONTEXT_LINES)
    body, position = [], first
    for change in hunk:
        body += [f" {line}" for line in lines[position : change.first]]
        body += [f"-{line}" for line in lines[change.first : change.last]]
        body += [f"+{line}" for line in change.lines]
        position = change.last
    body += [f" {line}" for line in lines[position:last]]
    grown = sum(len(change.lines) - (change.last - change.first) for change in hunk)
    title = "; ".join(dict.fromkeys(change.title for change in hunk))
    return [f"@@ -{first + 1},{last - first} +{first + shift + 1},{last - first + grown} @@ {title}", *body]
