"""What Celery itself costs: a task that does nothing, sent in chords as cases are, for `known_cases`."""

from celery import shared_task


@shared_task(name="batches.simulate_nothing", ignore_result=True)
def simulate_nothing(batch_id: str, index: int, epoch: int) -> bool:
    """Do nothing, with the arguments of a case."""
    return True


@shared_task(name="batches.finish_nothing", ignore_result=True)
def finish_nothing(batch_id: str) -> None:
    """Count a chord that is complete."""
    from django.core.cache import cache

    cache.incr(f"nothing-{batch_id}")


@shared_task(name="batches.send_nothing", ignore_result=True)
def send_nothing(name: str, cases: int, shard_size: int) -> None:
    """Send no-op tasks in chords, as the farm sends cases: not from the process that measures."""
    from celery import chord, group

    for start in range(0, cases, shard_size):
        indices = range(start, min(cases, start + shard_size))
        chord(group(simulate_nothing.si(name, index, 1) for index in indices))(finish_nothing.si(name))
