"""Rendering cases: edits, run period and outputs; most of it without the engine."""

import threading
from pathlib import Path

import pytest

from energyplus.errors import ModelError
from energyplus.models.building_model import BuildingModel, FieldEdit, RunPeriod
from energyplus.models.model_text import read_model_file
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS, Simulate, ask_for

ANNUAL = RunPeriod()


def values_of(text: str, folder: Path, class_name: str) -> list[tuple[str, ...]]:
    path = folder / "rendered.idf"
    path.write_text(text)
    return [entry.values for entry in read_model_file(path).objects if entry.class_name == class_name]


def test_an_edited_field_shows_up_with_every_digit_and_nothing_else_changes(
    small_office: BuildingModel, tmp_path: Path
) -> None:
    value = 0.1234567890123456789
    before = values_of(small_office.render(ask_for([], ANNUAL)), tmp_path, "Lights")
    after = values_of(small_office.render(ask_for([FieldEdit("Lights", 1, 5, value)], ANNUAL)), tmp_path, "Lights")
    assert float(after[1][5]) == value
    assert (after[0], *after[2:]) == (before[0], *before[2:])
    assert after[1][:5] == before[1][:5]


def test_rendering_leaves_the_base_model_as_it_was(small_office: BuildingModel) -> None:
    before = small_office.render(ask_for([], ANNUAL))
    small_office.render(ask_for([FieldEdit("Lights", 0, 5, 3.0), FieldEdit("RunPeriod", 0, 1, 5)], THREE_DAYS))
    assert small_office.render(ask_for([], ANNUAL)) == before


def test_a_vertex_of_a_surface_can_be_edited(small_office: BuildingModel, tmp_path: Path) -> None:
    class_name = "BuildingSurface:Detailed"
    index = 11 + 3 * 3 + 2
    after = values_of(
        small_office.render(ask_for([FieldEdit(class_name, 4, index, 3.25)], ANNUAL)), tmp_path, class_name
    )
    assert after[4][index] == "3.25"


def test_a_field_past_the_end_of_an_object_is_reached_over_blanks(small_office: BuildingModel, tmp_path: Path) -> None:
    count = len(small_office.describe().classes["Lights"][0].values)
    edit = FieldEdit("Lights", 0, 15, "a node")
    assert count < 15
    after = values_of(small_office.render(ask_for([edit], ANNUAL)), tmp_path, "Lights")
    assert after[0][count:] == (*[""] * (15 - count), "a node")


def test_a_field_can_be_made_blank_or_autosized(small_office: BuildingModel, tmp_path: Path) -> None:
    class_name = "Coil:Cooling:DX:SingleSpeed"
    edits = [FieldEdit(class_name, 0, 2, "Autosize"), FieldEdit(class_name, 1, 2, "")]
    after = values_of(small_office.render(ask_for(edits, ANNUAL)), tmp_path, class_name)
    assert [entry[2] for entry in after[:2]] == ["Autosize", ""]


def test_of_two_edits_of_one_field_the_later_holds(small_office: BuildingModel, tmp_path: Path) -> None:
    edits = [FieldEdit("Lights", 0, 5, 5.0), FieldEdit("Lights", 0, 5, 7.5), FieldEdit("Lights", 0, 6, 1)]
    after = values_of(small_office.render(ask_for(edits, ANNUAL)), tmp_path, "Lights")
    assert (after[0][5], after[0][6]) == ("7.5", "1")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (FieldEdit("Lightz", 0, 5, 1.0), "no class 'Lightz'"),
        (FieldEdit("Lights", 5, 5, 1.0), "it has 5 Lights, none at position 5"),
        (FieldEdit("Lights", 0, 99, 1.0), "Lights has no field 99"),
        (FieldEdit("Lights", 0, 5, float("nan")), "Watts per Floor Area: nan is not a finite number"),
        (FieldEdit("Lights", 0, 5, "1;\nOutput:SQLite,Simple"), "a character that IDF cannot hold"),
        (FieldEdit("Output:Variable", 0, 1, "x"), "Output:Variable cannot vary"),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused_by_name(
    small_office: BuildingModel, edit: FieldEdit, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        small_office.render(ask_for([edit], ANNUAL))


def test_the_models_own_outputs_give_way_to_the_farms(small_office: BuildingModel, tmp_path: Path) -> None:
    assert "Output:Table:Monthly" in small_office.describe().classes
    text = small_office.render(ask_for([], ANNUAL))
    assert values_of(text, tmp_path, "Output:Table:Monthly") == []
    assert values_of(text, tmp_path, "Output:Meter") == [("*", "RunPeriod")]
    assert values_of(text, tmp_path, "Output:SQLite") == [("SimpleAndTabular", "None", "No")]
    assert values_of(text, tmp_path, "OutputControl:ReportingTolerances") != []


def test_threads_may_render_one_model_at_once(small_office: BuildingModel) -> None:
    def render(number: int) -> None:
        for _ in range(20):
            rendered[number] = small_office.render(ask_for([FieldEdit("Lights", 0, 5, float(number))], ANNUAL))

    rendered: dict[int, str] = {}
    threads = [threading.Thread(target=render, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rendered == {
        n: small_office.render(ask_for([FieldEdit("Lights", 0, 5, float(n))], ANNUAL)) for n in range(4)
    }


EPJSON = """{
  "Version": {"Version 1": {"version_identifier": "25.2"}},
  "ZoneList": {"all": {"zones": [{"zone_name": "one"}, {"zone_name": "two"}]}},
  "Zone": {"one": {"ceiling_height": "Autocalculate", "x_origin": 1.5}, "two": {"multiplier": 2}}
}"""


def test_an_epjson_model_is_read_like_its_idf_twin(tmp_path: Path) -> None:
    (tmp_path / "twin.epJSON").write_text(EPJSON)
    classes = BuildingModel.read(tmp_path / "twin.epJSON").describe().classes
    assert classes["ZoneList"][0].values == ("all", "one", "two")
    assert [entry.name for entry in classes["Zone"]] == ["one", "two"]
    assert classes["Zone"][0].values == ("one", "", "1.5", "", "", "", "", "Autocalculate")


@pytest.mark.engine
def test_edits_reach_the_simulation(
    small_office: BuildingModel, simulate: Simulate, good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    before = good_run[0].metrics["interior_lighting_kwh"]
    assert before
    lights = small_office.describe().classes["Lights"]
    edits = [FieldEdit("Lights", n, 5, 2 * float(entry.values[5])) for n, entry in enumerate(lights)]
    outcome = simulate(small_office.render(ask_for(edits, THREE_DAYS)), tmp_path)
    assert outcome.metrics["interior_lighting_kwh"] == pytest.approx(2 * before, rel=1e-12)


@pytest.mark.engine
def test_a_moved_vertex_reaches_the_simulation(
    small_office: BuildingModel, simulate: Simulate, good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    class_name = "BuildingSurface:Detailed"
    surfaces = small_office.describe().classes[class_name]
    roof = next(n for n, entry in enumerate(surfaces) if entry.values[1] == "Roof")
    edit = FieldEdit(class_name, roof, 13, float(surfaces[roof].values[13]) + 1.0)
    outcome = simulate(small_office.render(ask_for([edit], THREE_DAYS)), tmp_path)
    assert outcome.failure is None
    assert outcome.metrics["heating_kwh"] != good_run[0].metrics["heating_kwh"]
