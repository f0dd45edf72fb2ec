"""Outdoor air, plant and coils: which fields, and by how much."""

import pytest

from energyplus.measures.base import MeasureError
from energyplus.models.draft import ModelDraft
from tests.engine.measures.box import apply, check, draft_of

HEAD = "Version,25.2;\n"
AIR = """
DesignSpecification:OutdoorAir,Office,Sum,0.0025,0.0003;
DesignSpecification:OutdoorAir,Hall,Flow/Person,;
DesignSpecification:OutdoorAir,Store,Flow/Zone,,,0.05;
DesignSpecification:OutdoorAir,Cellar,AirChanges/Hour,,,,0.5;
ZoneVentilation:DesignFlowRate,Window,Room,Always,Flow/Area,,0.001;
Controller:OutdoorAir,Loop,a,b,c,d,0.4,Autosize;
Controller:OutdoorAir,Free,a,b,c,d,Autosize,Autosize;
Sizing:System,Loop,VentilationRequirement,1.2;
"""


def numbers(draft: ModelDraft, class_name: str, *fields: int) -> list[tuple[float | int | None, ...]]:
    return [tuple(entry.number(field) for field in fields) for entry in draft.objects(class_name)]


def test_every_design_flow_is_multiplied() -> None:
    draft = draft_of(HEAD + AIR)
    report = apply(draft, "outdoor_air_rate", 0.5)
    # a blank flow per person is 0.00944 m3/s to the engine where persons are counted, and nothing elsewhere
    assert numbers(draft, "DesignSpecification:OutdoorAir", 2, 3, 4, 5) == [
        (0.00125, 0.00015, None, None),
        (0.00472, None, None, None),
        (None, None, 0.025, None),
        (None, None, None, 0.25),
    ]
    assert numbers(draft, "Controller:OutdoorAir", 5) == [(0.2,), (None,)]
    assert numbers(draft, "Sizing:System", 2) == [(0.6,)]
    assert numbers(draft, "ZoneVentilation:DesignFlowRate", 5) == [(0.001,)]
    assert (report.after, report.objects, report.text) == (0.5, 6, "times 0.5 in 6 objects")


def test_ventilation_of_zones_is_scaled_where_it_is_asked_for() -> None:
    draft = draft_of(HEAD + AIR)
    apply(draft, "outdoor_air_rate", 2, zone_ventilation=True)
    assert numbers(draft, "ZoneVentilation:DesignFlowRate", 5) == [(0.002,)]


def test_chosen_specifications_leave_fixed_flows_of_air_loops_alone() -> None:
    draft = draft_of(HEAD + AIR)
    apply(draft, "outdoor_air_rate", 0.5, specifications=["sto*"])
    assert [edit.class_name for edit in draft.conclude().edits] == ["DesignSpecification:OutdoorAir"]
    assert check(draft_of(HEAD + AIR), "outdoor_air_rate", specifications=["Attic"])[-1][0] == (
        "arguments.specifications[0]"
    )
    with pytest.raises(MeasureError, match="no flow"):
        apply(draft_of(HEAD), "outdoor_air_rate", 0.5)


PLANT = """
Boiler:HotWater,Old,NaturalGas,Autosize,0.78;
Boiler:HotWater,New,NaturalGas,Autosize,0.9;
Chiller:Electric:EIR,Cold,Autosize,5.5;
Coil:Cooling:DX:SingleSpeed,One,Always,Autosize,Autosize,3.0;
Coil:Cooling:DX:SingleSpeed,Default,Always,Autosize,Autosize,;
Coil:Heating:Fuel,Burner,Always,NaturalGas,0.8;
"""
TWO_SPEED = "Coil:Cooling:DX:TwoSpeed"
MULTI_SPEED = "Coil:Cooling:DX:MultiSpeed"


def test_all_boilers_get_the_efficiency() -> None:
    draft = draft_of(HEAD + PLANT)
    report = apply(draft, "boiler_efficiency", 0.95)
    assert numbers(draft, "Boiler:HotWater", 3) == [(0.95,), (0.95,)]
    assert (report.before, report.text) == (pytest.approx(0.84), "0.78 to 0.9 → 0.95 in 2 objects")


def test_equipment_can_be_chosen_by_name() -> None:
    draft = draft_of(HEAD + PLANT)
    assert apply(draft, "boiler_efficiency", 0.95, objects=["OLD"]).objects == 1
    assert numbers(draft, "Boiler:HotWater", 3) == [(0.95,), (0.9,)]
    assert check(draft, "boiler_efficiency", objects=["Older"])[0][0] == "arguments.objects[0]"
    with pytest.raises(MeasureError, match="by the name of Older"):
        apply(draft, "boiler_efficiency", 0.95, objects=["Older"])


@pytest.mark.parametrize(
    ("measure", "value", "class_name", "field", "count"),
    [
        ("chiller_cop", 6.5, "Chiller:Electric:EIR", 2, 1),
        ("cooling_coil_cop", 4.2, "Coil:Cooling:DX:SingleSpeed", 4, 2),
        ("heating_coil_efficiency", 0.92, "Coil:Heating:Fuel", 3, 1),
    ],
)
def test_the_rated_efficiency_becomes_the_value(
    measure: str, value: float, class_name: str, field: int, count: int
) -> None:
    draft = draft_of(HEAD + PLANT)
    apply(draft, measure, value)
    assert numbers(draft, class_name, field) == [(value,)] * count


def test_the_slow_speeds_keep_their_ratio_to_the_fast_one() -> None:
    draft = draft_of(HEAD)
    two = draft.add(TWO_SPEED, {0: "Two", "High Speed Gross Rated Cooling COP": 3.0})
    two.set("Low Speed Gross Rated Cooling COP", 3.6)
    four = draft.add(MULTI_SPEED, {0: "Multi", "Number of Speeds": 2})
    four.set("Speed 1 Gross Rated Cooling COP", 4.0)
    four.set("Speed 2 Gross Rated Cooling COP", 3.2)
    apply(draft, "cooling_coil_cop", 4.0)
    # 3.6 / 3.0 * 4 = 4.8 and 4.0 / 3.2 * 4 = 5
    assert two.number("High Speed Gross Rated Cooling COP") == 4.0
    assert two.number("Low Speed Gross Rated Cooling COP") == pytest.approx(4.8)
    assert four.number("Speed 1 Gross Rated Cooling COP") == pytest.approx(5.0)
    assert four.number("Speed 2 Gross Rated Cooling COP") == 4.0
    assert four.number("Speed 3 Gross Rated Cooling COP") is None


def test_a_variable_speed_is_rated_at_its_nominal_one() -> None:
    draft = draft_of(HEAD)
    coil = draft.add("Coil:Cooling:DX:VariableSpeed", {0: "V", "Number of Speeds": 3, "Nominal Speed Level": 2})
    for speed, cop in ((1, 5.0), (2, 4.0), (3, 3.0)):
        coil.set(f"Speed {speed} Reference Unit Gross Rated Cooling COP", cop)
    apply(draft, "cooling_coil_cop", 6.0)
    found = [coil.number(f"Speed {speed} Reference Unit Gross Rated Cooling COP") for speed in (1, 2, 3)]
    assert found == [pytest.approx(7.5), 6.0, pytest.approx(4.5)]


def test_equipment_that_the_model_does_not_have_is_told() -> None:
    for measure in ("boiler_efficiency", "chiller_cop", "cooling_coil_cop", "heating_coil_efficiency"):
        assert check(draft_of(HEAD), measure)[0][1].startswith("Choose another measure: the model has no ")
        with pytest.raises(MeasureError, match="The model has no"):
            apply(draft_of(HEAD), measure, 0.9)


def test_an_efficiency_that_is_no_number_is_refused() -> None:
    draft = draft_of(HEAD + "Boiler:HotWater,Old,NaturalGas,Autosize,;\n")
    with pytest.raises(MeasureError, match="'Old': Nominal Thermal Efficiency is not a number above 0"):
        apply(draft, "boiler_efficiency", 0.9)
