"""Removes a temporary folder once its holder is gone: `python -I -S janitor.py FOLDER`, the holder keeps its stdin open.

Started by `services`, in its own session. It outlives a holder that was killed, and nothing else.
"""

import os
import shutil
import sys
import time

ATTEMPTS = 200
PAUSE_S = 0.1


def main() -> None:
    """Wait for the end of the input, then remove the folder, again until servers that are stopping have let go of it."""
    folder = sys.argv[1]
    while sys.stdin.buffer.read(1024):
        pass
    for _ in range(ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
