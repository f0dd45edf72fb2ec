"""`/static/app/…`: the built files, which browsers keep for ever when their names carry a hash."""

import asyncio
from pathlib import Path

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from pages.caching import FOR_EVER


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> None:
    """A build with one asset."""
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-B3c9fQ2x.js").write_text("export {}")
    (tmp_path / "dist" / "favicon.svg").write_text("<svg/>")
    settings.STATICFILES_DIRS = [("app", tmp_path / "dist")]


def get(path: str) -> tuple[int, str, str]:
    """Return status, Cache-Control and Access-Control-Allow-Origin of an address, asked as under ASGI."""

    async def ask() -> tuple[int, str, str]:
        response = await AsyncClient().get(path)
        headers = response.headers
        return response.status_code, headers.get("Cache-Control", ""), headers.get("Access-Control-Allow-Origin", "")

    return asyncio.run(ask())


def test_an_asset_with_a_hash_in_its_name_is_kept_for_ever(built: None) -> None:
    assert get("/static/app/assets/index-B3c9fQ2x.js") == (200, FOR_EVER, "")


def test_another_file_is_asked_for_again(built: None) -> None:
    assert get("/static/app/favicon.svg") == (200, "max-age=60, public", "")
