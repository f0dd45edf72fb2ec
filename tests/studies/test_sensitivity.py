"""Morris and Sobol' from the cases of their designs, and what is refused or left out, with the reason."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from studies.definition import MoreRows
from studies.designs.points import Points
from studies.sensitivity.analysis import Wish, analyse
from studies.sensitivity.answers import Analysis, FactorIndices, SensitivityRefused
from studies.sensitivity.sample import Fate, Outcomes, Sample, count_readable, make_sample
from tests.studies import sensitivity_samples
from tests.studies.sensitivity_samples import make_study, succeed

MORRIS = {"method": "morris", "trajectories": 12, "seed": 3}
SALTELLI = {"method": "saltelli", "samples": 32, "seed": 3}
DESIGNS: dict[str, dict[str, Any]] = {
    "grid": {"method": "grid", "levels": 3},
    "lhs": {"method": "lhs", "samples": 60},
    "sobol": {"method": "sobol", "samples": 64},
    "halton": {"method": "halton", "samples": 60},
    "random": {"method": "random", "samples": 60},
    "morris": MORRIS,
    "saltelli": SALTELLI,
    "one_at_a_time": {"method": "one_at_a_time", "levels": 3},
    "nsga2": {"method": "nsga2", "objectives": [{"metric": "y"}], "generations": 2},
}
SUPPORTED = {
    "morris": {"morris", "regression"},
    "saltelli": {"sobol", "regression", "pawn", "delta"},
    "one_at_a_time": set(),
    "nsga2": {"regression"},
}
GIVEN_DATA = {"regression", "pawn", "delta"}


def run(study: Any, metric: Any, extensions: tuple[Any, ...] = ()) -> Sample:
    """Return all cases of a study, succeeded, with a metric that is a function of the columns."""
    points = Points(study, extensions)
    columns = points.columns(0, points.case_count)
    return make_sample(study, succeed(np.asarray(metric(columns), np.float64)), extensions)


def total(columns: Any) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 1 * columns["a"] + 10 * columns["b"] ** 2
    return found


def spoil(sample: Sample, fates: dict[int, Fate]) -> Sample:
    """Return a sample some of whose cases did not succeed."""
    changed = sample.fates.copy()
    for index, fate in fates.items():
        changed[index] = fate
    values = np.where(changed == Fate.USABLE, sample.values, np.nan)
    return Sample(sample.study, sample.columns, values, changed, sample.ranks, sample.places)


def find(analysis: Analysis, name: str) -> FactorIndices:
    return next(found for found in analysis.factors if found.factor.name == name)


def test_elementary_effects_are_those_that_a_hand_counts() -> None:
    # two factors on four levels: a step is 2/3 of the range
    low, high = 1 / 3, 1.0
    walks = [[(0, low), (2 / 3, low), (2 / 3, high)], [(1, 0), (1, 2 / 3), (low, 2 / 3)]] * 2
    a, b = np.array(walks).reshape(-1, 2).T
    study = make_study({"method": "morris", "trajectories": 4}, ["a", "b"])
    sample = sensitivity_samples.make_sample(study, {"a": a, "b": b}, 6 * a + 9 * b**2)
    found = analyse(sample, Wish("y", "morris"))
    assert find(found, "a").values == pytest.approx({"mu_star": 6, "mu": 6, "sigma": 0})
    first, second = 9 * (1 - 1 / 9) / (2 / 3), 9 * (4 / 9) / (2 / 3)
    expected = {"mu_star": (first + second) / 2, "mu": (first + second) / 2, "sigma": (first - second) / np.sqrt(3)}
    assert find(found, "b").values == pytest.approx(expected)
    assert [factor.factor.name for factor in found.factors] == ["b", "a"]
    assert "Only 4 trajectories: 10 to 50 are usual." in found.notes


def test_effects_that_cancel_have_a_mu_of_nothing_and_a_mu_star() -> None:
    a = np.array([[0, 2 / 3], [1, 1 / 3]] * 4).reshape(-1)
    study = make_study({"method": "morris", "trajectories": 8}, ["a"])
    metric = np.array([[0, 3], [0, 3]] * 4).reshape(-1)
    found = find(analyse(sensitivity_samples.make_sample(study, {"a": a}, metric), Wish("y")), "a")
    assert found.values["mu"] == pytest.approx(0)
    assert found.values["mu_star"] == pytest.approx(4.5)


def test_a_straight_function_has_the_same_effect_everywhere_through_the_design() -> None:
    found = analyse(run(make_study(MORRIS, ["a", "b"]), lambda c: 4 * c["a"] - 2 * c["b"]), Wish("y"))
    assert (found.method, found.cases_used, found.is_complete) == ("morris", 36, True)
    assert find(found, "a").values == pytest.approx({"mu_star": 4, "mu": 4, "sigma": 0}, abs=1e-9)
    assert find(found, "b").values == pytest.approx({"mu_star": 2, "mu": -2, "sigma": 0}, abs=1e-9)


def test_a_list_of_names_has_effects_and_a_note() -> None:
    glazing = {"name": "glazing", "values": ["single", "double", "triple"]}
    study = make_study({**MORRIS, "trajectories": 20}, ["a", glazing])
    found = analyse(run(study, lambda c: c["a"] + 5 * (c["glazing"] == "single")), Wish("y"))
    assert found.factors[0].factor.name == "glazing"
    assert any(note.startswith("glazing: names without an order") for note in found.notes)


@pytest.mark.parametrize("levels", [4, 6])
@pytest.mark.parametrize("count", [2, 3, 4, 5, 7])
def test_an_effect_of_a_list_is_that_of_the_way_from_its_first_value_to_its_last(count: int, levels: int) -> None:
    names = [f"kind {number}" for number in range(count)]
    parameters = ["a", {"name": "n", "values": list(range(10, 10 + count))}, {"name": "kind", "values": names},
                  {"name": "i", "integer": [1, count]}]  # fmt: skip
    study = make_study({**MORRIS, "levels": levels}, parameters)

    def metric(columns: Any) -> NDArray[np.float64]:
        kinds = np.array([names.index(kind) for kind in columns["kind"]])
        found: NDArray[np.float64] = 6 * columns["a"] + (6 * columns["n"] - 6 * kinds + 6 * columns["i"]) / (count - 1)
        return found

    found = analyse(run(study, metric), Wish("y", "morris"))
    for name, mu in (("a", 6), ("n", 6), ("kind", -6), ("i", 6)):
        assert find(found, name).values == pytest.approx({"mu_star": 6, "mu": mu, "sigma": 0}, abs=1e-9)


def test_a_step_that_weights_keep_at_one_value_has_no_effect() -> None:
    parameters = [{"name": "n", "choice": [0, 1], "weights": [0.7, 0.3]}, "a"]
    sample = run(make_study({**MORRIS, "trajectories": 40}, parameters), lambda c: 6 * c["n"] + c["a"])
    found = find(analyse(sample, Wish("y")), "n")
    moves = np.abs(np.diff(sample.columns["n"].reshape(-1, 3), axis=1)).sum(axis=1)
    assert 0 < moves.mean() < 1
    assert found.values["mu_star"] == pytest.approx(6 * moves.mean())


def test_a_trajectory_with_a_failed_case_is_left_out_whole() -> None:
    sample = run(make_study(MORRIS, ["a", "b"]), total)
    found = analyse(spoil(sample, {4: Fate.FAILED, 5: Fate.SUSPECT, 9: Fate.CANCELLED}), Wish("y"))
    assert (found.cases_used, found.cases_left_out) == (30, 6)
    assert found.reasons == (
        "1 case failed", "1 case was cancelled", "1 case is suspect", "3 cases of trajectories that lack another",
    )  # fmt: skip
    kept = np.delete(np.arange(36), [3, 4, 5, 9, 10, 11])
    assert found.factors == analyse(sample.choose(kept), Wish("y")).factors


def test_a_base_sample_with_a_failed_case_is_left_out_whole() -> None:
    sample = run(make_study(SALTELLI, ["a", "b"]), total)
    found = analyse(spoil(sample, {0: Fate.FAILED}), Wish("y"))
    assert (found.method, found.cases_used, found.cases_left_out) == ("sobol", 31 * 4, 4)
    assert found.factors == analyse(sample.choose(slice(4, None)), Wish("y")).factors


def test_a_batch_that_is_half_done_answers_so_far() -> None:
    sample = run(make_study(MORRIS, ["a", "b"]), total)
    half = spoil(sample, dict.fromkeys(range(20, 36), Fate.UNFINISHED))
    found = analyse(half, Wish("y"))
    assert (found.cases_used, found.is_complete) == (18, False)
    assert found.notes[0] == "So far: 16 of 36 cases have not finished."
    assert found.factors == analyse(sample.choose(slice(0, 18)), Wish("y")).factors
    with pytest.raises(
        SensitivityRefused, match=r"There are 3 trajectories all of whose cases can be used; 4 are needed"
    ):
        analyse(spoil(sample, dict.fromkeys(range(10, 36), Fate.UNFINISHED)), Wish("y", "morris"))


def test_auto_falls_back_on_a_regression_and_says_why() -> None:
    sample = run(make_study(MORRIS, ["a", "b"]), total)
    found = analyse(spoil(sample, dict.fromkeys(range(10, 36), Fate.UNFINISHED)), Wish("y"))
    assert found.method == "regression"
    assert found.notes[1].startswith("Not morris: There are 3 trajectories")


def test_every_place_has_its_own_trajectories() -> None:
    study = make_study(MORRIS, ["a", "b"], weather=["chicago", "miami"])
    sample = run(study, lambda c: np.where(c["weather"] == "miami", 3.0, 1.0) * c["a"] + c["b"])
    with pytest.raises(SensitivityRefused, match="The design was run whole for each weather: choose one") as refused:
        analyse(sample, Wish("y"))
    assert (refused.value.path, refused.value.accepted) == ("weather", ("chicago", "miami"))
    effects = {}
    for weather in ("chicago", "miami"):
        found = analyse(sample, Wish("y", weather=weather))
        assert (found.method, found.cases_used, found.cases_left_out) == ("morris", 36, 0)
        effects[weather] = find(found, "a").values["mu"]
    assert effects == pytest.approx({"chicago": 1, "miami": 3})


def test_every_place_has_its_own_base_samples() -> None:
    study = make_study(SALTELLI, ["a", "b"], weather=["chicago", "miami"])
    sample = run(study, lambda c: np.where(c["weather"] == "miami", c["a"], c["b"]))
    for weather, first in (("chicago", "b"), ("miami", "a")):
        found = analyse(sample, Wish("y", weather=weather))
        assert (found.method, found.factors[0].factor.name) == ("sobol", first)


def test_linked_parameters_move_as_one_in_trajectories_and_base_samples() -> None:
    parameters = ["wall", "roof", "a"]
    for design, method in ((MORRIS, "morris"), (SALTELLI, "sobol")):
        study = make_study(design, parameters, linked=[["wall", "roof"]])
        found = analyse(run(study, lambda c: c["wall"] + c["roof"] + c["a"]), Wish("y"))
        assert found.method == method
        assert [factor.factor.name for factor in found.factors] == ["wall + roof", "a"]


def test_rows_added_by_hand_are_left_out_of_trajectories_but_not_of_a_regression() -> None:
    study = make_study(MORRIS, ["a", "b"])
    more = MoreRows.model_validate({"rows": [{"a": 0.1, "b": 0.2}, {"a": 0.3, "b": 0.4}]})
    sample = run(study, total, (more,))
    plain = analyse(run(study, total), Wish("y"))
    found = analyse(sample, Wish("y"))
    assert found.factors == plain.factors
    assert found.reasons == ("2 cases added by hand, outside the trajectories",)
    assert analyse(sample, Wish("y", "regression")).cases_used == 38


def test_pawn_of_a_saltelli_design_uses_the_cases_that_are_independent() -> None:
    found = analyse(run(make_study(SALTELLI, ["a", "b"]), total), Wish("y", "pawn"))
    assert (found.cases_used, found.cases_left_out) == (64, 64)
    assert found.reasons == ("64 cases that mix the values of two others",)


def test_pairs_come_only_where_they_were_sampled() -> None:
    def product(columns: Any) -> NDArray[np.float64]:
        found: NDArray[np.float64] = columns["a"] * columns["b"] + columns["c"]
        return found

    plain = analyse(run(make_study(SALTELLI, ["a", "b", "c"]), product), Wish("y"))
    assert plain.pairs == ()
    design = {**SALTELLI, "samples": 1024, "second_order": True}
    found = analyse(run(make_study(design, ["a", "b", "c"]), product), Wish("y"))
    assert {(pair.first, pair.second) for pair in found.pairs} == {("a", "b"), ("a", "c"), ("b", "c")}
    strongest = found.pairs[0]
    # of a b + c on the unit cube: V = 7/144 + 1/12, of which 1/144 is that of the pair
    assert (strongest.first, strongest.second) == ("a", "b")
    assert strongest.s2 == pytest.approx((1 / 144) / (7 / 144 + 12 / 144), abs=strongest.s2_conf)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("method", ["morris", "sobol", "regression", "pawn", "delta"])
def test_what_a_design_cannot_bear_is_refused_with_what_it_can(design: str, method: Any) -> None:
    study = make_study(DESIGNS[design], ["a", "b"])
    supported = SUPPORTED.get(design, GIVEN_DATA)
    columns = {"a": np.linspace(0, 1, 200), "b": np.linspace(0, 1, 200) ** 2}
    sample = sensitivity_samples.make_sample(study, columns, np.arange(200.0))
    if method in supported:
        return
    with pytest.raises(SensitivityRefused) as refused:
        analyse(sample, Wish("y", method))
    assert refused.value.path == "method"
    assert set(refused.value.accepted) == supported
    assert design in refused.value.message or "optimiser" in refused.value.message


def test_what_a_refusal_says_is_the_way_out() -> None:
    grid = sensitivity_samples.make_sample(make_study(DESIGNS["grid"], ["a"]), {"a": [0, 0.5, 1]}, [1, 2, 3])
    with pytest.raises(SensitivityRefused) as refused:
        analyse(grid, Wish("y", "sobol"))
    assert refused.value.message == (
        "Sobol' indices need the crossed samples of a `saltelli` design; a grid design has none."
        " Submit the study with a `saltelli` design. Choose regression, pawn or delta."
    )
    one = sensitivity_samples.make_sample(make_study(DESIGNS["one_at_a_time"], ["a"]), {"a": [0, 1]}, [1, 2])
    with pytest.raises(SensitivityRefused, match="submit a `morris` design"):
        analyse(one, Wish("y"))


def test_a_metric_that_is_the_same_everywhere_explains_nothing() -> None:
    for design in (MORRIS, SALTELLI, DESIGNS["lhs"]):
        sample = run(make_study(design, ["a", "b"]), lambda c: 0.1 + 0 * c["a"])
        with pytest.raises(SensitivityRefused, match=r"kwh is the same in all .* cases.*: there is nothing") as refused:
            analyse(sample, Wish("kwh"))
        assert refused.value.path == "metric"


def test_a_metric_that_some_cases_lack_is_refused() -> None:
    sample = run(make_study(DESIGNS["lhs"], ["a", "b"]), lambda c: np.where(c["a"] > 0.5, np.nan, c["b"]))
    with pytest.raises(SensitivityRefused, match="30 of 60 cases have no gas_kwh") as refused:
        analyse(sample, Wish("gas_kwh"))
    assert refused.value.path == "metric"


def test_a_batch_without_a_usable_case_says_why() -> None:
    sample = run(make_study(DESIGNS["lhs"], ["a", "b"]), total)
    broken = spoil(sample, {**dict.fromkeys(range(59), Fate.SUSPECT), 59: Fate.FAILED})
    with pytest.raises(SensitivityRefused, match="No case can be used: 1 case failed; 59 cases are suspect"):
        analyse(broken, Wish("y"))


def test_cases_that_leave_a_parameter_alone_are_left_out() -> None:
    study = make_study({"method": "table", "rows": [{"a": 1, "b": 1}]}, ["a", "b"])
    rng = np.random.default_rng(1)
    columns = {"a": rng.random(40), "b": np.where(np.arange(40) < 4, np.nan, rng.random(40))}
    found = analyse(sensitivity_samples.make_sample(study, columns, columns["a"]), Wish("y"))
    assert (found.cases_used, found.reasons) == (36, ("4 cases without a value of every parameter",))
    assert "The rows of the table are taken for independent draws of each factor." in found.notes


def test_cases_that_are_no_trajectories_are_refused() -> None:
    rng = np.random.default_rng(1)
    study = make_study(MORRIS, ["a", "b"])
    sample = sensitivity_samples.make_sample(study, {"a": rng.random(36), "b": rng.random(36)}, rng.random(36))
    with pytest.raises(SensitivityRefused, match="no whole trajectories"):
        analyse(sample, Wish("y", "morris"))
    study = make_study(SALTELLI, ["a", "b"])
    sample = sensitivity_samples.make_sample(study, {"a": rng.random(128), "b": rng.random(128)}, rng.random(128))
    with pytest.raises(SensitivityRefused, match="no whole base samples"):
        analyse(sample, Wish("y", "sobol"))


def test_of_a_huge_batch_the_first_cases_are_looked_at() -> None:
    assert count_readable(make_study(DESIGNS["random"], ["a"]), 1_000) == 1_000
    assert count_readable(make_study(DESIGNS["random"], ["a"]), 10_000_000) == 200_000
    many = make_study(DESIGNS["random"], [f"p{number}" for number in range(198)])
    assert count_readable(many, 10_000_000) == 100_000


def test_outcomes_of_the_first_cases_make_a_sample_of_these() -> None:
    study = make_study(DESIGNS["random"], ["a", "b"])
    sample = make_sample(study, Outcomes(np.arange(10.0), np.zeros(10, np.int8)))
    assert len(sample) == 10
    assert sample.columns["a"].tolist() == Points(study).columns(0, 10)["a"].tolist()
