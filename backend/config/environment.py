"""Reads the service's settings from the environment and refuses a missing or wrong one with one clear line.

Called by `config.settings` only. Every setting read here stands in `.env.example` with its default.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

import environ

env = environ.Env()
T = TypeVar("T")


def refuse_setting(name: str, found: str, accepted: str) -> NoReturn:
    """End the process with one line that names the setting, what was found and what is accepted.

    Raises:
        SystemExit: always, with status 78 (EX_CONFIG).
    """
    sys.stderr.write(f"casefarm: setting {name}: found {found}; accepted: {accepted}\n")
    raise SystemExit(78)


def read_setting(name: str, convert: Callable[[str], T], default: T | None, accepted: str) -> T:
    """Return setting `name`, converted; `default` where it is not set or empty.

    Raises:
        SystemExit: when it is wrong, or missing and without a default.
    """
    raw: str = env.str(name, default="").strip()
    if not raw:
        if default is None:
            refuse_setting(name, "nothing", accepted)
        return default
    try:
        return convert(raw)
    except ValueError:
        refuse_setting(name, repr(raw), accepted)


def read_text(name: str, default: str | None, accepted: str) -> str:
    """Return a text setting."""
    return read_setting(name, str, default, accepted)


def read_flag(name: str, *, default: bool) -> bool:
    """Return a yes/no setting."""
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }

    def convert(raw: str) -> bool:
        try:
            return words[raw.lower()]
        except KeyError:
            raise ValueError(raw) from None

    return read_setting(name, convert, default, "true or false")


def read_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of a few words."""

    def convert(raw: str) -> str:
        if raw.lower() not in choices:
            raise ValueError(raw)
        return raw.lower()

    return read_setting(name, convert, default, " or ".join(choices))


def read_count(name: str, default: int, minimum: int = 1) -> int:
    """Return a whole number of at least `minimum`."""

    def convert(raw: str) -> int:
        number = int(raw)
        if number < minimum:
            raise ValueError(raw)
        return number

    return read_setting(name, convert, default, f"a whole number of at least {minimum}")


def read_folder(name: str, default: Path | None) -> Path:
    """Return a folder as an absolute path; it need not exist yet."""
    return read_setting(name, lambda raw: Path(raw).expanduser().resolve(), default, "a folder")


def read_url(name: str, schemes: tuple[str, ...]) -> str:
    """Return a server's URL with one of `schemes`; it has no default."""
    accepted = f"a URL like {schemes[0]}://user:password@host:port/0"

    def convert(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes:
            raise ValueError(raw)
        return raw

    return read_setting(name, convert, None, accepted)


def read_optional_url(name: str, schemes: tuple[str, ...], example: str) -> str:
    """Return a server's URL with one of `schemes`, or nothing."""

    def convert(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(raw)
        return raw.rstrip("/")

    return read_setting(name, convert, "", f"a URL like {example}")


def read_names(name: str, default: list[str]) -> list[str]:
    """Return a comma-separated list."""
    return read_setting(name, lambda raw: [part.strip() for part in raw.split(",") if part.strip()], default, "names")
