"""An adaptive batch's next round: learns from its cases, and chooses those it knows least of, or says that it is over.

Enters: a batch all of whose cases are final. Leaves: more cases of it (`batches.growth.rounds`), or its end, with a
surrogate that is to be trained on all of them. For `grow_batch`, in workers; importing what it calls brings torch.
"""

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from batches.errors import NotExtensibleError
from batches.growth import rounds
from batches.models import Batch, Case
from batches.plans import plan_of
from batches.states import BatchState, CaseState
from studies.definition import Adaptive, SobolDesign, Study
from studies.designs.points import Points
from surrogates.datasets import Choice, Dataset, read_dataset
from surrogates.emulator.errors import TrainingRefused, TrainingStopped
from surrogates.errors import SurrogateRefused
from surrogates.leases import is_drained, take_turn
from surrogates.models import Surrogate
from surrogates.submission import Order, record_training

if TYPE_CHECKING:
    from surrogates.emulator.emulator import Emulator
    from surrogates.emulator.feasibility import Feasibility
    from surrogates.emulator.training import Wanted
    from surrogates.emulator.watching import Watch

KIND: "Wanted" = "auto"  # of the surrogate that a round is chosen with
CANDIDATES = 2048  # a power of two, of which a round is chosen
LOOK_EVERY_S = 0.25
SEED_STEP = 7919  # a round's candidates are none of its design's, nor of another round's
CONFIRMED = 2  # rounds in a row that must meet the target: of a few dozen cases one alone may be far too hopeful
PATIENCE = 3  # rounds without a gain
LEAST_GAIN = 0.02  # of the error: cross-validation of some dozens of cases does not tell less


@dataclass(frozen=True)
class Step:
    """What a look at a batch came to.

    Attributes:
        has_moved: whether the batch has more cases now, or gets none: it is to go on.
        has_to_wait: whether the worker trains another surrogate: the message is to come again.
        surrogate_id: to be trained, where it gets none.
    """

    has_moved: bool
    has_to_wait: bool = False
    surrogate_id: UUID | None = None


def grow_batch(batch_id: UUID, cases: int) -> Step:
    """Give a batch its next round, or end it. Does nothing where the message is stale or somebody else is at it.

    Killed at any moment it leaves the batch as it was: what it writes, it writes in one transaction.

    Args:
        batch_id: of an adaptive batch.
        cases: how many it had when the message was sent.
    """
    with take_turn(Surrogate) as is_free:
        if not is_free:
            return Step(has_moved=False, has_to_wait=True)
        rounds.note_learning(batch_id, cases)
        try:
            with rounds.claim_round(batch_id, cases) as batch:
                return Step(has_moved=False) if batch is None else take_step(batch)
        except (TrainingStopped, NotExtensibleError):
            return Step(has_moved=False)  # cancelled meanwhile; or the worker ends, and the reconciler sends it again


def take_step(batch: Batch) -> Step:
    """Learn from a claimed batch's cases, and decide."""
    wish = Study.model_validate(batch.study).adaptive
    assert wish is not None  # noqa: S101 - the batch has rounds
    began_at = monotonic()
    dataset, emulator, note = learn(batch, wish)
    found = {
        "number": len((batch.rounds or {})["rounds"]) + 1,
        "cases": batch.case_count,
        "used": dataset.rows.count if dataset else 0,
        "cvrmse": find_error(emulator, wish.target.metric) if emulator else None,
        "kind": emulator.report.kind if emulator else None,
        "trained_s": round(monotonic() - began_at, 3),
        "note": note,
    }
    errors = [told["cvrmse"] for told in (*(batch.rounds or {})["rounds"], found)]
    why = decide(wish, errors, batch.case_count)
    rows = [] if why else choose_rows(batch, wish, emulator)
    if why or not rows:
        surrogate = record_surrogate(batch)
        rounds.end_rounds(batch, why or "There are no points left that are not simulated.", found, **name(surrogate))
        return Step(has_moved=True, surrogate_id=surrogate.pk if surrogate else None)
    rounds.append_round(batch, rows, found)
    return Step(has_moved=True)


def find_error(emulator: "Emulator", metric: str) -> float | None:
    """Return the error of a surrogate at a metric on cases that it was not trained on, as a share of the mean."""
    return next(told.cvrmse for told in emulator.report.accuracy if told.metric == metric)


def name(surrogate: Surrogate | None) -> dict[str, str]:
    """Return what a batch keeps of the surrogate that is left of it."""
    return {"surrogate": str(surrogate.pk)} if surrogate else {}


def learn(batch: Batch, wish: Adaptive) -> tuple[Dataset | None, "Emulator | None", str | None]:
    """Return what a batch's cases are, what was learnt from them, and why nothing was.

    Raises:
        TrainingStopped: the batch is not wanted any more.
    """
    from surrogates.emulator.devices import choose_hardware
    from surrogates.emulator.training import Wish, train

    try:
        dataset = read_dataset([batch], Choice(metrics=(wish.target.metric,)))
        watch = watch_batch(batch.pk)
        # Nobody screens with what a round is chosen by: the networks for that come with the surrogate that is left.
        wanted = Wish(dataset.wanted, KIND, fast=False)
        emulator = train(dataset.table, dataset.columns, wanted, choose_hardware(), watch)
    except (SurrogateRefused, TrainingRefused) as refusal:
        return None, None, str(refusal)
    return dataset, emulator, None


def watch_batch(batch_id: UUID) -> "Watch":
    """Return what stops a training soon after its batch was cancelled, or its worker was told to end."""
    from surrogates.emulator.watching import Watch

    looked_at = monotonic()

    def check() -> None:
        nonlocal looked_at
        if monotonic() - looked_at < LOOK_EVERY_S:
            return
        looked_at = monotonic()
        if is_drained():
            raise TrainingStopped("The worker ends.")
        if not Batch.objects.filter(pk=batch_id, state=BatchState.RUNNING, deleted_at=None).exists():
            raise TrainingStopped("The batch was cancelled.")

    return Watch(check=check)


def decide(wish: Adaptive, errors: list[float | None], cases: int) -> str | None:
    """Return why a batch gets no more cases; None where it does.

    Args:
        wish: what its study asks for.
        errors: CVRMSE at the metric after each round; None where nothing could be learnt.
        cases: that it has.
    """
    latest = [error for error in errors[-CONFIRMED:] if error is not None]
    if len(latest) == CONFIRMED and max(latest) <= wish.target.cvrmse:
        return "target"
    if cases >= wish.budget:
        return "budget"
    known = [error for error in errors if error is not None]
    if len(known) > PATIENCE and min(known[-PATIENCE:]) > (1 - LEAST_GAIN) * min(known[:-PATIENCE]):
        return "no_gain"
    return None


def choose_rows(batch: Batch, wish: Adaptive, emulator: "Emulator | None") -> list[dict[str, Any]]:
    """Return the cases of a batch's next round: those that its surrogate knows least of; without one, any that fill."""
    count = min(wish.batch, wish.budget - batch.case_count)
    study = Study.model_validate(batch.study)
    points = draw_candidates(study, number=len((batch.rounds or {})["rounds"]) + 1)
    if emulator is None:
        places = range(min(count, points.case_count))
    else:
        from surrogates.emulator.choosing import Manner, choose_points

        columns = points.columns(0, points.case_count)
        candidates = {column.name: columns[column.name] for column in emulator.inputs.columns if column.name in columns}
        feasibility = learn_failures(batch, emulator)
        chosen = choose_points(emulator, candidates, None, count, Manner(metric=wish.target.metric), feasibility)
        places = sorted(chosen.tolist())  # type: ignore[assignment]
    return [make_row(study, points, place) for place in places]


def draw_candidates(study: Study, number: int) -> Points:
    """Return points of what a study varies that it has not had: of a design that fills it, seeded by the round."""
    seed = getattr(study.design, "seed", 0) + number * SEED_STEP
    other = SobolDesign(method="sobol", samples=CANDIDATES, seed=seed)
    return Points(study.model_copy(update={"design": other, "baseline": False}))


def make_row(study: Study, points: Points, place: int) -> dict[str, Any]:
    """Return a candidate as the row of a table."""
    point = points[place]
    derived = {parameter.name for parameter in study.parameters if parameter.derived is not None}
    places = {"model": (point.model, study.models), "weather": (point.weather, study.weathers)}
    row: dict[str, Any] = {key: ref for key, (ref, known) in places.items() if len(known) > 1}
    return row | {key: value for key, value in point.values.items() if key not in derived}


def learn_failures(batch: Batch, emulator: "Emulator") -> "Feasibility | None":
    """Return where cases of a batch fail, as far as that can be learnt."""
    from surrogates.emulator.feasibility import Feasibility

    ended = Case.objects.filter(batch_id=batch.pk, index__gte=0).exclude(state=CaseState.CANCELLED).order_by("index")
    found = list(ended.values_list("index", "state"))
    columns = plan_of(batch).points.columns(0, batch.case_count)
    places = np.array([index for index, _ in found], np.int64)
    succeeded: NDArray[np.bool_] = np.array([state == CaseState.SUCCEEDED for _, state in found], bool)
    if succeeded.all():
        return None
    rows = {column.name: columns[column.name][places] for column in emulator.inputs.columns if column.name in columns}
    return Feasibility.fit(emulator.inputs, rows, succeeded)


def record_surrogate(batch: Batch) -> Surrogate | None:
    """Record that a surrogate of all metrics is to be trained on a batch's cases; None where that cannot be."""
    try:
        return record_training(batch.owner, [batch], Order(name=batch.name))
    except SurrogateRefused:
        return None
