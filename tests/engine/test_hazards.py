"""The table of hazards against every schema there is: no field that names a file slips in with a new version."""

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import idfkit
import pytest

from energyplus.errors import ModelError
from energyplus.models.building_model import BuildingModel, FieldEdit
from energyplus.models.hazards import HAZARDS, find_fault_of_edit, find_hazards
from energyplus.models.schema import load_schema
from energyplus.outputs import REPLACED_CLASSES
from energyplus.run_period import RunPeriod
from tests.engine.cases import ask_for

FOLDERS = (Path(idfkit.__file__).parent / "schemas").glob("V*/Energy+.schema.epJSON.gz")
SCHEMAS = sorted(path for path in FOLDERS if path.parent.name != "V8-9-0")  # no engine before 9.0 runs here
# Words of names and notes that speak of files, programs and other machines.
SPEAKS_OF_FILES = re.compile(
    r"\b(files?|paths?|director(y|ies)|folders?|urls?|fmus?|sockets?|ports?|hosts?|servers?|commands?|scripts?|modules?"
    r"|plugins?|librar(y|ies)|programs?|representation|executables?)\b",
    re.IGNORECASE,
)
DANGEROUS_FAMILIES = re.compile(r"ExternalInterface|PythonPlugin|Parametric:|ASHRAE205|Schedule:File|DataFile")
# Fields that speak of files and mean none, and why.
INNOCENT = {
    "EnergyManagementSystem:Program.program_line": "the engine's own Erl language knows neither files nor processes",
    "EnergyManagementSystem:Subroutine.program_line": "likewise",
    "EnergyManagementSystem:MeteredOutputVariable.ems_program_or_subroutine_name": "an object of the model",
    "EnergyManagementSystem:OutputVariable.ems_program_or_subroutine_name": "an object of the model",
    "RunPeriod.name": "shown in reports",
}


@cache
def list_schemas() -> tuple[tuple[str, dict[str, Any]], ...]:
    found = []
    for path in SCHEMAS:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            version = path.parent.name[1:].rpartition("-")[0].replace("-", ".")
            found.append((version, json.load(stream)["properties"]))
    return tuple(found)


def list_text_fields(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Key of every field that takes any text, and everything the schema says of it."""
    inner = dict(next(iter(properties["patternProperties"].values())).get("properties", {}))
    legacy = properties["legacy_idd"]
    if legacy.get("extension") in inner:
        inner |= inner.pop(legacy["extension"])["items"]["properties"]
    if isinstance(properties.get("name"), dict):
        inner["name"] = properties["name"]
    for key, field in inner.items():
        options = field.get("anyOf", [field])
        takes_text = any(option.get("type") == "string" and "enum" not in option for option in options)
        if takes_text and field.get("data_type") != "object_list":
            told = legacy.get("field_info", {}).get(key, {}).get("field_name", "")
            yield key, f"{key.replace('_', ' ')} {told} {field.get('note', '')}"


def is_innocent(class_name: str, key: str) -> bool:
    is_variable = class_name.startswith("EnergyManagementSystem:") and key == "name"  # a name within Erl
    is_node = key.endswith("node_name")
    return class_name in REPLACED_CLASSES or is_variable or is_node or f"{class_name}.{key}" in INNOCENT


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], list[str]]:
    """By version and class the fields with a row; [""] where the whole class has one."""
    found = {}
    for version, classes in list_schemas():
        schema = load_schema(version)
        for name in classes:
            if any(name.casefold().startswith(row.classes.casefold().rstrip("*")) for row in HAZARDS):
                known = schema.find_class(name)
                assert known is not None
                found[version, name] = [row.field for row, _, _ in find_hazards(known)]
    return found


def test_every_field_of_every_version_that_speaks_of_files_has_a_row(rows: dict[tuple[str, str], list[str]]) -> None:
    assert len(SCHEMAS) >= 17
    missing = []
    for version, classes in list_schemas():
        for name, properties in classes.items():
            covered = rows.get((version, name), [])
            for key, told in list_text_fields(properties):
                if SPEAKS_OF_FILES.search(told) and not ({"", key} & set(covered) or is_innocent(name, key)):
                    missing.append(f"{version} {name}.{key}: {told}")
    assert missing == []


def test_every_class_of_a_dangerous_family_has_a_row(rows: dict[tuple[str, str], list[str]]) -> None:
    families = [(version, name) for version, classes in list_schemas() for name in classes]
    missing = [place for place in families if DANGEROUS_FAMILIES.search(place[1]) and not rows.get(place)]
    assert missing == []


def test_every_row_means_something_in_some_version_and_says_what_to_do() -> None:
    known = {name.casefold() for _, classes in list_schemas() for name in classes}
    for row in HAZARDS:
        pattern = row.classes.casefold()
        assert any(name.startswith(pattern.rstrip("*")) for name in known), row.classes
        assert row.reason.startswith(("it ", "the engine")), row.classes
        assert row.remedy.endswith("."), row.classes


@pytest.mark.parametrize(
    ("class_name", "field", "value", "reason"),
    [
        ("Schedule:File", "File Name", "/etc/passwd", "names a file that came with the model"),
        ("Schedule:File", "File Name", "other.csv", "names a file that came with the model"),
        ("GroundHeatExchanger:System", "g_function_calculation_method", "fulldesign ", "start another program"),
    ],
)
def test_a_study_may_not_put_in_what_the_gate_keeps_out(class_name: str, field: str, value: str, reason: str) -> None:
    known = load_schema("25.2").find_class(class_name)
    assert known is not None
    found = known.find_field(field)
    assert found is not None
    assert reason in (find_fault_of_edit(known, found[0], value) or "")


def test_a_study_may_vary_the_other_fields_of_such_classes() -> None:
    known = load_schema("25.2").find_class("Schedule:File")
    assert known is not None
    assert find_fault_of_edit(known, 3, 2) is None
    system = load_schema("25.2").find_class("GroundHeatExchanger:System")
    assert system is not None
    method = system.find_field("g_function_calculation_method")
    assert method is not None
    assert find_fault_of_edit(system, method[0], "UHFcalc") is None


def test_a_case_is_not_rendered_with_what_the_gate_keeps_out(tmp_path: Path) -> None:
    path = tmp_path / "model.idf"
    path.write_text("Version,25.2;\nSchedule:File,s,,people.csv,1,0;")
    model = BuildingModel.read(path)
    with pytest.raises(
        ModelError, match=r"model\.idf: File Name of Schedule:File names a file that came with the model"
    ):
        model.render(ask_for([FieldEdit("Schedule:File", 0, 2, "/etc/passwd")], RunPeriod("design_days")))
