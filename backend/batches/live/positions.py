"""How far a listener is: the `id:` of its last event. Parsed from requests, compared in the database by `outcomes.py`.

A position is a snapshot of PostgreSQL (`pg_current_snapshot()`): which transactions it had seen. So whatever process
answers a listener that comes back, the database alone says what has been committed since – exactly, however
transactions overlap – and nothing has to be kept for listeners anywhere.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from batches.states import BatchState

LONGEST_ID = 4000  # characters: some hundred transactions that were open at once
FORM = re.compile(r"([a-z]+)-(\d{1,19}):(\d{1,19}):(\d{1,19}(?:,\d{1,19})*)?")
LARGEST_XID = 2**63 - 1
LIST = "list"


@dataclass(frozen=True)
class Position:
    """What a listener has been told of: the state of the batch, and everything that a snapshot had seen."""

    state: str
    snapshot: str

    def __str__(self) -> str:
        return f"{self.state}-{self.snapshot}"

    @property
    def oldest_open(self) -> int:
        """The first transaction that the snapshot may not have seen; every older one it has."""
        return int(self.snapshot.partition(":")[0])

    @property
    def next_transaction(self) -> int:
        """The first transaction that had not begun; it has seen none from there on."""
        return int(self.snapshot.split(":")[1])


NOWHERE = Position("", "0:0:")  # of a listener that names a position nobody can read


def parse_position(text: str) -> Position | None:
    """Return the position that a listener names; None where it names none.

    What cannot be read is `NOWHERE`: the listener has missed something, and nobody can say what.
    """
    if not text:
        return None
    match = FORM.fullmatch(text) if len(text) <= LONGEST_ID else None
    if match is None or match[1] not in {*BatchState.values, LIST}:
        return NOWHERE
    first, following = int(match[2]), int(match[3])
    between = [int(number) for number in match[4].split(",")] if match[4] else []
    ordered = all(low < high for low, high in pairwise(between))
    inside = all(first <= number < following for number in between)
    if not (0 < first <= following <= LARGEST_XID and ordered and inside):
        return NOWHERE
    return Position(match[1], f"{first}:{following}:{','.join(map(str, between))}")
