"""`manage.py create_local_user`."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from knox.models import AuthToken
from pytest_django import Settings
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    """A home of the test's own."""
    settings.CASEFARM_HOME = tmp_path / "home"
    return tmp_path / "home"


def create() -> dict[str, Any]:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("create_local_user", stdout=out)
    return json.loads(out.getvalue())


def test_the_local_user_can_log_in_with_what_was_written(home: Path) -> None:
    printed = create()
    assert printed == {**json.loads((home / "local-user.json").read_text()), "token_path": str(home / "token")}
    user = User.objects.get(username="local")
    assert user.check_password(printed["password"])
    token = (home / "token").read_text().strip()
    assert APIClient().get("/api/account/", headers={"Authorization": f"Token {token}"}).json()["username"] == "local"


def test_only_the_owner_can_read_what_was_written(home: Path) -> None:
    create()
    assert [path.stat().st_mode & 0o777 for path in sorted(home.iterdir())] == [0o600, 0o600]


def test_a_second_call_changes_nothing(home: Path) -> None:
    first, token = create(), (home / "token").read_text()
    assert create() == first
    assert (home / "token").read_text() == token
    assert AuthToken.objects.count() == 1


def test_a_lost_token_is_made_anew(home: Path) -> None:
    create()
    (home / "token").write_text("nonsense é\n")
    create()
    assert len((home / "token").read_text().strip()) == 64


def test_a_new_database_gets_a_new_password_and_token(home: Path) -> None:
    create()
    User.objects.all().delete()
    assert User.objects.count() == 0
    assert User.objects.filter(username="local").count() == 0
    printed = create()
    assert User.objects.get().check_password(printed["password"])


def test_a_password_of_the_users_own_choice_stays(home: Path) -> None:
    create()
    user = User.objects.get()
    user.set_password("my own choice")
    user.save()
    assert create()["password"] is None
    assert User.objects.get().check_password("my own choice")
