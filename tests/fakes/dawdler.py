"""A simulation program that takes its time: the square of a number, after as long as it is told, or an end of its own.

dawdler.py INPUT OUTPUT. INPUT is JSON: `x`, `lasts_s` and `ends`, one of "well", "badly" (exit code 3) and "crash".
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def main(input_path: str, output_path: str) -> int:
    given = json.loads(Path(input_path).read_text())
    time.sleep(given["lasts_s"])
    if given["ends"] == "badly":
        return 3
    if given["ends"] == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    Path(output_path).write_text(json.dumps({"square": given["x"] ** 2}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
