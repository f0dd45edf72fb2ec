"""`POST /api/construction-sets/import/`."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from library.construction_csv import COLUMNS, MOST_BYTES
from library.construction_services import STARTER_FILE
from library.models import StoredConstructionSet, StoredModel
from tests.backend.library.construction_documents import SETS, make_set

IMPORT = f"{SETS}import/"
HEADER = (
    "construction,kind,cost_per_m2,layer,layer_kind,roughness,thickness_m,conductivity_w_mk,density_kg_m3,"
    "specific_heat_j_kgk,resistance_m2k_w,thermal_absorptance,solar_absorptance,visible_absorptance,"
    "u_factor_w_m2k,shgc,visible_transmittance"
)
BRICK = "Brick,material,Rough,0.24,0.8,1700,1000,,0.9,0.65,0.65,,,"
GOOD = (
    HEADER,
    f"Wall,exterior_wall,120,{BRICK}",
    "Wall,,,Gap,air_gap,,,,,,0.18,,,,,,",
    f"Wall,,,{BRICK}",
    "",
    "Window,window,,,,,,,,,,,,,1.1,0.5,0.6",
)


def send(api: APIClient, content: str | bytes, **form: Any) -> Response:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("set.csv", data)
    return api.post(IMPORT, {"file": file, "name": "Offers", "currency": "EUR", **form}, format="multipart")


def refuse(api: APIClient, *lines: str) -> list[tuple[str, str]]:
    response = send(api, "\n".join(lines))
    assert response.status_code == 400
    assert not StoredConstructionSet.objects.exists()
    return [(entry["path"], entry["message"]) for entry in response.json()["errors"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_becomes_a_set(api: APIClient, delimiter: str) -> None:
    response = send(api, "\r\n".join(GOOD).replace(",", delimiter), description="Of May")
    assert response.status_code == 201, response.json()
    body = response.json()
    assert (body["name"], body["currency"], body["description"], body["notes"]) == ("Offers", "EUR", "Of May", [])
    wall, window = body["constructions"]
    assert [layer["name"] for layer in wall["layers"]] == ["Brick", "Gap", "Brick"]
    assert (wall["cost_per_m2"], wall["embodied_carbon_kgco2e_m2"]) == (120.0, None)
    assert window["glazing"] == {"u_factor_w_m2k": 1.1, "shgc": 0.5, "visible_transmittance": 0.6}


def test_excel_writes_a_mark_at_the_beginning(api: APIClient) -> None:
    assert send(api, b"\xef\xbb\xbf" + "\n".join(GOOD).encode()).status_code == 201


def test_the_starter_file_is_in_the_form_that_everyone_writes(api: APIClient) -> None:
    response = send(api, STARTER_FILE.read_bytes())
    assert response.status_code == 201
    assert len(response.json()["constructions"]) == 22


def test_all_mistakes_are_told_with_line_and_column(api: APIClient) -> None:
    told = refuse(
        api,
        HEADER,
        "Wall,exterior_wall,cheap,Brick,material,Rough,0.24,0.8,,1000,,0.9,0.65,0.65,,,",
        "Wall,roof,,Gap,air_gap,,,,,,0.18,,,,,,",
        'Wall,,,Wool,material,Rough,"0,1",0.04,30,1000,,0.9,0.7,0.7,,,',
        "Window,window,,,,,,,,,,,,,9,0.5,0.6",
        ",roof,,Brick,material,Rough,0.24,0.8,1700,1000,,0.9,0.65,0.65,,,",
    )
    assert [path for path, _ in told] == [
        "line 2, cost_per_m2",
        "line 2, density_kg_m3",
        "line 3, kind",
        "line 4, thickness_m",
        "line 5, u_factor_w_m2k",
        "line 6, construction",
    ]
    assert "decimal point" in told[3][1]


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        (("wall,kind",), "line 1"),
        (("construction,layer",), "line 1"),
        (("construction,kind,kind",), "line 1"),
        ((HEADER,), "file"),
        ((HEADER, 'Wall,exterior_wall,"open'), "line 2"),
        ((HEADER, f"Wall,exterior_wall,120,{BRICK},extra"), "line 2"),
        ((HEADER, "Window,window,,,,,,,,,,,,,1.1,0.5,0.6", "Window,window,,,,,,,,,,,,,1.1,0.5,0.6"), "line 3"),
        ((HEADER, "Window,window,,Brick,,,,,,,,,,,1.1,0.5,0.6"), "line 2, layer"),
        ((HEADER, f"Wall,exterior_wall,120,{BRICK[:-3]},1.1,,"), "line 2, u_factor_w_m2k"),
        ((HEADER, "Wall,exterior_wall,120,Gap,air_gap,,,,,,0.18,,,,,,"), "line 2"),
        ((HEADER, "Wall,,,Gap,air_gap,,,,,,0.18,,,,,,"), "line 2, kind"),
    ],
)
def test_a_mistake_has_its_place(api: APIClient, lines: tuple[str, ...], path: str) -> None:
    assert path in [found for found, _ in refuse(api, *lines)]


@pytest.mark.parametrize("name", ["Wall", "WALL"])
def test_a_second_construction_of_a_name_does_not_thicken_the_first(api: APIClient, name: str) -> None:
    told = refuse(api, *GOOD, f"{name},exterior_wall,120,{BRICK}", f"{name},,,{BRICK}")
    assert [path for path, _ in told] == ["line 7, construction", "line 8, construction"][: 1 + (name == "WALL")]
    assert told[0][1].startswith("Line 4 has this name")
    assert refuse(api, HEADER, f"Wall,exterior_wall,120,{BRICK}", f"WALL,,,{BRICK}")[0][0] == "line 3, construction"


def test_a_file_that_is_no_text_or_too_long_is_refused(api: APIClient) -> None:
    assert send(api, b"\xff\xfe\x00").json()["errors"][0]["path"] == "file"
    assert send(api, b"a" * (MOST_BYTES + 1)).json()["errors"][0]["path"] == "file"


def test_heading_and_file_are_checked_together(api: APIClient) -> None:
    response = send(api, "wall,kind", name="", currency="Taler")
    assert {entry["path"] for entry in response.json()["errors"]} == {"name", "currency", "line 1"}


def test_every_column_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/construction-sets.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in page] == []


def test_a_model_gives_what_it_has_outside_without_prices(api: APIClient, warehouse: StoredModel) -> None:
    response = api.post(IMPORT, {"model": "warehouse", "name": "Warehouse as it is", "currency": "USD"})
    assert response.status_code == 201, response.json()
    found = response.json()["constructions"]
    assert [entry["kind"] for entry in found] == ["exterior_wall", "roof", "ground_floor", "window"]
    assert {entry["cost_per_m2"] for entry in found} == {None}
    assert {entry["embodied_carbon_kgco2e_m2"] for entry in found} == {None}
    assert {entry["source"] for entry in found} == {"Read from the model warehouse."}


def test_what_was_read_from_a_model_can_be_priced(api: APIClient, warehouse: StoredModel) -> None:
    made = api.post(IMPORT, {"model": "warehouse", "name": "As it is", "currency": "USD"}).json()
    priced = [{**entry, "cost_per_m2": 10} for entry in made["constructions"]]
    changed = api.patch(f"{SETS}{made['id']}/", {"constructions": priced})
    assert changed.status_code == 200, changed.json()
    assert {entry["cost_per_m2"] for entry in changed.json()["constructions"]} == {10.0}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"model": "no such model", "name": "New", "currency": "USD"}, "model"),
        ({"name": "New", "currency": "USD"}, "model"),
        ({"model": "warehouse", "name": "New"}, "currency"),
        ({"model": "warehouse", "name": "New", "currency": "USD", "owner": "me"}, "owner"),
    ],
)
def test_an_import_that_cannot_be_is_refused(
    api: APIClient, warehouse: StoredModel, body: dict[str, Any], path: str
) -> None:
    response = api.post(IMPORT, body)
    assert response.status_code == 400
    assert [entry["path"] for entry in response.json()["errors"]] == [path]


def test_a_model_with_nothing_outside_is_refused(api: APIClient, model_file: SimpleUploadedFile) -> None:
    model = api.post("/api/models/", {"file": model_file}, format="multipart").json()["id"]
    response = api.post(IMPORT, {"model": model, "name": "New", "currency": "USD"})
    assert [entry["path"] for entry in response.json()["errors"]] == ["model"]


def test_nobody_reads_the_model_of_another(
    api: APIClient, other_api: APIClient, model_file: SimpleUploadedFile
) -> None:
    model = other_api.post("/api/models/", {"file": model_file}, format="multipart").json()["id"]
    response = api.post(IMPORT, {"model": model, "name": "New", "currency": "USD"})
    assert [entry["path"] for entry in response.json()["errors"]] == ["model"]


def test_a_name_that_is_taken_is_refused(api: APIClient) -> None:
    api.post(SETS, make_set())
    assert [entry["path"] for entry in send(api, "\n".join(GOOD)).json()["errors"]] == ["name"]
