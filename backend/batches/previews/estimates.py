"""What a study would cost, from what runs of its models took on this farm (`run_samples.py`). Called at preview.

Each number has an interval. Low and high are the tenth and ninetieth percentile of the recorded runs, further apart the
fewer there are: by half their size over the square root of their number. Where a model has run over other periods only,
its time is scaled: a run takes a fixed time and one for each day, neither of which is known apart, so that the time
over d days lies between that of the known run and that times the ratio of days; expected is the geometric mean.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from batches.models import RunSample

LATEST_SAMPLES = 20
QUANTILES = (0.1, 0.9)


@dataclass(frozen=True)
class Interval:
    """A number that is not known exactly: it is hardly below `low` or above `high`."""

    low: float
    expected: float
    high: float

    def __mul__(self, factor: "float | Interval") -> "Interval":
        by = factor if isinstance(factor, Interval) else Interval(factor, factor, factor)
        return Interval(self.low * by.low, self.expected * by.expected, self.high * by.high)

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def at_most(self, limit: float) -> "Interval":
        """Return what is not above a number at either end."""
        return Interval(min(self.low, limit), min(self.expected, limit), min(self.high, limit))

    def at_least(self, other: "Interval") -> "Interval":
        """Return what is not below another interval at either end."""
        return Interval(max(self.low, other.low), max(self.expected, other.expected), max(self.high, other.high))


@dataclass(frozen=True)
class Wanted:
    """What cases of a study are like, as far as their cost goes.

    Attributes:
        run_period: as the study writes it.
        days: simulated in a case, by the hash of the model.
        keep_full: whether every file is kept.
        outputs: as the study asks for them.
    """

    run_period: Any
    days: Mapping[str, float]
    keep_full: bool
    outputs: Sequence[Any]


@dataclass(frozen=True)
class Estimate:
    """What a study would cost.

    Attributes:
        wall_s: until the last case has ended, on all slots of this farm, s.
        cpu_s: of the engine, all cases together, s.
        stored_bytes: of the files that its cases keep; None where nothing is known of it.
        slots: cases that run at a time.
        runs: recorded runs that the times come from.
        same_period: whether these were over the same run period.
    """

    wall_s: Interval
    cpu_s: Interval
    stored_bytes: Interval | None
    slots: int
    runs: int
    same_period: bool


@dataclass(frozen=True)
class _Knowledge:
    run_s: Interval
    stored_bytes: Interval | None
    runs: int
    same_period: bool


def estimate_cost(case_counts: Mapping[str, float | Interval], wanted: Wanted) -> Estimate | None:
    """Estimate what cases cost that are to be run.

    Args:
        case_counts: how many of each model, by the hash of its content; an interval where that is not known exactly.
        wanted: what they are like.

    Returns:
        None where one of the models has not run before.
    """
    known = {sha256: _look_up(sha256, wanted) for sha256 in case_counts}
    counts = {sha256: Interval(1, 1, 1) * count for sha256, count in case_counts.items()}
    found = [(knowledge, counts[sha256]) for sha256, knowledge in known.items() if knowledge is not None]
    if not found or len(found) < len(known):
        return None
    total, cpu_s, longest = Interval(0, 0, 0), Interval(0, 0, 0), Interval(0, 0, 0)
    stored: Interval | None = Interval(0, 0, 0)
    for knowledge, count in found:
        total, cpu_s = total + count, cpu_s + knowledge.run_s * count
        longest = longest.at_least(knowledge.run_s * count.at_most(1.0))
        stored = stored + knowledge.stored_bytes * count if stored and knowledge.stored_bytes else None
    slots = settings.CASEFARM_SLOTS
    return Estimate(
        wall_s=schedule_runs(total, cpu_s, longest, slots),
        cpu_s=cpu_s,
        stored_bytes=stored,
        slots=slots,
        runs=sum(knowledge.runs for knowledge, _ in found),
        same_period=all(knowledge.same_period for knowledge, _ in found),
    )


def schedule_runs(count: Interval, cpu_s: Interval, longest_s: Interval, slots: int) -> Interval:
    """Return how long runs take on some slots, each of which takes the next one when it is free.

    Nine runs on eight slots take twice as long as eight. Expected is the time of alike runs; high is the bound of list
    scheduling, total / slots + (1 - 1 / slots) of the longest (Graham, SIAM J. Appl. Math. 17, 1969), and no more than
    that of so many rounds of the longest.

    Args:
        count: how many runs.
        cpu_s: of all runs.
        longest_s: of one run.
        slots: that run at a time.
    """
    shared = (cpu_s * (1 / slots)).at_least(longest_s)
    idle = math.ceil(count.expected / slots) * slots / count.expected if count.expected >= 1 else 1.0
    bound = cpu_s.high / slots + longest_s.high * (1 - 1 / slots)
    high = min(bound, math.ceil(count.high / slots) * longest_s.high)
    expected = max(shared.expected, cpu_s.expected / slots * idle)
    return Interval(min(shared.low, expected), expected, max(shared.high, expected, high))


def _look_up(sha256: str, wanted: Wanted) -> _Knowledge | None:
    samples = list(RunSample.objects.filter(model_sha256=sha256)[:LATEST_SAMPLES])
    same = [sample for sample in samples if sample.run_period == wanted.run_period]
    days = wanted.days[sha256]
    used = same or _choose_nearest(samples, days)
    run_s = [value for sample in used for value in sample.run_s]
    if not run_s:
        return None
    interval = summarise(run_s)
    if not same:
        interval = scale_days(interval, days / used[0].days)
    alike = [sample for sample in same if sample.keep_full == wanted.keep_full and sample.outputs == wanted.outputs]
    stored = [float(value) for sample in alike for value in sample.stored_bytes]
    return _Knowledge(interval, summarise(stored) if stored else None, len(run_s), bool(same))


def _choose_nearest(samples: Sequence[RunSample], days: float) -> list[RunSample]:
    """Return the samples of the one run period whose length is most like the wanted one."""
    if not samples:
        return []
    nearest = min(samples, key=lambda sample: abs(math.log(sample.days / days)))
    return [sample for sample in samples if sample.days == nearest.days]


def summarise(values: Sequence[float]) -> Interval:
    """Return the mean of some numbers, and an interval that holds most others like them."""
    found = np.asarray(values, dtype=np.float64)
    low, high = np.quantile(found, QUANTILES)
    mean, doubt = float(found.mean()), 0.5 / math.sqrt(len(found))
    return Interval(min(low, mean) * (1 - doubt), mean, max(high, mean) * (1 + doubt))


def scale_days(interval: Interval, ratio: float) -> Interval:
    """Return the time of a run that simulates `ratio` times as many days."""
    low, high = min(1.0, ratio), max(1.0, ratio)
    return Interval(interval.low * low, interval.expected * math.sqrt(ratio), interval.high * high)
