"""`DELETE /api/construction-sets/{reference}/`."""

from rest_framework.test import APIClient

from library import construction_services
from library.models import StoredConstructionSet
from tests.backend.library.construction_documents import SETS, make_set


def test_ones_own_set_goes(api: APIClient) -> None:
    made = api.post(SETS, make_set()).json()
    assert api.delete(f"{SETS}{made['id']}/").status_code == 204
    assert api.get(f"{SETS}{made['id']}/").status_code == 404


def test_a_bundled_set_stays(api: APIClient) -> None:
    construction_services.load_starter_set()
    assert api.delete(f"{SETS}starter/").status_code == 409
    assert StoredConstructionSet.objects.filter(alias="starter").exists()


def test_the_set_of_another_is_not_there(api: APIClient, other_api: APIClient) -> None:
    made = api.post(SETS, make_set()).json()
    assert other_api.delete(f"{SETS}{made['id']}/").status_code == 404
    assert StoredConstructionSet.objects.filter(pk=made["id"]).exists()
