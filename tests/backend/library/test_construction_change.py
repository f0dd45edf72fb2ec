"""`PATCH /api/construction-sets/{reference}/`."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from library import construction_services
from tests.backend.library.construction_documents import SETS, WALL, WINDOW, make_set


@pytest.fixture
def made(api: APIClient) -> dict[str, Any]:
    return api.post(SETS, make_set()).json()


def test_what_is_left_out_stays(api: APIClient, made: dict[str, Any]) -> None:
    changed = api.patch(f"{SETS}{made['id']}/", {"name": "Offers of June"}).json()
    assert (changed["name"], changed["revision"]) == ("Offers of June", 2)
    assert changed["constructions"] == made["constructions"]
    assert changed["updated_at"] > made["updated_at"]


def test_constructions_are_changed_as_a_whole_list(api: APIClient, made: dict[str, Any]) -> None:
    dearer = {**WALL, "cost_per_m2": 150}
    changed = api.patch(f"{SETS}{made['id']}/", {"constructions": [dearer]}).json()
    assert [(entry["name"], entry["cost_per_m2"]) for entry in changed["constructions"]] == [("Wall", 150.0)]


def test_the_letters_of_a_name_may_change_their_case(api: APIClient, made: dict[str, Any]) -> None:
    assert api.patch(f"{SETS}{made['id']}/", {"name": "OFFERS"}).json()["name"] == "OFFERS"


def test_a_mistake_changes_nothing(api: APIClient, made: dict[str, Any]) -> None:
    response = api.patch(f"{SETS}{made['id']}/", {"name": "New", "constructions": [{**WINDOW, "kind": "roof"}]})
    assert response.status_code == 400
    assert api.get(f"{SETS}{made['id']}/").json() == made


def test_a_currency_changes_only_together_with_the_costs(api: APIClient, made: dict[str, Any]) -> None:
    response = api.patch(f"{SETS}{made['id']}/", {"currency": "USD"})
    assert [entry["path"] for entry in response.json()["errors"]] == ["currency"]
    changed = api.patch(f"{SETS}{made['id']}/", {"currency": "USD", "constructions": [{**WALL, "cost_per_m2": 130}]})
    assert changed.json()["currency"] == "USD"


def test_nobody_overwrites_what_he_has_not_seen(api: APIClient, made: dict[str, Any]) -> None:
    url = f"{SETS}{made['id']}/"
    assert api.patch(url, {"revision": 1, "description": "Mine"}).status_code == 200
    assert api.patch(url, {"revision": 1, "description": "Yours"}).status_code == 409
    assert api.get(url).json()["description"] == "Mine"


@pytest.mark.parametrize("revision", ["1", True, None, 1.5])
def test_a_revision_is_a_number(api: APIClient, made: dict[str, Any], revision: Any) -> None:
    response = api.patch(f"{SETS}{made['id']}/", {"revision": revision})
    assert response.status_code == 400
    assert [entry["path"] for entry in response.json()["errors"]] == ["revision"]


def test_an_unknown_key_is_refused_not_ignored(api: APIClient, made: dict[str, Any]) -> None:
    response = api.patch(f"{SETS}{made['id']}/", {"constructon": []})
    assert [entry["path"] for entry in response.json()["errors"]] == ["constructon"]


def test_a_list_is_no_change(api: APIClient, made: dict[str, Any]) -> None:
    assert api.patch(f"{SETS}{made['id']}/", []).status_code == 400


def test_a_bundled_set_stays_as_it_is(api: APIClient) -> None:
    construction_services.load_starter_set()
    response = api.patch(f"{SETS}starter/", {"name": "Mine now"})
    assert response.status_code == 409
    assert "copy" in response.json()["detail"]


def test_the_set_of_another_is_not_there(other_api: APIClient, made: dict[str, Any]) -> None:
    assert other_api.patch(f"{SETS}{made['id']}/", {"name": "Mine now"}).status_code == 404
