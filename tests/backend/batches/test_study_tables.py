"""A table of cases comes as a file and goes as the rows of a table design."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient


def send(api: APIClient, content: bytes, name: str = "points.csv") -> Any:
    return api.post("/api/study-tables/", {"file": SimpleUploadedFile(name, content)}, format="multipart")


def test_a_file_becomes_rows_with_the_kind_of_each_column(api: APIClient) -> None:
    answer = send(api, b"lighting,construction,weather\n0.5,Brick,chicago\n7,Wood,miami\n")
    assert answer.status_code == 200
    assert answer.json() == {
        "columns": [
            {"name": "lighting", "kind": "number"},
            {"name": "construction", "kind": "text"},
            {"name": "weather", "kind": "text"},
        ],
        "rows": [
            {"lighting": 0.5, "construction": "Brick", "weather": "chicago"},
            {"lighting": 7, "construction": "Wood", "weather": "miami"},
        ],
        "row_count": 2,
    }


@pytest.mark.parametrize(
    ("content", "name", "path"),
    [
        (b"lighting,north\n0.5,10\n,20\n", "points.csv", "rows[1].lighting"),
        (b"lighting,lighting\n1,2\n", "points.csv", "columns[1]"),
        (b"not a workbook", "points.xlsx", "file"),
        (b"not Parquet", "points.parquet", "file"),
        (b"lighting\n0.5\n", "points.docx", "file"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_place(
    api: APIClient, content: bytes, name: str, path: str
) -> None:
    answer = send(api, content, name)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (400, [path])


def test_a_file_is_needed(api: APIClient) -> None:
    answer = api.post("/api/study-tables/", {}, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "file")
