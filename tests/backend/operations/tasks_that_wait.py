"""A task that takes as long as a test wants; the worker of these tests brings it with it (`--include`)."""

from pathlib import Path
from threading import Event

from celery import shared_task


@shared_task(name="batches.simulate_until_told", ignore_result=True)
def simulate_until_told(batch_id: str, index: int, flag: str) -> None:
    """Return once the file `flag` is there."""
    while not Path(flag).exists():
        Event().wait(0.02)
