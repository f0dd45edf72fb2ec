"""`DELETE /api/tokens/{id}/`."""

from rest_framework.test import APIClient


def test_a_deleted_token_logs_nobody_in(api: APIClient) -> None:
    made = api.post("/api/tokens/").json()
    assert api.delete(f"/api/tokens/{made['id']}/").status_code == 204
    stranger = APIClient()
    assert stranger.get("/api/account/", headers={"Authorization": f"Token {made['token']}"}).status_code == 401


def test_another_persons_token_does_not_exist(api: APIClient, other_api: APIClient) -> None:
    made = api.post("/api/tokens/").json()
    assert other_api.delete(f"/api/tokens/{made['id']}/").status_code == 404
    assert len(api.get("/api/tokens/").json()) == 1


def test_part_of_an_id_is_no_id(api: APIClient) -> None:
    made = api.post("/api/tokens/").json()
    assert api.delete(f"/api/tokens/{made['id'][:4]}/").status_code == 404


def test_nobody_deletes_nothing(api: APIClient, anonymous_api: APIClient) -> None:
    made = api.post("/api/tokens/").json()
    assert anonymous_api.delete(f"/api/tokens/{made['id']}/").status_code == 401
