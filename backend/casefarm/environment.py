"""Reads where the farm is and how it is set up from the environment and `.env`. Called by client, CLI and stack."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

from casefarm.errors import CasefarmError

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 8000
LOOPBACK = "127.0.0.1"
ADDRESSES = ("DATABASE_URL", "REDIS_URL")
FILES_SETTINGS = ("CASEFARM_STORAGE", "CASEFARM_FILES", "CASEFARM_S3_")  # names, or how they begin


def read_environment() -> dict[str, str]:
    """Return the environment variables, with those of a checkout's `.env` where they are not set.

    Raises:
        CasefarmError: when `.env` cannot be read.
    """
    path = CHECKOUT / ".env"
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except OSError as error:
        raise CasefarmError(f"{path} cannot be read: {error.strerror}") from error
    return {**parse_env_file(text), **os.environ}


def parse_env_file(text: str) -> dict[str, str]:
    """Return the `NAME=value` lines of a `.env` file; quotes around a value are taken off, comments are left out."""
    settings = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        settings[name.strip()] = value
    return settings


def find_home(environment: dict[str, str]) -> Path:
    """Return CASEFARM_HOME as an absolute path; `./var` where it is not set."""
    return Path(environment.get("CASEFARM_HOME") or "var").expanduser().resolve()


def read_port(environment: dict[str, str]) -> int:
    """Return CASEFARM_PORT, 8000 where it is not set; 0 stands for any free port.

    Raises:
        CasefarmError: when it is not a port.
    """
    raw = environment.get("CASEFARM_PORT") or str(DEFAULT_PORT)
    if not raw.isdecimal() or int(raw) > 65535:
        raise CasefarmError(f"setting CASEFARM_PORT: found {raw!r}; accepted: a port from 0 (any free one) to 65535")
    return int(raw)


def read_listen(environment: Mapping[str, str]) -> str:
    """Return CASEFARM_LISTEN, the address that other machines reach this one at; the loopback where it is not set.

    Raises:
        CasefarmError: when it is no address of one machine.
    """
    raw = environment.get("CASEFARM_LISTEN") or LOOPBACK
    try:
        found = IPv4Address(raw)
    except ValueError:
        found = None
    if found is None or found.is_unspecified or found.is_multicast:
        raise CasefarmError(
            f"setting CASEFARM_LISTEN: found {raw!r}; accepted: the IPv4 address that other machines reach this one at"
        )
    return raw


def join_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that another machine needs to work for the farm of this environment."""
    names = [name for name in environment if name in ADDRESSES or name.startswith(FILES_SETTINGS)]
    return {name: environment[name] for name in sorted(names)}


def find_url(environment: dict[str, str]) -> str:
    """Return the farm's address without a slash at the end: CASEFARM_URL, else the one last served from the home."""
    url = environment.get("CASEFARM_URL")
    if url:
        return url.rstrip("/")
    try:
        return (find_home(environment) / "run" / "url").read_text(encoding="utf-8").strip()
    except OSError:
        return f"http://127.0.0.1:{read_port(environment)}"


def find_token(environment: dict[str, str]) -> str:
    """Return the API token: CASEFARM_TOKEN, else the local user's in the home.

    Raises:
        CasefarmError: when there is neither.
    """
    token = environment.get("CASEFARM_TOKEN")
    if token:
        return token
    path = find_home(environment) / "token"
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise CasefarmError(
            f"no API token: {path} cannot be read; "
            "start the farm (`casefarm up`), or set CASEFARM_URL and CASEFARM_TOKEN"
        ) from None
