"""Inputs that know physics, and what is said of those that are wrong; metrics that add up."""

import numpy as np
import pytest

from surrogates.emulator.errors import PredictionRefused
from surrogates.emulator.inputs import SURFACE_RESISTANCE_M2K_W, InputColumn, Inputs
from surrogates.emulator.targets import Targets
from tests.surrogates.emulator.made import CLIMATES, INPUTS, ask, make_table


def make_inputs() -> Inputs:
    return Inputs.fit(INPUTS, make_table().columns)


@pytest.mark.parametrize(
    ("column", "values", "wanted"),
    [
        (InputColumn("t", "thickness", "m", conductivity_w_mk=0.04), [0.0, 0.2], [[1 / 0.17], [1 / 5.17]]),
        (InputColumn("a", "angle", "deg"), [90.0], [[1.0, 0.0, 0.0, -1.0]]),
        (InputColumn("c", "reciprocal", "1"), [4.0], [[0.25]]),
        (InputColumn("l", "logarithm", "1"), [np.e], [[1.0]]),
        (InputColumn("n", "number", "1"), [3.0], [[3.0]]),
        (InputColumn("g", "category", values=("a", "b")), ["b", "x"], [[0.0, 1.0], [0.0, 0.0]]),
        (InputColumn("w", "weather", values=("cold", "mild"), climates=CLIMATES), ["mild"], [[2500.0, 1300.0]]),
        (InputColumn("w", "weather", values=("cold",), climates=CLIMATES), ["cold"], [[]]),
    ],
)
def test_a_column_becomes_the_numbers_that_physics_asks_for(column, values, wanted):
    assert SURFACE_RESISTANCE_M2K_W == 0.17
    made = column.encode(np.array(values, object if column.is_text else float))
    np.testing.assert_allclose(made, np.array(wanted), atol=1e-12)
    assert made.shape[1] == len(column.features)


def test_features_are_standardised_and_alike_ones_are_not_blown_up():
    columns = {**make_table().columns, "lights": np.full(60, 7.0)}
    inputs = Inputs.fit(INPUTS, columns)
    made = inputs.encode(columns)
    assert made.shape[1] == len(inputs.features)
    flat = list(inputs.features).index("lights")
    assert np.abs(made[:, flat]).max() < 1e-9
    rest = np.delete(made, flat, axis=1)
    np.testing.assert_allclose(rest.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(rest.std(0), 1)


def test_glass_goes_by_its_area_as_well():
    columns = [InputColumn("wwr", "number", "1", role="glazing_share"), InputColumn("g", "number", role="glazing_shgc")]
    inputs = Inputs.fit(columns, {"wwr": np.array([0.2, 0.4]), "g": np.array([0.5, 0.3])})
    assert inputs.features == ("wwr", "g", "wwr * g")
    assert inputs.centre[2] == pytest.approx(0.11)


def test_plain_data_give_the_same_inputs_back():
    inputs = make_inputs()
    again = Inputs.from_json(inputs.to_json())
    assert again.columns == inputs.columns
    assert np.array_equal(again.encode(ask(9)), inputs.encode(ask(9)))


def test_a_single_value_stands_for_all_rows():
    rows = make_inputs().check({**ask(4), "cop": 3, "weather": "cold"})
    assert rows["cop"].tolist() == [3.0] * 4
    assert rows["weather"].tolist() == ["cold"] * 4


def test_an_input_that_never_varied_may_be_left_out():
    columns = {**make_table().columns, "weather": np.array(["cold"] * 60, object)}
    inputs = Inputs.fit(INPUTS, columns)
    given = ask(3)
    del given["weather"]
    assert inputs.check(given)["weather"].tolist() == ["cold"] * 3


@pytest.mark.parametrize(
    ("changes", "name", "told"),
    [
        ({"cop": None}, "cop", "numbers"),
        ({"cop": "three"}, "cop", "numbers"),
        ({"cop": [3.0, True]}, None, None),
        ({"cop": [True]}, "cop", "numbers"),
        ({"cop": [0.0]}, "cop", "above 0"),
        ({"cop": [float("nan")]}, "cop", "finite"),
        ({"cop": [[3.0]]}, "cop", "list of values"),
        ({"cop": [3.0, [1.0]]}, "cop", "list of values"),
        ({"cop": [10**400]}, "cop", "numbers"),
        ({"insulation": [-0.1]}, "insulation", "0 or more"),
        ({"glass": ["golden"]}, "glass", "golden"),
        ({"weather": ["nowhere"]}, "weather", "nowhere"),
        ({"colour": 1}, "colour", "no input"),
        ({"cop": [3.0, 4.0, 5.0], "lights": [5.0, 6.0]}, "inputs", "as many values"),
    ],
)
def test_what_is_wrong_is_told_by_input_with_what_is_accepted(changes, name, told):
    given = {key: values[:1] for key, values in ask(1).items()} | changes
    if name is None:
        assert make_inputs().check(given)["cop"].tolist() == [3.0, 1.0]
        return
    with pytest.raises(PredictionRefused, match=told) as refused:
        make_inputs().check(given)
    assert [problem[0] for problem in refused.value.problems] == [name]
    assert refused.value.problems[0][3]


def test_all_problems_are_told_at_once():
    given = {**ask(2), "extra": 1, "glass": "golden"}
    del given["cop"]
    with pytest.raises(PredictionRefused) as refused:
        make_inputs().check(given)
    assert [problem[0] for problem in refused.value.problems] == ["extra", "cop", "glass"]


def make_metrics(rows: int = 30) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    names = ("heating_electricity_kwh", "heating_natural_gas_kwh", "cooling_electricity_kwh")
    table = {name: rng.uniform(0, 100, rows) for name in names}
    table["electricity_kwh"] = table["heating_electricity_kwh"] + table["cooling_electricity_kwh"]
    table["natural_gas_kwh"] = table["heating_natural_gas_kwh"].copy()
    table["heating_kwh"] = table["heating_electricity_kwh"] + table["heating_natural_gas_kwh"]
    table["total_site_energy_kwh"] = table["electricity_kwh"] + table["natural_gas_kwh"]
    table["total_source_energy_kwh"] = 3.167 * table["electricity_kwh"] + 1.084 * table["natural_gas_kwh"]
    table["peak_w"] = rng.uniform(-5, 5, rows)
    return table


def test_metrics_are_sums_of_the_end_uses_that_they_are_made_of():
    table = make_metrics()
    asked = (
        "total_site_energy_kwh", "total_source_energy_kwh", "heating_kwh", "electricity_kwh", "natural_gas_kwh",
        "peak_w",
    )  # fmt: skip
    targets = Targets.fit(table, asked)
    assert {component.name: component.scale for component in targets.components} == {
        "heating_electricity_kwh": "root",
        "heating_natural_gas_kwh": "root",
        "cooling_electricity_kwh": "root",
        "peak_w": "plain",
    }
    learnt = targets.standardise(table)
    mean, variance = targets.combine(learnt, np.zeros_like(learnt))
    np.testing.assert_allclose(mean, np.column_stack([table[name] for name in asked]), rtol=1e-6)
    assert np.abs(variance).max() == 0
    noisy, _ = targets.combine(learnt + 0.3, np.full_like(learnt, 0.1))
    own = dict(zip(asked, noisy.T, strict=True))
    np.testing.assert_allclose(own["total_site_energy_kwh"], own["electricity_kwh"] + own["natural_gas_kwh"], rtol=1e-9)


def test_a_sum_that_does_not_add_up_is_learnt_itself():
    table = make_metrics()
    table["electricity_kwh"] = table["electricity_kwh"] + 5.0
    assert [component.name for component in Targets.fit(table, ("electricity_kwh",)).components] == ["electricity_kwh"]


def test_the_mean_of_a_squared_normal_variable_is_what_comes_back():
    table = make_metrics()
    targets = Targets.fit(table, ("cooling_electricity_kwh",))
    component = targets.components[0]
    rng = np.random.default_rng(1)
    drawn = (component.offset + component.spread * (0.5 + 0.4 * rng.standard_normal(200_000))) ** 2
    mean, variance = targets.combine(np.array([[0.5]]), np.array([[0.16]]))
    assert mean[0, 0] == pytest.approx(drawn.mean(), rel=0.01)
    assert variance[0, 0] == pytest.approx(drawn.var(), rel=0.02)


def test_a_component_that_does_not_vary_is_said_and_not_learnt():
    table = {"heating_electricity_kwh": np.zeros(9), "cooling_electricity_kwh": np.arange(9.0)}
    table["electricity_kwh"] = table["cooling_electricity_kwh"].copy()
    targets = Targets.fit(table, ("electricity_kwh",))
    assert len(targets.learnt) == 1
    assert targets.standardise(table).shape == (9, 1)
