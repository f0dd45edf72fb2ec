"""Every address that is neither API nor asset: the front end's page."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

PAGE = "<!doctype html><title>Casefarm</title>"


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> None:
    """A build of the front end."""
    settings.PAGES_DIST = tmp_path / "dist"
    settings.PAGES_DIST.mkdir()
    (settings.PAGES_DIST / "index.html").write_text(PAGE)


@pytest.fixture
def browser() -> Client:
    """A browser."""
    return Client()


@pytest.mark.parametrize("address", ["/", "/login", "/new", "/batches/1/results?sort=case", "/apiary", "/statically"])
def test_the_front_end_sees_its_addresses_by_itself(built: None, browser: Client, address: str) -> None:
    response = browser.get(address)
    assert response.status_code == 200
    assert response.content.decode() == PAGE
    assert response["Content-Type"] == "text/html; charset=utf-8"


def test_the_page_brings_the_csrf_cookie_and_is_never_kept(built: None, browser: Client) -> None:
    response = browser.get("/login")
    assert "csrftoken" in response.cookies
    assert "no-store" in response["Cache-Control"]


def test_no_script_from_elsewhere_and_no_frame_around_the_page(built: None, browser: Client) -> None:
    policy = browser.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_page_is_only_looked_at(built: None, browser: Client) -> None:
    assert browser.head("/login").status_code == 200
    assert browser.post("/login").status_code == 405


def test_without_a_build_the_page_says_what_to_do(settings: Settings, tmp_path: Path, browser: Client) -> None:
    settings.PAGES_DIST = tmp_path / "nothing"
    response = browser.get("/")
    assert response.status_code == 503
    assert b"make pages" in response.content


def test_an_unknown_api_address_is_a_problem_and_no_page(built: None, browser: Client) -> None:
    response = browser.get("/api/nothing/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"] == []
    assert browser.get("/static/nothing.js").status_code == 404
