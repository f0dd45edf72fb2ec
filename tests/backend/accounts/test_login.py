"""`/_allauth/browser/v1/auth/…`: logging in and out in the browser; nobody signs up by himself."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

LOGIN = "/_allauth/browser/v1/auth/login"
SESSION = "/_allauth/browser/v1/auth/session"
SIGN_UP = "/_allauth/browser/v1/auth/signup"
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    """A browser: it keeps cookies, and CSRF is checked as in real life."""
    return Client(enforce_csrf_checks=True)


def post(browser: Client, path: str, body: dict[str, str]) -> int:
    """Post as the front end does, with the CSRF token from its cookie; return the status."""
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    return browser.post(path, body, content_type="application/json", headers=headers).status_code


def test_the_session_tells_a_stranger_to_log_in_and_gives_the_csrf_cookie(browser: Client) -> None:
    response = browser.get(SESSION)
    assert response.status_code == 401
    assert response.json()["meta"]["is_authenticated"] is False
    assert "csrftoken" in response.cookies


def test_the_config_says_that_sign_up_is_closed(browser: Client) -> None:
    assert browser.get("/_allauth/browser/v1/config").json()["data"]["account"]["is_open_for_signup"] is False


def test_a_person_logs_in_and_out(browser: Client, user: User) -> None:
    browser.get(SESSION)
    assert post(browser, LOGIN, {"username": "ada", "password": PASSWORD}) == 200
    assert browser.get(SESSION).json()["data"]["user"]["username"] == "ada"
    assert browser.get("/api/account/").json()["username"] == "ada"
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.delete(SESSION, headers=headers).status_code == 401
    assert browser.get("/api/account/").status_code == 401


def test_a_wrong_password_is_refused(browser: Client, user: User) -> None:
    browser.get(SESSION)
    assert post(browser, LOGIN, {"username": "ada", "password": "guess"}) == 400


def test_a_disabled_person_is_refused(browser: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    browser.get(SESSION)
    assert post(browser, LOGIN, {"username": "ada", "password": PASSWORD}) in (400, 401, 403)
    assert browser.get("/api/account/").status_code == 401


def test_guessing_is_slowed_down(browser: Client, user: User) -> None:
    browser.get(SESSION)
    answers = [post(browser, LOGIN, {"username": "ada", "password": "guess"}) for _ in range(12)]
    assert answers[0] == 400
    assert answers[-1] in (400, 429)
    assert post(browser, LOGIN, {"username": "ada", "password": PASSWORD}) != 200


def test_nobody_signs_up_by_himself(browser: Client) -> None:
    browser.get(SESSION)
    assert post(browser, SIGN_UP, {"username": "eve", "password": "a long pass phrase"}) == 403
    assert not User.objects.filter(username="eve").exists()


def test_a_log_in_without_the_csrf_token_is_refused(browser: Client, user: User) -> None:
    body = {"username": "ada", "password": PASSWORD}
    assert browser.post(LOGIN, body, content_type="application/json").status_code == 403


def test_a_change_through_the_session_needs_the_csrf_token(browser: Client, user: User) -> None:
    browser.force_login(user)
    assert browser.post("/api/tokens/").status_code == 403
