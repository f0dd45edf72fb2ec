"""Panels on roofs: the objects that make them, and which roofs get them."""

import pytest

from energyplus.measures.base import MeasureError
from energyplus.models.case_objects import CaseEdits
from tests.engine.measures.box import BOX, apply, check, draft_of

# the flat roof in two slopes of 10 m x hypot(3, 1) m, facing south and north
GABLE = BOX[: BOX.index("BuildingSurface:Detailed,Top")] + (
    "BuildingSurface:Detailed,SouthSlope,Roof,Roof,Room,,Outdoors,,SunExposed,WindExposed,,4,"
    " 0,3,4, 0,0,3, 10,0,3, 10,3,4;\n"
    "BuildingSurface:Detailed,NorthSlope,Roof,Roof,Room,,Outdoors,,SunExposed,WindExposed,,4,"
    " 10,3,4, 10,6,3, 0,6,3, 0,3,4;\n"
)


def test_a_roof_gets_cells_an_inverter_and_a_load_center() -> None:
    draft = draft_of()
    report = apply(draft, "rooftop_pv", 0.5, cell_efficiency=0.2, inverter_efficiency=0.96)
    # 60 m2 * 0.5 * 0.2 * 1000 W/m2 = 6 kW at standard irradiance
    assert [(entry.class_name, entry.values) for entry in draft.conclude().added] == [
        ("PhotovoltaicPerformance:Simple", ("Rooftop PV Cells", 0.5, "Fixed", 0.2)),
        (
            "Generator:Photovoltaic",
            ("Top PV", "Top", "PhotovoltaicPerformance:Simple", "Rooftop PV Cells", "Decoupled"),
        ),
        ("ElectricLoadCenter:Generators", ("Rooftop PV Panels", "Top PV", "Generator:Photovoltaic", 6000.0)),
        ("ElectricLoadCenter:Inverter:Simple", ("Rooftop PV Inverter", "", "", "", 0.96)),
        (
            "ElectricLoadCenter:Distribution",
            ("Rooftop PV Load Center", "Rooftop PV Panels", "Baseload", "", "", "", "DirectCurrentWithInverter",
             "Rooftop PV Inverter"),
        ),
    ]  # fmt: skip
    assert report.text == "0.5 of 1 roof of 60 m2"


def test_skylights_have_no_cells() -> None:
    light = "FenestrationSurface:Detailed,Light,Window,Glazed,Top,,,,2,4, 2,3,3, 2,1,3, 5,1,3, 5,3,3;\n"
    draft = draft_of(BOX + light)
    assert apply(draft, "rooftop_pv", 0.5, cell_efficiency=0.2).text == "0.5 of 1 roof of 48 m2"
    assert draft.objects("ElectricLoadCenter:Generators")[0].values[3] == pytest.approx(4800.0)  # 48 m2 of 60


def test_two_roofs_are_two_generators_of_one_list() -> None:
    draft = draft_of(GABLE)
    apply(draft, "rooftop_pv", 0.4)
    values = draft.objects("ElectricLoadCenter:Generators")[0].values
    assert (values[1], values[2], values[6], values[7]) == (
        "SouthSlope PV", "Generator:Photovoltaic", "NorthSlope PV", "Generator:Photovoltaic",
    )  # fmt: skip
    assert values[3] == pytest.approx(10 * 10**0.5 * 0.4 * 0.18 * 1000)


def test_roofs_that_face_north_or_are_steep_can_be_left_out() -> None:
    draft = draft_of(GABLE)
    apply(draft, "rooftop_pv", 0.4, exclude_north=True)
    assert [entry.text(1) for entry in draft.objects("Generator:Photovoltaic")] == ["SouthSlope"]
    assert check(draft_of(GABLE), "rooftop_pv", max_tilt=10)[0][0] == "arguments.roofs"  # they rise by 18.4 degrees
    with pytest.raises(MeasureError, match="no roof"):
        apply(draft_of(GABLE), "rooftop_pv", 0.4, max_tilt=10)
    draft = draft_of(BOX)
    apply(draft, "rooftop_pv", 0.4, exclude_north=True)  # a flat roof faces nowhere
    assert len(draft.objects("Generator:Photovoltaic")) == 1


def test_no_share_is_no_panels() -> None:
    draft = draft_of()
    assert apply(draft, "rooftop_pv", 0).objects == 0
    assert draft.conclude() == CaseEdits()


def test_a_load_center_of_the_model_stays_beside_the_new_one() -> None:
    text = BOX + "ElectricLoadCenter:Distribution,Rooftop PV Load Center,Engines,Baseload,,,,AlternatingCurrent;\n"
    draft = draft_of(text)
    apply(draft, "rooftop_pv", 0.5)
    names = [entry.name for entry in draft.objects("ElectricLoadCenter:Distribution")]
    assert names == ["Rooftop PV Load Center", "Rooftop PV Load Center 2"]
    assert check(draft_of(text), "rooftop_pv")[0][1].startswith("note: The model has a load center")
