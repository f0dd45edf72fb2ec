"""`GET /api/account/`."""

from datetime import timedelta

from django.contrib.auth.models import User
from knox.models import AuthToken
from rest_framework.test import APIClient

ACCOUNT = "/api/account/"


def ask_with(token: str) -> int:
    """Return the status of asking with a token."""
    return APIClient().get(ACCOUNT, headers={"Authorization": f"Token {token}"}).status_code


def test_a_person_sees_who_he_is(api: APIClient, user: User) -> None:
    assert api.get(ACCOUNT).json() == {"id": user.pk, "username": "ada", "is_staff": False}


def test_an_administrator_is_told_so(staff_api: APIClient) -> None:
    assert staff_api.get(ACCOUNT).json()["is_staff"] is True


def test_nobody_is_refused_with_a_problem_document(anonymous_api: APIClient) -> None:
    response = anonymous_api.get(ACCOUNT)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


def test_a_token_logs_in(user: User) -> None:
    _, token = AuthToken.objects.create(user)
    assert ask_with(token) == 200


def test_an_expired_a_broken_and_a_disabled_persons_token_are_refused(user: User) -> None:
    _, expired = AuthToken.objects.create(user, expiry=timedelta(seconds=-1))
    _, token = AuthToken.objects.create(user)
    assert ask_with(expired) == 401
    assert ask_with(token[:-1]) == 401
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert ask_with(token) == 401
