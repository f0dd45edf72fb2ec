"""The IDD made from the schema, checked by reading every bundled model with eppy and writing it back."""

import os
from pathlib import Path

import eppy
import pytest

from energyplus.bundled import list_bundled_models
from energyplus.models.building_model import BuildingModel, RunPeriod
from energyplus.models.eppy_models import read_idf
from energyplus.models.idd import count_fields, groups_needed, write_idd
from energyplus.models.idf_writer import render_idf
from energyplus.models.model_text import read_model_file
from energyplus.models.schema import known_versions, load_schema
from tests.engine.cases import THREE_DAYS, Simulate, ask_for

ALL = [entry.alias for entry in list_bundled_models()]
# CASEFARM_ALL_MODELS=1 simulates all of them (some minutes) instead of a few that differ in size and systems.
SIMULATED = ALL if os.environ.get("CASEFARM_ALL_MODELS") else ["warehouse", "supermarket", "ashrae_office_medium"]


def rewrite(path: Path, folder: Path) -> Path:
    """Read a model with eppy and write what eppy read."""
    written = folder / path.name
    written.write_text(render_idf(BuildingModel.read(path).idf), encoding="utf-8")
    return written


def same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return float(one) == pytest.approx(float(other), rel=1e-12)
    except ValueError:
        return False


@pytest.mark.parametrize("alias", ALL)
def test_eppy_reads_every_bundled_model_and_writes_the_same_fields(
    alias: str, models: dict[str, Path], tmp_path: Path
) -> None:
    before, after = read_model_file(models[alias]), read_model_file(rewrite(models[alias], tmp_path))
    grouped = {
        name: [entry for entry in after.objects if entry.class_name == name] for name in load_schema("25.2").class_names
    }
    assert len(before.objects) == len(after.objects)
    for entry in before.objects:
        written = grouped[entry.class_name].pop(0)
        assert len(written.values) == len(entry.values)
        differing = [pair for pair in zip(entry.values, written.values, strict=True) if not same(*pair)]
        assert not differing, (alias, entry.class_name, differing)


@pytest.mark.engine
@pytest.mark.parametrize("alias", SIMULATED)
def test_a_rewritten_model_gives_the_same_results_to_the_last_digit(
    alias: str, models: dict[str, Path], simulate: Simulate, tmp_path: Path
) -> None:
    rewritten = rewrite(models[alias], tmp_path)
    outcomes = [
        simulate(BuildingModel.read(path).render(ask_for([], THREE_DAYS)), tmp_path / name)
        for name, path in (("original", models[alias]), ("rewritten", rewritten))
    ]
    assert [outcome.failure for outcome in outcomes] == [None, None]
    first, second = ({**outcome.metrics, "simulation_s": None} for outcome in outcomes)
    assert first == second


def test_objects_longer_than_the_shortest_idd_are_read_whole_and_named(tmp_path: Path) -> None:
    vertices = ", ".join(f"{n}, {n + 1}, 0" for n in range(30))
    path = tmp_path / "long.idf"
    path.write_text(
        "Version,25.2;\nSchedule:Compact, S, , Through: 12/31;\n"
        f"BuildingSurface:Detailed,W,Wall,C,Z,,Outdoors,,SunExposed,WindExposed,,30,{vertices};\n"
    )
    surface = BuildingModel.read(path).idf.idfobjects["BUILDINGSURFACE:DETAILED"][0]
    assert (surface.Vertex_30_Xcoordinate, surface.Vertex_30_Ycoordinate) == (29, 30)


def test_models_of_different_sizes_live_side_by_side() -> None:
    small = read_idf("Version,25.2;\nZoneList,L,A,B;", "25.2", {})
    large = read_idf(
        "Version,25.2;\nZoneList,L," + ",".join(f"Z{n}" for n in range(64)) + ";", "25.2", {"ZoneList": 64}
    )
    assert small.idfobjects["ZONELIST"][0].Zone_2_Name == "B"
    assert large.idfobjects["ZONELIST"][0].Zone_64_Name == "Z63"
    assert type(small) is not type(large)
    assert "Zone_9_Name" not in small.idfobjects["ZONELIST"][0].fieldnames


def test_eppy_knows_units_limits_and_choices_from_the_idd() -> None:
    idf = read_idf("Version,25.2;\nMaterial,M,Rough,0.1,1,1000,900;\nLights,L;", "25.2", {})
    material = idf.idfobjects["MATERIAL"][0]
    assert material.getrange("Thickness")["minimum>"] == 0.0
    assert material.getfieldidd("Thickness")["units"] == ["m"]
    assert "Watts/Area" in idf.idfobjects["LIGHTS"][0].getfieldidd("Design_Level_Calculation_Method")["key"]


def test_an_idd_is_written_for_other_tools_with_as_many_groups_as_asked_for(tmp_path: Path) -> None:
    text = write_idd("25.2", tmp_path, {"ZoneList": 16}).read_text()
    assert text.startswith("!IDD_Version 25.2.0")
    assert "\\field Zone 16 Name" in text
    assert "\\field Zone 17 Name" not in text


def test_needed_groups_are_rounded_up_so_that_models_share_idds() -> None:
    surface = load_schema("25.2").find_class("BuildingSurface:Detailed")
    assert surface is not None
    assert [groups_needed(surface, 11 + 3 * count) for count in (0, 1, 4, 5, 120)] == [1, 1, 4, 8, 128]


def test_a_run_period_is_planned_on_rewritten_models_too(models: dict[str, Path], tmp_path: Path) -> None:
    text = BuildingModel.read(rewrite(models["warehouse"], tmp_path)).render(ask_for([], RunPeriod("annual")))
    assert text.count("RunPeriod,\n") == 1


@pytest.mark.parametrize("version", known_versions())
def test_eppy_reads_the_idd_of_every_version(version: str) -> None:
    idf = read_idf(f"Version,{version};\nZone,one;\n", version, {})
    assert idf.idfobjects["ZONE"][0].Name == "one"


def test_the_idd_has_the_fields_of_energyplus_s_own() -> None:
    """eppy brings the real one of 9.2: classes must be as long."""
    own = Path(eppy.__file__).parent / "resources" / "iddfiles" / "Energy+V9_2_0.idd"
    written = count_fields(own)
    schema = load_schema("9.2")
    lengths = {}
    for name in schema.class_names:
        known = schema.find_class(name)
        assert known is not None
        lengths[name] = written[name.upper()] if known.extensible_from is not None else len(known.fields)
    differing = {name for name, length in lengths.items() if length != written[name.upper()]}
    # the schema has lost the grid lines of the ground's preprocessors
    assert {name for name in differing if not name.endswith("FACE")} == set()
