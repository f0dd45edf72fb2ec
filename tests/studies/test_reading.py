import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.problems import InvalidStudy
from studies.reading import MAX_DOCUMENT_BYTES, MAX_YAML_BYTES, read_document


def refused(text: str | bytes) -> str:
    with pytest.raises(InvalidStudy) as refusal:
        read_document(text)
    return refusal.value.problems[0].message


@pytest.mark.parametrize("word", ["01-01", "2026-01-31", "12:30", "1:30:00", "Yes", "no", "On", "off", "0x1f", "1_000"])
def test_what_only_looks_like_something_else_stays_text(word: str) -> None:
    assert read_document(f"key: {word}") == {"key": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("1E3", 1000.0), (".5", 0.5), ("-2.", -2.0), ("7", 7), ("+7", 7), ("true", True), ("~", None)],
)
def test_numbers_and_truth_are_read_as_yaml_1_2_has_them(text: str, value: object) -> None:
    found = read_document(f"key: {text}")["key"]
    assert found == value
    assert type(found) is type(value)


def test_json_is_read_and_so_is_a_yaml_mapping_in_braces() -> None:
    assert read_document('{"a": [1, 2.5, "x"]}') == {"a": [1, 2.5, "x"]}
    assert read_document("{a: [1, 2.5, x]}") == {"a": [1, 2.5, "x"]}


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    assert read_document("\ufeffname: Größe".encode()) == {"name": "Größe"}


def test_a_key_that_stands_twice_is_refused_with_its_line() -> None:
    assert refused("a: 1\nb: 2\na: 3") == "Line 3: the key `a` stands here a second time; keep one of the two."
    assert "given twice" in refused('{"a": 1, "a": 2}')


def test_anchors_and_aliases_are_refused_so_that_no_text_can_swell() -> None:
    assert "anchors" in refused("a: &x [1]\nb: *x")
    assert "Quote" in refused("target: {object: *all}")


def test_deep_nesting_is_refused() -> None:
    assert "less deeply" in refused("a: " + "[" * 500 + "]" * 500)
    assert "less deeply" in refused('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}")


def test_a_long_text_is_refused_unread() -> None:
    assert refused("#" * (MAX_DOCUMENT_BYTES + 1)) == "Shorten the study."
    assert refused("#" * (MAX_YAML_BYTES + 1)) == "Shorten the study, or send it as JSON."
    assert read_document('{"a": "' + "x" * MAX_YAML_BYTES + '"}')


@pytest.mark.parametrize("text", ["", "just words", "[1, 2]", "- a\n- b"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert "mapping" in refused(text)


@pytest.mark.parametrize(
    "text",
    ["a: [1", "a: b: c", "a: !!python/object:os.system {}", "\x00", "a: %", '{"a": 1', "a: !!binary x", "? [a]\n: 1"],
)
def test_what_is_not_yaml_is_refused(text: str) -> None:
    assert refused(text)


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    assert "UTF-8" in refused(b"name: \xff")


def test_a_number_of_ten_thousand_digits_is_refused() -> None:
    assert refused("a: " + "1" * 10_000)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(InvalidStudy):
        assert isinstance(read_document(text), dict)
