"""Intervals hold what they promise, by group; the domain knows what it has seen."""

import numpy as np
import pytest
import torch

from surrogates.emulator.calibration import ENOUGH, Calibration, find_quantile
from surrogates.emulator.domain import Domain, find_strays
from surrogates.emulator.inputs import InputColumn, Inputs


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("rows", [39, 199])
def test_the_quantile_is_not_exceeded_by_a_new_row_as_often_as_promised(level, rows):
    rng = np.random.default_rng(0)
    trials = 2000
    scores = np.abs(rng.standard_t(3, (rows + 1, trials)))  # of no particular law
    covered = (scores[-1] <= find_quantile(scores[:-1], level)).mean()
    allowed = 4 * np.sqrt(level * (1 - level) / trials)
    assert level - allowed <= covered <= level + 1 / (rows + 1) + allowed


def test_groups_of_different_errors_are_each_covered_and_a_pool_would_not_do():
    rng = np.random.default_rng(1)
    spread = {"calm": 1.0, "wild": 5.0}
    labels = np.repeat(list(spread), 400)
    errors = rng.standard_normal((800, 1)) * np.array([spread[name] for name in labels])[:, None]
    calibration = Calibration.fit(errors, np.ones_like(errors), labels.tolist())
    factors = calibration.factors(0.9)
    for name, deviation in spread.items():
        new = np.abs(rng.standard_normal(4000)) * deviation
        assert (
            abs((new <= factors[calibration.place([name])[0], 0]).mean() - 0.9) < 0.045
        )  # three deviations of a quantile of 400
    calm = np.abs(rng.standard_normal(4000))
    assert (calm <= factors[-1, 0]).mean() > 0.97  # by all rows together: too wide for the calm


def test_small_groups_and_unknown_ones_are_calibrated_by_all_rows_together():
    rng = np.random.default_rng(2)
    labels = ["large"] * ENOUGH + ["small"] * (ENOUGH - 1)
    errors = rng.standard_normal((len(labels), 2))
    calibration = Calibration.fit(errors, np.ones_like(errors), labels)
    factors = calibration.factors(0.8)
    assert calibration.place(["small", "large", "strange"]).tolist() == [1, 0, 2]
    assert np.array_equal(factors[1], factors[2])
    assert not np.array_equal(factors[0], factors[2])


def test_coverage_is_measured_on_rows_that_did_not_calibrate():
    errors = np.ones((10, 1))
    errors[0] = 100.0
    calibration = Calibration.fit(errors, np.ones_like(errors), [""] * 10)
    folds = np.arange(10) % 5
    assert calibration.measure_coverage(folds, 0.9)[0] == 0.9


def test_scores_of_a_metric_without_deviation_stay_finite():
    calibration = Calibration.fit(np.zeros((5, 1)), np.zeros((5, 1)), [""] * 5)
    assert np.isfinite(calibration.factors(0.9)).all()


def test_the_domain_holds_its_rows_and_their_neighbours_and_no_point_far_away():
    features = torch.randn(200, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    domain = Domain.fit(features, torch.Generator())
    assert domain.is_near(features).all()
    assert domain.is_near(features[:5] + 0.01).all()
    assert not domain.is_near(features[:5] + 20).any()


def test_a_domain_of_many_rows_keeps_some_of_them():
    features = torch.randn(2500, 2, generator=torch.Generator().manual_seed(0))
    domain = Domain.fit(features, torch.Generator().manual_seed(0))
    assert len(domain.rows) == 2000
    assert domain.is_near(features).float().mean() > 0.99


def test_strays_are_told_by_input():
    columns = [InputColumn("u", "number", "W/m2-K"), InputColumn("glass", "category")]
    rows = {"u": np.array([1.0, 2.0]), "glass": np.array(["a", "b"], object)}
    inputs = Inputs.fit(columns, rows)
    asked = {"u": np.array([1.0, 2.0 + 1e-9, 2.1]), "glass": np.array(["a", "c", "b"], object)}
    strays = find_strays(inputs, asked)
    assert strays["u"].tolist() == [False, False, True]
    assert strays["glass"].tolist() == [False, True, False]
    assert find_strays(inputs, rows) == {}
