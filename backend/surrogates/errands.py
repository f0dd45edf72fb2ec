"""Errands of a surrogate: recorded, carried out in a worker, cancelled. Called by `errands_api` and `run_errand`.

An errand keeps nothing on its way: its seed makes it the same whenever it is begun, so that one whose worker vanished
simply begins again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError
from django.db.models.functions import Now

from filestore.store import files
from surrogates import leases
from surrogates.errors import NotReadyError
from surrogates.models import Errand, Surrogate
from surrogates.questions import QUESTIONS, Question
from surrogates.states import OPEN_ERRAND_STATES, ErrandKind, ErrandState
from surrogates.storage import points_path

MOST_POINTS_SHOWN = 2000  # of an answer in the database; where there are more, a file has all of them
MOST_KEPT = 100  # ended errands of a surrogate; the oldest go
DONE: dict[str, Any] = {"percent": 100.0, "message": "done"}


@dataclass(frozen=True)
class Outcome:
    """What came of a message.

    Attributes:
        has_to_wait: nobody has carried the errand out, and its message is to come again.
    """

    has_to_wait: bool = False


def record_errand(*, surrogate: Surrogate, kind: ErrandKind, question: Question) -> Errand:
    """Record an errand. Writes one row; nothing is enqueued."""
    errand = Errand.objects.create(surrogate=surrogate, kind=kind, wish=question.model_dump(mode="json"))
    errand.refresh_from_db()
    return errand


def run_errand(errand_id: UUID) -> Outcome:
    """Carry an errand out, if nobody else does; its row tells how far it is and has the answer in the end.

    Raises:
        django.db.Error, OSError: the database or the file store failed; the message may come again.
    """
    with leases.take_turn(Errand) as is_free:
        if not is_free:
            return Outcome(has_to_wait=True)
        mine = leases.claim(Errand, errand_id)
        if mine is None:
            return Outcome()
        with leases.hold(mine) as held:
            return carry_out(mine, held)


def carry_out(mine: leases.Claim, held: leases.Hold) -> Outcome:
    """Do what a claimed errand asks for, and end its row with the answer or the reason why there is none."""
    from surrogates.emulator.errors import DamagedFileError, PredictionRefused, TrainingStopped

    try:
        errand = Errand.objects.get(pk=mine.id)
        answer = keep_points(errand, leases.run_nicely(lambda: find_answer(errand, held)))
    except TrainingStopped:
        if held.reason is leases.Reason.DRAINED:
            return Outcome(has_to_wait=leases.hand_back(mine))
        return Outcome()
    except (NotReadyError, PredictionRefused, DamagedFileError) as error:
        leases.fail(mine, str(error))
        return Outcome()
    except (DatabaseError, OSError):
        leases.hand_back(mine)
        raise
    except Exception as error:
        leases.fail(mine, f"{type(error).__name__}: {error}")
        raise
    if not leases.finish(mine, ErrandState.DONE, answer=answer, progress={**held.progress.describe(), **DONE}):
        remove_points(errand)
    forget_old_errands(errand.surrogate_id)
    return Outcome()


def find_answer(errand: Errand, held: leases.Hold) -> dict[str, Any]:
    """Return the answer to an errand as plain data."""
    from surrogates.answers import find_hardware, load_ready
    from surrogates.errand_work import WORK, Task

    kind = ErrandKind(errand.kind)
    question = QUESTIONS[kind].model_validate(errand.wish)
    work: Callable[[Task, Any], dict[str, Any]] = WORK[kind]
    return work(Task(load_ready(errand.surrogate_id), find_hardware(), held.make_watch()), question)


def keep_points(errand: Errand, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer with as many points as a row may hold; where there are more, all of them go into a file."""
    points = answer.get("points")
    if points is None:
        return dict(answer)
    told = {**answer, "point_count": len(points), "points": points[:MOST_POINTS_SHOWN]}
    if len(points) > MOST_POINTS_SHOWN:
        write_points(errand, points)
    return {**told, "has_file": len(points) > MOST_POINTS_SHOWN}


def write_points(errand: Errand, points: list[dict[str, Any]]) -> None:
    """Write all points of an answer as a Parquet file: inputs, and `metric`, `metric_low`, `metric_high`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with files.fill_file(points_path(errand.surrogate_id, errand.pk)) as path:
        pq.write_table(pa.Table.from_pylist([flatten_point(point) for point in points]), path)


def flatten_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point of an answer as a row of a table."""
    row: dict[str, Any] = {**point["inputs"]}
    for name, said in point["predicted"].items():
        row |= {name: said["mean"], f"{name}_low": said["low"], f"{name}_high": said["high"]}
    return {**row, "inside_domain": point["inside"]}


def remove_points(errand: Errand) -> None:
    """Remove the file of an answer that nobody wants any more."""
    files.remove(points_path(errand.surrogate_id, errand.pk))


def forget_old_errands(surrogate_id: UUID) -> None:
    """Delete the ended errands of a surrogate, with their answers, beyond the newest that are kept."""
    ended = Errand.objects.filter(surrogate_id=surrogate_id).exclude(state__in=OPEN_ERRAND_STATES)
    for old in [*ended.only("pk")[MOST_KEPT:]]:
        Errand.objects.filter(pk=old.pk).delete()
        files.remove(points_path(surrogate_id, old.pk))


def cancel_errand(errand: Errand) -> bool:
    """Stop an errand: its worker notices within half a second. Returns whether it was still open."""
    still = Errand.objects.filter(pk=errand.pk, state__in=OPEN_ERRAND_STATES)
    return bool(still.update(state=ErrandState.CANCELLED, finished_at=Now(), leased_until=None))
