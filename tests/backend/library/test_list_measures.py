"""`GET /api/measures/`."""

from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from energyplus.measures.registry import list_measures

MEASURES = "/api/measures/"


def test_every_measure_is_listed_by_name(api: APIClient) -> None:
    listed = api.get(MEASURES).json()
    assert [row["name"] for row in listed] == list(list_measures())


def test_a_measure_tells_a_form_all_it_needs(api: APIClient) -> None:
    ratio = next(row for row in api.get(MEASURES).json() if row["name"] == "window_to_wall_ratio")
    assert (ratio["title"], ratio["openstudio"]) == ("Window-to-wall ratio", "SetWindowToWallRatioByFacade")
    assert ratio["description"].startswith("Give windows a share of the gross area")
    assert ratio["value"] == {
        "kind": "number",
        "description": "Area of the windows over the gross area of their wall.",
        "unit": "1",
        "minimum": 0,
        "maximum": None,
        "exclusive_minimum": None,
        "exclusive_maximum": 1,
        "choices": [],
        "example": 0.4,
    }
    assert ratio["arguments"]["properties"]["facade"]["enum"] == ["all", "north", "east", "south", "west"]


def test_arguments_are_described_by_json_schemas(api: APIClient) -> None:
    for row in api.get(MEASURES).json():
        Draft202012Validator.check_schema(row["arguments"])


def test_a_stranger_is_not_told(anonymous_api: APIClient) -> None:
    assert anonymous_api.get(MEASURES).status_code == 401
