"""What a case's point makes of a model: the fields that are written and the changes in words."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from energyplus.bundled import find_bundled_file, list_bundled_models
from energyplus.errors import ModelError
from energyplus.models.building_model import BuildingModel, CaseEdits, CaseRequest, FieldEdit
from energyplus.models.description import ModelDescription
from studies.cases.changes import Change, PlannedCase, plan_edits
from studies.checks.examination import examine_study
from studies.definition import Study
from studies.designs.points import Points
from studies.problems import InvalidStudy
from tests.studies.conftest import CITIES, MemoryLibrary, insulation, make_study

ANNUAL = ("SimulationControl: Run Simulation for Sizing Periods Yes → No", "RunPeriod: none → 01-01 to 12-31")


def plan(shed: ModelDescription, parameter: Mapping[str, Any], value: object, **changes: Any) -> PlannedCase:
    document = make_study({**parameter, "values": [value]}, **changes)
    study = Study.model_validate(document)
    return plan_edits(study, shed, Points(study)[0])


def texts(planned: PlannedCase) -> list[str]:
    return [change.text for change in planned.changes if change.text not in ANNUAL]


def lighting(change: str) -> dict[str, Any]:
    target = {"class": "lights", "object": "*", "field": "WATTS PER FLOOR AREA"}
    return insulation(name="lighting", target=target, change=change)


def test_a_set_writes_the_value_as_it_stands_into_every_object(shed: ModelDescription) -> None:
    planned = plan(shed, insulation(), 0.2)
    # what the model has already is no edit, so that equal models have equal keys
    assert planned.edits.edits == (FieldEdit("Material", 0, 2, 0.2),)
    assert texts(planned) == [
        "Material 'Wall Insulation': Thickness 0.1 → 0.2 m",
        "Material 'Roof Insulation': Thickness stays 0.2 m",
    ]
    change = planned.changes[0]
    assert (change.class_name, change.object, change.field) == ("Material", "Wall Insulation", "Thickness")
    assert (change.before, change.after, change.unit) == (0.1, 0.2, "m")


def test_a_factor_leaves_blank_fields_alone(shed: ModelDescription) -> None:
    planned = plan(shed, lighting("scale"), 0.7)
    assert planned.edits.edits == (FieldEdit("Lights", 0, 5, 10 * 0.7),)
    assert texts(planned) == ["Lights 'Hall Lights': Watts per Floor Area 10 → 7 W/m2"]


def test_an_addend_is_added(shed: ModelDescription) -> None:
    assert plan(shed, lighting("add"), -2.5).edits.edits == (FieldEdit("Lights", 0, 5, 7.5),)


def test_setting_a_blank_field_shows_that_it_was_blank(shed: ModelDescription) -> None:
    assert texts(plan(shed, lighting("set"), 8))[1] == "Lights 'Office Lights': Watts per Floor Area blank → 8 W/m2"


def test_choices_and_whole_numbers_are_written_as_the_engine_spells_them(shed: ModelDescription) -> None:
    rough = insulation(target={"class": "Material", "object": "Wall*", "field": "Roughness"})
    assert plan(shed, rough, "verysmooth").edits.edits[0].value == "VerySmooth"
    steps = insulation(target={"class": "Timestep", "object": "*", "field": "Number of Timesteps per Hour"})
    planned = plan(shed, steps, 4.0)
    assert repr(planned.edits.edits[0].value) == "4"
    assert texts(planned) == ["Timestep: Number of Timesteps per Hour 6 → 4"]
    assert repr(plan(shed, {**steps, "change": "scale"}, 0.5).edits.edits[0].value) == "3"


def test_text_is_shown_without_a_unit(shed: ModelDescription) -> None:
    coil = insulation(target={"class": "Coil:Heating:Fuel", "object": "Burner", "field": "Nominal Capacity"})
    assert texts(plan(shed, coil, 5000)) == ["Coil:Heating:Fuel 'Burner': Nominal Capacity Autosize → 5000 W"]
    assert texts(plan(shed, coil, "autosize"))[0].endswith("Autosize → autosize")


@given(st.floats(1e-6, 1e6), st.sampled_from(["set", "scale", "add"]))
def test_what_is_written_is_the_plain_product_or_sum_to_the_last_bit(value: float, change: str) -> None:
    shed = MemoryLibrary().models["shed"]
    expected = {"set": value, "scale": 10 * value, "add": 10 + value}[change]
    assume(expected != 10)  # which is no edit
    written = plan(shed, lighting(change), value).edits.edits[0].value
    assert written == expected
    assert float(repr(written)) == expected


def test_a_baseline_writes_nothing(shed: ModelDescription) -> None:
    study = Study.model_validate(make_study(baseline=True))
    planned = plan_edits(study, shed, Points(study)[-1])
    assert planned.edits == CaseEdits()
    assert texts(planned) == []


def test_the_run_period_that_a_case_gets_is_a_change(shed: ModelDescription) -> None:
    period = plan(shed, insulation(), 0.3, run_period={"start": "01-01", "end": "01-31"})
    assert "RunPeriod: none → 01-01 to 01-31" in [change.text for change in period.changes]


def find_swap(planned: PlannedCase) -> Change:
    """Return the change that tells of another city's weather."""
    return next(change for change in planned.changes if change.field == "weather")


def test_another_citys_weather_is_a_change_that_says_what_is_kept(library: MemoryLibrary) -> None:
    examined = examine_study(make_study(weather=["chicago", "miami"], baseline=True), library)
    shed = examined.models["shed"].description
    swapped = [plan_edits(examined, shed, point) for point in examined.points if point.weather == "miami"]
    assert len(swapped) == 3
    for planned in swapped:
        swap = find_swap(planned)
        assert swap.text.startswith("Weather of Miami Intl Ap in a model of CHICAGO IL; kept from the model")
        assert "'CHICAGO Ann Htg'" in swap.text
    at_home = [plan_edits(examined, shed, point) for point in examined.points if point.weather == "chicago"]
    assert not any("Weather of" in change.text for planned in at_home for change in planned.changes)


def test_facts_of_the_weather_can_be_given_beside_a_stored_study(shed: ModelDescription) -> None:
    study = Study.model_validate(make_study(weather="miami"))
    planned = plan_edits(study, shed, Points(study)[0], CITIES["miami"])
    assert find_swap(planned).after == "Miami Intl Ap"


def test_a_model_that_is_not_the_examined_one_is_refused(shed: ModelDescription) -> None:
    study = Study.model_validate(
        make_study(insulation(target={"class": "Material", "object": "B", "field": "Thickness"}))
    )
    with pytest.raises(InvalidStudy, match="No Material object is named 'B'"):
        plan_edits(study, shed, Points(study)[0])


def test_the_edits_of_a_real_building_arrive_in_its_file(library: MemoryLibrary) -> None:
    parameters = [
        insulation(name="r", target={"class": "Material", "object": "*Roof Insulation", "field": "Thickness"}),
        insulation(name="l", target={"class": "Lights", "object": "*", "field": "Watts per Floor Area"}, change="scale",
                   values=[0.1, 1 / 3]),
    ]  # fmt: skip
    examined = examine_study(make_study(*parameters, model="warehouse"), library)
    path = find_bundled_file("warehouse", list_bundled_models())
    assert path is not None
    model = BuildingModel.read(path)
    point = next(point for point in examined.points if point.values == {"r": 0.1, "l": 1 / 3})
    planned = plan_edits(examined, examined.models["warehouse"].description, point)
    text = model.render(CaseRequest(planned.edits, examined.study.engine_run_period))
    base = float(model.describe().classes["Lights"][0].values[5])
    assert repr(base * (1 / 3)) in text
    assert len(planned.edits.edits) == 4


def test_a_value_for_what_a_measure_has_removed_makes_no_case() -> None:
    library = MemoryLibrary()
    multiplier = {"class": "FenestrationSurface:Detailed", "object": "Perimeter_ZN_1_wall_south_Window_1"}
    study = {
        **make_study(),
        "model": "small_office",
        "parameters": [
            {"name": "half", "target": {"class": "Building", "object": "*", "field": "North Axis"}, "values": [0, 0.4]},
            {"name": "wwr", "measure": "window_to_wall_ratio", "derived": "half"},
            {"name": "many", "target": {**multiplier, "field": "Multiplier"}, "values": [1]},
        ],
    }
    examined = examine_study(study, library)
    description = examined.models["small_office"].description
    glazed = {point.values["wwr"]: point for point in examined.points}
    with pytest.raises(ModelError, match="a measure before it removes them"):
        plan_edits(examined, description, glazed[0])
