"""Makes a harmless file name out of what a browser or a script sends; called by `library.services`."""

import re
from pathlib import PurePath

LONGEST = 200  # characters


def clean_name(sent: str | None, fallback: str) -> str:
    """Return the last part of a sent name without control characters, at most 200 characters long.

    The name is only ever shown: a file is stored under its hash.

    Args:
        sent: what the client called the file; may hold `../`, drive letters, NUL or nothing.
        fallback: the name where nothing is left (`model.idf`).
    """
    last = re.split(r"[/\\]", sent or "")[-1]
    printable = "".join(character for character in last if character.isprintable()).strip(" .")
    if len(printable) > LONGEST:
        ending = PurePath(printable).suffix[:20]
        printable = printable[: LONGEST - len(ending)] + ending
    return printable or fallback
