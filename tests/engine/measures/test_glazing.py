"""U-factor and SHGC of simple glazing systems."""

import pytest

from energyplus.measures.base import MeasureError
from tests.engine.measures.box import BOX, apply, check, draft_of

SKYLIGHT = (
    "WindowMaterial:SimpleGlazingSystem,Plastic,4.0,0.5;\nConstruction,Dome,Plastic;\n"
    "FenestrationSurface:Detailed,Sky,Window,Dome,Top,,,,1,4, 1,3,3, 1,1,3, 3,1,3, 3,3,3;\n"
)
INNER = (
    "BuildingSurface:Detailed,Inner,Wall,Wall,Room,,Surface,Inner,NoSun,NoWind,,3, 5,0,0, 5,6,0, 5,6,3;\n"
    "FenestrationSurface:Detailed,Hatch,Window,Glazed,Inner,Hatch,,,1,3, 5,1,1, 5,2,1, 5,2,2;\n"
)
PANES = (
    "WindowMaterial:Glazing,Pane,SpectralAverage,,0.006,0.6,0.1,0.1,0.8,0.1,0.1,0,0.84,0.84,0.9;\n"
    "WindowMaterial:Gas,Air,Air,0.012;\nConstruction,Layered,Pane,Air,Pane;\n"
)


@pytest.mark.parametrize(
    ("measure", "value", "before", "field"), [("window_u_factor", 1.6, 2.8, 1), ("window_shgc", 0.3, 0.6, 2)]
)
def test_the_value_becomes_that_of_the_glazing(measure: str, value: float, before: float, field: int) -> None:
    draft = draft_of()
    report = apply(draft, measure, value)
    assert [(edit.class_name, edit.field_index, edit.value) for edit in draft.conclude().edits] == [
        ("WindowMaterial:SimpleGlazingSystem", field, value)
    ]
    assert (report.before, report.after) == (pytest.approx(before), value)


def test_what_windows_had_is_the_mean_over_their_area() -> None:
    # 2 windows of 2 m2 with 2.8 and a skylight of 4 m2 with 4.0: (4 * 2.8 + 4 * 4.0) / 8 = 3.4
    assert apply(draft_of(BOX + SKYLIGHT), "window_u_factor", 2.0).before == pytest.approx(3.4)


def test_walls_and_roofs_can_be_told_apart() -> None:
    draft = draft_of(BOX + SKYLIGHT)
    apply(draft, "window_u_factor", 2.0, windows="roofs")
    assert [e.number(1) for e in draft.objects("WindowMaterial:SimpleGlazingSystem")] == [2.8, 2.0]
    apply(draft, "window_u_factor", 1.0, constructions=["GLAZED"])
    assert [e.number(1) for e in draft.objects("WindowMaterial:SimpleGlazingSystem")] == [1.0, 2.0]


def test_windows_between_zones_keep_their_glass() -> None:
    draft = draft_of(BOX + INNER)
    apply(draft, "window_u_factor", 1.6)
    of = {e.name: e.text("Construction Name") for e in draft.objects("FenestrationSurface:Detailed")}
    assert of == {"Right": "Glazed changed", "Left": "Glazed changed", "Entrance": "Leaf", "Hatch": "Glazed"}
    numbers = {e.name: e.number(1) for e in draft.objects("WindowMaterial:SimpleGlazingSystem")}
    assert numbers == {"Glass": 2.8, "Glass changed": 1.6}


def test_layered_glass_is_refused_with_what_to_do() -> None:
    text = BOX.replace("Left,Window,Glazed", "Left,Window,Layered") + PANES
    with pytest.raises(MeasureError, match=r"Window construction 'Layered' is no simple glazing system.*replace it by"):
        apply(draft_of(text), "window_u_factor", 1.6)
    assert check(draft_of(text), "window_shgc")[0][0] == "arguments.constructions"
    assert check(draft_of(text), "window_shgc", constructions=["Glazed"]) == []
    assert apply(draft_of(text), "window_u_factor", 1.6, constructions=["Glazed"]).objects == 1


def test_a_model_without_such_windows_is_refused() -> None:
    assert check(draft_of(), "window_u_factor", windows="roofs")[0][0] == "arguments.constructions"
    with pytest.raises(MeasureError, match="no exterior windows of these"):
        apply(draft_of(), "window_u_factor", 1.6, windows="roofs")
