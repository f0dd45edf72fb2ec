"""An engine: EnergyPlus, or a program that the administrator has declared."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

ENERGYPLUS = "energyplus"
_PROGRAM_PREFIX = "executable:"
# a study of a trained surrogate would be written `surrogate:ID`
ENGINE_PATTERN = r"^(energyplus|executable:[a-z][a-z0-9_]{0,59})$"


def _check_engine(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(ENGINE_PATTERN, value):
        raise PydanticCustomError("not_an_engine", "Write `energyplus`, or `executable:NAME` for a declared program.")
    return value


EngineName = Annotated[
    str, BeforeValidator(_check_engine), WithJsonSchema({"type": "string", "pattern": ENGINE_PATTERN})
]


def program_of(engine: str) -> str | None:
    """Return the name of the declared program that an `engine` means; None for EnergyPlus."""
    return engine.removeprefix(_PROGRAM_PREFIX) if engine.startswith(_PROGRAM_PREFIX) else None
