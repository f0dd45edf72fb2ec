"""Sensitivity and dependence of surrogates of functions whose indices are known in closed form."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from surrogates.emulator.dependence import DependenceWish, measure_dependence
from surrogates.emulator.drawing import MetricDraws
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.errors import TrainingStopped, WishRefused
from surrogates.emulator.explanation import SensitivityWish, explain
from surrogates.emulator.space import SpaceWish
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.analytic import cpu, light, train_function, train_house

Floats = NDArray[np.float64]

# T. Ishigami and T. Homma (1990), with a = 7, b = 0.1; A. Saltelli et al., Global Sensitivity Analysis, 2008.
ISHIGAMI = {"s1": (0.3139, 0.4424, 0.0), "st": (0.5576, 0.4424, 0.2437)}
STEEPNESS = np.array([0.0, 1.0, 4.5])  # of the g-function


def ishigami(points: Floats) -> Floats:
    """Return Ishigami's function of the unit cube."""
    first, second, third = (np.pi * (2 * points - 1)).T
    return np.sin(first) + 7 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first)


def g_function(points: Floats) -> Floats:
    """Return Sobol's g-function, smoothed at its edges as little as a surrogate can bear."""
    return np.asarray(((np.sqrt((4 * points - 2) ** 2 + 1e-2) + STEEPNESS) / (1 + STEEPNESS)).prod(axis=1))


def indices_of_g() -> dict[str, Floats]:
    """Return first and total indices of the g-function, by its parts' variances (numerically, for it is smoothed)."""
    share = (np.arange(20_000) + 0.5) / 20_000
    parts = (np.sqrt((4 * share[:, None] - 2) ** 2 + 1e-2) + STEEPNESS) / (1 + STEEPNESS)
    mean, variance = parts.mean(axis=0), parts.var(axis=0)
    whole = np.prod(variance + mean**2) - np.prod(mean**2)
    first = variance * np.prod(mean**2) / mean**2 / whole
    return {"s1": first, "st": variance * np.prod(variance + mean**2) / (variance + mean**2) / whole}


def learnt(name: str, rows: int) -> Emulator:
    """Return a surrogate of a function."""
    return train_function({"ishigami": ishigami, "g": g_function}[name], 3, rows)


def test_sobol_indices_of_ishigami_are_found_within_their_intervals() -> None:
    found = explain(learnt("ishigami", 256), SensitivityWish(samples=1024), cpu(), Watch())
    assert found.model_error == "posterior draws"
    for index, expected in ISHIGAMI.items():
        for place, value in enumerate(expected):
            estimate = found.indices["y"][f"x{place + 1}"][index]
            assert estimate.value == pytest.approx(value, abs=0.05)
            assert estimate.low - 0.02 <= value <= estimate.high + 0.02


def test_sobol_indices_of_the_g_function_are_found() -> None:
    found = explain(learnt("g", 128), SensitivityWish(samples=1024), cpu(), Watch())
    for index, expected in indices_of_g().items():
        for place, value in enumerate(expected):
            estimate = found.indices["y"][f"x{place + 1}"][index]
            assert estimate.value == pytest.approx(value, abs=0.06)
            assert estimate.low - 0.02 <= value <= estimate.high + 0.02


def test_a_surrogate_of_fewer_cases_admits_more_error_of_its_own_and_more_samples_less_of_theirs() -> None:
    few = explain(learnt("ishigami", 48), SensitivityWish(samples=512), cpu(), Watch()).indices["y"]["x1"]["st"]
    many = explain(learnt("ishigami", 256), SensitivityWish(samples=512), cpu(), Watch()).indices["y"]["x1"]["st"]
    sampled = explain(learnt("ishigami", 256), SensitivityWish(samples=4096), cpu(), Watch()).indices["y"]["x1"]["st"]
    assert few.model > 2 * many.model
    assert few.high - few.low > many.high - many.low
    assert sampled.sampling < 0.6 * many.sampling


def test_elementary_effects_sort_the_inputs_of_a_straight_function_exactly() -> None:
    emulator = train_function(lambda points: points @ np.array([4.0, -2.0, 0.0]) + 10, 3, 32)
    found = explain(emulator, SensitivityWish(method="morris", samples=10), cpu(), Watch()).indices["y"]
    for name, slope in (("x1", 4.0), ("x2", -2.0), ("x3", 0.0)):
        assert found[name]["mu"].value == pytest.approx(slope * span(emulator, name), abs=0.05)
        assert found[name]["mu_star"].value == pytest.approx(abs(slope) * span(emulator, name), abs=0.05)
        assert found[name]["sigma"].value == pytest.approx(0.0, abs=0.05)
        assert found[name]["mu_star"].low <= found[name]["mu_star"].value <= found[name]["mu_star"].high


def span(emulator: Emulator, name: str) -> float:
    """Return the range of an input."""
    column = next(column for column in emulator.inputs.columns if column.name == name)
    assert column.low is not None
    assert column.high is not None
    return column.high - column.low


def test_draws_of_a_process_have_the_mean_and_the_variance_of_its_posterior() -> None:
    emulator = learnt("ishigami", 48)
    plain = dataclasses.replace(MetricDraws.make(emulator, 2000, cpu(), 3), scales=np.ones(1))
    points = torch.randn(40, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64).clamp(-1.6, 1.6)
    functions = plain.functions.evaluate(points)[0]
    mean, variance = emulator.regressor.predict(points, cpu())
    noise = torch.exp(emulator.regressor.model.tensors()["noise"])
    deviation = (variance[:, 0] - noise).sqrt()
    assert float(((functions.mean(1) - mean[:, 0]).abs() / deviation).max()) < 0.2
    assert float((functions.std(1) / deviation - 1).abs().median()) < 0.1


@pytest.mark.parametrize(
    ("kind", "method"), [("ensemble", "members"), ("ridge", "discrepancy draws"), ("boosting", "discrepancy draws")]
)
def test_every_kind_says_how_its_own_error_is_drawn(kind: str, method: str) -> None:
    found = explain(train_house(kind), SensitivityWish(samples=64), cpu(), Watch())  # type: ignore[arg-type]
    assert found.model_error == method
    cold = found.indices["heat_kwh"]["city"]["st"]
    assert cold.model > 0
    assert cold.value > found.indices["heat_kwh"]["wwr"]["st"].value
    assert found.to_json()["indices"]["heat_kwh"]["city"]["st"]["low"] == cold.low


def test_a_fixed_input_has_no_index() -> None:
    wish = SensitivityWish(("light_kwh",), samples=64, space=SpaceWish(fixed={"city": "Cairo"}))
    found = explain(train_house(), wish, cpu(), Watch())
    assert set(found.indices["light_kwh"]) == {"wwr", "cop"}


def test_the_dependence_is_the_average_over_the_other_inputs() -> None:
    wish = DependenceWish(("wwr",), ("light_kwh",), points=5, background=64, curves=3)
    found = measure_dependence(train_house("gp"), wish, cpu(), Watch())
    cop = float(np.mean([2.0, 5.0]))
    np.testing.assert_allclose(found.mean[:, 0], light(found.values["wwr"], np.full(5, cop)), rtol=0.01)
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    assert (found.spread_high - found.spread_low > 10 * (found.high - found.low)).all()
    assert found.curves.shape == (3, 5, 1)
    assert found.asked == 5 * 64


def test_the_dependence_on_two_inputs_has_every_combination_the_second_fastest() -> None:
    wish = DependenceWish(("city", "wwr"), points=4, background=32)
    found = measure_dependence(train_house(), wish, cpu(), Watch())
    assert found.values["city"].tolist() == ["Arica"] * 4 + ["Bergen"] * 4 + ["Cairo"] * 4
    assert found.values["wwr"].tolist()[:4] == found.values["wwr"].tolist()[4:8]
    heat = dict(zip(found.values["city"], found.mean[:, 0], strict=True))
    assert heat["Arica"] < heat["Cairo"] < heat["Bergen"]
    assert len(found.to_json()["metrics"]["heat_kwh"]["mean"]) == 12


def test_an_analysis_stops_when_told() -> None:
    def stop() -> None:
        raise TrainingStopped("enough")

    with pytest.raises(TrainingStopped):
        explain(train_house(), SensitivityWish(samples=64), cpu(), Watch(check=stop))
    with pytest.raises(TrainingStopped):
        measure_dependence(train_house(), DependenceWish(("wwr",)), cpu(), Watch(check=stop))


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (SensitivityWish(("cost",)), "metrics[0]"),
        (SensitivityWish(samples=1000), "samples"),
        (SensitivityWish(method="morris", samples=2), "samples"),
        (SensitivityWish(space=SpaceWish(constraints=("wwr < 0.5",))), "constraints"),
        (SensitivityWish(space=SpaceWish(fixed={"wwr": 0.5, "cop": 3.0, "city": "Cairo"})), "space"),
        (DependenceWish(("height",)), "inputs[0]"),
        (DependenceWish(("wwr", "wwr")), "inputs"),
        (DependenceWish(("wwr",), curves=500), "curves"),
        (DependenceWish(("wwr",), space=SpaceWish(constraints=("wwr > 5",))), "constraints"),
    ],
)
def test_an_analysis_that_cannot_be_done_is_refused_by_the_name_of_what_is_at_fault(
    wish: SensitivityWish | DependenceWish, field: str
) -> None:
    ask: Callable[..., object] = explain if isinstance(wish, SensitivityWish) else measure_dependence
    with pytest.raises(WishRefused) as refused:
        ask(train_house(), wish, cpu(), Watch())
    assert [problem[0] for problem in refused.value.problems] == [field]
