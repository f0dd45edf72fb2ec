"""How often each fault is done: what `make test` does of it, what `make faults` does, and what was asked for.

`CASEFARM_FAULTS=all` takes the full counts; any other text chooses among them: `F5 F9 seeds=10 F1=20`. A seed makes
every moment and every choice of a run: `CASEFARM_FAULTS_SEED`.
"""

import os
from random import Random

# What the design asks for (the table of docs/reference/faults.md); F7 and F8 are asked for without a number.
FULL = {"F1": 200, "F2": 200, "F3": 20, "F4": 20, "F5": 20, "F6": 20, "F7": 10, "F8": 6, "F9": 500, "F10": 50}
FULL |= {"L1": 1000, "L2": 600, "L4": 1}
# F10 has all the others in it.
SHORT = {"F2": 5, "F9": 8, "F10": 1, "L4": 1}
SEED = int(os.environ.get("CASEFARM_FAULTS_SEED") or 1)
ASKED = os.environ.get("CASEFARM_FAULTS", "")
IS_SHORT = not ASKED


def read_counts(asked: str) -> dict[str, int]:
    """Return how often each fault is done, by its name.

    Args:
        asked: "" for the short selection, "all", or faults by name, with a count of their own where there is one.

    Raises:
        ValueError: something else is asked for.
    """
    if not asked:
        return SHORT
    if asked == "all":
        return FULL
    counts = {}
    for word in asked.replace("seeds=", "F10=").split():
        name, _, count = word.partition("=")
        if name not in FULL:
            raise ValueError(f"CASEFARM_FAULTS: found {word!r}; accepted: all, or of {', '.join(FULL)}, as in F1=20")
        counts[name] = int(count) if count else FULL[name]
    return counts


COUNTS = read_counts(ASKED)


def draw(fault: str, number: int = 0) -> Random:
    """Return the random numbers of one run of a fault: the same for the same seed."""
    return Random(f"{SEED}/{fault}/{number}")
