"""Makes and removes API tokens and the local user; called by the accounts API and by `create_local_user`."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

LOCAL_USERNAME = "local"
TOKEN_ID_LENGTH = 16  # hexadecimal digits of the token's digest


@dataclass(frozen=True)
class LocalUser:
    """The user of a farm on one machine.

    Attributes:
        password: None where the user has changed it since it was made up.
        token_path: the file that holds his API token.
    """

    username: str
    password: str | None
    token_path: str


def create_token(*, user: User) -> tuple[Any, str]:
    """Make an API token; return its row and the token, which is shown this once (the row holds a hash of it)."""
    return AuthToken.objects.create(user=user)  # type: ignore[no-any-return]


def delete_token(*, user: User, token_id: str) -> bool:
    """Delete one of the user's own tokens; return whether there was one."""
    if len(token_id) != TOKEN_ID_LENGTH:
        return False
    deleted, _ = AuthToken.objects.filter(user=user, digest__startswith=token_id).delete()
    return bool(deleted)


@transaction.atomic
def ensure_local_user(*, home: Path) -> LocalUser:
    """Make the user `local`, an administrator of his own machine, unless there is one; write what logs him in.

    Writes `local-user.json` (user name and password) and `token` into `home`, both readable by their owner only. What
    is there and valid is left alone, also a password that the user has chosen himself.

    Args:
        home: the folder CASEFARM_HOME.
    """
    home.mkdir(parents=True, exist_ok=True)
    user, created = get_user_model().objects.get_or_create(
        username=LOCAL_USERNAME, defaults={"is_staff": True, "is_superuser": True}
    )
    credentials_path, token_path = home / "local-user.json", home / "token"
    password = read_password(credentials_path)
    if created or password is None:
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save(update_fields=["password"])
        write_secret(credentials_path, json.dumps({"username": LOCAL_USERNAME, "password": password}, indent=2))
    if not token_is_valid(token_path, user):
        write_secret(token_path, create_token(user=user)[1])
    known = user.check_password(password)
    return LocalUser(LOCAL_USERNAME, password if known else None, str(token_path))


def read_password(path: Path) -> str | None:
    """Return the password in a credentials file, None where the file is missing or unreadable as such."""
    try:
        return str(json.loads(path.read_text())["password"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def token_is_valid(path: Path, user: User) -> bool:
    """Return whether a file holds a token that logs `user` in."""
    try:
        token = path.read_bytes().strip()
        owner, _ = TokenAuthentication().authenticate_credentials(token)
    except (OSError, UnicodeDecodeError, AuthenticationFailed):
        return False
    return bool(owner == user)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, complete or not at all."""
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600, exist_ok=False)
    partial.write_text(text + "\n")
    partial.replace(path)


def as_json(local: LocalUser) -> str:
    """Return the local user as one line of JSON."""
    return json.dumps(asdict(local))
