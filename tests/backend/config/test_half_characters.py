"""Texts that are none: an escape of half a character is refused wherever it stands, and breaks nothing."""

import pytest
from rest_framework.test import APIClient

HALF = '"\\ud800"'


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/construction-sets/", f'{{"name": {HALF}}}'),
        ("/api/construction-sets/", f"{{{HALF}: 1}}"),
        ("/api/construction-sets/", f'{{"name": "A", "copy_of": {HALF}}}'),
        ("/api/construction-sets/import/", f'{{"name": "A", "currency": "EUR", "description": {HALF}}}'),
        ("/api/batches/preview/", f'{{"name": {HALF}}}'),
        ("/api/batches/", f'{{"model": {HALF}}}'),
    ],
)
def test_half_a_character_is_refused(api: APIClient, address: str, body: str) -> None:
    answer = api.post(address, body, content_type="application/json")
    assert answer.status_code == 400
    assert "half of a character" in answer.json()["detail"]


def test_half_a_character_is_refused_in_yaml_too(api: APIClient) -> None:
    answer = api.post("/api/batches/preview/", f"name: {HALF}", content_type="application/yaml")
    assert answer.status_code == 400


def test_a_whole_character_may_be_written_as_two_halves(api: APIClient) -> None:
    answer = api.post("/api/construction-sets/", '{"name": "\\ud83c\\udfe0"}', content_type="application/json")
    assert "currency" in {error["path"] for error in answer.json()["errors"]}
