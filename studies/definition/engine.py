"""An engine: EnergyPlus, a program that the administrator has declared, or a trained surrogate."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

ENERGYPLUS = "energyplus"
_PROGRAM_PREFIX = "executable:"
_SURROGATE_PREFIX = "surrogate:"
_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ENGINE_PATTERN = rf"^(energyplus|executable:[a-z][a-z0-9_]{{0,59}}|surrogate:{_ID})$"


def _check_engine(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(ENGINE_PATTERN, value):
        raise PydanticCustomError(
            "not_an_engine",
            "Write `energyplus`, `executable:NAME` for a declared program, or `surrogate:ID` for a trained surrogate.",
        )
    return value


EngineName = Annotated[
    str, BeforeValidator(_check_engine), WithJsonSchema({"type": "string", "pattern": ENGINE_PATTERN})
]


def program_of(engine: str) -> str | None:
    """Return the name of the declared program that an `engine` means; None for EnergyPlus."""
    return engine.removeprefix(_PROGRAM_PREFIX) if engine.startswith(_PROGRAM_PREFIX) else None


def surrogate_of(engine: str) -> str | None:
    """Return the id of the trained surrogate that an `engine` means; None for any other."""
    return engine.removeprefix(_SURROGATE_PREFIX) if engine.startswith(_SURROGATE_PREFIX) else None
