"""The measure `assign_construction`: which surfaces it takes, what it writes, what that costs and does."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from energyplus.measures.assign_construction import AssignConstruction, settle_bill
from energyplus.measures.base import MeasureContext, MeasureError, MeasureReport
from energyplus.measures.constructions import Construction, ConstructionSet, Glazing, Layer
from energyplus.models.building_model import BuildingModel
from energyplus.models.description import ModelDescription, describe_model
from energyplus.models.draft import ModelDraft
from tests.engine.cases import THREE_DAYS, Simulate, ask_for
from tests.engine.measures.boxes import BOX, BOX_AREAS_M2, describe

BRICK = Layer("Brick", "material", "Rough", 0.24, 0.8, 1700, 1000, None, 0.9, 0.65, 0.6)
WOOL = Layer("Wool", "material", "MediumRough", 0.3, 0.035, 40, 1030, None, 0.9, 0.7, 0.7)
FOIL = Layer("Foil", "no_mass", "Smooth", resistance_m2k_w=2.5, thermal_absorptance=0.9, solar_absorptance=0.5,
             visible_absorptance=0.4)  # fmt: skip
GAP = Layer("Gap", "air_gap", resistance_m2k_w=0.18)


def layered(name: str, kind: Any, *layers: Layer) -> Construction:
    """A construction at 100 EUR/m2 and 50 kgCO2e/m2 that lasts 40 years."""
    return Construction(name, kind, layers, None, 100.0, 50.0, 40.0)


SET = ConstructionSet(
    "mine",
    "My set",
    "EUR",
    (
        layered("Thin wall", "exterior_wall", BRICK),
        layered("Thick wall", "exterior_wall", BRICK, GAP, FOIL, WOOL, BRICK),
        layered("Good roof", "roof", BRICK, WOOL),
        layered("Good floor", "ground_floor", WOOL, BRICK),
        layered("Foil floor", "ground_floor", FOIL, BRICK),
        Construction("Triple pane", "window", (), Glazing(0.8, 0.5, 0.6), 500.0, 90.0, 30.0),
        replace(layered("Nobody knows", "exterior_wall", WOOL), cost_per_m2=None, embodied_carbon_kgco2e_m2=None),
    ),
)
CONTEXT = MeasureContext({"mine": SET})
MEASURE = AssignConstruction()


@pytest.fixture
def box(tmp_path: Path) -> ModelDescription:
    return describe(BOX, tmp_path)


def assign(draft: ModelDraft, surfaces: str, value: str) -> MeasureReport:
    return MEASURE.apply(draft, value, arguments(surfaces), CONTEXT)


def arguments(surfaces: str) -> Any:
    return MEASURE.Arguments.model_validate({"set": "mine", "surfaces": surfaces})


def constructions(draft: ModelDraft) -> dict[str, str]:
    """The construction of each surface and opening by its name."""
    classes = ("BuildingSurface:Detailed", "FenestrationSurface:Detailed", "Wall:Exterior", "Window", "GlazedDoor",
               "Roof", "Floor:GroundContact", "Wall:Detailed", "RoofCeiling:Detailed", "Floor:Detailed")  # fmt: skip
    return {entry.name: entry.text("Construction Name") for name in classes for entry in draft.objects(name)}


@pytest.mark.parametrize(
    ("surfaces", "value", "taken"),
    [
        ("exterior_walls", "Thin wall", {"South", "West", "Gable"}),
        ("roofs", "Good roof", {"Office roof", "Slope"}),
        ("ground_floors", "Good floor", {"Office floor", "Store floor"}),
        ("windows", "Triple pane", {"South window", "West window"}),
        ("skylights", "Triple pane", {"Skylight"}),
        ("glass_doors", "Triple pane", {"West glass door"}),
    ],
)
def test_surfaces_are_taken_by_what_they_border_on_and_priced_by_their_net_area(
    box: ModelDescription, surfaces: str, value: str, taken: set[str]
) -> None:
    draft = ModelDraft(box)
    before = constructions(draft)
    report = assign(draft, surfaces, value)
    after = constructions(draft)
    assert {name for name in after if after[name] != before[name]} == taken
    assert {after[name] for name in taken} == {value}
    assert report.objects == len(taken)
    (line,) = settle_bill(draft)
    known = SET.find(value)
    assert known is not None
    assert line.area_m2 == pytest.approx(BOX_AREAS_M2[surfaces], rel=1e-12)
    assert line.cost == pytest.approx(BOX_AREAS_M2[surfaces] * (known.cost_per_m2 or 0), rel=1e-12)
    assert line.embodied_carbon_kgco2e == pytest.approx(
        BOX_AREAS_M2[surfaces] * (known.embodied_carbon_kgco2e_m2 or 0), rel=1e-12
    )
    assert (line.currency, line.service_life_years) == ("EUR", known.service_life_years)


def test_every_layer_is_written_in_full(box: ModelDescription) -> None:
    draft = ModelDraft(box)
    assign(draft, "exterior_walls", "thick WALL")
    added = [(entry.class_name, entry.values) for entry in draft.conclude().added]
    assert added == [
        ("Material", ("Brick", "Rough", 0.24, 0.8, 1700, 1000, 0.9, 0.65, 0.6)),
        ("Material:AirGap", ("Gap", 0.18)),
        ("Material:NoMass", ("Foil", "Smooth", 2.5, 0.9, 0.5, 0.4)),
        ("Material", ("Wool", "MediumRough", 0.3, 0.035, 40, 1030, 0.9, 0.7, 0.7)),
        ("Construction", ("Thick wall", "Brick", "Gap", "Foil", "Wool", "Brick")),
    ]


def test_a_window_is_one_simple_glazing(box: ModelDescription) -> None:
    draft = ModelDraft(box)
    assign(draft, "windows", "Triple pane")
    assert [(entry.class_name, entry.values) for entry in draft.conclude().added] == [
        ("WindowMaterial:SimpleGlazingSystem", ("Triple pane glazing", 0.8, 0.5, 0.6)),
        ("Construction", ("Triple pane", "Triple pane glazing")),
    ]


def test_new_objects_take_no_name_that_the_model_has(tmp_path: Path) -> None:
    taken = "Material,BRICK,Rough,0.1,1,2000,900;\nConstruction,Thin wall,BRICK;\n"
    draft = ModelDraft(describe(BOX + taken, tmp_path))
    assign(draft, "exterior_walls", "Thin wall")
    added = [entry.values[:2] for entry in draft.conclude().added]
    assert added == [("Brick 2", "Rough"), ("Thin wall 2", "Brick 2")]
    assert constructions(draft)["South"] == "Thin wall 2"


def test_parts_are_assigned_one_after_the_other_and_the_bill_has_a_line_for_each(box: ModelDescription) -> None:
    draft = ModelDraft(box)
    for surfaces, value in (("exterior_walls", "Thin wall"), ("roofs", "Good roof"), ("windows", "Triple pane")):
        assign(draft, surfaces, value)
    assert [line.what for line in draft.bill] == [
        "Exterior walls: Thin wall",
        "Roofs: Good roof",
        "Windows: Triple pane",
    ]


@pytest.mark.parametrize("later", [False, True])
def test_a_window_that_another_measure_makes_smaller_leaves_more_wall(box: ModelDescription, later: bool) -> None:
    draft = ModelDraft(box)
    window = draft.find("Window", "West window")
    assert window is not None
    if later:
        assign(draft, "exterior_walls", "Thin wall")
        assign(draft, "windows", "Triple pane")
    window.set("Length", 1.0)
    if not later:
        assign(draft, "exterior_walls", "Thin wall")
        assign(draft, "windows", "Triple pane")
    walls, windows = settle_bill(draft)
    assert walls.area_m2 == pytest.approx(BOX_AREAS_M2["exterior_walls"] + 6 * 1.0, rel=1e-12)
    assert walls.cost == pytest.approx(100 * walls.area_m2, rel=1e-12)
    assert windows.area_m2 == pytest.approx(BOX_AREAS_M2["windows"] - 6 * 1.0, rel=1e-12)


def test_as_is_changes_nothing_and_costs_nothing(box: ModelDescription) -> None:
    draft = ModelDraft(box)
    report = assign(draft, "exterior_walls", "As_Is")
    assert (draft.conclude().edits, draft.conclude().added, draft.bill, report.objects) == ((), (), [], 0)


def test_what_nobody_knows_stays_unknown_on_the_bill(box: ModelDescription) -> None:
    draft = ModelDraft(box)
    assign(draft, "exterior_walls", "Nobody knows")
    assert (draft.bill[0].cost, draft.bill[0].embodied_carbon_kgco2e) == (None, None)


@pytest.mark.parametrize(
    ("value", "told"),
    [("No such wall", "There is no 'No such wall'"), ("Good roof", "'Good roof' is a construction of the kind roof")],
)
def test_a_value_that_is_no_wall_of_the_set_is_refused_with_those_that_are(
    box: ModelDescription, value: str, told: str
) -> None:
    with pytest.raises(MeasureError, match="Thin wall, Thick wall, Nobody knows; or as_is") as refusal:
        assign(ModelDraft(box), "exterior_walls", value)
    assert told in str(refusal.value)


def test_the_set_says_which_values_there_are() -> None:
    assert MEASURE.choices_for(arguments("roofs"), CONTEXT) == ("Good roof", "as_is")
    assert MEASURE.choices_for(arguments("roofs"), MeasureContext()) == ()


def check(description: ModelDescription, surfaces: str, context: MeasureContext = CONTEXT) -> list[tuple[str, str]]:
    found = MEASURE.check(ModelDraft(description), arguments(surfaces), context)
    return [(problem.path, problem.message) for problem in found]


def test_a_model_without_such_surfaces_is_refused(tmp_path: Path) -> None:
    description = describe("Version,25.2;\nZone,Empty;\n", tmp_path)
    ((path, message),) = check(description, "roofs")
    assert path == "arguments.surfaces"
    assert "no roofs" in message
    with pytest.raises(MeasureError, match="no roofs"):
        assign(ModelDraft(description), "roofs", "Good roof")


def test_a_set_without_such_constructions_is_refused(box: ModelDescription) -> None:
    walls = ConstructionSet("mine", "Walls only", "EUR", SET.list_kind("exterior_wall"))
    ((path, message),) = check(box, "roofs", MeasureContext({"mine": walls}))
    assert (path, "of the kind roof" in message) == ("arguments.set", True)


def test_floors_by_f_factors_are_refused_with_advice(models: dict[str, Path]) -> None:
    ((_, message),) = check(describe_model(models["ashrae_office_small"]), "ground_floors")
    assert "F-factor" in message
    assert "Ground" in message


def test_a_kiva_foundation_takes_only_layers_with_mass(tmp_path: Path) -> None:
    kiva = BOX.replace("Store floor,Shared,Store,,Ground", "Store floor,Shared,Store,,Foundation")
    description = describe(kiva, tmp_path)
    assign(ModelDraft(description), "ground_floors", "Good floor")
    with pytest.raises(MeasureError, match=r"'Store floor': .*Kiva.*'Foil floor'"):
        assign(ModelDraft(description), "ground_floors", "Foil floor")


def test_windows_whose_shading_brings_the_old_glass_back_are_refused(tmp_path: Path) -> None:
    control = "WindowShadingControl,Blinds,Office,1,InteriorShade,{},AlwaysOn,,,No,No,{},,,,,Sequential,west window;\n"
    with_construction = describe(BOX + control.format("Glass", ""), tmp_path)
    ((_, message),) = check(with_construction, "windows")
    assert "WindowShadingControl 'Blinds'" in message
    assert check(with_construction, "skylights") == []
    assert check(describe(BOX + control.format("", "Shade"), tmp_path), "windows") == []


def test_frames_that_stay_are_told(tmp_path: Path) -> None:
    framed = BOX.replace("South window,Window,Glass,South,,,,2", "South window,Window,Glass,South,,,Frame,2")
    found = list(MEASURE.check(ModelDraft(describe(framed, tmp_path)), arguments("windows"), CONTEXT))
    assert [problem.is_note for problem in found] == [True]
    assert "1 of 2 windows" in found[0].message


def test_openings_larger_than_their_wall_are_refused(tmp_path: Path) -> None:
    large = BOX.replace("Window,West window,Glass,West,,1,1,1,2,1", "Window,West window,Glass,West,,1,1,1,20,20")
    with pytest.raises(MeasureError, match="Wall:Exterior 'West'"):
        assign(ModelDraft(describe(large, tmp_path)), "exterior_walls", "Thin wall")


def test_a_surface_without_vertices_is_refused(tmp_path: Path) -> None:
    open_ended = BOX.replace("3, 0,0,0, 6,0,0, 3,0,4;", "3, 0,0,0, 6,0,0;")
    with pytest.raises(MeasureError, match="Wall:Detailed 'Gable' has no area"):
        assign(ModelDraft(describe(open_ended, tmp_path)), "exterior_walls", "Thin wall")


@pytest.mark.engine
def test_areas_agree_with_the_engine_and_better_walls_need_less_heating(
    small_office: BuildingModel, simulate: Simulate, tmp_path: Path
) -> None:
    heating, bills = {}, {}
    for value in ("Thin wall", "Thick wall"):
        draft = ModelDraft(small_office.describe())
        assign(draft, "exterior_walls", value)
        assign(draft, "windows", "Triple pane")
        assign(draft, "glass_doors", "Triple pane")
        request = replace(ask_for((), THREE_DAYS), edits=draft.conclude())
        outcome = simulate(small_office.render(request), tmp_path / value)
        assert (outcome.status, outcome.metrics["severe_errors"]) == ("succeeded", 0)
        heating[value], bills[value] = outcome.metrics["heating_kwh"], draft.bill
    assert heating["Thick wall"] < 0.9 * heating["Thin wall"]
    with sqlite3.connect(tmp_path / "Thick wall" / "eplusout.sql") as results:
        (walls_m2,) = results.execute(
            "SELECT SUM(Area) FROM Surfaces WHERE ClassName = 'Wall' AND ExtBoundCond = 0"
        ).fetchone()
        (windows_m2,) = results.execute("SELECT SUM(Area) FROM Surfaces WHERE ClassName = 'Window'").fetchone()
    wall, window, glass_door = (line.area_m2 for line in bills["Thick wall"])
    assert (wall, window + glass_door) == pytest.approx((walls_m2, windows_m2), rel=1e-6)
