"""What recording, expanding, showing, cancelling and deleting a batch costs, at a thousand and at a million cases.

Runs on a database of its own: `python -m casefarm.local.services -- python tests/benchmarks/batch_scale.py`.
"""

import os
from collections.abc import Callable
from io import StringIO
from time import monotonic
from typing import Any

import django

SIZES = (1_000, 1_000_000)
REPEATS = 5


def prepare() -> Any:
    """Make the tables, load the library and return a user."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_bundled_library", stdout=StringIO())
    return User.objects.create_user("bench")


def make_study(cases: int) -> dict[str, Any]:
    """Return a grid of `cases` points of the warehouse."""
    rows, columns = (1000, cases // 1000) if cases > 1000 else (cases, 1)
    lights = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
    roof = {"class": "Material", "object": "*Roof Insulation*", "field": "Thickness"}
    return {
        "name": f"{cases} cases",
        "model": "warehouse",
        "weather": "chicago",
        "parameters": [
            {"name": name, "target": target, "change": "scale", "values": [0.5 + i / 2000 for i in range(count)]}
            for name, target, count in (("lighting", lights, rows), ("roof", roof, columns))
        ],
        "design": {"method": "grid"},
    }


def fastest(work: Callable[[], Any]) -> float:
    """Return the shortest of several times of the same work, in seconds."""
    times = []
    for _ in range(REPEATS):
        started = monotonic()
        work()
        times.append(monotonic() - started)
    return min(times)


def measure(user: Any, cases: int) -> dict[str, float]:
    """Return seconds per step for a batch of `cases` cases."""
    from batches import cancellation, expansion, queries, representation, submission
    from batches.clean_up import removal

    study, seconds = make_study(cases), {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        started = monotonic()
        result = work()
        seconds[step] = monotonic() - started
        return result

    timed("validate and record", lambda: submission.submit_batch(user=user, document=study))
    batch = timed("the same again", lambda: submission.submit_batch(user=user, document=study))
    timed("expand", lambda: expansion.expand_batch(batch.pk))
    batch.refresh_from_db()
    seconds["show the batch"] = fastest(lambda: representation.describe_batch(batch))
    seconds["a page of 100 cases, last but one"] = fastest(
        lambda: list(queries.list_cases(batch).filter(index__gt=cases - 200)[:100])
    )
    timed("cancel, until nothing begins any more", lambda: cancellation.cancel_batch(batch=batch))
    timed("cancel, until every row says so", lambda: cancellation.cancel_pending_cases(batch.pk))
    timed("delete, until nobody sees it", lambda: removal.delete_batch(batch=batch))
    timed("delete, until nothing is left, resting half of the time", lambda: removal.finish(batch.pk))
    return seconds


def main() -> None:
    """Print the table."""
    user = prepare()
    small, large = (measure(user, cases) for cases in SIZES)
    print("| step | 1,000 cases, ms | 1,000,000 cases, ms | ratio |")
    print("|---|---|---|---|")
    for step, seconds in large.items():
        print(f"| {step} | {1000 * small[step]:.1f} | {1000 * seconds:.1f} | {seconds / small[step]:.1f} |")


if __name__ == "__main__":
    main()
