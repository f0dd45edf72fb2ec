"""Functions whose sensitivity is published, through the study language, the design and the analysis of the farm.

Ishigami and Homma (1990), a = 7, b = 0.1, as in Saltelli et al., Global Sensitivity Analysis: The Primer (2008); the
g-function of Sobol' with a = 0, 1, 4.5, 9, 99, 99, 99, 99, as in Saltelli and Sobol' (1995). The expected values are
the analytic ones; an estimate must hold them within its own confidence interval.
"""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from studies.definition import MoreSamples
from studies.designs.points import Points
from studies.sensitivity.analysis import Wish, analyse
from studies.sensitivity.answers import Analysis
from studies.sensitivity.sample import make_sample
from tests.studies.sensitivity_samples import make_study, succeed

Floats = NDArray[np.float64]
A, B = 7.0, 0.1
VARIANCE = A**2 / 8 + B * math.pi**4 / 5 + B**2 * math.pi**8 / 18 + 1 / 2
ISHIGAMI_FIRST = {"x1": (1 + B * math.pi**4 / 5) ** 2 / 2 / VARIANCE, "x2": A**2 / 8 / VARIANCE, "x3": 0.0}
PAIR = 8 * B**2 * math.pi**8 / 225 / VARIANCE
ISHIGAMI_TOTAL = {"x1": ISHIGAMI_FIRST["x1"] + PAIR, "x2": ISHIGAMI_FIRST["x2"], "x3": PAIR}
PUBLISHED_FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
PUBLISHED_TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}
G_WEIGHTS = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)
G_NAMES = [f"x{number}" for number in range(1, 9)]
ISHIGAMI_PARAMETERS = [{"name": name, "uniform": [-math.pi, math.pi]} for name in ("x1", "x2", "x3")]


def ishigami(columns: Any) -> Floats:
    x1, x2, x3 = (columns[name] for name in ("x1", "x2", "x3"))
    found: Floats = np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1)
    return found


def g_function(columns: Any) -> Floats:
    factors = [
        (np.abs(4 * columns[name] - 2) + weight) / (1 + weight) for name, weight in zip(G_NAMES, G_WEIGHTS, strict=True)
    ]
    return np.prod(factors, axis=0)


def g_indices() -> tuple[dict[str, float], dict[str, float]]:
    """Return first and total order of the g-function: products of partial variances."""
    partial = np.array([1 / (3 * (1 + weight) ** 2) for weight in G_WEIGHTS])
    variance = np.prod(1 + partial) - 1
    first = partial / variance
    whole = partial * np.prod(1 + partial) / (1 + partial) / variance
    return dict(zip(G_NAMES, first.tolist(), strict=True)), dict(zip(G_NAMES, whole.tolist(), strict=True))


def explain(study: Any, function: Any, **wish: Any) -> Analysis:
    points = Points(study)
    values = function(points.columns(0, points.case_count))
    return analyse(make_sample(study, succeed(values)), Wish("y", **wish))


def assert_within(analysis: Analysis, index: str, expected: dict[str, float]) -> None:
    for found in analysis.factors:
        value, width = found.values[index], found.confidence[index]
        assert abs(value - expected[found.factor.name]) <= width, (found.factor.name, index, value, width)


def test_the_analytic_values_are_the_published_ones() -> None:
    assert pytest.approx(PUBLISHED_FIRST, abs=5e-5) == ISHIGAMI_FIRST
    assert pytest.approx(PUBLISHED_TOTAL, abs=5e-5) == ISHIGAMI_TOTAL


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sobol_indices_of_ishigami(seed: int) -> None:
    design = {"method": "saltelli", "samples": 1024, "second_order": True, "seed": seed}
    analysis = explain(make_study(design, ISHIGAMI_PARAMETERS), ishigami)
    assert analysis.method == "sobol"
    assert_within(analysis, "s1", ISHIGAMI_FIRST)
    assert_within(analysis, "st", ISHIGAMI_TOTAL)
    expected = {("x1", "x2"): 0.0, ("x1", "x3"): PAIR, ("x2", "x3"): 0.0}
    for pair in analysis.pairs:
        assert abs(pair.s2 - expected[pair.first, pair.second]) <= pair.s2_conf, pair
    assert (analysis.pairs[0].first, analysis.pairs[0].second) == ("x1", "x3")


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sobol_indices_of_the_g_function(seed: int) -> None:
    first, whole = g_indices()
    analysis = explain(make_study({"method": "saltelli", "samples": 4096, "seed": seed}, G_NAMES), g_function)
    assert_within(analysis, "s1", first)
    assert_within(analysis, "st", whole)
    assert [found.factor.name for found in analysis.factors[:4]] == ["x1", "x2", "x3", "x4"]


def test_morris_of_ishigami_sees_what_regression_cannot() -> None:
    design = {"method": "morris", "trajectories": 50, "levels": 4, "seed": 1}
    analysis = explain(make_study(design, ISHIGAMI_PARAMETERS), ishigami)
    found = {factor.factor.name: factor.values for factor in analysis.factors}
    # on four levels sin(x2)² is 0 at the ends and 3/4 between, so every step makes ± 7 * 3/4, per 2/3 of the range
    assert found["x2"]["mu_star"] == pytest.approx(7 * 0.75 / (2 / 3))
    # x3 acts through its interaction with x1 alone: its effects cancel, but they are there
    assert found["x3"]["mu_star"] > 1
    assert found["x3"]["sigma"] > found["x3"]["mu_star"] / 2
    assert found["x2"]["mu_star"] > found["x3"]["mu_star"]


def test_morris_of_the_g_function_ranks_the_factors_as_published() -> None:
    design = {"method": "morris", "trajectories": 40, "levels": 8, "seed": 1}
    analysis = explain(make_study(design, G_NAMES), g_function)
    assert [found.factor.name for found in analysis.factors[:4]] == ["x1", "x2", "x3", "x4"]
    effects = {found.factor.name: found.values["mu_star"] for found in analysis.factors}
    assert all(effects[name] < 0.05 * effects["x1"] for name in G_NAMES[4:])


def test_morris_effects_of_the_g_function_are_those_of_every_step_on_the_grid() -> None:
    """The expectation of |effect| over the whole grid, computed exactly, lies within the confidence of mu*."""
    levels = 4
    grid = np.arange(levels) / (levels - 1)
    delta = levels / (2 * (levels - 1))
    expected = {}
    parts = [(np.abs(4 * grid - 2) + weight) / (1 + weight) for weight in G_WEIGHTS]
    for number, name in enumerate(G_NAMES):
        steps = np.abs(parts[number][levels // 2 :] - parts[number][: levels // 2]).mean() / delta
        others = [part.mean() for position, part in enumerate(parts) if position != number]
        expected[name] = float(steps * np.prod(others))
    design = {"method": "morris", "trajectories": 400, "levels": levels, "seed": 2}
    analysis = explain(make_study(design, G_NAMES), g_function)
    for found in analysis.factors:
        # three times the half width: the seed is fixed, but eight factors are looked at
        width = 3 * found.confidence["mu_star"] + 1e-12
        assert abs(found.values["mu_star"] - expected[found.factor.name]) <= width, found


def test_more_samples_continue_the_design_and_narrow_the_interval() -> None:
    study = make_study({"method": "saltelli", "samples": 256, "seed": 4}, ISHIGAMI_PARAMETERS)
    more = (MoreSamples(samples=768),)
    points = Points(study, more)
    values = ishigami(points.columns(0, points.case_count))
    whole = analyse(make_sample(study, succeed(values), more), Wish("y"))
    part = explain(study, ishigami)
    assert (part.cases_used, whole.cases_used) == (256 * 5, 1024 * 5)
    assert_within(whole, "st", ISHIGAMI_TOTAL)
    widths = [max(found.confidence["st"] for found in analysis.factors) for analysis in (part, whole)]
    assert widths[1] < 0.75 * widths[0]


def test_given_data_methods_rank_ishigami_as_the_variance_does() -> None:
    study = make_study({"method": "sobol", "samples": 1024, "seed": 1}, ISHIGAMI_PARAMETERS)
    chosen = explain(study, ishigami)
    assert chosen.method == "pawn"  # a regression explains a fifth of it
    for method in ("pawn", "delta"):
        analysis = explain(study, ishigami, method=method)
        assert [found.factor.name for found in analysis.factors] == ["x2", "x1", "x3"]
    first = {found.factor.name: found for found in explain(study, ishigami, method="delta").factors}
    for name, expected in ISHIGAMI_FIRST.items():
        assert first[name].values["s1"] == pytest.approx(expected, abs=first[name].confidence["s1"])


def test_regression_of_ishigami_is_the_published_one() -> None:
    # x1 alone is seen: its covariance with the metric is 1 + b π⁴ / 5, its variance π² / 3
    slope = 3 * (1 + B * math.pi**4 / 5) / math.pi**2
    expected = slope * math.pi / math.sqrt(3) / math.sqrt(VARIANCE)
    study = make_study({"method": "sobol", "samples": 4096, "seed": 1}, ISHIGAMI_PARAMETERS)
    analysis = explain(study, ishigami, method="regression")
    found = {factor.factor.name: factor for factor in analysis.factors}
    assert found["x1"].values["src"] == pytest.approx(expected, abs=found["x1"].confidence["src"])
    assert analysis.fit["src"] == pytest.approx(expected**2, abs=0.02)
