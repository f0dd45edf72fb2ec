"""People, their clients, a folder for files and a corner of the cache, for tests of the service's rooms."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    """A folder for stored files of this test's own, and keys of its own in the real cache."""
    settings.CASEFARM_FILES = tmp_path / "files"
    settings.CASEFARM_SCRATCH = tmp_path / "scratch"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; nobody guesses here
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}}
    return tmp_path / "files"


@pytest.fixture
def user(db: None) -> User:
    """Somebody."""
    return User.objects.create_user("ada", password="correct horse battery")


@pytest.fixture
def other_user(db: None) -> User:
    """Somebody else."""
    return User.objects.create_user("bob", password="correct horse battery")


@pytest.fixture
def staff_user(db: None) -> User:
    """An administrator."""
    return User.objects.create_user("root", password="correct horse battery", is_staff=True)


@pytest.fixture
def log_in() -> Callable[[User], APIClient]:
    """Give a client that asks as a given person."""

    def make(person: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(person)
        return client

    return make


@pytest.fixture
def api(user: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as `user`."""
    return log_in(user)


@pytest.fixture
def other_api(other_user: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as `other_user`."""
    return log_in(other_user)


@pytest.fixture
def staff_api(staff_user: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as an administrator."""
    return log_in(staff_user)


@pytest.fixture
def anonymous_api(db: None) -> APIClient:
    """A client that has not logged in."""
    return APIClient()


@pytest.fixture(autouse=True)
def no_keeper_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks after attempts from another connection, which would not see what a test has not committed."""
    from batches.cases.keeper import Keeper

    monkeypatch.setattr(Keeper, "_begin", lambda _keeper: None)
