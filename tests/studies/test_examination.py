"""What is wrong with a study that is well formed: names, targets, limits, sizes; and what is noted of a sound one."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import pytest

from energyplus.results.metrics import METRICS
from studies.checks.examination import examine_study
from studies.checks.fields import ModelView
from studies.checks.limits import check_value
from studies.checks.targets import is_numeric, read_number
from studies.definition import SPREADS
from studies.problems import MOST_COMPARED, Problem
from tests.studies.conftest import SHED, MemoryLibrary, insulation, make_description, make_study

Refuse = Callable[..., dict[str, Problem]]
LHS = {"method": "lhs", "samples": 4}


def target(class_name: str, field: str, object: Any = "*") -> dict[str, Any]:  # noqa: A002
    return {"class": class_name, "object": object, "field": field}


def lighting(**changes: Any) -> dict[str, Any]:
    sound = {"name": "lighting", "target": target("lights", "watts per floor area"), "change": "scale", "values": [0.5]}
    return insulation(**{**sound, **changes})


def test_five_mistakes_give_five_problems_that_say_what_to_do(refuse: Refuse) -> None:
    problems = refuse(
        """
        name: Five mistakes
        model: shed
        weather: chicgo
        parameters:
          - name: insulation_m
            target: {class: Material, object: "Roof Insulatoin", field: Thickness}
            values: [0.05, 0.1]
          - name: lighting
            target: {class: Lights, object: "*", field: Watts per Area}
            change: scale
            values: [0.5, 1.2]
          - name: concrete_m
            target: {class: material, object: "HW Concrete*", field: thickness}
            values: [0.1, -0.2]
        design: {method: lhs}
        """
    )
    assert list(problems) == [
        "weather", "parameters[0].target.object", "parameters[1].target.field", "parameters[2].values[1]",
        "design.samples",
    ]  # fmt: skip
    assert problems["weather"] == Problem(
        "weather", "There is no weather 'chicgo' in the library; write the alias or id of one.", "chicgo", ["chicago"]
    )
    assert problems["parameters[0].target.object"].accepted[0] == "Roof Insulation"
    assert problems["parameters[1].target.field"].accepted[0] == "Watts per Floor Area (W/m2)"
    limit = problems["parameters[2].values[1]"]
    assert (limit.found, limit.accepted) == (-0.2, "greater than 0 m")
    assert all(problem.message.endswith(".") and problem.accepted for problem in problems.values())


def test_a_slip_of_form_in_one_parameter_hides_nothing_of_another_or_of_itself(refuse: Refuse) -> None:
    problems = refuse(
        make_study(
            insulation(change="sett", values=[99.0, True], target=target("Material", "Thikness")),
            lighting(target=target("Ligths", "x")),
        )
    )
    assert set(problems) == {
        "parameters[0].change", "parameters[0].values[1]", "parameters[0].target.field", "parameters[1].target.class",
    }  # fmt: skip


def test_an_unknown_class_names_those_of_the_model_first(refuse: Refuse) -> None:
    problem = refuse(make_study(insulation(target=target("Materials", "Thickness"))))["parameters[0].target.class"]
    assert problem.accepted[0] == "Material"
    absent = refuse(make_study(insulation(target=target("People", "Number of People"))))["parameters[0].target.class"]
    assert absent.message == "There is no People object; choose a class the model has."


@pytest.mark.parametrize("class_name", ["RunPeriod", "SimulationControl", "Output:Variable", "Version"])
def test_what_the_farm_sets_in_each_case_cannot_vary(refuse: Refuse, class_name: str) -> None:
    classes = {**SHED, class_name: [("x",)]}
    library = MemoryLibrary({"shed": make_description(classes)})
    problems = refuse(make_study(insulation(target=target(class_name, "x"))), library=library)
    assert list(problems) == ["parameters[0].target.class"]


def test_each_pattern_of_a_list_must_match(refuse: Refuse) -> None:
    problems = refuse(make_study(insulation(target=target("Material", "Thickness", ["*Insulation", "Brick", "hw*"]))))
    assert list(problems) == ["parameters[0].target.object[1]"]


@pytest.mark.parametrize("pattern", ["WALL insulation", "wall*", "*all ins*", "Wall ?nsulation", ["Wall Insulation"]])
def test_names_and_globs_match_in_any_letter_case(library: MemoryLibrary, pattern: Any) -> None:
    examined = examine_study(make_study(insulation(target=target("MATERIAL", "THICKNESS", pattern))), library)
    assert examined.parameters == {"insulation_m": "m"}


def test_brackets_in_a_name_mean_themselves(library: MemoryLibrary, refuse: Refuse) -> None:
    examine_study(make_study(insulation(target=target("Material", "Thickness", "HW Concrete [8in]"))), library)
    examine_study(make_study(insulation(target=target("Material", "Thickness", "*[8*"))), library)
    assert refuse(make_study(insulation(target=target("Material", "Thickness", "[HW]*"))))


def test_objects_without_names_are_meant_by_the_star_alone(library: MemoryLibrary, refuse: Refuse) -> None:
    sound = insulation(target=target("Timestep", "Number of Timesteps per Hour"), values=[4, 6])
    examine_study(make_study(sound), library)
    problems = refuse(make_study({**sound, "target": {**sound["target"], "object": "T*"}}))
    assert problems["parameters[0].target.object"].accepted == ["*"]


def test_a_glob_of_stars_takes_no_time(refuse: Refuse) -> None:
    classes = {**SHED, "Material": [("a" * 100, "Rough", "0.1", "1", "1", "100")]}
    library = MemoryLibrary({"shed": make_description(classes)})
    pattern = "*a" * 90 + "*b"
    assert refuse(make_study(insulation(target=target("Material", "Thickness", pattern))), library=library)


def test_the_name_of_an_object_cannot_vary(refuse: Refuse) -> None:
    problems = refuse(make_study(insulation(target=target("Material", "Name"), values=["a"])))
    assert "cannot vary" in problems["parameters[0].target.field"].message


@pytest.mark.parametrize(
    ("where", "value", "accepted"),
    [
        (("Material", "Thickness"), 0, "greater than 0 m"),
        (("Material", "Thickness"), "thick", ["a number in m"]),
        (("Material", "Thickness"), "0.1", ["a number in m"]),
        (("Material", "Roughness"), "Roughest", None),
        (("Material", "Roughness"), 3, None),
        (("Building", "Solar Distribution"), "Full", None),
        (("Timestep", "Number of Timesteps per Hour"), 4.5, "whole numbers"),
        (("Timestep", "Number of Timesteps per Hour"), 61, "at least 1 and at most 60"),
        (("Lights", "Schedule Name"), "Allways On", ["Always On", "Always Off"]),
        (("Lights", "Zone or ZoneList or Space or SpaceList Name"), "Hal", ["Hall"]),
        (("Lights", "Fraction Radiant"), 1.1, "at least 0 and at most 1"),
        (("Material", "Thickness"), "Autosize", ["a number in m"]),
    ],
)
def test_a_value_that_the_schema_does_not_allow_is_refused(
    refuse: Refuse, where: tuple[str, str], value: Any, accepted: Any
) -> None:
    problems = refuse(make_study(insulation(target=target(*where), values=[value])))
    assert list(problems) == ["parameters[0].values[0]"]
    assert problems["parameters[0].values[0]"].accepted
    if accepted is not None:
        assert problems["parameters[0].values[0]"].accepted == accepted


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("Material", "Roughness"), "smooth"),
        (("Timestep", "Number of Timesteps per Hour"), 4.0),
        (("Lights", "Schedule Name"), "always off"),
        (("Coil:Heating:Fuel", "Nominal Capacity"), "autosize"),
        (("Coil:Heating:Fuel", "Nominal Capacity"), 5000),
        (("Building", "north_axis"), -30),
    ],
)
def test_a_value_that_the_schema_allows_is_accepted(library: MemoryLibrary, where: tuple[str, str], value: Any) -> None:
    examine_study(make_study(insulation(target=target(*where), values=[value])), library)


@pytest.mark.parametrize("alias", ["warehouse", "small_office", "ashrae_office_small"])
def test_whatever_a_real_building_holds_is_allowed(library: MemoryLibrary, alias: str) -> None:
    model = library.find_model(alias)
    assert model is not None
    view = ModelView.of(model.description)
    checked = 0
    for class_name, objects in model.description.classes.items():
        class_schema = view.schema.find_class(class_name)
        assert class_schema is not None
        for entry in objects:
            for index, text in enumerate(entry.values):
                field = class_schema.field_at(index)
                if field is not None and text and not (index == 0 and class_schema.has_name):
                    number = read_number(text) if is_numeric(field) else None
                    assert check_value(text if number is None else number, field, view.references) is None
                    checked += 1
    assert checked > 1000


def test_a_factor_is_checked_by_what_it_makes_of_the_model(refuse: Refuse) -> None:
    fraction = target("Coil:Heating:Fuel", "Burner Efficiency")
    problems = refuse(make_study(insulation(target=fraction, change="scale", values=[0.5, 1.25, 1.5])))
    assert list(problems) == ["parameters[0].values[2]"]
    problem = problems["parameters[0].values[2]"]
    assert problem.message == (
        "Coil:Heating:Fuel 'Burner': Burner Efficiency 0.8 × 1.5 = 1.2; it must be at least 0 and at most 1."
    )
    ends = refuse(make_study(insulation(target=fraction, change="add", values=..., uniform=[-1, 0.1]), design=LHS))
    assert list(ends) == ["parameters[0].uniform[0]"]


@pytest.mark.parametrize(("change", "value"), [("scale", 1.5), ("add", 0.5), ("scale", 1e308)])
def test_what_a_change_makes_of_a_whole_number_must_be_whole(refuse: Refuse, change: str, value: float) -> None:
    timestep = target("Timestep", "Number of Timesteps per Hour")
    base = {"shed": make_description({**SHED, "Timestep": [("5",)]})}
    problems = refuse(
        make_study(insulation(target=timestep, change=change, values=[value])), library=MemoryLibrary(base)
    )
    assert list(problems) == ["parameters[0].values[0]"]


def test_text_fields_cannot_be_scaled_and_factors_are_numbers(refuse: Refuse) -> None:
    problems = refuse(
        make_study(
            insulation(name="a", target=target("Material", "Roughness"), change="scale", values=[2]),
            insulation(name="b", change="add", values=["thick"]),
        )
    )
    assert list(problems) == ["parameters[0].change", "parameters[1].values[0]"]


def test_blank_fields_are_left_alone_by_factors_and_counted(library: MemoryLibrary) -> None:
    examined = examine_study(make_study(lighting()), library)
    assert [note.path for note in examined.notes] == ["parameters[0].target"]
    assert examined.notes[0].message == (
        "Watts per Floor Area is blank or sized by the engine in 1 of 2 objects, which `scale` leaves alone:"
        " Lights 'Office Lights'."
    )


def test_factors_that_would_change_nothing_are_refused(refuse: Refuse) -> None:
    problems = refuse(make_study(lighting(target=target("Lights", "Watts per Person"))))
    problem = problems["parameters[0].target.field"]
    assert "holds no number in any of the 2 objects" in problem.message
    assert "Lighting Level (W)" in problem.accepted
    assert refuse(make_study(lighting(target=target("Coil:Heating:Fuel", "Nominal Capacity"))))


def test_setting_a_blank_field_is_noted(library: MemoryLibrary) -> None:
    examined = examine_study(make_study(lighting(change="set", values=[8])), library)
    assert len(examined.notes) == 1
    assert "blank in 1 of 2 objects" in examined.notes[0].message


def test_a_range_is_for_fields_that_take_fractions(refuse: Refuse) -> None:
    for field in (target("Timestep", "Number of Timesteps per Hour"), target("Material", "Roughness")):
        problems = refuse(make_study(insulation(target=field, values=..., uniform=[1, 6]), design=LHS))
        assert "values" in problems["parameters[0].uniform"].accepted


def test_two_parameters_cannot_write_to_one_field(refuse: Refuse) -> None:
    problems = refuse(
        make_study(insulation(), insulation(name="roof", target=target("Material", "Thickness", "Roof*")))
    )
    assert problems["parameters[1].target"].message == (
        "Let one parameter alone vary a field: parameters[0] writes to Thickness of Material 'Roof Insulation' as well."
    )


def test_parameters_may_share_an_object_and_scale_different_ones(library: MemoryLibrary) -> None:
    conductivity = insulation(name="k", target=target("Material", "Conductivity"), change="scale", values=[0.9])
    assert examine_study(make_study(insulation(), conductivity), library).parameters == {"insulation_m": "m", "k": "1"}


@pytest.mark.parametrize(
    "name", ["case", "State", "VERDICT", "weather", "model", "baseline", "my_kwh", next(iter(METRICS)), "warnings"]
)
def test_a_parameter_cannot_be_called_like_a_column_of_results(refuse: Refuse, name: str) -> None:
    assert list(refuse(make_study(insulation(name=name)))) == ["parameters[0].name"]


def test_two_parameters_cannot_share_a_name(refuse: Refuse) -> None:
    problems = refuse(make_study(insulation(), lighting(name="INSULATION_M")))
    assert problems["parameters[1].name"].message == "Choose another name: `parameters[0]` is called so too."


def test_values_and_range_exclude_each_other_and_a_grid_needs_values(refuse: Refuse) -> None:
    assert "not both" in refuse(make_study(insulation(uniform=[0.1, 0.2]), design=LHS))["parameters[0].uniform"].message
    grid = refuse(make_study(insulation(values=..., uniform=[0.1, 0.2])))
    assert "List `values`" in grid["parameters[0].uniform"].message
    assert grid["parameters[0].uniform"].accepted == ["values", "integer", "choice", "derived"]
    missing = refuse(make_study(insulation(values=...), design=LHS))
    assert missing["parameters[0].values"].accepted == [*SPREADS, "derived"]


def test_a_reversed_range_shows_the_right_one(refuse: Refuse) -> None:
    problem = refuse(make_study(insulation(values=..., uniform=[1.2, 0.5]), design=LHS))["parameters[0].uniform"]
    assert (problem.message, problem.accepted) == ("Write the lower end first.", "[0.5, 1.2]")
    assert refuse(make_study(insulation(values=..., uniform=[0.5, 0.5]), design=LHS))


def test_a_value_stands_in_a_list_once(refuse: Refuse) -> None:
    assert list(refuse(make_study(insulation(values=[1, 0.1, 1.0])))) == ["parameters[0].values[2]"]


def test_unknown_and_repeated_references_are_told(refuse: Refuse) -> None:
    problems = refuse(
        make_study(model=["shed", "warehuse", "shed"], weather=["chicago", "same-as-chicago", "atlantis"])
    )
    assert set(problems) == {"model[1]", "model[2]", "weather[1]", "weather[2]"}
    assert problems["model[1]"].accepted[0] == "warehouse"
    assert problems["weather[1]"].message == "Leave it out: it is the same weather as weather[0]."
    assert problems["weather[2]"].accepted


def test_too_many_cases_are_refused_before_any_is_made(refuse: Refuse) -> None:
    many = [insulation(name=f"p{i}", values=[j / 1000 + 0.01 for j in range(1000)]) for i in range(30)]
    problems = refuse(
        make_study(*[{**p, "target": target("Material", "Thickness", "Wall*")} for p in many[:1]]), max_cases=999
    )
    assert problems["design"].found == "1,000 cases"
    assert problems["design"].accepted == "at most 999 cases"
    huge = [{**p, "target": {"class": "Material", "object": "*"}} for p in many]
    assert refuse(make_study(*huge))["design"].found == "more than 10^18 cases"
    lhs = refuse(make_study(design={"method": "lhs", "samples": 101}), max_cases=100)
    assert list(lhs) == ["design.samples"]


def test_baselines_count_as_cases(library: MemoryLibrary, refuse: Refuse) -> None:
    study = make_study(weather=["chicago", "miami"], baseline=True)
    assert examine_study(study, library, max_cases=6).points.baseline_count == 2
    assert refuse(study, max_cases=5)["design"].found == "6 cases"


def test_a_sampled_design_needs_something_that_varies(refuse: Refuse) -> None:
    assert "nothing varies" in refuse(make_study(parameters=[], design=LHS))["design"].message


def test_the_rows_of_a_table_have_all_columns_and_no_others(refuse: Refuse) -> None:
    rows = [
        {"insulation_m": 0.1, "weather": "chicago", "roof": 1},
        {"insulation_m": 0.1, "weather": "miami", "roof": 2},
        {"weather": "denver"},
        {"insulation_m": -1},
    ]
    design = {"method": "table", "rows": rows}
    problems = refuse(make_study(insulation(values=...), weather=["chicago", "miami"], design=design))
    assert {path: problem.message for path, problem in problems.items()} == {
        "design.rows[0].roof": "There is no parameter `roof` here and in 1 more rows; leave it out.",
        "design.rows[2].insulation_m": "Write a value for `insulation_m`.",
        "design.rows[2].weather": "Write one of the study's own: chicago and miami.",
        "design.rows[3].weather": "Write a value for `weather`.",
        "design.rows[3].insulation_m": "Thickness (m) takes only what is greater than 0 m.",
    }


def test_a_misspelt_column_is_one_problem(refuse: Refuse) -> None:
    design = {"method": "table", "rows": [{"insulation": 0.1}, {"insulation": 0.2}]}
    problems = refuse(make_study(insulation(values=...), design=design))
    assert list(problems) == ["design.rows[0].insulation"]
    assert "did you mean `insulation_m`?" in problems["design.rows[0].insulation"].message


def test_a_table_gives_the_values_itself(library: MemoryLibrary, refuse: Refuse) -> None:
    design = {"method": "table", "rows": [{"insulation_m": 0.1}, {"insulation_m": 0.3}]}
    assert list(refuse(make_study(design=design))) == ["parameters[0].values"]
    examined = examine_study(make_study(insulation(values=...), design=design), library)
    assert [point.values for point in examined.points] == design["rows"]
    assert examined.study.is_numeric("insulation_m")


def test_a_target_must_mean_something_in_each_model(refuse: Refuse) -> None:
    no_roof = {**SHED, "Material": SHED["Material"][:1], "Site:Location": []}
    library = MemoryLibrary({"shed": make_description(SHED), "tent": make_description(no_roof)})
    study = make_study(insulation(target=target("Material", "Thickness", "Roof*")), model=["shed", "tent"])
    problem = refuse(study, library=library)["parameters[0].target.object"]
    assert problem.message.endswith("for all 1 (model tent).")
    both = refuse(make_study(insulation(target=target("Material", "Thick")), model=["shed", "tent"]), library=library)
    assert "(model" not in both["parameters[0].target.field"].message


def test_design_days_need_a_model_that_has_some(refuse: Refuse, library: MemoryLibrary) -> None:
    bare = {name: objects for name, objects in SHED.items() if not name.startswith("SizingPeriod")}
    problems = refuse(make_study(run_period="design_days"), library=MemoryLibrary({"shed": make_description(bare)}))
    assert list(problems) == ["run_period"]
    notes = examine_study(make_study(run_period="design_days", weather=["chicago", "miami"]), library).notes
    assert any("hardly matter" in note.message for note in notes)


def test_another_citys_weather_is_noted_with_what_the_model_keeps(library: MemoryLibrary) -> None:
    notes = examine_study(make_study(weather=["chicago", "miami"]), library).notes
    assert [note.path for note in notes] == ["weather[1]"]
    assert notes[0].message == (
        "Weather of Miami Intl Ap in a model of CHICAGO IL; kept from the model: design days 'CHICAGO Ann Htg' and"
        " 'CHICAGO Ann Clg'; ground temperatures (Site:GroundTemperature:BuildingSurface)."
    )


def test_a_model_of_an_unknown_version_is_refused(refuse: Refuse) -> None:
    library = MemoryLibrary({"shed": make_description(SHED, version="6.0")})
    assert "version" in refuse(make_study(), library=library)["model"].message


def test_units_come_from_the_models_and_are_left_out_where_they_differ(library: MemoryLibrary) -> None:
    examined = examine_study(
        make_study(
            insulation(),
            lighting(),
            insulation(name="rough", target=target("Material", "Roughness"), values=["Smooth"]),
            insulation(name="heat", target=target("Material", "Conductivity"), change="add", values=[0.01]),
        ),
        library,
    )
    assert examined.parameters == {"insulation_m": "m", "lighting": "1", "rough": None, "heat": "W/m-K"}


@pytest.mark.parametrize("model", ["warehouse", "small_office"])
def test_a_study_of_a_real_building_is_accepted(library: MemoryLibrary, model: str) -> None:
    examined = examine_study(
        make_study(
            lighting(values=[0.5, 0.75, 1.0]),
            insulation(name="infiltration", change="scale", values=[0.5, 1.0], target=target(
                "ZoneInfiltration:DesignFlowRate", "Flow Rate per Exterior Surface Area")),
            insulation(name="north_axis_deg", target=target("Building", "North Axis"), values=[0, 90]),
            model=model, weather=["chicago", "miami"],
        ),
        library,
    )  # fmt: skip
    assert examined.points.case_count == 24
    assert examined.parameters == {"lighting": "1", "infiltration": "1", "north_axis_deg": "deg"}


def test_no_parameter_varies_which_file_a_model_reads(refuse: Refuse) -> None:
    files = {**SHED, "Schedule:File": [("Crowd", "", "crowd.csv", "1", "0")]}
    varied = insulation(target=target("Schedule:File", "File Name"), values=["crowd.csv", "/etc/passwd"])
    problems = refuse(make_study(varied), library=MemoryLibrary({"shed": make_description(files)}))
    assert list(problems) == ["parameters[0].values[0]"]
    assert "Upload a model for each file" in problems["parameters[0].values[0]"].message


def test_guesses_end_where_a_study_has_more_slips_than_anybody_reads(
    refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def count(name: str, names: Any, **options: Any) -> list[str]:
        compared.append(len(names))
        return get_close_matches(name, names, **options)

    monkeypatch.setattr("difflib.get_close_matches", count)
    slips = [f"Always Om {number}" for number in range(30_000)]
    schedule = insulation(target=target("Lights", "Schedule Name"), values=slips)
    problems = refuse(make_study(parameters=[schedule]))
    assert problems["parameters[0].values[0]"].accepted[0] == "Always On"
    assert problems[""].message == "Mend these first; 29,800 more problems not listed."
    assert MOST_COMPARED <= sum(compared) < MOST_COMPARED + 100
