"""Lets a Python sleep whose clock libfaketime has shifted and whose stop-watches it was told to leave alone.

`time.sleep` asks the kernel to wake it at a time of the stop-watch, which libfaketime 0.9.10 takes for one of the
shifted clock and makes an invalid argument of: beat would end at its first pause. Loaded by every Python that has this
folder on its path, before anything else.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Do nothing for a while."""
    select.select([], [], [], seconds)


time.sleep = sleep
