"""How many cases a design has, counted before any is made, against those that it makes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.checks.examination import examine_study
from studies.checks.sizes import count_cases
from studies.checks.structure import clean_document, read_draft
from studies.problems import InvalidStudy
from tests.studies.conftest import MemoryLibrary, insulation, make_study

FIELDS = ("Thickness", "Conductivity", "Density", "Specific Heat")
DESIGNS = st.one_of(
    st.fixed_dictionaries({"method": st.just("grid"), "levels": st.integers(2, 4)}),
    st.fixed_dictionaries(
        {"method": st.sampled_from(["lhs", "sobol", "halton", "random"]), "samples": st.integers(1, 9)}
    ),
    st.fixed_dictionaries({"method": st.just("morris"), "trajectories": st.integers(1, 5)}),
    st.fixed_dictionaries(
        {"method": st.just("saltelli"), "samples": st.sampled_from([1, 2, 4]), "second_order": st.booleans()}
    ),
    st.fixed_dictionaries({"method": st.just("one_at_a_time"), "levels": st.integers(2, 4)}),
)
SPREADS = st.sampled_from(
    [
        {"values": [150, 200, 250]}, {"choice": [150, 200], "weights": [1, 3]}, {"integer": [150, 153]},
        {"uniform": [150, 200]}, {"normal": {"mean": 200, "sd": 1}},
    ]
)  # fmt: skip


# SALib alone takes seconds to be loaded
@settings(deadline=None)
@given(
    DESIGNS, st.lists(SPREADS, min_size=1, max_size=4), st.sampled_from([["shed"], ["shed", "barn"]]),
    st.sampled_from([["chicago"], ["chicago", "miami", "denver"]]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_as_many_cases_are_counted_as_are_made(
    design: dict[str, Any],
    spreads: list[dict[str, Any]],
    models: list[str],
    weathers: list[str],
    has_baseline: bool,
    is_linked: bool,
) -> None:
    parameters = []
    for position, spread in enumerate(spreads):
        target = {"class": "Material", "object": "Wall*", "field": FIELDS[position]}
        parameters.append(insulation(name=f"p{position}", target=target, **{"values": ..., **spread}))
    linked = [["p0", "p1"]] if is_linked and len(spreads) > 1 and spreads[0] == spreads[1] else []
    document = make_study(
        *parameters, model=models, weather=weathers, design=design, linked=linked, baseline=has_baseline
    )
    shed = MemoryLibrary().models["shed"]
    examined = examine_study(document, MemoryLibrary({"shed": shed, "barn": shed}))
    counted = count_cases(read_draft(clean_document(document), []), has_baseline=has_baseline)
    assert counted == examined.points.candidate_count == examined.points.case_count
    assert len(list(examined.points)) == counted + len(models) * len(weathers) * has_baseline


def test_of_a_constrained_study_the_cases_that_are_left_count(library: MemoryLibrary) -> None:
    study = make_study(insulation(values=[0.1, 0.2, 0.3]), constraints=["insulation_m < 0.25"])
    assert examine_study(study, library, max_cases=2).points.case_count == 2
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(study, library, max_cases=1)
    (problem,) = refusal.value.problems
    assert (problem.path, problem.found) == ("design", "2 cases")


def test_what_constraints_cost_is_noted(library: MemoryLibrary) -> None:
    study = make_study(insulation(values=[0.1, 0.2, 0.3]), constraints=["insulation_m < 0.25"])
    assert [(note.path, note.message) for note in examine_study(study, library).notes] == [
        ("constraints", "The constraints leave 2 of 3 cases: 33 % are lost.")
    ]
    free = make_study(insulation(values=[0.1, 0.2]), constraints=["insulation_m < 0.25"])
    assert examine_study(free, library).notes == ()


def test_a_search_counts_all_of_its_generations(library: MemoryLibrary) -> None:
    design = {
        "method": "nsga2", "population": 10, "generations": 11, "objectives": [{"metric": "site_eui_kwh_m2"}],
    }  # fmt: skip
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(make_study(insulation(), design=design), library, max_cases=100)
    assert [problem.path for problem in refusal.value.problems] == ["parameters", "design.generations"]
    assert refusal.value.problems[1].found == "110 cases"
