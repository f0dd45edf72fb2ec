"""What is in a model file, and how unreadable ones are refused."""

import json
import re
from pathlib import Path

import pytest

from energyplus.errors import ModelError
from energyplus.models.description import ModelDescription, describe_model

MODEL = """! a comment, with a comma; and a semicolon
  version , 25.2 ;
  Building, My Building, 30.5; Zone, one; zone,
    two , !- Name
    , , 1.5 ;
"""

EPJSON = '{"Version": {"1": {"version_identifier": "25.2"}}, '


def write(folder: Path, text: str, name: str = "model.idf") -> Path:
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return path


def test_objects_and_facts_are_found_and_survive_json(tmp_path: Path) -> None:
    found = describe_model(write(tmp_path, MODEL))
    assert found.version == "25.2"
    assert list(found.classes) == ["Version", "Building", "Zone"]
    assert found.classes["Zone"][1].name == "two"
    assert found.classes["Zone"][1].values == ("two", "", "", "1.5")
    assert found.classes["Version"][0].name == ""
    assert found.facts["building_name"] == "My Building"
    assert found.facts["north_axis_deg"] == 30.5
    assert (found.facts["zone_count"], found.facts["object_count"]) == (2, 4)
    assert ModelDescription.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("sign", ["\x85", "\x0c", "\x1e"])  # the first is the … of a Windows file
def test_a_comment_ends_where_it_ends_for_the_engine(tmp_path: Path, sign: str) -> None:
    found = describe_model(
        write(tmp_path, f"Version,25.2;\n! so on{sign} Timestep,6;\nZone,A{sign}B,0;\rTimestep,4;\r\n")
    )
    assert [entry.values for entry in found.classes["Timestep"]] == [("4",)]
    assert found.classes["Zone"][0].values == ("A B", "0")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            '"ZoneList": {"All": {"zones": ["North"]}}',
            "ZoneList: found 'North' in 'zones'; accepted: objects with zone_name",
        ),
        ('"ZoneList": {"All": {"rooms": [{"zone_name": "North"}]}}', "found a list 'rooms'; accepted: 'zones' alone"),
        ('"Zone": {"North": {"zones": []}}', "Zone: found a list 'zones'; accepted: no list"),
        (f'"Timestep": {{"1": {{"number_of_timesteps_per_hour": 1{"0" * 400}}}}}', "is neither a number nor a text"),
    ],
)
def test_nothing_of_an_epjson_model_is_passed_over(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(ModelError, match=re.escape(reason)):
        describe_model(write(tmp_path, f"{EPJSON}{content}}}", "model.epJSON"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no Version object"),
        ("Version,7.0;", "it is of version 7.0; accepted: 25.2"),
        ("Version,9.6;", "it is of version 9.6; accepted: 25.2. Update it with EnergyPlus's IDFVersionUpdater, or ask"),
        ("Version,25.2;\nLight,L;", "no class 'Light'. Did you mean Lights?"),
        ("Version,25.2;\n" + "light " * 16_000 + ",L;", "no class 'light light"),
        ("Version,25.2;\nZone,one", "the last object, 'Zone', does not end with a semicolon"),
        ("Version,25.2;\nZone," + "1," * 40 + "1;", "has 41 fields"),
        ("##include other.idf\nVersion,25.2;", "EPMacro"),
        ("{not json", "is not JSON"),
        ("[1]", "does not end with a semicolon"),
        ('{"Version": {"1": {"version_identifier": 25.2}}, "Zone": {"a": {"colour": 1}}}', "has no field 'colour'"),
        ('{"Version": {"1": {"version_identifier": 25.2}}, "Zone": {"a": {"x_origin": [1]}}}', "accepted: no list"),
        ('{"Version": {"1": {"version_identifier": 25.2}}, "Zone": {"a;b": {}}}', "a character that IDF cannot hold"),
        ('{"Version": {"1": {"version_identifier": 25.2}}, "Zone": 3}', "must hold objects by name"),
        ('{"Version": 3}', "no Version object"),
        (EPJSON + '"Zone": {"a": {}, "a": {}}}', "'a' stands twice in one object"),
        (EPJSON + '"Zone": {"a": {"x_origin": NaN}}}', "NaN is not a number"),
        (EPJSON + '"Zone": {"a": {"x_origin": 1e999}}}', "is neither a number"),
        ("PK\0\0", "not a text file"),
    ],
)
def test_an_unreadable_model_is_refused_with_its_name_and_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelError) as refusal:
        describe_model(write(tmp_path, text))
    assert str(refusal.value).startswith("model.idf: ")
    assert message in str(refusal.value)
