"""A case that notes whose it is in Redis and ends: for tests of the order in which workers take messages."""

from celery import shared_task
from django.conf import settings
from redis import Redis

NOTES = "test:notes"


@shared_task(name="batches.simulate_noted", ignore_result=True)
def simulate_noted(whose: str) -> None:
    """Note who has had a turn."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.rpush(NOTES, whose)
