"""A study is looked over before it is submitted: what would run, what it would touch, what it would cost.

Called by `preview_api`. Writes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor, sqrt
from time import thread_time
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.models import User

from batches.cases.known_cases import count_known, make_key
from batches.cases.staging import make_recipe
from batches.models import KnownCase
from batches.plans import Plan, make_plan
from batches.previews.estimates import Estimate, Interval, Wanted, estimate_cost
from batches.previews.run_samples import count_days
from batches.submission import examine, pin_inputs
from energyplus.errors import EnergyPlusError
from studies.cases.changes import plan_edits, plan_values, show_value
from studies.cases.effects import describe_idle, list_idle_parameters
from studies.cases.summaries import TouchedTarget, summarise_case, touched_targets
from studies.cases.trials import note_trials
from studies.checks.examination import ExaminedStudy
from studies.checks.fields import Note
from studies.definition import OptimisationDesign
from studies.designs.duplicates import count_duplicates
from studies.designs.points import CasePoint

PREVIEWED_CASES = 10
PREVIEWED_MEASURES = 200
"""Measures in all of these cases: some take ten milliseconds in a large model. Of studies of very many fewer cases are
shown, one at least."""
COUNTED_CASES = 1000
"""Most cases of a study of which each is looked up among the known ones, as far as the time for it goes."""
SAMPLED_CASES = 500
"""So many of a larger one, drawn at random: the first of a design are those that a smaller batch of it has run."""
CONFIDENCE_Z = 1.96
"""Quantile of the normal distribution for an interval that holds the share of known cases 95 times in a hundred."""
PREVIEW_S = 0.25
"""Processor time of a preview. Looking cases up takes what is left: each a third of a millisecond, of measures five."""
FEWEST_LOOKED_AT = 20


@dataclass(frozen=True)
class PreviewedCase:
    """A case as it would run.

    Attributes:
        point: its values, its model and its weather.
        summary: what each parameter does, a line each.
        changes: every change to the model, a line each.
        error: why it cannot be made; None where it can.
    """

    point: CasePoint
    summary: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class KnownShare:
    """How many cases would not run because an identical one has.

    Attributes:
        cases: of all; estimated from those looked at, unless these are all.
        looked_at: of which it was asked, drawn at random.
        total: all cases of the study, baselines included.
        low, high: what `cases` hardly is below or above.
    """

    cases: int
    looked_at: int
    total: int
    low: int
    high: int

    @classmethod
    def of_sample(cls, found: int, looked_at: int, total: int) -> "KnownShare":
        """Estimate a share from a sample, with Wilson's score interval (JASA 22, 1927)."""
        if looked_at == total:
            return cls(found, total, total, found, found)
        share, doubt = found / looked_at, CONFIDENCE_Z**2 / looked_at
        middle = (share + doubt / 2) / (1 + doubt)
        half = CONFIDENCE_Z * sqrt(share * (1 - share) / looked_at + doubt / (4 * looked_at)) / (1 + doubt)
        low = max(found, floor(total * (middle - half)))
        high = min(total - looked_at + found, ceil(total * (middle + half)))
        return cls(round(found * total / looked_at), looked_at, total, low, high)

    @property
    def is_exact(self) -> bool:
        """Whether each case was looked at."""
        return self.looked_at == self.total


@dataclass(frozen=True)
class Preview:
    """What a study would become.

    Attributes:
        examined: the study.
        cases: its first cases.
        touched: what each parameter touches in each model.
        notes: what the modeller should know.
        known: cases that would not run; None where that cannot be told.
        estimate: what the others would cost; None where a model has not run before.
        duplicate_count: cases like an earlier one; None where there are too many to be compared.
    """

    examined: ExaminedStudy
    cases: tuple[PreviewedCase, ...]
    touched: tuple[TouchedTarget, ...]
    notes: tuple[Note, ...]
    known: KnownShare | None
    estimate: Estimate | None
    duplicate_count: int | None


def preview_batch(*, user: User, document: Any) -> Preview:
    """Validate a study and show what it would become. Writes nothing.

    Raises:
        studies.problems.InvalidStudy: with every problem of the study.
    """
    began_at = thread_time()
    examined = examine(user, document)
    cases = tuple(preview_case(examined, point) for point in list_first_points(examined))
    touched, duplicate_count = touched_targets(examined), count_duplicates(examined.points)
    notes = (*examined.notes, *note_idle_parameters(examined), *note_trials(examined))
    known = count_known_cases(examined, until=began_at + PREVIEW_S)
    return Preview(examined, cases, touched, notes, known, estimate_study(examined, known), duplicate_count)


def count_cases(examined: ExaminedStudy) -> int:
    """Return how many cases a study has, baselines apart; of a search, at most."""
    design = examined.study.design
    if isinstance(design, OptimisationDesign):
        return design.population * design.generations
    return examined.points.case_count


def list_first_points(examined: ExaminedStudy) -> Iterator[CasePoint]:
    """Yield baselines and the first cases of a study, a few in all."""
    points = examined.points
    measures = sum(parameter.measure is not None for parameter in examined.study.parameters)
    shown = min(max(PREVIEWED_MEASURES // max(measures, 1), 1), PREVIEWED_CASES)
    last = max(min(points.case_count, PREVIEWED_CASES - points.baseline_count), 0)
    yield from (points[index] for index in range(-points.baseline_count, 0)[:PREVIEWED_CASES])
    yield from (points[index] for index in range(min(last, shown)))


def preview_case(examined: ExaminedStudy, point: CasePoint) -> PreviewedCase:
    """Return a case as it would run."""
    if examined.program is not None:
        texts = tuple(change.text for change in plan_values(examined.program.parameters, point))
        return PreviewedCase(point, texts, texts)
    if examined.surrogate is not None:
        units = {name: unit for name, unit in examined.parameters.items() if unit not in (None, "1")}
        told = tuple(
            f"{name} = {show_value(value)} {units.get(name, '')}".rstrip() for name, value in point.values.items()
        )
        return PreviewedCase(point, told, told)
    try:
        planned = plan_edits(examined, examined.models[point.model].description, point)
    except EnergyPlusError as error:
        return PreviewedCase(point, error=str(error))
    changes = tuple(change.text for change in planned.changes)
    return PreviewedCase(point, summarise_case(examined.study, point, planned), changes)


def note_idle_parameters(examined: ExaminedStudy) -> Iterator[Note]:
    """Yield a note for each parameter that changes nothing in any model."""
    positions = {parameter.name: position for position, parameter in enumerate(examined.study.parameters)}
    for name in list_idle_parameters(examined):
        yield Note(f"parameters[{positions[name]}]", describe_idle(name))


def count_known_cases(examined: ExaminedStudy, *, until: float) -> KnownShare | None:
    """Count cases, baselines included, that would not run because an identical one has.

    Each has to be made up for it. Beyond `COUNTED_CASES`, and where time runs out, a sample stands for all. None where
    one cannot be made: its run will say why.

    Args:
        examined: the study.
        until: end of the processor time for it, as `time.thread_time` tells it.
    """
    points = examined.points
    total = points.case_count + points.baseline_count
    if examined.surrogate is not None or not settings.CASEFARM_CASE_CACHE or not KnownCase.objects.exists():
        return KnownShare.of_sample(0, total, total)
    plan = make_plan(examined.study, pin_inputs(examined), settings.CASEFARM_SHARD_SIZE)
    size = total if total <= COUNTED_CASES else SAMPLED_CASES
    indices = np.random.default_rng(0).choice(total, size, replace=False) - points.baseline_count
    try:
        keys = list(make_keys(plan, indices.tolist(), until))
    except EnergyPlusError:
        return None
    return KnownShare.of_sample(count_known(keys), len(keys), total)


def make_keys(plan: Plan, indices: Iterable[int], until: float) -> Iterator[str]:
    """Yield what cases are known by, as many as the time for it goes.

    Raises:
        EnergyPlusError: a case cannot be made.
    """
    for count, index in enumerate(indices):
        if count >= FEWEST_LOOKED_AT and thread_time() > until:
            return
        yield make_key(make_recipe(plan, index))


def estimate_study(examined: ExaminedStudy, known: KnownShare | None) -> Estimate | None:
    """Estimate what the cases cost that are not known; None where a model has not run before."""
    study, points = examined.study, examined.points
    total = count_cases(examined) + points.baseline_count
    known = known or KnownShare.of_sample(0, total, total)
    left = Interval(total - known.high, total - known.cases, total - known.low)
    shares = share_models(examined)
    wanted = Wanted(
        run_period=study.model_dump(mode="json")["run_period"],
        days={sha256: count_days(study.engine_run_period, None if examined.program else sha256) for sha256 in shares},
        keep_full=study.keep == "full",
        outputs=[output.model_dump(mode="json") for output in study.outputs],
    )
    return estimate_cost({sha256: left * share for sha256, share in shares.items()}, wanted)


def share_models(examined: ExaminedStudy) -> dict[str, float]:
    """Return the share of the cases that each model has, by its hash, as its first cases tell."""
    if examined.surrogate is not None:
        return {}  # no engine runs: what it takes is seconds, and not known from runs
    if examined.program is not None:
        return {examined.program.digest: 1.0}
    if len(examined.models) == 1:
        return {model.sha256: 1.0 for model in examined.models.values()}
    points = examined.points
    found = Counter(points[index].model for index in range(-points.baseline_count, points.case_count)[:SAMPLED_CASES])
    counts = found or Counter(examined.models.keys())
    return {examined.models[ref].sha256: count / counts.total() for ref, count in counts.items()}
