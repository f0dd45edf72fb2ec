"""Constructions read out of a model, as a construction set holds them."""

from pathlib import Path

from energyplus.measures.assign_construction import AssignConstruction
from energyplus.measures.base import MeasureContext
from energyplus.measures.constructions import ConstructionSet
from energyplus.measures.own_constructions import read_own_constructions
from energyplus.models.description import describe_model
from energyplus.models.draft import ModelDraft
from tests.engine.measures.boxes import BOX, describe


def test_what_is_used_outside_is_read_once_for_each_kind_and_nothing_else(tmp_path: Path) -> None:
    found = read_own_constructions(describe(BOX, tmp_path), "the box")
    assert [(entry.name, entry.kind) for entry in found.constructions] == [
        ("Shared", "exterior_wall"),
        ("Shared (roof)", "roof"),
        ("Shared (ground floor)", "ground_floor"),
        ("Glass", "window"),
    ]
    wall, *_, window = found.constructions
    (stone,) = wall.layers
    assert (stone.name, stone.thickness_m, stone.conductivity_w_mk, stone.density_kg_m3) == ("Stone", 0.2, 2.0, 2400.0)
    assert (stone.thermal_absorptance, stone.solar_absorptance) == (0.9, 0.7)  # blank: the schema's defaults
    assert window.glazing is not None
    assert (window.glazing.u_factor_w_m2k, window.glazing.visible_transmittance) == (5.7, None)
    assert (wall.cost_per_m2, wall.embodied_carbon_kgco2e_m2, wall.source) == (None, None, "the box")
    assert found.notes == ()


def test_windows_of_panes_and_odd_layers_are_left_out_with_a_note(tmp_path: Path) -> None:
    odd = BOX.replace("Construction,Shared,Stone;", "Construction,Shared,Stone,Grass;\nMaterial:RoofVegetation,Grass;")
    panes = odd.replace("Construction,Glass,Pane;", "Construction,Glass,Pane,Air,Pane;")
    found = read_own_constructions(describe(panes, tmp_path), "the box")
    assert found.constructions == ()
    assert [note.partition(":")[0] for note in found.notes] == [
        "Left out of exterior walls",
        "Left out of roofs",
        "Left out of ground floors",
        "Left out of windows",
    ]
    assert "'Grass'" in found.notes[0]
    assert "panes" in found.notes[3]


def test_a_layer_without_density_is_left_out_not_filled_in(tmp_path: Path) -> None:
    light = BOX.replace("Material,Stone,Rough,0.2,2,2400,1000;", "Material,Stone,Rough,0.2,2,,1000;")
    found = read_own_constructions(describe(light, tmp_path), "the box")
    assert [entry.kind for entry in found.constructions] == ["window"]
    assert all("'Stone' has no number for density" in note for note in found.notes)


def test_what_was_read_out_of_a_model_put_back_is_the_same_material(models: dict[str, Path]) -> None:
    description = describe_model(models["warehouse"])
    own = read_own_constructions(description, "the warehouse")
    draft, measure = ModelDraft(description), AssignConstruction()
    arguments = measure.Arguments.model_validate({"set": "own", "surfaces": "exterior_walls"})
    walls = [entry for entry in own.constructions if entry.kind == "exterior_wall"]
    context = MeasureContext({"own": ConstructionSet("own", "Own", "USD", own.constructions)})
    measure.apply(draft, walls[0].name, arguments, context)
    for layer in walls[0].layers:
        before, after = draft.find(layer.class_name, layer.name), draft.find(layer.class_name, f"{layer.name} 2")
        assert before is not None
        assert after is not None
        numbers = range(2, len(after.values))
        assert [after.number(index) for index in numbers] == [before.number(index) for index in numbers]
