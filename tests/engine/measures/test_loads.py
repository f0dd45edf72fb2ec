"""Lights, equipment and infiltration of zones, on a room of 10 m x 6 m x 3 m: 60 m2, 180 m3, outside 96 + 60 m2."""

import pytest

from energyplus.measures.base import MeasureError
from energyplus.models.draft import ModelDraft
from tests.engine.measures.box import BOX, apply, check, draft_of

FLOOR_M2, VOLUME_M3 = 60.0, 180.0
WALLS_M2 = 2 * 10 * 3 + 2 * 6 * 3  # 96
OUTSIDE_M2 = WALLS_M2 + 60  # with the roof
LAMPS = "Lights,Lamps,Room,Always,Watts/Area,,10,,0,0.4,0.2,1,General;\n"
SPOTS = "Lights,Spots,Room,Evenings,LightingLevel,200,,,0,0.5,0.1,1,Task;\n"


def fields(draft: ModelDraft, class_name: str, name: str) -> tuple[object, ...]:
    entry = draft.find(class_name, name)
    assert entry is not None
    return entry.values


def test_lights_get_the_power_per_area_and_keep_everything_else() -> None:
    draft = draft_of(BOX + LAMPS)
    report = apply(draft, "lighting_power_density", 6.5)
    assert fields(draft, "Lights", "Lamps") == (
        "Lamps", "Room", "Always", "Watts/Area", "", 6.5, "", "0", "0.4", "0.2", "1", "General",
    )  # fmt: skip
    assert (report.before, report.after, report.unit) == (10.0, 6.5, "W/m2")
    assert report.text == "10 → 6.5 W/m2 in 1 object"


def test_another_method_gives_way_and_its_field_becomes_blank() -> None:
    draft = draft_of(BOX + SPOTS)
    report = apply(draft, "lighting_power_density", 6.5)
    assert fields(draft, "Lights", "Spots")[2:7] == ("Evenings", "Watts/Area", "", 6.5, "")
    assert report.before == pytest.approx(200 / FLOOR_M2)


def test_two_lights_of_a_zone_share_the_value_as_they_shared_the_power() -> None:
    draft = draft_of(BOX + LAMPS + SPOTS)
    report = apply(draft, "lighting_power_density", 8.0)
    # 10 W/m2 * 60 m2 = 600 W and 200 W: three quarters and one quarter of 8 W/m2
    assert fields(draft, "Lights", "Lamps")[5] == pytest.approx(6.0)
    assert fields(draft, "Lights", "Spots")[5] == pytest.approx(2.0)
    assert report.before == pytest.approx(800 / FLOOR_M2)


def test_an_excluded_object_keeps_its_load() -> None:
    draft = draft_of(BOX + LAMPS + SPOTS)
    apply(draft, "lighting_power_density", 8.0, exclude=["sp?ts"])
    assert fields(draft, "Lights", "Lamps")[5] == 8.0
    assert fields(draft, "Lights", "Spots")[4] == "200"


def test_lists_of_zones_and_spaces_are_what_loads_may_be_written_for() -> None:
    text = BOX + "ZoneList,All,Room;\n" + LAMPS.replace("Room", "All")
    assert apply(draft_of(text), "lighting_power_density", 6.0, zones=["a*"]).before == pytest.approx(10.0)
    with pytest.raises(MeasureError, match="No Lights is written for these zones: Hall"):
        apply(draft_of(text), "lighting_power_density", 6.0, zones=["Hall"])
    space = BOX.replace("Ground,Floor,Slab,Room,,", "Ground,Floor,Slab,Room,Desks,") + "Space,Desks,Room;\n"
    assert apply(draft_of(space + SPOTS.replace("Room", "Desks")), "lighting_power_density", 6.0).before == (
        pytest.approx(200 / FLOOR_M2)
    )


def test_a_zone_that_has_lights_in_two_ways_is_refused() -> None:
    text = BOX + "ZoneList,All,Room;\n" + LAMPS + SPOTS.replace("Room", "All")
    with pytest.raises(MeasureError, match="Zone 'room' has loads through 'room' and 'all'"):
        apply(draft_of(text), "lighting_power_density", 6.0)


def test_a_zone_and_a_space_of_it_that_both_have_lights_are_refused() -> None:
    space = BOX.replace("Ground,Floor,Slab,Room,,", "Ground,Floor,Slab,Room,Desks,") + "Space,Desks,Room;\n"
    with pytest.raises(MeasureError, match="Space 'desks' has loads through 'room' and 'desks'"):
        apply(draft_of(space + LAMPS + SPOTS.replace("Room", "Desks")), "lighting_power_density", 6.0)


def test_what_surfaces_without_vertices_measure_is_not_known() -> None:
    text = BOX + "Wall:Exterior,Plain,Wall,Room,,180,90,0,0,3,10,3;\n"
    leaks = "ZoneInfiltration:DesignFlowRate,{},Room,Always,{};\n"
    per_area = leaks.format("Leaks", "Flow/ExteriorArea,,,0.001")
    assert apply(draft_of(text + per_area), "infiltration_air_changes", 0.2).before is None
    with pytest.raises(MeasureError, match="how large each is cannot be told"):
        apply(draft_of(text + per_area + leaks.format("Gaps", "Flow/Zone,0.01")), "infiltration_air_changes", 0.2)


def test_what_is_given_per_person_cannot_be_shared() -> None:
    spots = SPOTS.replace("LightingLevel,200,,", "Watts/Person,,,50")
    with pytest.raises(MeasureError, match="'Lamps', 'Spots' are in one zone, and how large each is cannot be told"):
        apply(draft_of(BOX + LAMPS + spots), "lighting_power_density", 6.0)
    alone = apply(draft_of(BOX + spots), "lighting_power_density", 6.0)
    assert (alone.before, alone.text) == (None, "6 W/m2 in 1 object")


def test_equipment_is_set_like_lights() -> None:
    draft = draft_of(BOX + "ElectricEquipment,Desks,Room,Always,EquipmentLevel,480,,,0,0.5,0,Plugs;\n")
    report = apply(draft, "equipment_power_density", 5.0)
    assert fields(draft, "ElectricEquipment", "Desks")[3:8] == ("Watts/Area", "", 5.0, "", "0")
    assert report.before == pytest.approx(480 / FLOOR_M2)


@pytest.mark.parametrize(
    ("method", "values", "flow"),
    [
        ("Flow/Zone", "0.06,,,", 0.06),
        ("Flow/Area", ",0.001,,", 0.001 * FLOOR_M2),
        ("Flow/ExteriorArea", ",,0.001,", 0.001 * OUTSIDE_M2),
        ("Flow/ExteriorWallArea", ",,0.001,", 0.001 * WALLS_M2),
        ("AirChanges/Hour", ",,,0.5", 0.5 * VOLUME_M3 / 3600),
    ],
)
def test_infiltration_comes_from_any_method_to_the_one_that_is_set(method: str, values: str, flow: float) -> None:
    text = BOX + f"ZoneInfiltration:DesignFlowRate,Leaks,Room,Always,{method},{values},0.6,0.03,0.1,0;\n"
    draft = draft_of(text)
    report = apply(draft, "infiltration_air_changes", 0.2)
    assert report.before == pytest.approx(flow * 3600 / VOLUME_M3, rel=1e-12)
    assert fields(draft, "ZoneInfiltration:DesignFlowRate", "Leaks")[3:] == (
        "AirChanges/Hour", "", "", "", 0.2, "0.6", "0.03", "0.1", "0",
    )  # fmt: skip
    for area, m2, wanted in (
        ("exterior", OUTSIDE_M2, "Flow/ExteriorArea"),
        ("exterior_wall", WALLS_M2, "Flow/ExteriorWallArea"),
        ("floor", FLOOR_M2, "Flow/Area"),
    ):
        draft = draft_of(text)
        report = apply(draft, "infiltration_per_area", 0.0004, area=area)
        assert report.before == pytest.approx(flow / m2, rel=1e-12)
        values_now = fields(draft, "ZoneInfiltration:DesignFlowRate", "Leaks")
        assert str(values_now[3]).casefold() == wanted.casefold()
        assert [value for value in values_now[4:8] if value != ""] == [0.0004]


def test_a_volume_or_floor_area_that_the_zone_states_is_the_one_that_counts() -> None:
    text = BOX.replace("Zone,Room,0,0,0,0;", "Zone,Room,0,0,0,0,1,1,,200,50;")
    leaks = "ZoneInfiltration:DesignFlowRate,Leaks,Room,Always,Flow/Zone,0.1;\n"
    assert apply(draft_of(text + leaks), "infiltration_air_changes", 0.2).before == pytest.approx(0.1 * 3600 / 200)
    assert apply(draft_of(text + SPOTS), "lighting_power_density", 1.0).before == pytest.approx(200 / 50)
    height = BOX.replace("Zone,Room,0,0,0,0;", "Zone,Room,0,0,0,0,1,1,4;")
    assert apply(draft_of(height + leaks), "infiltration_air_changes", 0.2).before == pytest.approx(0.1 * 3600 / 240)


def test_a_model_without_such_loads_is_told() -> None:
    assert check(draft_of(), "lighting_power_density") == [
        ("measure", "Choose another measure: the model has no Lights.")
    ]
    assert check(draft_of(BOX + LAMPS), "lighting_power_density", zones=["Room", "Hall"])[0][0] == "arguments.zones[1]"
    with pytest.raises(MeasureError, match="No ElectricEquipment"):
        apply(draft_of(), "equipment_power_density", 5.0)


def test_a_model_of_an_older_version_has_the_same_places_under_other_names() -> None:
    draft = draft_of(BOX.replace("Version,25.2;", "Version,9.2;").replace(",Room,,", ",Room,") + LAMPS + SPOTS, "9.2")
    assert apply(draft, "lighting_power_density", 8.0).before == pytest.approx(800 / FLOOR_M2)
    lamps = draft.find("Lights", "Lamps")
    assert lamps is not None
    assert lamps.number("Watts per Zone Floor Area") == pytest.approx(6.0)
