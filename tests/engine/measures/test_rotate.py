"""Turning a building: what turns, what does not, and that the engine sees what is meant."""

from pathlib import Path

import pytest

from energyplus.measures.base import MeasureError
from energyplus.models.case_objects import CaseEdits
from tests.engine.measures.box import BOX, apply, check, draft_of

OPENING = "ZoneVentilation:WindandStackOpenArea,Flap,Room,1,,Autocalculate,{angle};\n"


@pytest.mark.parametrize(("before", "by", "after"), [(0, 30, 30), (350, 30, 20), (-90, 45, 315), (10, -20, 350)])
def test_the_north_axis_is_raised_by_the_value(before: float, by: float, after: float) -> None:
    draft = draft_of(BOX.replace("Box,0,", f"Box,{before},"))
    report = apply(draft, "rotate", by)
    assert draft.objects("Building")[0].number("North Axis") == after
    assert (report.before, report.after, report.unit) == (before, after, "deg")


def test_two_turns_add_up() -> None:
    draft = draft_of()
    apply(draft, "rotate", 30)
    apply(draft, "rotate", 45)
    assert draft.objects("Building")[0].number("North Axis") == 75


def test_a_full_turn_changes_nothing() -> None:
    draft = draft_of(BOX.replace("Box,0,", "Box,-90,") + OPENING.format(angle=10))
    assert apply(draft, "rotate", 360).objects == 0
    assert draft.conclude() == CaseEdits()


@pytest.mark.parametrize("systems", ["World,Relative,Relative", "World,World,World", "Relative,World,Relative"])
def test_world_coordinates_are_turned_by_the_rotation_that_reaches_them(systems: str) -> None:
    text = BOX.replace("Relative,Relative,Relative", systems) + "Daylighting:ReferencePoint,Desk,Room,5,3,0.8;\n"
    draft = draft_of(text)
    apply(draft, "rotate", 30)
    assert draft.objects("Building")[0].number("North Axis") == 0
    assert [entry.values for entry in draft.objects("Compliance:Building")] == [(30.0,)]
    apply(draft, "rotate", 350)
    assert [entry.values for entry in draft.objects("Compliance:Building")] == [(20.0,)]


def test_world_coordinates_of_what_the_model_does_not_have_do_not_count() -> None:
    draft = draft_of(BOX.replace("Relative,Relative,Relative", "Relative,World,World"))
    apply(draft, "rotate", 30)
    assert draft.objects("Building")[0].number("North Axis") == 30


def test_what_the_wind_meets_is_turned_as_well() -> None:
    draft = draft_of(
        BOX
        + OPENING.format(angle=300)
        + "AirflowNetwork:SimulationControl,Air,MultizoneWithoutDistribution,"
        + "SurfaceAverageCalculation,,LowRise,,,,,,170;\n"
    )
    assert apply(draft, "rotate", 90).objects == 3
    assert draft.objects("ZoneVentilation:WindandStackOpenArea")[0].number("Effective Angle") == 30
    axis = draft.objects("AirflowNetwork:SimulationControl")[0].number("Azimuth Angle of Long Axis of Building")
    assert axis == 80  # 260 degrees is the same axis


def test_what_cannot_be_turned_is_told() -> None:
    assert check(draft_of(), "rotate") == []
    notes = check(draft_of(BOX + "Schedule:File:Shading,sun.csv;\n"), "rotate")
    assert [path for path, _ in notes] == ["measure"]
    assert notes[0][1].startswith("note: ")
    bare = BOX.replace("Building,Box,0,Suburbs,0.04,0.4,FullExterior,25,6;", "")
    assert check(draft_of(bare), "rotate")[0][1].startswith("The model has no Building")
    with pytest.raises(MeasureError, match="no Building"):
        apply(draft_of(bare), "rotate", 10)


def test_the_file_of_the_measure_names_its_source() -> None:
    import energyplus.measures.rotate as module

    assert "OpenStudio" in Path(module.__file__).read_text()
