"""Studies from mappings, files and text, and the local files they name."""

import pytest

from casefarm.errors import CasefarmError
from casefarm.studies_file import read_study, replace_local_files


def test_a_study_comes_from_a_mapping_a_file_or_text(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("name: a\nmodel: warehouse\n")
    expected = {"name": "a", "model": "warehouse"}

    assert read_study(expected)[0] == expected
    assert read_study(path) == (expected, tmp_path)
    assert read_study(str(path)) == (expected, tmp_path)
    assert read_study("name: a\nmodel: warehouse")[0] == expected


def test_dates_reach_the_service_as_they_were_written():
    study, _ = read_study("run_period: {start: 2024-01-01, end: 01-31}\nname: x")

    assert study["run_period"] == {"start": "2024-01-01", "end": "01-31"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a\n- b\n", "must be a mapping"), ("a: [1\nb: 2", "is not YAML"), ("!!python/object:os.x {}\n", "is not YAML")],
)
def test_what_is_no_study_is_refused_in_one_line(text, message):
    with pytest.raises(CasefarmError, match=message) as refusal:
        read_study(text)

    assert "\n" not in str(refusal.value)


def test_a_missing_study_is_refused_by_its_path(tmp_path):
    with pytest.raises(CasefarmError, match=r"missing\.yaml: No such file"):
        read_study(tmp_path / "missing.yaml")


def test_local_files_are_uploaded_once_and_replaced_by_their_ids(tmp_path):
    (tmp_path / "tower.idf").touch()
    (tmp_path / "here.epw").touch()
    uploads = []

    def upload(kind, path):
        uploads.append((kind, path.name))
        return f"id-of-{path.name}"

    study = {
        "model": ["tower.idf", "warehouse"],
        "weather": "here.epw",
        "design": {"method": "table", "rows": [{"x": 1, "model": "tower.idf"}, {"x": 2, "model": "warehouse"}]},
    }

    assert replace_local_files(study, tmp_path, upload) == {
        "model": ["id-of-tower.idf", "warehouse"],
        "weather": "id-of-here.epw",
        "design": {"method": "table", "rows": [{"x": 1, "model": "id-of-tower.idf"}, {"x": 2, "model": "warehouse"}]},
    }
    assert uploads == [("model", "tower.idf"), ("weather", "here.epw")]
    assert study["weather"] == "here.epw"


def test_the_file_of_a_table_design_becomes_its_rows(tmp_path):
    (tmp_path / "points.csv").write_text("x,weather\n1,here.epw\n2,miami\n")
    (tmp_path / "here.epw").touch()
    study = {"name": "a", "design": {"method": "table", "file": "points.csv"}}

    replaced = replace_local_files(study, tmp_path, lambda kind, path: f"id-of-{path.name}")

    rows = [{"x": 1, "weather": "id-of-here.epw"}, {"x": 2, "weather": "miami"}]
    assert replaced["design"] == {"method": "table", "rows": rows}
    assert study["design"]["file"] == "points.csv"


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"file": "gone.csv"}, r"no file gone\.csv"),
        ({"file": "points.csv", "rows": []}, "either `file` or `rows`"),
        ({"file": "points.csv"}, r"rows\[0\]\.x: Write a value"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_before_anything_is_sent(tmp_path, design, message):
    (tmp_path / "points.csv").write_text("x,y\n,1\n")
    with pytest.raises(CasefarmError, match=message):
        replace_local_files({"design": {"method": "table", **design}}, tmp_path, lambda kind, path: "never")


def test_a_named_file_that_is_not_there_is_refused_before_anything_is_sent(tmp_path):
    with pytest.raises(CasefarmError, match=r"model gone\.idf: there is no such file"):
        replace_local_files({"model": "gone.idf"}, tmp_path, lambda kind, path: "never")
