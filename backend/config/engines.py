"""Reads the settings that name further engines, and refuses what cannot be used with one clear line.

Called by `config.settings` only: a service with a wrong folder does not start, rather than fail every case later.
"""

import os
from pathlib import Path
from typing import NoReturn

from config.environment import read_text, refuse_setting
from energyplus.engines.catalogue import EngineCatalogue
from energyplus.engines.declarations import load_programs
from energyplus.errors import EngineError


def read_installed(name: str) -> tuple[Path, ...]:
    """Return the folders of installed EnergyPlus versions, as absolute paths.

    Raises:
        SystemExit: with status 78, when one of them cannot be used.
    """
    raw = read_text(name, "", "folders")
    folders = tuple(Path(part).expanduser().absolute() for part in raw.split(os.pathsep) if part.strip())
    try:
        EngineCatalogue(folders)
    except EngineError as error:
        refuse(name, error)
    return folders


def read_programs(name: str) -> Path | None:
    """Return the file that declares simulation programs, None where there is none.

    Raises:
        SystemExit: with status 78, when it is missing or wrong.
    """
    raw = read_text(name, "", "a YAML file")
    if not raw:
        return None
    path = Path(raw).expanduser().absolute()
    try:
        load_programs(path)
    except EngineError as error:
        refuse(name, error)
    return path


def refuse(name: str, error: EngineError) -> NoReturn:
    """End the process with what the engine room says is found and accepted.

    Raises:
        SystemExit: always, with status 78.
    """
    found, _, accepted = str(error).removesuffix(".").partition("; accepted: ")
    refuse_setting(name, found, accepted or "what can be used")
