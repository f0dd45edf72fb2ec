"""`POST /api/tokens/`."""

from rest_framework.test import APIClient


def test_a_token_is_shown_once_and_works_at_once(api: APIClient) -> None:
    response = api.post("/api/tokens/")
    assert response.status_code == 201
    made = response.json()
    assert made["expires"] is None
    stranger = APIClient()
    assert stranger.get("/api/account/", headers={"Authorization": f"Token {made['token']}"}).status_code == 200
    assert "token" not in api.get("/api/tokens/").json()[0]


def test_nobody_makes_no_token(anonymous_api: APIClient) -> None:
    assert anonymous_api.post("/api/tokens/").status_code == 401
