"""Keys of cases: equal for two models that say the same, however they are written, and for no others."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energyplus.models.building_model import BuildingModel, FieldEdit, RunPeriod
from energyplus.models.canonical import canonical_value, digest_model
from energyplus.models.model_text import TextModel, TextObject, read_model_file
from energyplus.models.schema import load_schema
from energyplus.outputs import OutputRequest
from tests.engine.cases import THREE_DAYS, ask_for

ANNUAL = RunPeriod()
HOURLY = (OutputRequest("meter", "Electricity:Facility", "hourly"),)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

# Class, and which of its first fields take a number.
CLASSES = {
    "Material": (False, False, True, True, True, True, True),
    "ScheduleTypeLimits": (False, True, True, False),
    "ZoneList": (False, False, False, False),
    "Schedule:Constant": (False, False, True),
}
words = st.sampled_from(["Wall", "wall", "Smooth", "1", "1.0", "0.10", "a b", "a  b", "Autosize", ""])
numbers = st.sampled_from(["1", "1.0", "+1.", "1E0", "0.1", ".1", "0.10", "1e-1", "1_0", "nan", "Autosize", "-2.5", ""])
entries = st.sampled_from(list(CLASSES)).flatmap(
    lambda name: st.tuples(
        st.just(name), st.tuples(*(numbers if numeric else words for numeric in CLASSES[name])).map(tuple)
    )
)
models = st.lists(entries, max_size=4)
layouts = st.tuples(st.booleans(), st.sampled_from(["", " ", "\n    "]), st.booleans(), st.integers(0, 2))


def write(model: list[tuple[str, tuple[str, ...]]], layout: tuple[bool, str, bool, int]) -> str:
    """IDF text of a model in some layout: letter case of classes, white space, comments, blanks at the end."""
    in_capitals, space, commented, blanks = layout
    lines = ["Version,25.2;"]
    for name, values in model:
        room = blanks if name != "Schedule:Constant" else 0  # it ends with its third field
        fields = [name.upper() if in_capitals else name, *values, *[""] * (room if name == "ZoneList" else 0)]
        lines.append(f",{space}".join(fields) + f"{space};" + (" !- a comment, with; signs" if commented else ""))
    return "\n".join(lines) + "\n"


def read(text: str, folder: Path) -> TextModel:
    path = folder / "model.idf"
    path.write_text(text, encoding="utf-8")
    return read_model_file(path)


def meaning(model: TextModel) -> list[tuple[str, list[object]]]:
    """What a parsed model says, told without the code under test."""
    found: list[tuple[str, list[object]]] = []
    for entry in model.objects:
        numeric = CLASSES.get(entry.class_name, ())
        values: list[object] = [
            float(text) if n < len(numeric) and numeric[n] and NUMBER.fullmatch(text) else text
            for n, text in enumerate(entry.values)
        ]
        while values and values[-1] == "":
            values.pop()
        found.append((entry.class_name, values))
    return found


@settings(max_examples=150, deadline=None)
@given(first=models, second=models, layout=layouts, other_layout=layouts)
def test_two_models_have_one_key_if_and_only_if_they_say_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, tuple[str, ...]]],
    second: list[tuple[str, tuple[str, ...]]],
    layout: tuple[bool, str, bool, int],
    other_layout: tuple[bool, str, bool, int],
) -> None:
    folder = tmp_path_factory.mktemp("models")
    one, two, same = (
        read(write(model, how), folder)
        for model, how in ((first, layout), (second, other_layout), (first, other_layout))
    )
    assert digest_model(one) == digest_model(same)
    assert (digest_model(one) == digest_model(two)) == (meaning(one) == meaning(two))


edits_of_lights = st.lists(
    st.builds(FieldEdit, st.just("Lights"), st.integers(0, 4), st.just(5), st.floats(0.5, 30.0)), max_size=3
)
requests = st.tuples(
    st.sampled_from([ANNUAL, THREE_DAYS, RunPeriod("design_days")]), st.sampled_from([(), HOURLY]), st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(edits=edits_of_lights, asked=requests)
def test_the_key_of_a_case_is_that_of_its_rendered_text(
    small_office: BuildingModel,
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[FieldEdit],
    asked: tuple[RunPeriod, tuple[OutputRequest, ...], bool],
) -> None:
    edits = [*edits, FieldEdit("RunPeriod", 0, 8, "No")]
    text = small_office.render(ask_for(edits, *asked))
    assert small_office.content_key(ask_for(edits, *asked)) == digest_model(read(text, tmp_path_factory.mktemp("case")))


def test_every_thing_that_is_asked_for_counts(small_office: BuildingModel) -> None:
    edit = [FieldEdit("Lights", 0, 5, 5.0)]
    keys = [
        small_office.content_key(ask_for([], ANNUAL)),
        small_office.content_key(ask_for(edit, ANNUAL)),
        small_office.content_key(ask_for(edit, THREE_DAYS)),
        small_office.content_key(ask_for(edit, ANNUAL, HOURLY)),
        small_office.content_key(ask_for(edit, ANNUAL, keep_full=True)),
        small_office.content_key(ask_for([FieldEdit("Lights", 0, 5, math.nextafter(5.0, 6.0))], ANNUAL)),
    ]
    assert len(set(keys)) == len(keys)


def test_an_edit_to_the_value_that_the_model_has_changes_nothing(small_office: BuildingModel) -> None:
    own = float(small_office.describe().classes["Lights"][0].values[5])
    edit = [FieldEdit("Lights", 0, 5, own)]
    assert small_office.content_key(ask_for(edit, ANNUAL)) == small_office.content_key(ask_for([], ANNUAL))
    assert small_office.render(ask_for(edit, ANNUAL)) == small_office.render(ask_for([], ANNUAL))


def test_an_epjson_twin_has_the_key_of_its_idf(tmp_path: Path) -> None:
    (tmp_path / "twin.epJSON").write_text(
        '{"Version": {"Version 1": {"version_identifier": "25.2"}}, "Zone": {"one": {"x_origin": 1.50}}}'
    )
    idf = read("VERSION, 25.2;\nzone, one, , 1.5;", tmp_path)
    assert digest_model(read_model_file(tmp_path / "twin.epJSON")) == digest_model(idf)


def test_fields_cannot_run_into_each_other() -> None:
    pairs = [(("a", "b c"), ("a b", "c")), (("a", "", "b"), ("a", "b")), (("a",), ("a", "a"))]
    for one, two in pairs:
        first, second = (TextModel("25.2", (TextObject("ZoneList", values),)) for values in (one, two))
        assert digest_model(first) != digest_model(second)


def test_only_what_the_engine_reads_as_a_number_is_one() -> None:
    assert canonical_value("1E1", is_numeric=True) == canonical_value("10", is_numeric=True) == "10.0"
    for text in ("1_0", "nan", "inf", "1e999", "0x10", "١", "Autosize", ""):
        assert canonical_value(text, is_numeric=True) == text
    assert canonical_value("10.0", is_numeric=False) == "10.0"


def test_repeated_fields_are_numeric_in_every_group() -> None:
    surface = load_schema("25.2").find_class("BuildingSurface:Detailed")
    assert surface is not None
    assert [surface.is_numeric_at(index) for index in (0, 1, 11, 11 + 3 * 40)] == [False, False, True, True]
