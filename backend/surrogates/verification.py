"""Points that a surrogate has answered for are simulated: made into a study of its parent batch, and recorded.

Enters: a surrogate, points, and what it says of them. Leaves: a batch with the row that remembers what was predicted.
Called by `verification_api`, which enqueues.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from batches import submission
from batches.growth.promotion import make_table_study
from batches.models import Batch
from problems.exceptions import Conflict, Problem, ProblemEntry
from studies.problems import InvalidStudy, shorten
from surrogates.models import Errand, Surrogate, Verification
from surrogates.states import ErrandState

MOST_POINTS = 1000
ROWS_PATH = "design.rows["
LEFT_OUT = ("adaptive", "design", "valuation")  # of the parent's study: what is no matter of single points

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Verified:
    """Points with what a surrogate says of them, ready to be simulated.

    Attributes:
        points: values by input.
        said: the surrogate's answer, as `prediction.ask` gives it.
        level: of its intervals.
    """

    points: Sequence[Point]
    said: Mapping[str, Any]
    level: float


def find_parent(surrogate: Surrogate) -> Batch:
    """Return the batch whose study says how a surrogate's points are simulated: the first it was trained on.

    Raises:
        Conflict: there is none, or nothing was simulated in it.
    """
    parents = list(surrogate.parents.select_related("batch"))
    if not parents:
        raise Conflict(
            "This surrogate was trained on a table or uploaded: there is no study that says how its points are"
            " simulated. Submit a batch with the points of your own (design `table`), and compare its table."
        )
    alive = [parent.batch for parent in parents if parent.batch is not None and parent.batch.deleted_at is None]
    if not alive:
        names = ", ".join(parent.batch_name for parent in parents)
        raise Conflict(f"The batches that this surrogate was trained on were deleted ({names}): nothing says any more"
                       " how its points are simulated.")  # fmt: skip
    batch = alive[0]
    if str(batch.study.get("engine", "energyplus")).startswith("surrogate:"):
        raise Conflict("This surrogate was trained on answers of another one: there is nothing to simulate.")
    return batch


def read_points(surrogate: Surrogate, asked: Mapping[str, Any]) -> list[Point]:
    """Return the points that are to be simulated: those that were sent, or of an errand's answer.

    Raises:
        Problem: neither or both are told, or they are too many, or not there.
        Conflict: the errand is not done, or has no points.
    """
    if ("points" in asked) == ("errand" in asked):
        message = "Write one of the two: `points`, or `errand` with `top` or `indices`."
        entry = ProblemEntry("", message, sorted(asked), ["points", "errand"])
        raise Problem("The points are not told.", [entry])
    points = asked["points"] if "points" in asked else pick_points(surrogate, asked)
    if not 1 <= len(points) <= MOST_POINTS:
        message = f"Have 1 to {MOST_POINTS:,} points simulated at a time."
        raise Problem(message, [ProblemEntry("points", message, len(points), f"1 to {MOST_POINTS:,}")])
    return list(points)


def pick_points(surrogate: Surrogate, asked: Mapping[str, Any]) -> list[Point]:
    """Return points of an errand's answer: its best, or those of some places.

    Raises:
        Problem: the surrogate has no such errand, or its answer no such places.
        Conflict: the errand is not done, or has no points.
    """
    errand = Errand.objects.filter(pk=asked["errand"], surrogate=surrogate).first()
    if errand is None:
        message = "This surrogate has no such errand."
        raise Problem(message, [ProblemEntry("errand", message, str(asked["errand"]), "the id of one of its errands")])
    if errand.state != ErrandState.DONE:
        raise Conflict(f"The errand is {errand.state}: its points can be simulated when it is done.")
    found = (errand.answer or {}).get("points")
    if not found:
        raise Conflict(f"The answer of this errand ({errand.kind}) has no points that could be simulated.")
    if "indices" not in asked:
        return [point["inputs"] for point in found[: asked.get("top", len(found))]]
    strange = [index for index in asked["indices"] if not 0 <= index < len(found)]
    if strange:
        message = f"The answer has {len(found):,} points: write indices from 0 to {len(found) - 1}."
        raise Problem(message, [ProblemEntry("indices", message, shorten(strange), f"0 to {len(found) - 1}")])
    return [found[index]["inputs"] for index in asked["indices"]]


def gather_inputs(surrogate: Surrogate, points: Sequence[Point]) -> dict[str, list[Any]]:
    """Return the values of points by input, as a surrogate is asked.

    Raises:
        Problem: a point has no value, or one too many.
    """
    needed = [column["name"] for column in surrogate.inputs]
    single = {
        column["name"]: column["values"][0] for column in surrogate.inputs if len(column.get("values") or ()) == 1
    }
    entries = []
    for place, point in enumerate(points):
        for name in needed:
            if name not in point and name not in single:
                message = f"Write `{name}`: the surrogate needs it."
                entries.append(ProblemEntry(f"points[{place}].{name}", message, None, needed))
        for name in sorted(point.keys() - set(needed)):
            message = f"This surrogate has no input '{name}'; leave it out."
            entries.append(ProblemEntry(f"points[{place}].{name}", message, shorten(point[name]), needed))
    if entries:
        raise Problem(f"{len(entries)} values of the points were refused.", entries)
    return {name: [point.get(name, single.get(name)) for point in points] for name in needed}


def make_study(surrogate: Surrogate, batch: Batch, points: Sequence[Point]) -> dict[str, Any]:
    """Return the study, as plain data, that simulates points as their batch did its cases: a row for each."""
    kept = {key: value for key, value in batch.study.items() if key not in LEFT_OUT}
    derived = {parameter["name"] for parameter in kept.get("parameters", ()) if parameter.get("derived")}
    single = {name: refs[0] for name in ("model", "weather") if (refs := batch.study.get(name)) and len(refs) == 1}
    constant = {
        parameter["name"]: parameter["values"][0]
        for parameter in kept.get("parameters", ())
        if len(parameter.get("values") or ()) == 1
    }
    rows = [{**single, **constant, **{name: value for name, value in point.items() if name not in derived}}
            for point in points]  # fmt: skip
    return {**make_table_study(kept, rows), "name": f"Verify {surrogate.name} v{surrogate.version}"[:200]}


@transaction.atomic
def record_verification(*, surrogate: Surrogate, parent: Batch, verified: Verified) -> Verification:
    """Record a batch of points with what was predicted of them. Nothing is enqueued.

    Raises:
        Problem: the points cannot be simulated; with their paths.
        Conflict: a model or weather file is another one now than when the surrogate's cases ran.
        problems.exceptions.TooMuch: the owner's quota has no room for the cases.
    """
    document = make_study(surrogate, parent, verified.points)
    try:
        batch = submission.submit_batch(user=surrogate.owner, document=document)
    except InvalidStudy as error:
        raise refuse_rows(error) from error
    refuse_other_files(parent, batch)
    return Verification.objects.create(
        surrogate=surrogate, batch=batch, points=list_predicted(verified), level=verified.level
    )


def refuse_other_files(parent: Batch, batch: Batch) -> None:
    """Do nothing where a batch runs the very models and weather files of its parent.

    Raises:
        Conflict: a reference means another file now: what differs would not be the surrogate's error.
    """
    for kind in ("models", "weathers"):
        for ref, found in batch.inputs[kind].items():
            if found["sha256"] != parent.inputs[kind].get(ref, {}).get("sha256"):
                raise Conflict(
                    f"'{ref}' is another file in the library now than when the surrogate's cases ran: train a"
                    " surrogate on cases of the new one."
                )


def refuse_rows(error: InvalidStudy) -> Problem:
    """Return the answer to points that cannot be simulated: each problem where it stands in the request."""
    entries = [
        ProblemEntry(
            f"points[{found.path.removeprefix(ROWS_PATH)}" if found.path.startswith(ROWS_PATH) else found.path,
            found.message,
            found.found,
            found.accepted,
        )
        for found in error.problems
    ]
    return Problem("These points cannot be simulated.", entries)


def list_predicted(verified: Verified) -> list[dict[str, Any]]:
    """Return what was said of each point, as `Verification.points` keeps it: by the number of its case."""
    metrics = verified.said["metrics"]
    return [
        {
            "inputs": dict(point),
            "inside": verified.said["inside"][place],
            "predicted": {
                name: {which: numbers[which][place] for which in ("mean", "low", "high")}
                for name, numbers in metrics.items()
            },
        }
        for place, point in enumerate(verified.points)
    ]
