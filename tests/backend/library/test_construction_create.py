"""`POST /api/construction-sets/`."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from library import construction_services
from library.construction_documents import MOST_CONSTRUCTIONS
from library.models import StoredConstructionSet
from tests.backend.library.construction_documents import BRICK, GAP, SETS, WALL, WINDOW, make_set


def test_a_set_is_taken_in_and_shown_with_its_u_factors(api: APIClient) -> None:
    response = api.post(SETS, make_set())
    assert response.status_code == 201, response.json()
    body = response.json()
    assert (body["name"], body["currency"], body["bundled"], body["revision"]) == ("Offers", "EUR", False, 1)
    assert body["ref"] == body["id"]
    wall, window = body["constructions"]
    assert wall["layers"] == [BRICK, GAP, BRICK]
    assert wall["u_factor"] == pytest.approx(1 / (0.17 + 0.6 + 0.18))
    assert (wall["cost_per_m2"], wall["embodied_carbon_kgco2e_m2"], wall["service_life_years"]) == (120.0, None, None)
    assert (window["glazing"], window["layers"], window["u_factor"]) == (WINDOW["glazing"], [], 1.1)


def test_words_are_taken_in_any_letter_case(api: APIClient) -> None:
    wall = {**WALL, "kind": "Exterior_Wall", "layers": [{**BRICK, "kind": "MATERIAL", "roughness": "rough"}]}
    (made,) = api.post(SETS, make_set(constructions=[wall])).json()["constructions"]
    assert (made["kind"], made["layers"][0]["kind"], made["layers"][0]["roughness"]) == (
        "exterior_wall",
        "material",
        "Rough",
    )


def without(part: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != key}


def wall_of(*layers: Any, **changes: Any) -> dict[str, Any]:
    return {**WALL, "layers": list(layers), **changes}


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"name": ...}, "name"),
    ({"name": "  "}, "name"),
    ({"name": "a" * 81}, "name"),
    ({"name": "Starter"}, "name"),
    ({"currency": ...}, "currency"),
    ({"currency": "eur"}, "currency"),
    ({"currency": "€"}, "currency"),
    ({"description": 7}, "description"),
    ({"constructions": ...}, "constructions"),
    ({"constructions": []}, "constructions"),
    ({"constructions": {"a": 1}}, "constructions"),
    ({"constructions": [WALL] * (MOST_CONSTRUCTIONS + 1)}, "constructions"),
    ({"constructions": ["a wall"]}, "constructions[0]"),
    ({"constructions": [WALL, {**WINDOW, "name": "WALL"}]}, "constructions[1].name"),
    ({"constructions": [{**WALL, "name": "Brick, red"}]}, "constructions[0].name"),
    ({"constructions": [{**WALL, "name": "as_is"}]}, "constructions[0].name"),
    ({"constructions": [{**WALL, "kind": "wall"}]}, "constructions[0].kind"),
    ({"constructions": [{**WALL, "price": 4}]}, "constructions[0].price"),
    ({"constructions": [{**WALL, "cost_per_m2": -1}]}, "constructions[0].cost_per_m2"),
    ({"constructions": [{**WALL, "cost_per_m2": "120"}]}, "constructions[0].cost_per_m2"),
    ({"constructions": [{**WALL, "service_life_years": 0}]}, "constructions[0].service_life_years"),
    ({"constructions": [{**WALL, "source": "x" * 501}]}, "constructions[0].source"),
    ({"constructions": [wall_of()]}, "constructions[0].layers"),
    ({"constructions": [wall_of(*[BRICK] * 11)]}, "constructions[0].layers"),
    ({"constructions": [wall_of(BRICK, GAP)]}, "constructions[0].layers[1]"),
    ({"constructions": [wall_of(7)]}, "constructions[0].layers[0]"),
    ({"constructions": [wall_of({**BRICK, "kind": "stone"})]}, "constructions[0].layers[0].kind"),
    ({"constructions": [wall_of({**BRICK, "roughness": "bumpy"})]}, "constructions[0].layers[0].roughness"),
    ({"constructions": [wall_of({**BRICK, "thickness_m": 240})]}, "constructions[0].layers[0].thickness_m"),
    ({"constructions": [wall_of({**BRICK, "thickness_m": True})]}, "constructions[0].layers[0].thickness_m"),
    ({"constructions": [wall_of({**BRICK, "solar_absorptance": 1.1})]}, "constructions[0].layers[0].solar_absorptance"),
    ({"constructions": [wall_of({**BRICK, "resistance_m2k_w": 1})]}, "constructions[0].layers[0].resistance_m2k_w"),
    ({"constructions": [wall_of(BRICK, glazing=WINDOW["glazing"])]}, "constructions[0].glazing"),
    ({"constructions": [{**WINDOW, "glazing": None}]}, "constructions[0].glazing"),
    ({"constructions": [{**WINDOW, "layers": [BRICK]}]}, "constructions[0].layers"),
    ({"constructions": [{**WINDOW, "glazing": {"u_factor_w_m2k": 8, "shgc": 0.5}}]},
     "constructions[0].glazing.u_factor_w_m2k"),
    ({"constructions": [{**WINDOW, "glazing": {"u_factor_w_m2k": 1}}]}, "constructions[0].glazing.shgc"),
    ({"colour": "red"}, "colour"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "path"), MISTAKES, ids=[f"{path}-{n}" for n, (_, path) in enumerate(MISTAKES)])
def test_a_mistake_is_refused_at_its_place(api: APIClient, changes: dict[str, Any], path: str) -> None:
    construction_services.load_starter_set()
    response = api.post(SETS, make_set(**changes))
    assert response.status_code == 400
    assert path in [entry["path"] for entry in response.json()["errors"]]
    assert not StoredConstructionSet.objects.filter(alias=None).exists()


@pytest.mark.parametrize("key", [key for key in BRICK if key not in ("name", "kind")])
def test_a_layer_that_lacks_a_property_is_refused_not_filled_in(api: APIClient, key: str) -> None:
    response = api.post(SETS, make_set(constructions=[wall_of(without(BRICK, key))]))
    assert response.status_code == 400
    (entry,) = response.json()["errors"]
    assert entry["path"] == f"constructions[0].layers[0].{key}"


def test_everything_that_is_wrong_is_told_at_once(api: APIClient) -> None:
    layers = [without(BRICK, "density_kg_m3"), {**BRICK, "roughness": "soft"}]
    response = api.post(SETS, make_set(currency="DM", constructions=[wall_of(*layers), {**WINDOW, "kind": "door"}]))
    assert [entry["path"] for entry in response.json()["errors"]] == [
        "currency",
        "constructions[0].layers[0].density_kg_m3",
        "constructions[0].layers[1].roughness",
        "constructions[1].kind",
    ]


def test_a_name_is_used_once_by_each_user(api: APIClient, other_api: APIClient) -> None:
    assert api.post(SETS, make_set()).status_code == 201
    assert api.post(SETS, make_set(name="OFFERS")).json()["errors"][0]["path"] == "name"
    assert other_api.post(SETS, make_set()).status_code == 201


def test_a_copy_of_a_bundled_set_is_ones_own(api: APIClient) -> None:
    construction_services.load_starter_set()
    starter = api.get(f"{SETS}starter/").json()
    copy = api.post(SETS, {"copy_of": "starter", "name": "My starter"})
    assert copy.status_code == 201, copy.json()
    assert (copy.json()["bundled"], copy.json()["alias"], copy.json()["currency"]) == (False, None, "EUR")
    assert copy.json()["constructions"] == starter["constructions"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"copy_of": "nothing", "name": "Copy"}, "copy_of"),
        ({"copy_of": "starter"}, "name"),
        ({"copy_of": "starter", "name": "Copy", "currency": "USD"}, "currency"),
        ({"copy_of": "starter", "name": "Copy", "constructions": [WALL]}, "constructions"),
    ],
)
def test_a_copy_that_cannot_be_made_is_refused(api: APIClient, body: dict[str, Any], path: str) -> None:
    construction_services.load_starter_set()
    response = api.post(SETS, body)
    assert response.status_code == 400
    assert [entry["path"] for entry in response.json()["errors"]] == [path]


def test_nobody_copies_the_set_of_another(api: APIClient, other_api: APIClient) -> None:
    theirs = other_api.post(SETS, make_set()).json()["id"]
    response = api.post(SETS, {"copy_of": theirs, "name": "Copy"})
    assert [entry["path"] for entry in response.json()["errors"]] == ["copy_of"]


def test_there_is_a_limit_to_sets(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(construction_services, "MOST_SETS", 1)
    assert api.post(SETS, make_set()).status_code == 201
    assert "too many" in api.post(SETS, make_set(name="Second")).json()["errors"][0]["message"]


def test_nobody_makes_nothing(anonymous_api: APIClient) -> None:
    assert anonymous_api.post(SETS, make_set()).status_code == 401
