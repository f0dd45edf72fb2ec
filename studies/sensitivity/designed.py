"""Methods for cases that a design put together for them: Morris' trajectories, Saltelli's base samples. Called by
`analysis` with the cases of one place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.definition import MorrisDesign, SaltelliDesign
from studies.problems import count_of, list_names
from studies.sensitivity.answers import FactorIndices, Findings, PairIndex, SensitivityRefused
from studies.sensitivity.blocks import Blocks, check_base_samples, check_trajectories, find_blocks
from studies.sensitivity.factors import CodedFactor, Factor, list_factors, list_positions
from studies.sensitivity.sample import Floats, Sample
from studies.sensitivity.screening import measure_effects, step_length
from studies.sensitivity.variance import SobolIndices, measure_variance

LEAST_TRAJECTORIES = 4
USUAL_TRAJECTORIES = 10
LEAST_BASE_SAMPLES = 16
MOST_BASE_SAMPLES = 16_384
WIDE_CONFIDENCE = 0.1


@dataclass(frozen=True)
class Result:
    """Findings, and the cases they rest on.

    Attributes:
        findings: the numbers.
        metric: the values of the metric that were used.
        reasons: what was left out beyond cases that cannot be used, with numbers.
    """

    findings: Findings
    metric: Floats
    reasons: tuple[str, ...] = ()


def analyse_morris(place: Sample, factors: Sequence[Factor]) -> Result:
    """Return mu*, mu and sigma of each factor, from the complete trajectories.

    Raises:
        SensitivityRefused: there are too few of them.
    """
    design = place.study.design
    assert isinstance(design, MorrisDesign)  # noqa: S101 - `support` has seen to it
    blocks = find_blocks(place)
    count = len(blocks.rows)
    if count < LEAST_TRAJECTORIES:
        raise SensitivityRefused("method", _tell_few(count, "trajectory", "trajectories", LEAST_TRAJECTORIES))
    coded = place.code(factors)
    positions = np.stack([factor.codes[blocks.rows] for factor in coded], axis=2)
    check_trajectories(positions)
    metric = place.values[blocks.rows]
    lengths = _measure_steps(place, blocks, positions, design.levels)
    effects = measure_effects(positions, metric, design.levels, lengths)
    found = tuple(
        FactorIndices(
            factor,
            {"mu_star": float(effects.mu_star[i]), "mu": float(effects.mu[i]), "sigma": float(effects.sigma[i])},
            {"mu_star": float(effects.mu_star_conf[i])},
        )
        for i, factor in enumerate(factors)
    )
    notes = tuple(_tell_effects(count, coded))
    return Result(Findings(found, notes=notes), metric, _tell_blocks(place, blocks, "trajectories"))


def _measure_steps(place: Sample, blocks: Blocks, positions: Floats, levels: int) -> Floats:
    """Return the length of every step, (n_trajectories, n_factors): of lists, the share of the way to the last value.

    A list is walked in steps of half the levels like a range, but has as many places as values: a step between two
    values is the whole way, whatever the levels are.
    """
    moved = np.diff(positions, axis=1) != 0
    lengths = np.where(moved, step_length(levels), 0.0)
    columns = place.choose(blocks.rows.reshape(-1)).columns
    for number, factor in enumerate(list_factors(place.study)):
        listed = list_positions(place.study, factor, columns)
        if listed is not None:
            lengths[:, :, number] = np.abs(np.diff(listed.reshape(blocks.rows.shape), axis=1))
    found: Floats = lengths.sum(axis=2)
    return found


def analyse_sobol(place: Sample, factors: Sequence[Factor]) -> Result:
    """Return first and total order of each factor, and second order of each pair where it was sampled.

    Raises:
        SensitivityRefused: there are too few complete base samples.
    """
    design = place.study.design
    assert isinstance(design, SaltelliDesign)  # noqa: S101 - `support` has seen to it
    blocks = find_blocks(place)
    rows = blocks.rows[:MOST_BASE_SAMPLES]
    if len(rows) < LEAST_BASE_SAMPLES:
        raise SensitivityRefused("method", _tell_few(len(rows), "base sample", "base samples", LEAST_BASE_SAMPLES))
    coded = place.code(factors)
    check_base_samples(np.stack([factor.codes[rows] for factor in coded], axis=2), second_order=design.second_order)
    metric = place.values[rows]
    found = measure_variance(metric, len(factors), second_order=design.second_order)
    listed = tuple(
        FactorIndices(
            factor,
            {"st": float(found.st[i]), "s1": float(found.s1[i])},
            {"st": float(found.st_conf[i]), "s1": float(found.s1_conf[i])},
        )
        for i, factor in enumerate(factors)
    )
    notes = tuple(_tell_variance(len(rows), found))
    reasons = list(_tell_blocks(place, blocks, "base samples"))
    if len(blocks.rows) > len(rows):
        left = blocks.rows[MOST_BASE_SAMPLES:].size
        reasons.append(f"{count_of(left, 'case')} beyond the first {MOST_BASE_SAMPLES:,} base samples")
    return Result(Findings(listed, _list_pairs(factors, found), notes=notes), metric, tuple(reasons))


def _list_pairs(factors: Sequence[Factor], found: SobolIndices) -> tuple[PairIndex, ...]:
    if found.s2 is None or found.s2_conf is None:
        return ()
    pairs = [
        PairIndex(factors[i].name, factors[j].name, float(found.s2[i, j]), float(found.s2_conf[i, j]))
        for i in range(len(factors))
        for j in range(i + 1, len(factors))
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.s2))


def _tell_effects(count: int, coded: Sequence[CodedFactor]) -> list[str]:
    notes = ["An effect is that of a factor's whole range: from its lowest level to its highest, of a list end to end."]
    if count < USUAL_TRAJECTORIES:
        notes.append(f"Only {count} trajectories: 10 to 50 are usual.")
    named = [factor.factor.name for factor in coded if factor.is_unordered]
    if named:
        notes.append(f"{list_names(named)}: names without an order; the sign of μ follows the study's list.")
    return notes


def _tell_variance(count: int, found: SobolIndices) -> list[str]:
    widest = float(max(found.st_conf.max(), found.s1_conf.max()))
    notes = [f"{count:,} base samples."]
    if widest > WIDE_CONFIDENCE:
        notes.append(f"The widest confidence interval is ±{widest:.2g}: extend the batch by more samples.")
    return notes


def _tell_few(count: int, singular: str, plural: str, least: int) -> str:
    found = f"There is 1 {singular}" if count == 1 else f"There are {count or 'no'} {plural}"
    return f"{found} all of whose cases can be used; {least} are needed at least. Wait for more, or extend the batch."


def _tell_blocks(place: Sample, blocks: Blocks, what: str) -> tuple[str, ...]:
    reasons = []
    if blocks.incomplete:
        reasons.append(f"{count_of(blocks.incomplete, 'case')} of {what} that lack another")
    added = int((place.is_usable & (place.ranks < 0)).sum())
    if added:
        reasons.append(f"{count_of(added, 'case')} added by hand, outside the {what}")
    return tuple(reasons)
