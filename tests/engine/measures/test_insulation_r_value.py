"""Insulation: which layer it is, what changes in it, and that its other users keep theirs."""

import pytest

from energyplus.measures.base import MeasureError
from energyplus.models.draft import ModelDraft
from tests.engine.measures.box import BOX, apply, check, draft_of

PARTITION = "BuildingSurface:Detailed,Inner,Wall,Wall,Room,,Adiabatic,,NoSun,NoWind,,3, 5,0,0, 5,6,0, 5,6,3;\n"


def layers(draft: ModelDraft, construction: str) -> list[str]:
    entry = draft.find("Construction", construction)
    assert entry is not None
    return [str(value) for value in entry.values[1:]]


def constructions(draft: ModelDraft) -> dict[str, str]:
    return {e.name: e.text("Construction Name") for e in draft.objects("BuildingSurface:Detailed")}


def test_the_insulation_layer_becomes_as_thick_as_its_resistance_asks_for() -> None:
    draft = draft_of()
    report = apply(draft, "insulation_r_value", 3.5)
    # wool has 0.1 m / 0.04 W/m-K = 2.5 m2-K/W; 3.5 * 0.04 = 0.14 m; plaster has 0.04 m2-K/W and is none
    wool = draft.find("Material", "Wool")
    assert wool is not None
    assert wool.values[2] == pytest.approx(0.14, abs=1e-15)
    assert [edit.field_index for edit in draft.conclude().edits] == [2]
    assert (report.before, report.after, report.unit, report.objects) == (2.5, 3.5, "m2-K/W", 1)
    assert report.text == "R 2.5 → 3.5 m2-K/W in 1 construction"


def test_what_is_added_comes_on_top_of_what_is_there() -> None:
    draft = draft_of()
    report = apply(draft, "insulation_r_value", 1.0, r_value_is="added")
    wool = draft.find("Material", "Wool")
    assert wool is not None
    assert wool.values[2] == pytest.approx((2.5 + 1.0) * 0.04)
    assert (report.before, report.after) == (2.5, 3.5)


def test_a_layer_without_mass_gets_the_resistance() -> None:
    draft = draft_of()
    apply(draft, "insulation_r_value", 5.0, surfaces="roofs")
    board = draft.find("Material:NoMass", "Board")
    assert board is not None
    assert board.values[2] == 5.0


def test_partitions_of_the_same_construction_keep_it() -> None:
    draft = draft_of(BOX + PARTITION)
    report = apply(draft, "insulation_r_value", 3.5)
    assert layers(draft, "Wall") == ["Plaster", "Wool", "Plaster"]
    assert layers(draft, "Wall changed") == ["Plaster", "Wool changed", "Plaster"]
    of = constructions(draft)
    assert (of["Inner"], {of[name] for name in ("South", "East", "North", "West")}) == ("Wall", {"Wall changed"})
    old, new = draft.find("Material", "Wool"), draft.find("Material", "Wool changed")
    assert old is not None
    assert new is not None
    assert (old.number(2), new.number(2)) == (0.1, pytest.approx(0.14))
    assert new.values[3:] == old.values[3:]
    assert report.objects == 6


def test_another_construction_of_the_same_material_keeps_it() -> None:
    draft = draft_of(BOX + "Construction,Other,Wool,Plaster;\n")
    apply(draft, "insulation_r_value", 3.5)
    assert layers(draft, "Wall") == ["Plaster", "Wool changed", "Plaster"]
    assert layers(draft, "Other") == ["Wool", "Plaster"]


def test_of_two_sheets_of_one_material_the_first_is_the_insulation_layer() -> None:
    draft = draft_of(BOX.replace("Wall,Plaster,Wool,Plaster", "Wall,Wool,Plaster,Wool"))
    apply(draft, "insulation_r_value", 3.5)
    assert layers(draft, "Wall") == ["Wool changed", "Plaster", "Wool"]


def test_more_insulation_than_asked_for_stays_where_less_is_not_allowed() -> None:
    draft = draft_of()
    assert apply(draft, "insulation_r_value", 1.0, allow_reduction=False).after == 2.5
    assert draft.conclude().edits == ()
    assert apply(draft, "insulation_r_value", 1.0).after == 1.0


def test_floors_on_the_ground_are_floors() -> None:
    draft = draft_of(BOX.replace("Construction,Slab,Plaster;", "Construction,Slab,Wool,Plaster;"))
    apply(draft, "insulation_r_value", 4.0, surfaces="floors")
    assert layers(draft, "Slab") == ["Wool changed", "Plaster"]
    assert layers(draft, "Wall") == ["Plaster", "Wool", "Plaster"]


def test_a_construction_without_insulation_is_refused_and_an_air_gap_is_none() -> None:
    with pytest.raises(MeasureError, match="No construction of the floors has an insulation layer"):
        apply(draft_of(), "insulation_r_value", 4.0, surfaces="floors")
    draft = draft_of(BOX.replace("Construction,Slab,Plaster;", "Construction,Slab,Gap,Plaster;"))
    assert check(draft, "insulation_r_value", surfaces="floors")[0][0] == "arguments.surfaces"


def test_constructions_can_be_chosen_and_others_are_told() -> None:
    text = BOX.replace("North,Wall,Wall", "North,Wall,Leaf")
    ((path, message),) = check(draft_of(text), "insulation_r_value")
    assert (path, message[:45]) == ("arguments.surfaces", "note: Constructions without an insulation lay")
    report = apply(draft_of(text), "insulation_r_value", 3.0)
    assert report.text.endswith("; 1 without insulation left alone")
    assert check(draft_of(), "insulation_r_value", constructions=["Wa*"]) == []
    assert check(draft_of(), "insulation_r_value", constructions=["Roof"])[0][0] == "arguments.constructions"


def test_what_the_engine_would_not_take_is_refused() -> None:
    with pytest.raises(MeasureError, match=r"'Wool' would be 4 m thick for 100 m2-K/W"):
        apply(draft_of(), "insulation_r_value", 100)
    with pytest.raises(MeasureError, match="'Wool' would be 0 m thick"):
        apply(draft_of(), "insulation_r_value", 0)
