"""Admits cases so that what they need together stays below the memory there is; who runs a case asks before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Condition

from energyplus.engines.machine import TYPICAL_CASE_BYTES, usable_memory_bytes

_ASK_EVERY_S = 0.1
_SHARE = 0.9  # of what is available; the rest is for the worker itself and the disk's cache


class MemoryBudget:
    """Memory that cases reserve for the time they run. Threads share one.

    A case that needs more than everything is admitted when it is alone: refusing it for ever would help nobody, and
    its own limit still holds.
    """

    def __init__(self, total_bytes: int) -> None:
        """Start with nothing reserved.

        Args:
            total_bytes: what all cases together may need, bytes.
        """
        self._total_bytes = total_bytes
        self._reserved: list[int] = []
        self._changed = Condition()

    @property
    def reserved_bytes(self) -> int:
        """What the cases at work have reserved, bytes."""
        return sum(self._reserved)

    @contextmanager
    def reserve(self, needed_bytes: int | None, should_stop: Callable[[], bool]) -> Iterator[None]:
        """Wait until there is room for a case, and keep it until the block ends.

        Args:
            needed_bytes: resident memory the case is expected to need, bytes; None for a typical case.
            should_stop: asked every 0.1 s while waiting; once true, the block is entered without a reservation, for
                the engine to find that the case is not wanted any more.
        """
        needed = TYPICAL_CASE_BYTES if needed_bytes is None else needed_bytes
        is_reserved = self._wait_for_room(needed, should_stop)
        try:
            yield
        finally:
            if is_reserved:
                with self._changed:
                    self._reserved.remove(needed)
                    self._changed.notify_all()

    def _wait_for_room(self, needed: int, should_stop: Callable[[], bool]) -> bool:
        while True:
            with self._changed:
                if not self._reserved or self.reserved_bytes + needed <= self._total_bytes:
                    self._reserved.append(needed)
                    return True
                self._changed.wait(_ASK_EVERY_S)
            if should_stop():  # may ask a database: not under the lock
                return False


@lru_cache(maxsize=1)
def machine_budget() -> MemoryBudget:
    """The budget of this process: nine tenths of the memory that was available when it was first asked for."""
    return MemoryBudget(int(_SHARE * usable_memory_bytes()))
