"""Removes temporary folders once their holder is gone: `python -I -S janitor.py FOLDER…`; the holder keeps stdin open.

Started by `services`, in its own session. It outlives a holder that was killed, and nothing else.
"""

import os
import shutil
import sys
import time

ATTEMPTS = 200
PAUSE_S = 0.1


def main() -> None:
    """Wait for the end of the input, then remove the folders, again until stopping servers have let go of them."""
    folders = sys.argv[1:]
    while sys.stdin.buffer.read(1024):
        pass
    for _ in range(ATTEMPTS):
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        if not any(map(os.path.lexists, folders)):
            return
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
