"""`GET /api/construction-sets/` and `GET /api/construction-sets/{reference}/`."""

import pytest
from rest_framework.test import APIClient

from library import construction_services
from library.construction_csv import read_csv
from library.construction_selectors import describe_set
from library.models import StoredConstructionSet
from library.selectors import LibraryView
from tests.backend.library.construction_documents import SETS, make_set

KINDS = ("exterior_wall", "roof", "ground_floor", "window")


@pytest.fixture
def starter(db: None) -> StoredConstructionSet:
    construction_services.load_starter_set()
    return StoredConstructionSet.objects.get(alias="starter")


def test_one_sees_bundled_sets_and_ones_own(
    api: APIClient, other_api: APIClient, starter: StoredConstructionSet
) -> None:
    api.post(SETS, make_set())
    other_api.post(SETS, make_set(name="Theirs"))
    listed = api.get(SETS).json()["results"]
    assert [(entry["name"], entry["bundled"], entry["construction_count"]) for entry in listed] == [
        ("Offers", False, 2),
        ("Starter set", True, len(starter.constructions)),
    ]
    assert [entry["name"] for entry in api.get(SETS, {"bundled": "false"}).json()["results"]] == ["Offers"]
    assert [entry["name"] for entry in api.get(SETS, {"name": "start"}).json()["results"]] == ["Starter set"]


def test_ones_own_set_is_found_by_id_and_by_name(api: APIClient) -> None:
    made = api.post(SETS, make_set()).json()
    assert api.get(f"{SETS}{made['id']}/").json() == made
    assert api.get(f"{SETS}oFFers/").json() == made


@pytest.mark.parametrize("name", ["id", "name"])
def test_the_set_of_another_is_not_there(api: APIClient, other_api: APIClient, name: str) -> None:
    theirs = other_api.post(SETS, make_set()).json()
    assert api.get(f"{SETS}{theirs[name]}/").status_code == 404


def test_the_starter_set_reaches_from_poor_to_passive_house(api: APIClient, starter: StoredConstructionSet) -> None:
    shown = api.get(f"{SETS}starter/").json()["constructions"]
    u_factors = {kind: [entry["u_factor"] for entry in shown if entry["kind"] == kind] for kind in KINDS}
    assert {kind: len(found) for kind, found in u_factors.items()} == {
        "exterior_wall": 6,
        "roof": 6,
        "ground_floor": 4,
        "window": 6,
    }
    assert (max(u_factors["exterior_wall"]) > 1.5, min(u_factors["exterior_wall"]) < 0.15) == (True, True)
    assert (max(u_factors["window"]) > 5, min(u_factors["window"]) <= 0.8) == (True, True)


def test_every_starter_figure_says_what_it_is(api: APIClient, starter: StoredConstructionSet) -> None:
    for entry in api.get(f"{SETS}starter/").json()["constructions"]:
        assert (
            "Starter figures for trying out" in entry["source"] or "starter figures for trying out" in entry["source"]
        )
        assert entry["cost_per_m2"] > 0
        assert entry["embodied_carbon_kgco2e_m2"] > 0
        assert entry["service_life_years"] > 0


def test_a_set_as_csv_can_be_imported_again(api: APIClient, starter: StoredConstructionSet) -> None:
    answer = api.get(f"{SETS}starter/", {"as": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="construction-set-starter.csv"' in answer["Content-Disposition"]
    assert read_csv(answer.content) == describe_set(starter).constructions


def test_a_form_that_there_is_not_is_refused(api: APIClient, starter: StoredConstructionSet) -> None:
    response = api.get(f"{SETS}starter/", {"as": "xlsx"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == "as"


def test_a_study_finds_sets_by_alias_id_and_name(
    api: APIClient, other_api: APIClient, starter: StoredConstructionSet
) -> None:
    made = api.post(SETS, make_set()).json()
    theirs = other_api.post(SETS, make_set(name="Theirs")).json()
    row = StoredConstructionSet.objects.get(pk=made["id"])
    assert row.owner is not None
    view = LibraryView(row.owner)
    for reference in ("starter", "offers", made["id"]):
        found = view.find_construction_set(reference)
        assert found is not None
        assert found.ref == reference
    assert view.find_construction_set("Theirs") is None
    assert view.find_construction_set(theirs["id"]) is None
    assert view.construction_set_names() == ["starter", "Offers"]


def test_loading_the_starter_set_again_changes_nothing(starter: StoredConstructionSet) -> None:
    assert construction_services.load_starter_set() == 0
    StoredConstructionSet.objects.update(constructions=starter.constructions[1:])
    assert construction_services.load_starter_set() == 1
    assert StoredConstructionSet.objects.get(alias="starter").revision == 2
