"""What a study is written with: texts, numbers, names and days, each checked where it stands."""

import datetime as dt
import math
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
)
from pydantic_core import PydanticCustomError

MAX_NAMES = 1_000
MAX_VALUES = 100_000
MAX_EXPRESSION = 1_000
MAX_EXACT_INTEGER = 2**53
# what ends a field or an object, or starts a comment, in an IDF
IDF_SIGNS = ",;!"


def _check_text(value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip():
            raise PydanticCustomError("blank_text", "Write a text that is not blank.")
        if not value.isprintable():
            raise PydanticCustomError("control_signs", "Remove line breaks and control characters.")
    return value


def _check_parameter_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("boolean_value", 'Write a number or a text; yes and no go in quotes: "Yes".')
    if isinstance(value, str):
        _check_text(value)
        if any(sign in value for sign in IDF_SIGNS):
            raise PydanticCustomError(
                "idf_signs", "Write the text without `,`, `;` and `!`: a model file cannot hold them."
            )
        return value.strip()
    return _check_number(value)


def _check_output_name(value: Any) -> Any:
    if isinstance(_check_text(value), str) and any(sign in value for sign in IDF_SIGNS):
        raise PydanticCustomError("idf_signs", "Write the name without `,`, `;` and `!`, as the engine writes it.")
    return value.strip() if isinstance(value, str) else value


def _check_number(value: Any) -> Any:
    """Refuse what is no finite number; write the same number always the same way, so that hashes survive storage."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("not_a_number", "Write a number.")
    if isinstance(value, int) and abs(value) > MAX_EXACT_INTEGER:
        # JSON columns hand 1e22 back as a whole number
        value = float(value) if abs(value) < 10**308 else math.inf
    if isinstance(value, float):
        if not math.isfinite(value):
            raise PydanticCustomError("not_finite", "Write a finite number.")
        return value + 0.0  # -0.0 becomes 0.0
    return value


def _wrap_single(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _unwrap_single(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _check_day(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("not_a_day", "Write month and day as text, like 01-31.")
    try:
        # a year without a leap day: typical weather years have none
        dt.date.fromisoformat(f"2001-{value}")
    except ValueError:
        raise PydanticCustomError("not_a_day", "Write a day of a year without leap day, like 01-31.") from None
    return value


Text = Annotated[str, Field(max_length=200), BeforeValidator(_check_text)]
OutputName = Annotated[str, Field(max_length=200), BeforeValidator(_check_output_name)]
ParameterValue = Annotated[
    Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)] | Annotated[str, Field(max_length=200)],
    BeforeValidator(_check_parameter_value),
]
Number = Annotated[float, BeforeValidator(_check_number)]
Names = Annotated[tuple[Text, ...], Field(min_length=1, max_length=MAX_NAMES)]
NameOrNames = Annotated[
    Names,
    BeforeValidator(_wrap_single),
    PlainSerializer(_unwrap_single),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 200},
                {"type": "array", "items": {"type": "string", "maxLength": 200}, "minItems": 1, "maxItems": MAX_NAMES},
            ]
        }
    ),
]
MonthDay = Annotated[
    str,
    BeforeValidator(_check_day),
    WithJsonSchema({"type": "string", "pattern": r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}),
]
StrictFlag = Annotated[bool, Field(strict=True)]
StrictCount = Annotated[int, Field(strict=True)]


class StudyPart(BaseModel):
    """A part of a study: unchangeable, without unknown keys, written with the keys that the user writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    @model_serializer(mode="wrap")
    def _leave_out_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}
