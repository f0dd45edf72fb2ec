"""Asked-for time series: what is refused before anything runs, what is told, and how large they will be."""

from collections.abc import Callable
from typing import Any

import pytest

from energyplus.bundled import list_bundled_models
from energyplus.models.description import describe_model
from energyplus.outputs import OutputRequest
from studies.checks.examination import ExaminedStudy, examine_study
from studies.checks.meters import is_meter
from studies.problems import Problem
from tests.studies.conftest import MemoryLibrary, make_study

Refuse = Callable[..., dict[str, Problem]]
ELECTRICITY = {"meter": "Electricity:Facility", "frequency": "hourly"}


def examine(*outputs: dict[str, Any], **changes: Any) -> ExaminedStudy:
    study = make_study(model="small_office", parameters=[], outputs=list(outputs), **changes)
    return examine_study(study, MemoryLibrary())


def variable(name: str, frequency: str = "hourly", **more: str) -> dict[str, str]:
    return {"variable": name, "frequency": frequency, **more}


def test_a_study_carries_its_outputs_to_the_engine_room() -> None:
    study = examine(ELECTRICITY, variable("Zone Mean Air Temperature", "monthly", key="Core_ZN"), keep="full").study
    assert study.output_requests == (
        OutputRequest("meter", "Electricity:Facility", "hourly"),
        OutputRequest("variable", "Zone Mean Air Temperature", "monthly", "Core_ZN"),
    )
    assert study.keep == "full"
    assert (examine().study.output_requests, examine().study.keep) == ((), "metrics")


def test_what_a_study_leaves_out_of_an_output_stays_left_out_when_it_is_stored() -> None:
    assert examine(ELECTRICITY).study.model_dump(mode="json")["outputs"] == [ELECTRICITY]


@pytest.mark.parametrize(
    "name",
    [
        "electricity:facility",
        "NaturalGas:HVAC",
        "Heating:NaturalGas",
        "Fans:Electricity:Zone:Core_ZN",
        "Electricity:Zone:CORE_ZN",
        "General:InteriorLights:Electricity",
        "Electricity:SpaceType:Office",
        "CO2:Facility",
    ],
)
def test_meters_of_every_form_are_accepted(name: str) -> None:
    assert not examine({"meter": name, "frequency": "daily"}).notes


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Elektricity:Facility", "Electricity:Facility"),
        ("Heating:Gass", "Heating:NaturalGas"),
        ("Electricity", "Electricity:Facility"),
        ("Electricity:Zone:Lobby", "Electricity:Facility"),
        ("*", "Electricity:Facility"),
    ],
)
def test_a_name_that_no_meter_can_have_is_refused_with_the_nearest_ones(
    refuse: Refuse, name: str, nearest: str
) -> None:
    problems = refuse(make_study(model="small_office", parameters=[], outputs=[{"meter": name, "frequency": "daily"}]))
    assert list(problems) == ["outputs[0].meter"]
    assert nearest in problems["outputs[0].meter"].accepted


@pytest.mark.parametrize("alias", ["small_office", "ashrae_office_medium", "hospital"])
def test_every_meter_that_a_bundled_model_asks_for_itself_passes(alias: str) -> None:
    description = describe_model(next(entry.path for entry in list_bundled_models() if entry.alias == alias))
    classes = ("Output:Meter", "Output:Meter:MeterFileOnly")
    asked = {entry.values[0] for name in classes for entry in description.classes.get(name, ())}
    assert asked
    assert {name for name in asked if not is_meter(name, description)} == set()


@pytest.mark.parametrize("key", ["*", "core_zn", "Environment", "Whole Building", "iz-Perimeter_ZN_1_wall_north"])
def test_keys_of_objects_and_of_the_engine_are_accepted(key: str) -> None:
    assert not examine(variable("Zone Mean Air Temperature", key=key)).notes


def test_a_key_that_names_nothing_is_refused_with_the_nearest_ones(refuse: Refuse) -> None:
    outputs = [variable("Zone Mean Air Temperature", key="Core_ZM")]
    problem = refuse(make_study(model="small_office", parameters=[], outputs=outputs))["outputs[0].key"]
    assert problem.message == "Write the name of an object, or \"*\" for every one: there is none called 'Core_ZM'."
    assert problem.accepted[0] == "Core_ZN"


def test_a_key_of_one_model_among_several_is_a_note_that_names_the_others() -> None:
    study = make_study(
        model=["small_office", "warehouse"],
        parameters=[],
        outputs=[variable("Zone Mean Air Temperature", key="Core_ZN")],
    )
    notes = {note.path: note.message for note in examine_study(study, MemoryLibrary()).notes}
    assert notes["outputs[0].key"] == "Nothing is called 'Core_ZN' in warehouse: cases of it report no such series."


@pytest.mark.parametrize(
    ("outputs", "path", "message"),
    [
        ([ELECTRICITY, {**ELECTRICITY, "meter": "ELECTRICITY:FACILITY"}], "outputs[1]",
         "Leave it out: outputs[0] asks for it already."),
        ([variable("Zone Mean Air Temperature"), variable("zone mean air temperature", key="Core_ZN")], "outputs[1]",
         "Leave it out: outputs[0] asks for it already."),
        ([{**ELECTRICITY, "key": "*"}], "outputs[0].key",
         "Leave `key` out: only a variable has one. The meter of a zone is called like Electricity:Zone:NAME."),
        ([variable("Zone Mean Air Temperature [C]")], "outputs[0].variable",
         "Leave the unit out: it comes with the values."),
        ([variable("Zone *")], "outputs[0].variable", "Name one variable; only a `key` can be `*`."),
    ],
)  # fmt: skip
def test_an_output_that_makes_no_sense_is_one_problem(
    refuse: Refuse, outputs: list[dict[str, str]], path: str, message: str
) -> None:
    problems = refuse(make_study(model="small_office", parameters=[], outputs=outputs))
    assert {found: problem.message for found, problem in problems.items()} == {path: message}


def test_the_same_series_at_two_frequencies_is_two_series() -> None:
    assert len(examine(ELECTRICITY, {**ELECTRICITY, "frequency": "monthly"}).study.outputs) == 2


@pytest.mark.parametrize(
    ("output", "run_period", "values"),
    [
        (ELECTRICITY, "annual", 365 * 24),
        ({**ELECTRICITY, "frequency": "timestep"}, {"start": "01-01", "end": "01-02"}, 2 * 24 * 6),
        ({**ELECTRICITY, "frequency": "monthly"}, {"start": "01-31", "end": "03-01"}, 3),
        ({**ELECTRICITY, "frequency": "run_period"}, "annual", 1),
        ({**ELECTRICITY, "frequency": "daily"}, "design_days", 2),
        (variable("Zone Mean Air Temperature", "daily"), {"start": "01-01", "end": "01-10"}, 6 * 10),
        (variable("Zone Mean Air Temperature", "daily", key="Core_ZN"), {"start": "01-01", "end": "01-10"}, 10),
        (variable("Site Outdoor Air Drybulb Temperature"), {"start": "01-01", "end": "01-01"}, 24),
    ],
)
def test_the_values_of_a_case_are_estimated(output: dict[str, str], run_period: Any, values: int) -> None:
    assert examine(output, run_period=run_period).series_values == values


def test_more_values_than_a_case_can_hold_are_refused_with_their_number(refuse: Refuse) -> None:
    outputs = [variable(f"Surface Variable {n}", "timestep") for n in range(20)]
    problem = refuse(make_study(model="small_office", parameters=[], outputs=outputs))["outputs"]
    assert problem.message.startswith("Ask for fewer series, or less often: about ")
    assert problem.found > 20_000_000
    assert problem.accepted == "at most 20,000,000 values in a case"
