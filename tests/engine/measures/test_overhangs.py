"""Overhangs above windows of a facade."""

import pytest

from energyplus.measures.base import MeasureError
from tests.engine.measures.box import BOX, apply, check, draft_of

PROJECTION = "Shading:Overhang:Projection"
SHADES = (
    f"{PROJECTION},Old,LEFT,0.1,90,0,0,0.3;\n"
    "Shading:Overhang,Older,Right,0,90,0,0,1;\n"
    f"{PROJECTION},Porch,Entrance,0,90,0,0,1;\n"
    "Shading:Zone:Detailed,Canopy,South,,3, 0,0,3, 0,-1,3, 1,-1,3;\n"
    "Shading:Zone:Detailed,Fin,East,,3, 10,0,3, 11,0,3, 11,0,0;\n"
)


def test_every_window_of_the_facade_gets_one() -> None:
    draft = draft_of()
    report = apply(draft, "overhangs", 0.5, facade="south", height_above_window=0.1, extension=0.2)
    assert [entry.values for entry in draft.objects(PROJECTION)] == [
        ("Right Overhang", "Right", 0.1, 90, 0.2, 0.2, 0.5),
        ("Left Overhang", "Left", 0.1, 90, 0.2, 0.2, 0.5),
    ]
    assert (report.after, report.objects) == (0.5, 2)


def test_the_value_is_what_windows_have_afterwards_and_doors_keep_theirs() -> None:
    draft = draft_of(BOX + SHADES)
    report = apply(draft, "overhangs", 0.4)
    assert draft.objects("Shading:Overhang") == ()
    assert {(e.text(1), e.number(6)) for e in draft.objects(PROJECTION)} == {
        ("Entrance", 1), ("Left", 0.4), ("Right", 0.4),
    }  # fmt: skip
    assert len(draft.objects("Shading:Zone:Detailed")) == 2
    assert report.objects == 4


def test_zero_takes_them_off() -> None:
    draft = draft_of(BOX + SHADES)
    apply(draft, "overhangs", 0)
    assert [entry.name for entry in draft.objects(PROJECTION)] == ["Porch"]
    assert draft.objects("Shading:Overhang") == ()


def test_shades_of_the_walls_are_taken_off_where_it_is_asked_for() -> None:
    draft = draft_of(BOX + SHADES)
    apply(draft, "overhangs", 0.4, remove_ext_space_shading=True)
    assert [entry.name for entry in draft.objects("Shading:Zone:Detailed")] == ["Fin"]


def test_a_facade_without_windows_is_refused() -> None:
    assert check(draft_of(), "overhangs", facade="south") == []
    assert check(draft_of(), "overhangs", facade="north")[0][0] == "arguments.facade"
    with pytest.raises(MeasureError, match="No exterior wall that faces north has a window"):
        apply(draft_of(), "overhangs", 0.5, facade="north")
