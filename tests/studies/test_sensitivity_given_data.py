"""Regression, PAWN and delta on cases whose answer is known by heart."""

import numpy as np
import pytest

from studies.sensitivity import densities, distributions, given_data
from studies.sensitivity.analysis import Wish, analyse
from studies.sensitivity.answers import Analysis, FactorIndices, SensitivityRefused
from tests.studies.sensitivity_samples import make_sample, make_study

RANDOM = {"method": "random", "samples": 400}
RNG = np.random.default_rng(7)
X = RNG.random((400, 3))
COLUMNS = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]}
STUDY = make_study(RANDOM, ["a", "b", "c"])


def find(analysis: Analysis, name: str) -> FactorIndices:
    return next(found for found in analysis.factors if found.factor.name == name)


def test_coefficients_of_a_straight_line_are_those_of_the_textbook() -> None:
    metric = 3 * X[:, 0] - 2 * X[:, 1] + 10
    analysis = analyse(make_sample(STUDY, COLUMNS, metric), Wish("y", "regression"))
    spread = X.std(axis=0) / metric.std()
    assert find(analysis, "a").values["src"] == pytest.approx(3 * spread[0], abs=1e-12)
    assert find(analysis, "b").values["src"] == pytest.approx(-2 * spread[1], abs=1e-12)
    assert find(analysis, "c").values["src"] == pytest.approx(0, abs=1e-12)
    assert analysis.fit["src"] == pytest.approx(1)
    assert [found.factor.name for found in analysis.factors] == ["a", "b", "c"]


def test_coefficients_keep_their_meaning_when_there_is_noise() -> None:
    metric = 3 * X[:, 0] + np.random.default_rng(1).normal(size=400)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    expected = np.linalg.lstsq(standard, (metric - metric.mean()) / metric.std(), rcond=None)[0]
    analysis = analyse(make_sample(STUDY, COLUMNS, metric), Wish("y", "regression"))
    assert [find(analysis, name).values["src"] for name in "abc"] == pytest.approx(list(expected), abs=1e-12)
    assert analysis.fit["src"] == pytest.approx(
        1 - np.var(metric - metric.mean() - standard @ expected * metric.std()) / metric.var()
    )


def test_a_bootstrap_interval_is_that_of_theory() -> None:
    rng = np.random.default_rng(3)
    metric = X[:, 0] + rng.normal(scale=0.3, size=400)
    analysis = analyse(make_sample(STUDY, COLUMNS, metric), Wish("y", "regression"))
    # of a factor without influence: 1.96 sqrt((1 - R²) / n)
    expected = 1.96 * np.sqrt((1 - analysis.fit["src"]) / 400)
    assert find(analysis, "c").confidence["src"] == pytest.approx(expected, rel=0.2)


def test_ranks_see_what_rises_steadily_but_is_not_straight() -> None:
    analysis = analyse(make_sample(STUDY, COLUMNS, np.exp(8 * X[:, 0])), Wish("y", "regression"))
    assert find(analysis, "a").values["srrc"] == pytest.approx(1)
    assert analysis.fit["src"] < 0.7
    assert analysis.sorted_by == "srrc"


def test_the_same_cases_give_the_same_answer() -> None:
    metric = X[:, 0] + X[:, 1] ** 2
    for method in ("regression", "pawn", "delta"):
        answers = [analyse(make_sample(STUDY, COLUMNS, metric), Wish("y", method)) for _ in range(2)]
        assert answers[0] == answers[1]


def test_names_without_an_order_have_one_number_without_sign() -> None:
    kinds = RNG.integers(3, size=400)
    study = make_study(RANDOM, ["a", {"name": "glazing", "values": ["single", "double", "triple"]}])
    glazing = np.array(["single", "double", "triple"])[kinds]
    metric = X[:, 0] + np.array([0.0, 5.0, 1.0])[kinds]
    analysis = analyse(make_sample(study, {"a": X[:, 0], "glazing": list(glazing)}, metric), Wish("y", "regression"))
    made = np.array([0.0, 5.0, 1.0])[kinds]
    assert find(analysis, "glazing").values["src"] == pytest.approx(made.std() / metric.std(), abs=1e-9)
    assert analysis.fit["src"] == pytest.approx(1)
    assert any("glazing: names without an order" in note for note in analysis.notes)


def test_of_two_names_the_sign_is_told() -> None:
    kinds = np.arange(400) % 2
    study = make_study(RANDOM, ["a", {"name": "fuel", "values": ["gas", "electricity"]}])
    fuel = list(np.array(["gas", "electricity"])[kinds])
    analysis = analyse(make_sample(study, {"a": X[:, 0], "fuel": fuel}, X[:, 0] - 4.0 * kinds), Wish("y", "regression"))
    assert find(analysis, "fuel").values["src"] < -0.9
    assert "fuel: the sign is that of electricity against gas." in analysis.notes


def test_several_weathers_are_a_factor_unless_one_is_chosen() -> None:
    weather = np.array(["miami", "chicago"])[np.arange(400) % 2]
    study = make_study(RANDOM, ["a"], weather=["chicago", "miami"])
    metric = X[:, 0] + 10 * (weather == "miami") * X[:, 0]
    sample = make_sample(study, {"a": X[:, 0], "weather": list(weather)}, metric, places=(weather == "miami"))
    together = analyse(sample, Wish("y", "regression"))
    assert {found.factor.name for found in together.factors} == {"weather", "a"}
    assert together.weather is None
    alone = analyse(sample, Wish("y", "regression", weather="chicago"))
    assert (alone.cases_used, alone.weather) == (200, "chicago")
    assert [found.factor.name for found in alone.factors] == ["a"]
    with pytest.raises(SensitivityRefused, match="no weather 'oslo'") as refused:
        analyse(sample, Wish("y", weather="oslo"))
    assert refused.value.accepted == ("chicago", "miami")


def test_linked_parameters_are_one_factor() -> None:
    linked = [{"name": name, "values": [1, 2, 3]} for name in ("wall", "roof")]
    study = make_study(RANDOM, [*linked, "a"], linked=[["wall", "roof"]])
    steps = 1.0 + np.arange(400) % 3
    sample = make_sample(study, {"wall": steps, "roof": 10 * steps, "a": X[:, 0]}, steps + X[:, 0])
    analysis = analyse(sample, Wish("y", "regression"))
    both = find(analysis, "wall + roof")
    assert both.factor.parameters == ("wall", "roof")
    assert both.values["src"] == pytest.approx(steps.std() / (steps + X[:, 0]).std())


def test_linked_parameters_are_told_apart_by_the_one_whose_values_differ() -> None:
    wall, roof = {"name": "wall", "values": [1, 1, 2]}, {"name": "roof", "values": [3, 5, 4]}
    study = make_study(RANDOM, [wall, roof], linked=[["wall", "roof"]])
    kinds = np.arange(400) % 3
    columns = {"wall": np.array([1, 1, 2])[kinds], "roof": np.array([3, 5, 4])[kinds]}
    analysis = analyse(make_sample(study, columns, 2.0 * columns["roof"]), Wish("y", "regression"))
    assert find(analysis, "wall + roof").values["src"] == pytest.approx(1)


def test_derived_parameters_are_no_factors() -> None:
    study = make_study(RANDOM, ["a", {"name": "twice", "derived": "2 * a"}])
    analysis = analyse(make_sample(study, {"a": X[:, 0], "twice": 2 * X[:, 0]}, X[:, 0]), Wish("y"))
    assert [found.factor.name for found in analysis.factors] == ["a"]


def test_a_parameter_of_one_value_is_left_out_and_told() -> None:
    study = make_study(RANDOM, ["a", {"name": "fixed", "values": [3]}])
    analysis = analyse(make_sample(study, {"a": X[:, 0], "fixed": np.full(400, 3)}, X[:, 0]), Wish("y"))
    assert [found.factor.name for found in analysis.factors] == ["a"]
    assert "Left out, with a single value in these cases: fixed." in analysis.notes
    nothing = make_sample(make_study(RANDOM, [{"name": "fixed", "values": [3]}]), {"fixed": np.full(400, 3)}, X[:, 0])
    with pytest.raises(SensitivityRefused, match="No parameter has more than one value"):
        analyse(nothing, Wish("y", "regression"))


def test_factors_that_always_move_together_are_refused() -> None:
    sample = make_sample(STUDY, {**COLUMNS, "c": 2 * X[:, 0] + X[:, 1]}, X[:, 0])
    with pytest.raises(SensitivityRefused, match="do not vary independently"):
        analyse(sample, Wish("y", "regression"))


def test_pawn_is_that_of_salib_where_every_value_is_different() -> None:
    from SALib.analyze import pawn

    metric = np.sin(6 * X[:, 0]) + X[:, 1] ** 2
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    # SALib leaves the case with the largest value out of every class: hence not exactly
    expected = pawn.analyze(problem, X, metric, S=10)
    analysis = analyse(make_sample(STUDY, COLUMNS, metric), Wish("y", "pawn"))
    for number, name in enumerate("abc"):
        found = find(analysis, name).values
        for index in ("median", "mean", "maximum"):
            assert found[index] == pytest.approx(expected[index][number], abs=0.01)


def test_a_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    from scipy.stats import ks_2samp

    classes = RNG.integers(4, size=400)
    metric = np.round(X[:, 0] + 0.3 * classes, 1)
    expected = [ks_2samp(metric[classes == number], metric).statistic for number in range(4)]
    assert distributions.measure_distances(classes, metric) == pytest.approx(expected, abs=1e-12)


def test_pawn_has_a_class_for_each_of_few_values() -> None:
    kinds = np.array([0.0] * 10 + [5.0] * 300 + [6.0] * 90)
    assert np.bincount(distributions.classify(kinds, 10)).tolist() == [10, 300, 90]
    many = distributions.classify(np.arange(100.0), 10)
    assert np.bincount(many).tolist() == [10] * 10


def test_a_factor_without_influence_shows_about_the_noise_of_pawn() -> None:
    analysis = analyse(make_sample(STUDY, COLUMNS, np.sin(20 * X[:, 0])), Wish("y", "pawn"))
    assert analysis.noise is not None
    idle = find(analysis, "c")
    assert idle.values["median"] == pytest.approx(analysis.noise, abs=idle.confidence["median"])
    assert find(analysis, "a").values["median"] > 2 * analysis.noise


def test_delta_is_nothing_without_influence_and_much_with_it() -> None:
    analysis = analyse(make_sample(STUDY, COLUMNS, X[:, 0] + 0.1 * X[:, 1]), Wish("y", "delta"))
    assert analysis.factors[0].factor.name == "a"
    assert find(analysis, "a").values["delta"] > 0.5
    assert find(analysis, "a").values["s1"] == pytest.approx(1, abs=0.1)
    assert abs(find(analysis, "c").values["delta"]) < 0.1


def test_delta_of_few_values_takes_each_for_a_class() -> None:
    codes = np.array([1.0] * 100 + [2.0] * 250 + [3.0] * 50)
    assert densities.find_edges(codes, 5).tolist() == [0, 100, 350, 400]


def test_delta_of_two_normal_distributions_is_that_of_theory() -> None:
    rng = np.random.default_rng(5)
    kinds = np.arange(1000.0) % 2
    shift = densities.measure_shift(kinds, rng.normal(size=1000) + 2 * kinds, resamples=50)
    # half of the total variation distance of two unit normals two apart, 2 Φ(1) - 1
    assert shift.delta == pytest.approx(0.6827 / 2, abs=shift.delta_conf + 0.01)


def test_delta_refuses_a_metric_that_stays_the_same_where_the_factor_does() -> None:
    kinds = np.arange(400) % 3
    study = make_study(RANDOM, [{"name": "kind", "values": [0, 1, 2]}])
    with pytest.raises(SensitivityRefused, match=r"Choose pawn") as refused:
        analyse(make_sample(study, {"kind": kinds}, np.where(kinds == 1, X[:, 0], 0.0)), Wish("y", "delta"))
    assert refused.value.accepted == ("pawn",)


def test_auto_takes_the_regression_where_it_explains_enough_else_pawn() -> None:
    assert analyse(make_sample(STUDY, COLUMNS, X[:, 0]), Wish("y")).method == "regression"
    crooked = analyse(make_sample(STUDY, COLUMNS, np.sin(20 * X[:, 0])), Wish("y"))
    assert crooked.method == "pawn"
    assert any("PAWN was chosen because a regression explains only" in note for note in crooked.notes)
    few = make_sample(STUDY, {name: column[:40] for name, column in COLUMNS.items()}, np.sin(20 * X[:40, 0]))
    kept = analyse(few, Wish("y"))
    assert kept.method == "regression"
    assert any("Look at pawn or delta too" in note for note in kept.notes)


@pytest.mark.parametrize(("method", "least"), [("regression", 10), ("pawn", 50), ("delta", 100)])
def test_too_few_cases_are_refused_with_how_many_are_needed(method: str, least: int) -> None:
    def take(count: int) -> Analysis:
        columns = {name: column[:count] for name, column in COLUMNS.items()}
        return analyse(make_sample(STUDY, columns, X[:count, 0] + 0.1 * X[:count, 1]), Wish("y", method))

    assert take(least).cases_used == least
    with pytest.raises(SensitivityRefused, match=f"{least - 1} cases can be used; with 3 factors.* {least} at least"):
        take(least - 1)


def test_constraints_are_noted() -> None:
    study = make_study(RANDOM, ["a", "b", "c"], constraints=["a + b <= 2"])
    analysis = analyse(make_sample(study, COLUMNS, X[:, 0]), Wish("y"))
    assert any(note.startswith("The constraints make factors depend") for note in analysis.notes)


def test_very_many_factors_are_analysed_from_fewer_cases() -> None:
    assert given_data.count_cases("regression", 50) == 20_000
    assert given_data.count_cases("regression", 200) == 1_250
    assert given_data.count_cases("pawn", 200) == 1_250
    found = analyse(
        make_sample(
            STUDY, {name: np.tile(column, 3) for name, column in COLUMNS.items()}, np.tile(X[:, 0] + 0.1 * X[:, 1], 3)
        ),
        Wish("y", "delta"),
    )
    assert (found.cases_used, found.reasons) == (1_000, ("200 cases beyond the first 1,000 that this method uses",))
