"""The study language, version 1, as one typed definition; made by `examination`, read by everything after it."""

import datetime as dt
import math
import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from energyplus.outputs import Frequency, OutputRequest
from energyplus.run_period import RunPeriod

MAX_NAMES = 1_000
MAX_VALUES = 100_000
MAX_ROWS = 100_000
MAX_PARAMETERS = 200
MAX_SAMPLES = 10_000_000
MAX_OUTPUTS = 1_000
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


class StudyPart(BaseModel):
    """A part of a study: unchangeable, without unknown keys, written with the keys that the user writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    @model_serializer(mode="wrap")
    def _leave_out_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}


class Target(StudyPart):
    """The model fields that a parameter writes to: one field of one or more objects of one class."""

    class_name: Text = Field(alias="class", description="EnergyPlus class, in any case.", examples=["Material"])
    object: NameOrNames = Field(
        description='Object name, glob or a list of them, in any case; "*" is every object of the class.',
        examples=["Typical Insulation*"],
    )
    field: Text = Field(description="Field of the class, in any case.", examples=["Thickness"])

    @property
    def patterns(self) -> tuple[str, ...]:
        """The object patterns, one or more."""
        return self.object


class Parameter(StudyPart):
    """One input that varies: where it is written, how, and the values it takes."""

    name: Annotated[str, Field(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)] = Field(
        description="Name of the parameter and of its column in the result table."
    )
    target: Target | None = Field(
        default=None,
        description="Where it is written: `class`, `object` and `field`. Left out where a declared program runs: its"
        " template has a place of the parameter's name.",
    )
    change: Literal["set", "scale", "add"] = Field(
        default="set",
        description="Write the value (`set`), multiply what the model has by it (`scale`) or add it to that (`add`).",
    )
    values: Annotated[tuple[ParameterValue, ...], Field(min_length=1, max_length=MAX_VALUES)] | None = Field(
        default=None,
        description="The values it takes, in the unit of the field. Numbers, or texts where the field takes text.",
    )
    uniform: tuple[Number, Number] | None = Field(
        default=None,
        description="Lowest and highest value of a uniform distribution, in the unit of the field; to be sampled.",
    )


class Output(StudyPart):
    """A time series to report in each case besides the metrics: a meter, or a variable of one object or of all."""

    meter: OutputName | None = Field(
        default=None, description="Meter of the engine.", examples=["Electricity:Facility"]
    )
    variable: OutputName | None = Field(
        default=None,
        description="Variable of the engine, without its unit; instead of a meter.",
        examples=["Zone Mean Air Temperature"],
    )
    key: OutputName | None = Field(
        default=None, description='Whose variable: the name of an object, in any case; "*", every one, if left out.'
    )
    frequency: Frequency = Field(description="How often it is reported: the mean or the sum of each interval.")

    @property
    def request(self) -> OutputRequest:
        """The series as the engine room takes it."""
        if self.meter is not None:
            return OutputRequest("meter", self.meter, self.frequency)
        return OutputRequest("variable", self.variable or "", self.frequency, self.key or "*")


class GridDesign(StudyPart):
    """Every value with every other value; the last parameter changes fastest."""

    method: Literal["grid"]


class LatinHypercubeDesign(StudyPart):
    """Latin hypercube samples: each parameter's range in `samples` equal strata, one sample in each."""

    method: Literal["lhs"]
    samples: Annotated[StrictCount, Field(ge=1, le=MAX_SAMPLES)] = Field(description="Number of cases.")
    seed: Annotated[StrictCount, Field(ge=0, le=2**32 - 1)] = Field(
        default=0, description="The same seed gives the same samples."
    )


class TableDesign(StudyPart):
    """The points themselves: a row for each case, with a value for each parameter."""

    method: Literal["table"]
    rows: Annotated[tuple[dict[str, ParameterValue], ...], Field(min_length=1, max_length=MAX_ROWS)] = Field(
        description="A mapping for each case: a value for each parameter, and `model` and `weather` where several."
    )


Design = Annotated[GridDesign | LatinHypercubeDesign | TableDesign, Field(discriminator="method")]
DESIGNS: dict[str, type[StudyPart]] = {"grid": GridDesign, "lhs": LatinHypercubeDesign, "table": TableDesign}


class Period(StudyPart):
    """Part of the year, from the start of one day to the end of another."""

    start: MonthDay = Field(description="First day, MM-DD.")
    end: MonthDay = Field(description="Last day, MM-DD, not before the first.")

    @property
    def start_day(self) -> tuple[int, int]:
        """Month and day of the first day."""
        return _split_day(self.start)

    @property
    def end_day(self) -> tuple[int, int]:
        """Month and day of the last day."""
        return _split_day(self.end)


def _split_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _tell_run_period(value: Any) -> str:
    return "word" if isinstance(value, str) else "period"


RunPeriodWord = Literal["annual", "design_days"]
RunPeriodSpec = Annotated[
    Annotated[RunPeriodWord, Tag("word")] | Annotated[Period, Tag("period")], Discriminator(_tell_run_period)
]


class Study(StudyPart):
    """What varies in which models under which weather, and which cases are run of it."""

    name: Text = Field(description="What the study is called in lists.")
    engine: EngineName = Field(
        default=ENERGYPLUS,
        description="`energyplus`, in the version of the model, or `executable:NAME`, a program that the administrator"
        " has declared: it needs no `model`, and `weather` only where it reads one.",
        examples=["energyplus", "executable:degree_days"],
    )
    model: NameOrNames | None = Field(
        default=None,
        description="Alias or id of a model in the library; several make the model a parameter.",
        examples=["warehouse"],
    )
    weather: NameOrNames | None = Field(
        default=None,
        description="Alias or id of a weather file in the library; several make the weather a parameter.",
        examples=["chicago", ["chicago", "miami"]],
    )
    run_period: RunPeriodSpec = Field(default="annual", description="What is simulated in each case.")
    baseline: StrictFlag = Field(
        default=False, description="Also run the unmodified model, once for each model and weather."
    )
    parameters: Annotated[tuple[Parameter, ...], Field(max_length=MAX_PARAMETERS)] = Field(
        default=(), description="The inputs that vary; none runs the models as they are."
    )
    design: Design = Field(
        default=GridDesign(method="grid"), description="The rule that picks cases; a grid if left out."
    )
    outputs: Annotated[tuple[Output, ...], Field(max_length=MAX_OUTPUTS)] = Field(
        default=(), description="Time series to report in each case besides the metrics."
    )
    keep: Literal["metrics", "full"] = Field(
        default="metrics",
        description="`full` also writes what the models themselves ask for and keeps every file of the engine.",
    )
    priority: Literal["normal"] = Field(default="normal", description="Only `normal` for now.")

    @property
    def program(self) -> str | None:
        """Name of the declared program that runs the cases; None where EnergyPlus does."""
        return program_of(self.engine)

    @property
    def models(self) -> tuple[str, ...]:
        """References of the models; a single blank one where a program runs without any."""
        return self.model or ("",)

    @property
    def weathers(self) -> tuple[str, ...]:
        """References of the weather files; a single blank one where a program runs without any."""
        return self.weather or ("",)

    @property
    def engine_run_period(self) -> RunPeriod:
        """The run period as the engine room takes it."""
        if isinstance(self.run_period, Period):
            return RunPeriod("period", self.run_period.start_day, self.run_period.end_day)
        return RunPeriod(self.run_period)

    @property
    def output_requests(self) -> tuple[OutputRequest, ...]:
        """The time series as the engine room takes them."""
        return tuple(output.request for output in self.outputs)

    def is_numeric(self, name: str) -> bool:
        """Tell whether every value of a parameter is a number, by its name: what its column in a table can hold."""
        parameter = next(parameter for parameter in self.parameters if parameter.name == name)
        if isinstance(self.design, TableDesign):
            return not any(isinstance(row.get(name), str) for row in self.design.rows)
        return not any(isinstance(value, str) for value in parameter.values or ())


def study_json_schema(ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON schema of a study, for the API document and for editors.

    Args:
        ref_template: How parts refer to each other, like `#/components/schemas/{model}` in an OpenAPI document.

    Returns:
        A JSON schema (draft 2020-12) with the parts under `$defs`.
    """
    return Study.model_json_schema(by_alias=True, ref_template=ref_template)
