"""`GET /api/tokens/`."""

from rest_framework.test import APIClient


def test_a_person_sees_his_own_tokens_newest_first(api: APIClient, other_api: APIClient) -> None:
    first = api.post("/api/tokens/").json()["id"]
    second = api.post("/api/tokens/").json()["id"]
    other_api.post("/api/tokens/")
    assert [token["id"] for token in api.get("/api/tokens/").json()] == [second, first]


def test_nobody_sees_no_tokens(anonymous_api: APIClient) -> None:
    assert anonymous_api.get("/api/tokens/").status_code == 401
