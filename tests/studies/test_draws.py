"""Values that no list shows: those of normal distributions and derived parameters, as the design really draws them."""

from collections.abc import Callable
from typing import Any

import pytest

from energyplus.errors import ModelError
from studies.cases.changes import plan_edits
from studies.checks.draws import MOST_DRAWN
from studies.checks.examination import examine_study
from studies.definition import Study
from studies.designs.points import CasePoint
from studies.problems import InvalidStudy, Problem
from tests.studies.conftest import SHED, MemoryLibrary, insulation, make_description, make_study

Refuse = Callable[..., dict[str, Problem]]
SOBOL = {"method": "sobol", "samples": 64}
WIDE = insulation(values=..., normal={"mean": 0.05, "sd": 0.05})


def test_a_normal_distribution_is_refused_with_the_share_that_lies_beyond(refuse: Refuse) -> None:
    problem = refuse(make_study(WIDE, design=SOBOL))["parameters[0].normal"]
    assert problem.message.startswith("Thickness (m) takes only what is greater than 0 m; 16 % of the cases")
    assert problem.found < 0


def test_only_what_is_drawn_counts(library: MemoryLibrary, refuse: Refuse) -> None:
    three_sd = insulation(values=..., normal={"mean": 0.05, "sd": 0.0165})
    examine_study(make_study(three_sd, design={**SOBOL, "samples": 8}), library)
    assert refuse(make_study(three_sd, design={**SOBOL, "samples": 4096}))


def test_the_tail_of_a_long_design_is_reckoned_with(library: MemoryLibrary, refuse: Refuse) -> None:
    rare = insulation(values=..., normal={"mean": 0.05, "sd": 0.0105})  # 4.8 standard deviations
    design = {"method": "sobol", "samples": MOST_DRAWN}
    examine_study(make_study(rare, design=design), library)
    problems = refuse(make_study(rare, design={**design, "samples": 2_000_000}), max_cases=3_000_000)
    assert "less than 0.1 %" in problems["parameters[0].normal"].message


def test_a_truncated_one_is_the_way_out(library: MemoryLibrary) -> None:
    cut = insulation(values=..., truncated_normal={"mean": 0.05, "sd": 0.05, "low": 0.01, "high": 0.3})
    examine_study(make_study(cut, design=SOBOL), library)


def test_factors_are_judged_by_what_they_make_of_the_model(refuse: Refuse) -> None:
    burner = {"class": "Coil:Heating:Fuel", "object": "Burner", "field": "Burner Efficiency"}
    factor = insulation(target=burner, change="scale", values=..., normal={"mean": 1.1, "sd": 0.1})
    problem = refuse(make_study(factor, design=SOBOL))["parameters[0].normal"]
    assert "Burner Efficiency 0.8 ×" in problem.message


def test_derived_values_are_checked_in_every_model(library: MemoryLibrary, refuse: Refuse) -> None:
    wall = insulation(name="wall", target={"class": "Material", "object": "Wall*", "field": "Thickness"})
    roof = {"class": "Material", "object": "Roof*", "field": "Thickness"}
    examine_study(make_study(wall, insulation(name="roof", target=roof, values=..., derived="2 * wall")), library)
    problems = refuse(make_study(wall, insulation(name="roof", target=roof, values=..., derived="wall - 0.06")))
    assert problems["parameters[1].derived"].message.startswith(
        "Thickness (m) takes only what is greater than 0 m; 50 %"
    )
    burner = {"class": "Coil:Heating:Fuel", "object": "Burner", "field": "Burner Efficiency"}
    better = insulation(name="better", target=burner, change="scale", values=..., derived="1 + 2 * wall")
    good = {**SHED, "Coil:Heating:Fuel": [("Burner", "Always On", "NaturalGas", "0.95", "")]}
    both = MemoryLibrary({"shed": make_description(SHED), "good": make_description(good)})
    problems = refuse(make_study(wall, better, model=["shed", "good"]), library=both)
    assert problems["parameters[1].derived"].message.endswith("(model good).")


def test_a_whole_number_may_be_derived_and_a_text_may_not(library: MemoryLibrary, refuse: Refuse) -> None:
    steps = {"class": "Timestep", "object": "*", "field": 1}
    base = insulation(name="base", target={"class": "Material", "object": "Wall*", "field": "Density"}, values=[2, 3])
    examine_study(make_study(base, insulation(name="n", target=steps, values=..., derived="2 * base")), library)
    assert refuse(make_study(base, insulation(name="n", target=steps, values=..., derived="base / 2")))
    rough = {"class": "Material", "object": "Roof*", "field": "Roughness"}
    (problem,) = refuse(make_study(base, insulation(name="n", target=rough, values=..., derived="base"))).values()
    assert problem.message == "List `values`: Roughness holds text, which no expression can give."


def test_what_has_no_value_names_where(refuse: Refuse) -> None:
    base = insulation(name="base", values=[0.1, 0.2])
    density = {"class": "Material", "object": "Wall*", "field": "Density"}
    problems = refuse(make_study(base, insulation(name="d", target=density, values=..., derived="1 / (base - 0.1)")))
    assert problems["parameters[1].derived"].message == "It has no finite value where base = 0.1."


def test_an_optimiser_is_judged_by_the_space_that_it_searches(refuse: Refuse) -> None:
    design: dict[str, Any] = {"method": "nsga2", "generations": 2, "objectives": [{"metric": "site_eui_kwh_m2"}]}
    density = {"class": "Material", "object": "Wall*", "field": "Density"}
    free = insulation(name="d", target=density, values=..., uniform=[100, 200])
    assert list(refuse(make_study(WIDE, free, design=design))) == ["parameters[0].normal"]


def test_a_case_beyond_what_was_looked_at_fails_by_itself(library: MemoryLibrary) -> None:
    study = Study.model_validate(make_study(WIDE, design=SOBOL))
    point = CasePoint(99, False, "shed", "chicago", {"insulation_m": -0.01})
    with pytest.raises(ModelError, match=r"Insulation m: Material 'Wall Insulation' would get Thickness = -0\.01"):
        plan_edits(study, library.models["shed"], point)


def test_a_value_beyond_the_first_cases_is_found_where_every_case_is_looked_at(library: MemoryLibrary) -> None:
    thin = {"class": "Material", "object": "Wall Insulation", "field": "Thickness"}
    thick = {**thin, "object": "Roof Insulation"}
    parameters = [
        {"name": "a", "target": thin, "uniform": [1, 2]},
        {"name": "b", "target": thick, "derived": "1 / max(a - 1.00001, 0)"},
    ]
    study = {**make_study(), "parameters": parameters, "design": {"method": "sobol", "samples": 200_000}}
    assert examine_study(study, library).points.case_count == 200_000
    with pytest.raises(InvalidStudy, match="finite value where a = 1"):
        examine_study(study, library, most_drawn=200_000)
