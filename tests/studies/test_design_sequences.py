"""The sequences are those of scipy and SALib, whichever of their points is asked for."""

from typing import Any

import numpy as np
import pytest
from SALib.sample import sobol as salib_sobol
from scipy.stats import qmc

from studies.definition import Study
from studies.designs.sequences import BLOCK, HaltonSequence, RandomSequence, SobolSequence
from studies.designs.trajectories import BATCH, MorrisRule, SaltelliRule

SPANS = [(0, 2 * BLOCK), (BLOCK - 3, BLOCK + 5), (300_000, 300_100)]


def make_study(design: dict[str, Any], width: int, **ranges: Any) -> Study:
    names = [f"p{k}" for k in range(width)]
    target = {"class": "Material", "object": "*", "field": "Thickness"}
    parameters = [{"name": name, "target": target, **(ranges or {"uniform": [0, 1]})} for name in names]
    return Study.model_validate(
        {"name": "n", "model": "m", "weather": ["v", "w"], "parameters": parameters, "design": design}
    )


@pytest.mark.parametrize(("start", "stop"), SPANS)
@pytest.mark.parametrize("width", [1, 6])
def test_sobol_points_are_those_of_scipy(start: int, stop: int, width: int) -> None:
    engine = qmc.Sobol(width, scramble=True, rng=42)
    if start:
        engine.fast_forward(start)
    expected = engine.random(stop - start)
    assert np.array_equal(SobolSequence(width, 42).take(np.arange(start, stop)), expected)


@pytest.mark.parametrize(("start", "stop"), SPANS)
def test_halton_points_are_those_of_scipy(start: int, stop: int) -> None:
    expected = qmc.Halton(3, scramble=True, rng=42).random(stop)[start:]
    assert np.array_equal(HaltonSequence(3, 42).take(np.arange(start, stop)), expected)


@pytest.mark.parametrize("make", [SobolSequence, HaltonSequence, RandomSequence])
def test_points_do_not_depend_on_what_was_asked_for_before(make: Any) -> None:
    indices = np.random.default_rng(1).permutation(3 * BLOCK)
    whole = make(4, 9).take(np.arange(3 * BLOCK))
    assert np.array_equal(make(4, 9).take(indices), whole[indices])
    assert make(4, 9).take(np.arange(0)).shape == (0, 4)
    assert make(0, 9).take(np.arange(5)).shape == (5, 0)


def test_random_points_are_uniform_and_blocks_differ() -> None:
    points = RandomSequence(2, 0).take(np.arange(4 * BLOCK))
    assert points.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.01)
    assert len(np.unique(points)) == points.size


@pytest.mark.parametrize("second_order", [False, True])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_saltelli_samples_are_arranged_as_salib_arranges_them(width: int, second_order: bool) -> None:
    problem = {"num_vars": width, "names": [f"p{k}" for k in range(width)], "bounds": [[0, 1]] * width}
    expected = salib_sobol.sample(problem, 16, calc_second_order=second_order, seed=np.random.default_rng(11))
    design = {"method": "saltelli", "samples": 16, "second_order": second_order, "seed": 11}
    study = make_study(design, width)
    rule = SaltelliRule(study, study.design)
    assert rule.size == 2 * len(expected)
    shares = rule.locate(np.arange(rule.size)).reshape(16, 2, rule.run_length, width)
    assert np.array_equal(shares[:, 0].reshape(-1, width), expected)
    assert np.array_equal(shares[:, 1], shares[:, 0])


def morris(width: int, trajectories: int, **ranges: Any) -> Any:
    design = {"method": "morris", "trajectories": trajectories, "levels": 6, "seed": 2}
    study = make_study(design, width, **ranges)
    return MorrisRule(study, study.design)


def test_a_morris_trajectory_takes_one_step_in_each_dimension() -> None:
    rule = morris(4, BATCH + 10)
    shares = rule.locate(np.arange(rule.size)).reshape(-1, 2, 5, 4)
    assert len(shares) == BATCH + 10
    assert np.array_equal(shares[:, 0], shares[:, 1])
    steps = np.abs(np.diff(shares[:, 0], axis=1))
    assert steps.sum(axis=1) == pytest.approx(0.6)
    assert (steps > 0).sum(axis=2).tolist() == [[1] * 4] * len(shares)
    assert np.unique(shares) == pytest.approx(np.arange(6) / 5)


def test_a_morris_trajectory_does_not_depend_on_how_many_there_are() -> None:
    few, many = morris(3, 5), morris(3, 3 * BATCH)
    assert np.array_equal(few.locate(np.arange(few.size)), many.locate(np.arange(few.size)))


@pytest.mark.parametrize("ranges", [{"values": ["x", "y"]}, {"normal": {"mean": 0, "sd": 1}}])
def test_a_morris_step_always_changes_a_list_and_never_goes_to_infinity(ranges: Any) -> None:
    rule = morris(3, 20, **ranges)
    columns = rule.draw(np.arange(rule.size), {"p0", "p1", "p2"})
    cells = np.stack([columns[f"p{k}"].cells for k in range(3)], axis=1).reshape(-1, 4, 3)
    changed = np.diff(cells.astype(float), axis=1) != 0
    assert changed.sum(axis=(1, 2)).tolist() == [3] * len(cells)
    assert np.isfinite(cells.astype(float)).all()
    assert np.abs(cells.astype(float)).max() < 2
