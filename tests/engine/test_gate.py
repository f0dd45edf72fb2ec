"""The gate of uploads: what a model must not do, in every spelling, and files that are made to break a parser."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from energyplus.errors import ModelError
from energyplus.models import gate
from energyplus.models.description import ModelDescription, describe_model
from energyplus.models.gate import GateLimits, judge_upload, limits_for
from energyplus.models.judgement import Finding, ModelRefused, judge_description, list_files
from energyplus.models.schema import load_schema

SCHEMA = load_schema("25.2")
Fields = dict[str, str]
# Class, fields by epJSON key, the field that is refused ("" for the class), a piece of the reason.
DANGERS: list[tuple[str, Fields, str, str]] = [
    ("ExternalInterface:FunctionalMockupUnitImport", {"fmu_file_name": "a.fmu"}, "", "shell command"),
    (
        "ExternalInterface:FunctionalMockupUnitImport:To:Schedule",
        {"name": "a", "fmu_instance_name": "x $(touch y)"},
        "",
        "native code",
    ),
    (
        "ExternalInterface:FunctionalMockupUnitImport:From:Variable",
        {"output_variable_index_key_name": "a"},
        "",
        "native code",
    ),
    ("ExternalInterface:FunctionalMockupUnitExport:To:Variable", {"name": "a"}, "", "another program"),
    ("ExternalInterface", {"name_of_external_interface": "PtolemyServer"}, "Name of External Interface", "network"),
    ("ExternalInterface:Schedule", {"name": "a"}, "", "network connection"),
    ("ExternalInterface:Variable", {"name": "a"}, "", "network connection"),
    ("ExternalInterface:Actuator", {"name": "a"}, "", "network connection"),
    ("PythonPlugin:Instance", {"name": "a", "python_module_name": "os"}, "", "Python code"),
    ("PythonPlugin:SearchPaths", {"name": "a"}, "", "Python code"),
    ("Schedule:File", {"name": "a", "file_name": "/etc/hostname"}, "File Name", "bare file name"),
    ("Schedule:File", {"name": "a", "file_name": "../../other/eplusout.sql"}, "File Name", "bare file name"),
    ("Schedule:File", {"name": "a", "file_name": "C:\\data\\a.csv"}, "File Name", "bare file name"),
    ("Schedule:File", {"name": "a", "file_name": ".netrc"}, "File Name", "bare file name"),
    ("Schedule:File", {"name": "a", "file_name": "eplusout.err"}, "File Name", "every run folder"),
    ("Schedule:File", {"name": "a", "file_name": "missing.csv"}, "File Name", "no file of that name"),
    ("Schedule:File:Shading", {"file_name": "/dev/zero"}, "File Name", "bare file name"),
    ("Construction:WindowDataFile", {"name": "a", "file_name": "/etc/passwd"}, "File Name", "bare file name"),
    ("Construction:WindowDataFile", {"name": "a"}, "File Name", "no file of that name"),
    ("Table:Lookup", {"name": "a", "external_file_name": "/etc/passwd"}, "External File Name", "bare file name"),
    (
        "Table:IndependentVariable",
        {"name": "a", "external_file_name": "/dev/zero"},
        "External File Name",
        "bare file name",
    ),
    (
        "Chiller:Electric:ASHRAE205",
        {"name": "a", "representation_file_name": "a.cbor"},
        "Representation File Name",
        "205",
    ),
    (
        "Coil:DX:ASHRAE205:Performance",
        {"name": "a", "representation_file_name": "a.cbor"},
        "Representation File Name",
        "205",
    ),
    (
        "GroundHeatExchanger:System",
        {"name": "a", "g_function_calculation_method": "FullDesign"},
        "g-Function Calculation Method",
        "GHEDesigner",
    ),
    ("GroundHeatExchanger:Vertical:Sizing:Rectangle", {"name": "a"}, "", "GHEDesigner"),
    ("Parametric:SetValueForRun", {"name": "$a"}, "", "preprocessor"),
]


def as_idf(class_name: str, fields: Fields) -> str:
    known = SCHEMA.find_class(class_name)
    assert known is not None
    places = {known.find_field(key)[0]: value for key, value in fields.items()}  # type: ignore[index]
    values = [places.get(index, "") for index in range(max(places) + 1)]
    return f"Version,25.2;\n{', '.join([class_name, *values])};\n"


def as_shouted_idf(class_name: str, fields: Fields) -> str:
    return as_idf(class_name, fields).replace(class_name, f"  {class_name.swapcase()} ").replace("Version", "vErSiOn")


def as_epjson(class_name: str, fields: Fields) -> str:
    rest = {key: value for key, value in fields.items() if key != "name"}
    return json.dumps({"Version": {"1": {"version_identifier": "25.2"}}, class_name: {fields.get("name", "one"): rest}})


def as_escaped_epjson(class_name: str, fields: Fields) -> str:
    """The same document with every letter of class names and values as a JSON escape, in other letter case."""
    document = json.loads(as_epjson(class_name.swapcase(), fields))
    letters = {
        letter: f"\\u{ord(letter):04x}" for letter in map(chr, range(ord("A"), ord("z") + 1)) if letter.isalpha()
    }
    return "".join(letters.get(letter, letter) for letter in json.dumps(document))


SPELLINGS: list[Callable[[str, Fields], str]] = [as_idf, as_shouted_idf, as_epjson, as_escaped_epjson]


def describe(folder: Path, text: str) -> ModelDescription:
    path = folder / "model"
    path.write_text(text, encoding="utf-8")
    return describe_model(path)


def find(folder: Path, text: str, attachments: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    return judge_description(describe(folder, text), attachments).findings


@pytest.mark.parametrize("spell", SPELLINGS)
@pytest.mark.parametrize(
    ("class_name", "fields", "field", "reason"), DANGERS, ids=[f"{d[0]} {list(d[1].values())[-1]}" for d in DANGERS]
)
def test_every_danger_is_refused_in_every_spelling(
    tmp_path: Path, spell: Callable[[str, Fields], str], class_name: str, fields: Fields, field: str, reason: str
) -> None:
    (finding,) = find(tmp_path, spell(class_name, fields))
    assert (finding.class_name, finding.field) == (class_name, field)
    assert reason in finding.reason
    assert finding.remedy.endswith(".")
    assert str(finding).startswith(class_name)


def test_all_findings_are_told_at_once_and_a_harmless_neighbour_is_none(tmp_path: Path) -> None:
    text = (
        "Version,25.2;\nExternalInterface,PtolemyServer;\nZone,a;\nSchedule:File,s,,/etc/passwd,1,0;\n"
        "Schedule:File,t,,x.csv;"
    )
    path = tmp_path / "model.idf"
    path.write_text(text)
    with pytest.raises(ModelRefused) as refusal:
        judge_upload(path)
    found = [(finding.class_name, finding.object_name, finding.found) for finding in refusal.value.findings]
    assert found == [
        ("ExternalInterface", "", "PtolemyServer"),
        ("Schedule:File", "s", "/etc/passwd"),
        ("Schedule:File", "t", "x.csv"),
    ]
    assert len(str(refusal.value).splitlines()) == 3


def test_a_thousand_findings_are_not_all_told(tmp_path: Path) -> None:
    findings = find(tmp_path, "Version,25.2;\n" + "".join(f"Schedule:File,s{n},,x.csv;\n" for n in range(1000)))
    assert len(findings) == 1000
    assert str(ModelRefused(findings)).splitlines()[-1] == "… and 900 more."


def test_a_file_that_came_with_the_model_may_be_read(tmp_path: Path) -> None:
    text = "Version,25.2;\nSchedule:File,s,,people 2024.csv,1,0;\nTable:Lookup,t,,,,,,,fans.csv,1;"
    assert find(tmp_path, text, ("people 2024.csv", "fans.csv")) == ()
    assert list_files(describe(tmp_path, text)) == ("people 2024.csv", "fans.csv")


def test_a_blank_file_name_means_no_file_or_the_engine_s_default(tmp_path: Path) -> None:
    text = "Version,25.2;\nTable:Lookup,t,,,,,,,,1;\nConstruction:WindowDataFile,w;"
    assert list_files(describe(tmp_path, text)) == ("Window5DataFile.dat",)


def test_a_name_in_other_letter_case_is_not_the_same_file(tmp_path: Path) -> None:
    (finding,) = find(tmp_path, "Version,25.2;\nSchedule:File,s,,People.csv,1,0;", ("people.csv",))
    assert "'people.csv', in other letter case" in finding.reason


def test_an_attachment_that_nothing_refers_to_is_only_noted(tmp_path: Path) -> None:
    judgement = judge_description(describe(tmp_path, "Version,25.2;\nZone,a;"), ("a.csv",))
    assert judgement.findings == ()
    assert judgement.notes == ("Attachment 'a.csv': nothing in the model refers to it.",)


@pytest.mark.parametrize(
    "names",
    [
        ("eplusout.err",),
        ("In.idf",),
        ("model.csv",),
        ("Energy+.ini",),
        ("socket.cfg",),
        (".profile",),
        ("a/b.csv",),
        ("..",),
        ("a\\b",),
        ("C:a.csv",),
        ("x" * 101,),
        ("",),
        ("tab\t.csv",),
        ("ends with a dot.",),
        ("a.csv", "A.csv"),
    ],
)
def test_an_attachment_with_a_name_that_cannot_be_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    findings = find(tmp_path, "Version,25.2;\nZone,a;", names)
    assert [finding.found for finding in findings] == list(names)
    assert all(finding.class_name == "" and finding.remedy for finding in findings)


def test_what_the_farm_replaces_is_not_refused(tmp_path: Path) -> None:
    assert find(tmp_path, "Version,25.2;\nOutputControl:Files,No,No,No,No;\nOutput:SQLite,Simple;") == ()


EPJSON = '{"Version": {"1": {"version_identifier": "25.2"}}, '
BOMBS: dict[str, tuple[bytes, str]] = {
    # idfkit's pattern of an object nests quantifiers: over these 56 bytes it takes longer than anybody waits
    "56 bytes": (b"Version,25.2;\na," + b"x" * 40, "does not end with a semicolon"),
    "a class name of blanks": (b"Version,25.2;\n" + b"a " * 30_000 + b",b;", "has no class"),
    "JSON in JSON": (b'{"a":' * 15_000, "is not JSON"),
    "more JSON in JSON": (b'{"a":' * 2_000_000, "characters without a comma"),
    "lists in lists": (EPJSON.encode() + b'"Zone": ' + b"[," * 15_000, "is not JSON"),
    "fields": (b"Version,25.2;\nZone," + b"," * 30_000_000 + b";", "accepted: at most 1,000,000"),
    "vertices": (b"Version,25.2;\nBuildingSurface:Detailed," + b"1," * 300_000 + b"1;", "fields in one"),
    "groups": (
        (EPJSON + '"Branch": {"a": {"components": [' + ",".join(["{}"] * 90_000) + "]}}}").encode(),
        "fields in one Branch",
    ),
    "objects": (b"Version,25.2;\n" + b"Zone,a;" * 300_000, "accepted: at most 200,000"),
    "50 MB in a field": (b"Version,25.2;\nZone," + b"a" * 50_000_000 + b";", "characters without a comma"),
    "50 MB of comment": (b"Version,25.2;\n!" + b"a" * 50_000_000, "characters without a comma"),
    "50 MB of lines": (b"Version,25.2;\n" + b"\n" * 50_000_000, "characters without a comma"),
    "digits": ((EPJSON + '"Zone": {"a": {"x_origin": ' + "9" * 90_000 + "}}}").encode(), "is not JSON"),
    "a number without bounds": ((EPJSON + '"Zone": {"a": {"x_origin": 1e999}}}').encode(), "neither a number"),
    "a name twice": ((EPJSON + '"Zone": {"a": {}, "a": {}}}').encode(), "stands twice"),
    "NUL": (b"Version,25.2;\nZone,a\0b;", "not a text file"),
    "UTF-16": ("Version,25.2;\nZone,a;".encode("utf-16"), "not a text file"),
    "a class that is none, often": (
        b"Version,25.2;\n" + b"".join(b"Zon%d;" % number for number in range(90_000)),
        "has no class 'Zon0'",
    ),
    "no file at all": (b"", "no Version object"),
}


@pytest.mark.parametrize(("content", "reason"), BOMBS.values(), ids=list(BOMBS))
def test_a_file_made_to_break_a_parser_is_refused_within_the_gate_s_limit(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "model.idf"
    path.write_bytes(content)
    # 2.5 s of processor time: whatever is in the file, the answer is there in less than 3 s.
    with pytest.raises(ModelError, match=reason):
        judge_upload(path, limits=limits_for(0))
    assert limits_for(0).cpu_s < 3


def test_bytes_that_are_no_utf8_are_read_as_windows_tools_write_them(tmp_path: Path) -> None:
    path = tmp_path / "model.idf"
    path.write_bytes(b"Version,25.2;\nZone,caf\xe9;")
    assert judge_upload(path).classes["Zone"][0].name == "café"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (GateLimits(cpu_s=0.01, wall_s=60), "within 0.0 s of processor time"),
        (GateLimits(cpu_s=2, wall_s=0.01), "within 0.01 s"),
        (GateLimits(cpu_s=20, wall_s=60, memory_bytes=250_000_000), "too large to be read"),
    ],
)
def test_a_reading_that_takes_too_much_is_ended_and_says_so(tmp_path: Path, limits: GateLimits, message: str) -> None:
    path = tmp_path / "model.idf"
    path.write_text("Version,25.2;\n" + "".join(f"Zone,zone {number};\n" for number in range(150_000)))
    with pytest.raises(ModelError, match=message):
        judge_upload(path, limits=limits)


def test_a_larger_model_is_given_more_time() -> None:
    assert limits_for(200_000).cpu_s == limits_for(1_000_000).cpu_s == 2.5
    assert limits_for(9_000_000).cpu_s == 4.5


def test_the_child_describes_as_this_process_does(tmp_path: Path, models: dict[str, Path]) -> None:
    found = judge_upload(models["small_office"])
    assert found.facts.pop("notes") == []
    assert found == describe_model(models["small_office"])


def test_the_child_knows_nothing_of_this_process_s_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEFARM_SECRET_KEY", "canary")
    assert "canary" not in gate._environment().values()


def test_a_trusted_machine_reads_without_a_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "model.idf"
    path.write_text("Version,25.2;\nZone,a;")
    assert judge_upload(path, sandbox="trusted").facts["zone_count"] == 1
