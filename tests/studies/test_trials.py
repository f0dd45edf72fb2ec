"""Cases that are made up before anything runs: set-points that cross are told, with a case that has them."""

from typing import Any

import pytest

from studies.cases import trials
from studies.cases.trials import note_trials
from studies.checks.examination import examine_study
from tests.studies.conftest import SHED, MemoryLibrary, insulation, make_description, make_study

HEATED = {
    **SHED,
    "Schedule:Constant": [("Always On", "", "1"), ("Warm", "", "20"), ("Cool", "", "24")],
    "ThermostatSetpoint:DualSetpoint": [("Comfort", "Warm", "Cool")],
}
WARM = {"class": "Schedule:Constant", "object": "Warm", "field": "Hourly Value"}
COOL = {"class": "Schedule:Constant", "object": "Cool", "field": "Hourly Value"}


@pytest.fixture
def library() -> MemoryLibrary:
    crossed = {**HEATED, "Schedule:Constant": [("Always On", "", "1"), ("Warm", "", "25"), ("Cool", "", "24")]}
    return MemoryLibrary({"shed": make_description(HEATED), "crossed": make_description(crossed)})


def note(library: MemoryLibrary, *parameters: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    examined = examine_study(make_study(*parameters, **changes), library)
    return [(found.path, found.message) for found in note_trials(examined)]


def test_nothing_is_told_of_set_points_that_keep_apart(library: MemoryLibrary) -> None:
    assert note(library, insulation(target=WARM, values=[18, 22])) == []
    assert note(library, insulation()) == []


def test_a_set_point_that_crosses_the_other_is_told_once_with_a_case(library: MemoryLibrary) -> None:
    ((path, message),) = note(library, insulation(target=WARM, values=[18, 26]))
    assert path == "parameters"
    assert "heating to 26 C is above cooling to 24 C" in message
    assert message.endswith("(where `insulation_m` is 26).")


def test_two_parameters_that_cross_only_together_are_found_in_the_first_cases(library: MemoryLibrary) -> None:
    parameters = [
        insulation(name="warm", target=WARM, values=[20, 23]), insulation(name="cool", target=COOL, values=[22, 26]),
    ]  # fmt: skip
    ((_, message),) = note(library, *parameters)
    assert "heating to 23 C is above cooling to 22 C" in message
    assert "(in case " in message

    several = note(library, *parameters, weather=["chicago", "miami"])
    assert len(several) == 1


def test_a_crossing_is_told_once_however_many_cases_have_it(library: MemoryLibrary) -> None:
    cool = insulation(name="cool", target=COOL, values=[22, 26])
    warm = insulation(name="warm", target=WARM, values=[20, 23, 23.5])
    messages = [message for _, message in note(library, warm, cool)]
    assert len(messages) == 2
    lights = {"class": "Schedule:Constant", "object": "Always On", "field": "Hourly Value"}
    lit = insulation(name="lit", target=lights, values=[0.5, 0.6])
    (_, message) = note(library, warm | {"values": [20, 23]}, cool, lit)[0]
    assert message.endswith("1 other one of those tried).")


def test_the_ends_of_a_range_are_tried(library: MemoryLibrary) -> None:
    warm = insulation(target=WARM, values=..., uniform=[18, 24.5])
    assert note(library, warm, design={"method": "lhs", "samples": 1}) != []


def test_set_points_that_cross_in_the_model_itself_are_its_own(library: MemoryLibrary) -> None:
    assert note(library, insulation(), model="crossed") == []
    lights = {"class": "Schedule:Constant", "object": "Always On", "field": "Hourly Value"}
    assert note(library, insulation(target=lights, values=[0.5]), model="crossed") == []


def test_measures_of_set_points_are_tried_in_a_real_building(library: MemoryLibrary) -> None:
    heat = {"name": "heat_k", "measure": "heating_setpoint", "arguments": {"on_conflict": "move"}}
    turn = {"name": "turn", "measure": "rotate", "values": [0, 90]}
    assert note(library, {**heat, "values": [0, 2]}, turn, model="small_office") == []


def test_trials_end_where_so_many_values_were_written(library: MemoryLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    warm = insulation(target=WARM, values=[18, 26])
    monkeypatch.setattr(trials, "MOST_WRITTEN", 1)
    assert note(library, warm) == []  # the lower end alone was tried
    monkeypatch.setattr(trials, "MOST_WRITTEN", 2)
    assert len(note(library, warm)) == 1
