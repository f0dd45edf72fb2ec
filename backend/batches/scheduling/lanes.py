"""Where messages of cases wait in the broker: lanes, which are Celery queues, each with four levels of urgency.

A worker takes messages from the most urgent level that has any, and there from one lane after the other. So owners
whose cases wait in lanes of their own share its slots case by case, without anybody counting. Called by `tasks` (where
a shard's messages go), `dispatch` (which lane an owner gets), `broker` and the settings.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from batches.models import Shard

CASE_QUEUE = "simulations"  # what a worker is told with -Q, and what the API shows: all lanes together


def name_lane(number: int) -> str:
    """Return the name of a lane's queue."""
    return f"{CASE_QUEUE}-{number:02}"


def list_case_queues() -> list[str]:
    """Return the queues that messages of cases may wait in: the lanes, and the one queue that all had once."""
    return [CASE_QUEUE, *(name_lane(number) for number in range(settings.CASEFARM_LANES))]


def merge_lanes(names: Iterable[str]) -> list[str]:
    """Return names of queues, sorted, with one name for all lanes."""
    lanes = set(list_case_queues())
    return sorted({CASE_QUEUE if name in lanes else name for name in names})


def address_shard(shard: Shard) -> dict[str, Any]:
    """Return queue and priority of a shard's messages, as Celery takes them; a lane there is no longer is another's."""
    if shard.lane is None or shard.level is None:
        return {"queue": CASE_QUEUE}
    return {"queue": name_lane(shard.lane % settings.CASEFARM_LANES), "priority": shard.level}


def choose_lane(owners_in: Mapping[int, int], cases_in: Mapping[int, int], lanes: int) -> int:
    """Return the lane for an owner who has none: the one that fewest owners use, and among these the emptiest."""
    return min(range(lanes), key=lambda lane: (owners_in.get(lane, 0), cases_in.get(lane, 0), lane))
