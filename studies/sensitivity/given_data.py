"""Methods for cases that are draws of the factors, whatever drew them: regression, PAWN and delta, for `analysis`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from studies.definition import Study, TableDesign
from studies.problems import count_of, list_names
from studies.sensitivity import densities, distributions
from studies.sensitivity.answers import FactorIndices, Findings, Method, SensitivityRefused
from studies.sensitivity.blocks import count_block
from studies.sensitivity.factors import CodedFactor
from studies.sensitivity.regression import fit_standardised
from studies.sensitivity.sample import Floats, Sample

CASES_PER_COLUMN = 2
LEAST_REGRESSION_CASES = 10
GOOD_CASES_PER_COLUMN = 10
GOOD_R2 = 0.7
LEAST_PAWN_CASES = 50
LEAST_DELTA_CASES = 100
MOST_CASES = {"regression": 20_000, "pawn": 5_000, "delta": 1_000}
# a bootstrap must not keep a page waiting: cases x factors², and cases x factors, some seconds each
MOST_PRODUCTS = 50_000_000
MOST_CELLS = 250_000


def analyse_regression(sample: Sample, factors: Sequence[CodedFactor]) -> Findings:
    """Return SRC and SRRC of each factor.

    Args:
        sample: cases that can be used, with a value of every factor.
        factors: that vary.

    Raises:
        SensitivityRefused: there are too few cases, or factors that always move together.
    """
    columns = [_make_columns(factor, ranked=False) for factor in factors]
    width = sum(block.shape[1] for block in columns)
    _check_size(len(sample), max(CASES_PER_COLUMN * (width + 1), LEAST_REGRESSION_CASES), factors)
    groups = _group_cases(sample)
    plain = fit_standardised(columns, sample.values, groups)
    if not plain.is_unique:
        names = list_names([factor.factor.name for factor in factors])
        raise SensitivityRefused(
            "method",
            f"The factors {names} do not vary independently of each other: no regression can tell them apart."
            " Link them, or vary each by itself.",
        )
    ranks = [_make_columns(factor, ranked=True) for factor in factors]
    ranked = fit_standardised(ranks, rankdata(sample.values), groups)
    fit = {"src": plain.r2, "srrc": ranked.r2}
    found = tuple(
        FactorIndices(
            factor.factor,
            {"src": float(plain.coefficients[i]), "srrc": float(ranked.coefficients[i])},
            {"src": float(plain.confidence[i]), "srrc": float(ranked.confidence[i])},
        )
        for i, factor in enumerate(factors)
    )
    notes = [*_tell_fit(fit), *_tell_codes(factors), *_tell_width(len(sample), width), *_tell_dependence(sample.study)]
    return Findings(found, fit=fit, notes=tuple(notes), sorted_by="src" if plain.r2 >= ranked.r2 else "srrc")


def analyse_pawn(sample: Sample, factors: Sequence[CodedFactor]) -> Findings:
    """Return the PAWN indices of each factor.

    Raises:
        SensitivityRefused: there are too few cases.
    """
    _check_size(len(sample), LEAST_PAWN_CASES, factors)
    class_count = min(distributions.MOST_CLASSES, len(sample) // distributions.LEAST_IN_CLASS)
    found = []
    for factor in factors:
        classes = distributions.classify(factor.codes, class_count)
        distances = distributions.measure_pawn(classes, sample.values)
        names = ("median", "mean", "maximum")
        found.append(
            FactorIndices(
                factor.factor,
                dict(zip(names, distances.values, strict=True)),
                dict(zip(names, distances.confidence, strict=True)),
            )
        )
    noise = distributions.measure_noise(class_count, sample.values)
    notes = [
        f"Each factor is divided into {class_count} classes, or one for each of its values where there are fewer.",
        *(_tell_merged(factor, class_count) for factor in factors if len(factor.categories) > class_count),
        *_tell_dependence(sample.study),
    ]
    return Findings(tuple(found), noise=noise, notes=tuple(notes))


def analyse_delta(sample: Sample, factors: Sequence[CodedFactor]) -> Findings:
    """Return delta of each factor.

    Raises:
        SensitivityRefused: there are too few cases, or some in which the metric does not vary.
    """
    _check_size(len(sample), LEAST_DELTA_CASES, factors)
    constant = [factor.factor.name for factor in factors if densities.has_constant_class(factor.codes, sample.values)]
    if constant:
        raise SensitivityRefused(
            "method",
            f"Within a class of {list_names(constant)} the metric is the same in every case: no density can be"
            " estimated. Choose pawn, which needs none.",
            ("pawn",),
        )
    resamples = densities.count_resamples(len(sample), len(factors))
    found = []
    for factor in factors:
        shift = densities.measure_shift(factor.codes, sample.values, resamples)
        found.append(
            FactorIndices(
                factor.factor,
                {"delta": shift.delta, "s1": shift.s1},
                {"delta": shift.delta_conf, "s1": shift.s1_conf},
            )
        )
    class_count = densities.count_classes(len(sample))
    notes = [
        *(_tell_merged(factor, class_count) for factor in factors if len(factor.categories) > class_count),
        *_tell_dependence(sample.study),
    ]
    return Findings(tuple(found), notes=tuple(notes))


def count_cases(method: Method, factors: int) -> int:
    """Return how many cases a method uses at most: fewer where there are very many factors."""
    bounds = {"regression": MOST_PRODUCTS // max(factors, 1) ** 2, "pawn": MOST_CELLS // max(factors, 1)}
    return min(MOST_CASES[method], bounds.get(method, MOST_CASES[method]))


def _make_columns(factor: CodedFactor, *, ranked: bool) -> Floats:
    """Return a factor as columns of a regression: its numbers or their ranks, or one column per name but the first."""
    if factor.is_unordered:
        present = np.unique(factor.codes)
        columns: Floats = (factor.codes[:, None] == present[1:]).astype(np.float64)
        return columns
    codes: Floats = rankdata(factor.codes) if ranked else factor.codes
    return codes[:, None]


def _group_cases(sample: Sample) -> NDArray[np.int64]:
    """Return which cases were drawn together: those of a trajectory or base sample; a case by itself otherwise."""
    size = count_block(sample.study)
    own = np.arange(len(sample), dtype=np.int64)
    if size is None:
        return own
    names = np.where(sample.ranks >= 0, sample.places * (sample.ranks.max() + 1) + sample.ranks // size, -1 - own)
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def is_independent(sample: Sample) -> NDArray[np.bool_]:
    """Tell which cases are draws of their own: (n_cases,), bool.

    The first and the last case of a base sample of Saltelli's are; those between mix their values.
    """
    size = count_block(sample.study)
    if size is None:
        return np.ones(len(sample), np.bool_)
    role = sample.ranks % size
    independent: NDArray[np.bool_] = (sample.ranks < 0) | (role == 0) | (role == size - 1)
    return independent


def _check_size(cases: int, least: int, factors: Sequence[CodedFactor]) -> None:
    if cases < least:
        raise SensitivityRefused(
            "method",
            f"{count_of(cases, 'case')} can be used; with {count_of(len(factors), 'factor')} this method needs"
            f" {least:,} at least. Extend the batch, or submit one of more samples.",
        )


def _tell_fit(fit: dict[str, float]) -> list[str]:
    best = max(fit.values())
    if best >= GOOD_R2:
        return []
    note = (
        f"The better of the two fits explains {best:.0%} of the variance: the metric does not follow these factors in"
        " a straight or steady way, and a factor with a small coefficient may matter. Look at pawn or delta too."
    )
    return [note]


def _tell_codes(factors: Sequence[CodedFactor]) -> list[str]:
    pairs = [factor for factor in factors if len(factor.categories) == 2]
    notes = [
        f"{factor.factor.name}: the sign is that of {factor.categories[1]} against {factor.categories[0]}."
        for factor in pairs
    ]
    unordered = [factor.factor.name for factor in factors if factor.is_unordered]
    if unordered:
        notes.append(
            f"{list_names(unordered)}: names without an order have no sign; the number is the standard deviation of"
            " what they make together, in standard deviations of the metric."
        )
    return notes


def _tell_width(cases: int, width: int) -> list[str]:
    if cases >= GOOD_CASES_PER_COLUMN * width:
        return []
    return [f"Only {cases:,} cases for {count_of(width, 'coefficient')}: ten for each are usual."]


def _tell_merged(factor: CodedFactor, class_count: int) -> str:
    return (
        f"{factor.factor.name} has {len(factor.categories)} names, more than the {class_count} classes that these cases"
        " allow: neighbours in the study's list are taken together."
    )


def _tell_dependence(study: Study) -> list[str]:
    notes = []
    if study.constraints:
        notes.append("The constraints make factors depend on each other: what one shows may be the doing of another.")
    if isinstance(study.design, TableDesign):
        notes.append("The rows of the table are taken for independent draws of each factor.")
    return notes
