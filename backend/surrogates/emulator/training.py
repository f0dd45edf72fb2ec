"""From a table of cases to an emulator: try what may work, keep what predicts left-out rows best, calibrate it.

Ridge and boosting always run, as gates that the others have to beat. The processes are fitted anew without each fold
(CV+), the networks are bagged and judged out of the bag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from surrogates.emulator.accuracy import (
    WANTED_CVRMSE,
    LearningPoint,
    count_wanted_cases,
    judge_error,
    measure_accuracy,
)
from surrogates.emulator.calibration import Calibration
from surrogates.emulator.candidates import FOLDS, Fitted, Workshop, fit, fit_once
from surrogates.emulator.devices import Hardware
from surrogates.emulator.distillation import Distilled, distil
from surrogates.emulator.domain import Domain
from surrogates.emulator.emulator import CandidateScore, Emulator, Report
from surrogates.emulator.errors import TrainingRefused
from surrogates.emulator.inputs import InputColumn, Inputs
from surrogates.emulator.regressors import GATES, KINDS, LABELS, Kind
from surrogates.emulator.sizes import count_needed_rows
from surrogates.emulator.targets import Targets, make_component
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]
Wanted = Literal["auto", "gp", "ensemble", "boosting", "ridge", "all"]

MOST_ROWS_OF_A_PROCESS = 2000
SHARES = (0.4, 0.6)  # of the training rows, for the learning curve; cross-validation tells of four fifths


@dataclass(frozen=True)
class Table:
    """What is learnt from.

    Attributes:
        columns: values of the inputs by name, (rows,): float64, or texts.
        metrics: values of the metrics by name, (rows,), float64, in their units, without gaps.
    """

    columns: Mapping[str, NDArray[Any]]
    metrics: Mapping[str, Floats]

    @property
    def rows(self) -> int:
        """How many."""
        return len(next(iter(self.metrics.values()), ()))


@dataclass(frozen=True)
class Wish:
    """What is wanted.

    Attributes:
        metrics: which are to be answered for.
        kind: `auto` tries what suits the number of rows, `all` everything, a kind that one; gates run always.
        level: of the intervals that the report tells of.
        seed: the same seed on the same machine gives the same surrogate.
        fast: whether networks are to learn from a process what it would say, for the screening of many designs.
    """

    metrics: tuple[str, ...]
    kind: Wanted = "auto"
    level: float = 0.9
    seed: int = 0
    fast: bool = True


def train(table: Table, columns: Sequence[InputColumn], wish: Wish, hardware: Hardware, watch: Watch) -> Emulator:
    """Return a surrogate of a table.

    Args:
        table: finished cases.
        columns: what its inputs are; ranges and values are taken from the rows.
        wish: what is wanted.
        hardware: where to compute.
        watch: is told, stops it, keeps its state.

    Raises:
        TrainingRefused: the rows cannot bear a surrogate.
        TrainingStopped: as the watch says.
    """
    check_rows(table, columns, wish)
    inputs = Inputs.fit(columns, table.columns)
    targets = Targets.fit(table.metrics, wish.metrics)
    features = torch.from_numpy(inputs.encode(table.columns))
    labels, group_input = label_groups(table, inputs)
    shop = Workshop(
        features=features.to(hardware.device),
        targets=torch.from_numpy(targets.standardise(table.metrics)).to(hardware.device),
        folds=torch.from_numpy(draw_folds(labels, wish.seed)),
        hardware=hardware,
        seed=wish.seed,
        watch=watch,
    )
    actual = np.column_stack([table.metrics[name] for name in wish.metrics])
    tried = {kind: fit(kind, shop) for kind in choose_kinds(wish.kind, table.rows)}
    scores = sorted((score(kind, fitted, targets, actual, wish) for kind, fitted in tried.items()), key=by_error)
    kept: Kind = scores[0].kind if wish.kind == "auto" or wish.kind == "all" else wish.kind  # noqa: PLR1714
    chosen = tried[kept]
    mean, variance = targets.combine(chosen.mean, chosen.variance)
    deviation = np.sqrt(variance)
    calibration = Calibration.fit(mean - actual, deviation, labels)
    learnt, _ = targets.combine(*(tensor.numpy() for tensor in chosen.regressor.predict(features, hardware)))
    half = calibration.factors(wish.level)[calibration.group_of] * deviation
    coverage = calibration.measure_coverage(shop.folds.numpy(), wish.level)
    curve = draw_curve(kept, shop, targets, actual, wish, scores)
    accuracy = measure_accuracy(wish.metrics, actual, learnt, mean, coverage, 2 * half)
    distilled = Distilled(None, {})
    if kept == "gp" and wish.fast:
        errors = np.array([found.rmse for found in accuracy])
        distilled = distil(chosen.regressor, (inputs, targets), errors, hardware, watch)
    warnings = warn(kept, scores, curve)
    report = Report(kept, table.rows, wish.level, accuracy, tuple(scores), curve, warnings, distilled.errors)
    domain = Domain.fit(features, shop.generator(7))
    return Emulator(inputs, targets, chosen.regressor, calibration, domain, report, group_input, distilled.pupil)


def by_error(found: CandidateScore) -> float:
    """Return what candidates are sorted by."""
    return found.error


def check_rows(table: Table, columns: Sequence[InputColumn], wish: Wish) -> None:
    """Refuse rows that cannot bear a surrogate.

    Raises:
        TrainingRefused: there are too few for the number of inputs, nothing varies, or a metric never does.
    """
    needed = count_needed_rows(len(columns))
    if table.rows < needed:
        raise TrainingRefused(
            f"There are {table.rows} usable cases for {len(columns)} inputs; a surrogate needs {needed} or more."
            " Extend the batch, or vary fewer inputs."
        )
    for name, values in {**table.metrics, **table.columns}.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise TrainingRefused(f"'{name}' has gaps in {int((~np.isfinite(values)).sum())} cases; leave these out.")
    for name in wish.metrics:
        values = table.metrics[name]
        if make_component(name, values).scale == "constant":
            raise TrainingRefused(
                f"'{name}' is {values[0]:g} in all {table.rows} cases: there is nothing to learn. Leave it out of"
                " `metrics`."
            )
    if all(len(set(table.columns[column.name].tolist())) == 1 for column in columns):
        raise TrainingRefused("No input varies in the cases; train on a batch whose parameters vary.")


def choose_kinds(wanted: Wanted, rows: int) -> tuple[Kind, ...]:
    """Return the kinds to try.

    Raises:
        TrainingRefused: a process is wanted of more rows than it can take.
    """
    if wanted == "gp" and rows > MOST_ROWS_OF_A_PROCESS:
        raise TrainingRefused(
            f"A Gaussian process takes up to {MOST_ROWS_OF_A_PROCESS:,} cases, and there are {rows:,};"
            " write `ensemble`, or `auto`."
        )
    if wanted == "all":
        return tuple(kind for kind in KINDS if kind != "gp" or rows <= MOST_ROWS_OF_A_PROCESS)
    if wanted == "auto":
        return (*GATES, "gp" if rows <= MOST_ROWS_OF_A_PROCESS else "ensemble")
    return (*(kind for kind in GATES if kind != wanted), wanted)


def label_groups(table: Table, inputs: Inputs) -> tuple[list[str], str | None]:
    """Return each row's group for calibration, its weather, and the input that tells it."""
    for column in inputs.columns:
        if column.kind == "weather" and len(column.values) > 1:
            return table.columns[column.name].astype(str).tolist(), column.name
    return [""] * table.rows, None


def draw_folds(labels: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return the fold of each row: equally many of each group in each, as far as they go."""
    rng = np.random.default_rng(seed)
    folds = np.empty(len(labels), np.int64)
    begun = 0
    for label in sorted(set(labels)):
        places = rng.permutation([place for place, other in enumerate(labels) if other == label])
        folds[places] = (begun + np.arange(len(places))) % FOLDS
        begun += len(places)
    return folds


def score(kind: Kind, fitted: Fitted, targets: Targets, actual: Floats, wish: Wish) -> CandidateScore:
    """Return how good a candidate is at rows that it has not learnt from."""
    mean, _ = targets.combine(fitted.mean, fitted.variance)
    return CandidateScore(kind, judge_error(actual, mean), tell_cvrmse(wish.metrics, actual, mean), fitted.fit_s)


def tell_cvrmse(metrics: Sequence[str], actual: Floats, predicted: Floats) -> dict[str, float | None]:
    """Return root mean squared errors over the means of what was simulated, by metric."""
    errors, means = np.sqrt(np.square(predicted - actual).mean(axis=0)), np.abs(actual.mean(axis=0))
    found = zip(metrics, errors, means, strict=True)
    return {name: float(error / mean) if mean else None for name, error, mean in found}


def draw_curve(
    kind: Kind, shop: Workshop, targets: Targets, actual: Floats, wish: Wish, scores: Sequence[CandidateScore]
) -> tuple[LearningPoint, ...]:
    """Return the errors after shares of the cases; those of all come from cross-validation.

    Of networks no curve is drawn: they would have to be trained for each share anew.
    """
    if kind == "ensemble":
        return ()
    order = torch.randperm(len(shop.features), generator=shop.generator(5))
    points = []
    for share in SHARES:
        shop.watch.check()
        count = round(share * len(order))
        chosen, rest = order[:count], order[count:]
        regressor = fit_once(kind, shop.pick(chosen))
        said = regressor.predict(shop.features[rest].cpu(), shop.hardware)
        mean, _ = targets.combine(*(tensor.numpy() for tensor in said))
        points.append(LearningPoint(count, tell_cvrmse(wish.metrics, actual[rest.numpy()], mean)))
    whole = next(found for found in scores if found.kind == kind)
    points.append(LearningPoint(len(order) - len(order) // FOLDS, whole.cvrmse))
    return tuple(sorted(points, key=lambda point: point.cases))


def warn(kept: Kind, scores: Sequence[CandidateScore], curve: Sequence[LearningPoint]) -> tuple[str, ...]:
    """Return what whoever uses the surrogate should know."""
    own = next(score for score in scores if score.kind == kept)
    better = [score for score in scores if score.kind in GATES and score.kind != kept and score.error < own.error]
    found = [
        f"{LABELS[gate.kind]} predicts left-out cases better than the {LABELS[kept]} that was asked for."
        for gate in better
    ]
    for metric, error in own.cvrmse.items():
        if error is None or error <= WANTED_CVRMSE:
            continue
        needed = count_wanted_cases(curve, metric)
        more = f"; about {needed:,} cases would bring it to {WANTED_CVRMSE:.0%}" if needed else ""
        found.append(f"{metric}: the CVRMSE is {error:.0%}{more}.")
    return tuple(found)
