"""A parameter: where it is written, how, and what it varies over."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from studies.definition.values import (
    MAX_EXPRESSION,
    MAX_VALUES,
    NameOrNames,
    Number,
    ParameterValue,
    StrictCount,
    StudyPart,
    Text,
)

MAX_PARAMETERS = 200
MAX_TARGETS = 100
MAX_ARGUMENTS = 50

Change = Literal["set", "scale", "add"]
ParameterName = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
Argument = Annotated[bool, Field(strict=True)] | ParameterValue
FieldPosition = Annotated[StrictCount, Field(ge=1)]


class Target(StudyPart):
    """The model fields that a parameter writes to: one field of one or more objects of one class."""

    class_name: Text = Field(alias="class", description="EnergyPlus class, in any case.", examples=["Material"])
    object: NameOrNames = Field(
        description='Object name, glob or a list of them, in any case; "*" is every object of the class.',
        examples=["Typical Insulation*"],
    )
    field: Text | FieldPosition = Field(
        description="Field of the class, in any case (`Thickness`, `Vertex 3 X-coordinate`), or its position in the"
        " object, 1 for the first: how values of a schedule are meant.",
        examples=["Thickness"],
    )
    change: Change | None = Field(
        default=None, description="How this target is changed, where it differs from the parameter's `change`."
    )
    optional_in: NameOrNames | None = Field(
        default=None,
        description='Models in which it need not match anything, by their references; "*" for all. It must in one.',
    )

    @property
    def patterns(self) -> tuple[str, ...]:
        """The object patterns, one or more."""
        return self.object

    def is_optional_in(self, model: str) -> bool:
        """Tell whether it need not match anything in a model, by the study's reference."""
        return self.optional_in is not None and bool({"*", model} & set(self.optional_in))


class Normal(StudyPart):
    """A normal distribution."""

    mean: Number = Field(description="Mean, in the unit of the field.")
    sd: Annotated[Number, Field(gt=0)] = Field(description="Standard deviation, in the unit of the field.")


class TruncatedNormal(Normal):
    """A normal distribution of which only the part between two ends is drawn."""

    low: Number = Field(description="Lowest value, in the unit of the field.")
    high: Number = Field(description="Highest value, in the unit of the field.")


class Triangular(StudyPart):
    """A triangular distribution."""

    low: Number = Field(description="Lowest value, in the unit of the field.")
    mode: Number = Field(description="Most likely value, between the ends.")
    high: Number = Field(description="Highest value, in the unit of the field.")


SPREADS = ("values", "uniform", "loguniform", "normal", "truncated_normal", "triangular", "integer", "choice")
"""The keys that say what a parameter varies over: it has one of them, or is `derived`."""
CONTINUOUS_SPREADS = frozenset({"uniform", "loguniform", "normal", "truncated_normal", "triangular"})


class Parameter(StudyPart):
    """One input that varies: where it is written, how, and the values it takes."""

    name: ParameterName = Field(description="Name of the parameter and of its column in the result table.")
    label: Text | None = Field(
        default=None, description="What people call it; made of the name if left out.", examples=["Roof insulation"]
    )
    target: Target | Annotated[tuple[Target, ...], Field(min_length=1, max_length=MAX_TARGETS)] | None = Field(
        default=None,
        description="Where it is written: `class`, `object` and `field`, or a list of these. Left out where a `measure`"
        " is written, and where a declared program runs: its template has a place of the parameter's name.",
    )
    measure: Text | None = Field(
        default=None,
        description="A measure in place of a target: a transformation of the model that is more than one field.",
        examples=["rotate"],
    )
    arguments: Annotated[dict[str, Argument | tuple[ParameterValue, ...]], Field(max_length=MAX_ARGUMENTS)] | None = (
        Field(default=None, description="What else the measure is told, the same in every case.")
    )
    change: Change = Field(
        default="set",
        description="Write the value (`set`), multiply what the model has by it (`scale`) or add it to that (`add`).",
    )
    unit: Text | None = Field(
        default=None,
        description="Unit of the values, to be checked against that of the field; `1` for factors and bare numbers.",
        examples=["m"],
    )
    values: Annotated[tuple[ParameterValue, ...], Field(min_length=1, max_length=MAX_VALUES)] | None = Field(
        default=None,
        description="The values it takes, in the unit of the field. Numbers, or texts where the field takes text.",
    )
    uniform: tuple[Number, Number] | None = Field(
        default=None,
        description="Lowest and highest value of a uniform distribution, in the unit of the field; to be sampled.",
    )
    loguniform: tuple[Number, Number] | None = Field(
        default=None,
        description="Lowest and highest value, both above 0, of a distribution whose logarithm is uniform.",
    )
    normal: Normal | None = Field(default=None, description="Mean and standard deviation of a normal distribution.")
    truncated_normal: TruncatedNormal | None = Field(
        default=None, description="A normal distribution between a lowest and a highest value."
    )
    triangular: Triangular | None = Field(
        default=None, description="Lowest, most likely and highest value of a triangular distribution."
    )
    integer: tuple[StrictCount, StrictCount] | None = Field(
        default=None, description="Lowest and highest of the whole numbers it takes, each as likely as the others."
    )
    choice: Annotated[tuple[ParameterValue, ...], Field(min_length=1, max_length=MAX_VALUES)] | None = Field(
        default=None, description="Numbers or texts it takes, each as likely as its weight says; to be sampled."
    )
    weights: Annotated[tuple[Number, ...], Field(min_length=1, max_length=MAX_VALUES)] | None = Field(
        default=None, description="A weight for each of `choice`, above 0; all alike if left out."
    )
    derived: Annotated[str, Field(min_length=1, max_length=MAX_EXPRESSION)] | None = Field(
        default=None,
        description="An expression of other parameters that gives its value; it is no dimension of the design.",
        examples=["2 * wall_thickness_m"],
    )

    @model_serializer(mode="wrap")
    def _leave_out_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write what may be read again: a measure says itself what its values mean, and takes no `change`."""
        without = {"change"} if self.measure is not None else set()
        return {key: value for key, value in write(self).items() if value is not None and key not in without}

    @property
    def targets(self) -> tuple[Target, ...]:
        """Its targets, none where a measure or a declared program takes the value."""
        if self.target is None:
            return ()
        return (self.target,) if isinstance(self.target, Target) else self.target

    @property
    def spread(self) -> str | None:
        """The key that says what it varies over; None for a derived one, and where the rows of a table say it."""
        return next((key for key in SPREADS if getattr(self, key) is not None), None)

    @property
    def choices(self) -> tuple[ParameterValue, ...] | None:
        """The discrete values it takes, None where they are not listed: a continuous range, a table, an expression."""
        if self.integer is not None:
            return tuple(range(self.integer[0], self.integer[1] + 1))
        return self.values if self.values is not None else self.choice

    @property
    def title(self) -> str:
        """What people call it: its label, or its name in words."""
        return self.label or self.name.replace("_", " ").capitalize()
