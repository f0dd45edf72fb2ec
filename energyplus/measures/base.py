"""What a measure is: a named change of a draft with a value and typed arguments; every file of this package has one.

Studies check and apply measures (`studies.checks`, `studies.cases`), the service and the reference page describe them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from energyplus.errors import ModelError
from energyplus.models.case_objects import CaseEdits, NewObject, Value
from energyplus.models.description import ModelDescription
from energyplus.models.draft import ModelDraft
from energyplus.models.schema import Schema, load_schema

if TYPE_CHECKING:
    from energyplus.measures.constructions import ConstructionSet

Kind = Literal["number", "choice", "text"]


class MeasureError(ModelError):
    """A case that cannot be made: the model or the value does not allow what the measure does."""


class MeasureArguments(BaseModel):
    """What a measure is told besides its value, the same in every case."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class NoArguments(MeasureArguments):
    """Of a measure that is told nothing besides its value."""


@dataclass(frozen=True)
class MeasureValue:
    """What the values of a parameter that uses a measure mean.

    Attributes:
        kind: a number, one of `choices`, or another text.
        description: what the value is.
        unit: of a number, "1" for a dimensionless one; None for words.
        minimum, maximum, exclusive_minimum, exclusive_maximum: limits of a number, in `unit`.
        choices: accepted words; empty where the arguments say them, or any text is tried.
        example: a value as one would write it.
    """

    kind: Kind
    description: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    choices: tuple[str, ...] = ()
    example: Value | None = None

    @property
    def limits(self) -> str:
        """The limits as a phrase, with the unit: "at least 0 and less than 1"; "" where there are none."""
        words = (
            ("at least", self.minimum),
            ("greater than", self.exclusive_minimum),
            ("at most", self.maximum),
            ("less than", self.exclusive_maximum),
        )
        phrases = [f"{word} {limit:g}" for word, limit in words if limit is not None]
        unit = f" {self.unit}" if phrases and self.unit and self.unit != "1" else ""
        return " and ".join(phrases) + unit

    def find_fault(self, value: Value) -> tuple[str, tuple[str, ...]] | None:
        """What is wrong with a value, as far as the measure alone can tell.

        Returns:
            What to do, and what is accepted; None for a value that may be tried.
        """
        if self.kind == "number":
            if isinstance(value, str | bool):
                return "Write a number without quotes.", (f"a number{f' in {self.unit}' if self.unit else ''}",)
            return None if self._is_within(value) else (f"Write a number that is {self.limits}.", (self.limits,))
        if not isinstance(value, str):
            return "Write a text.", self.choices or ("a text",)
        if self.choices and value.casefold() not in map(str.casefold, self.choices):
            return "Write one of the words that the measure takes.", self.choices
        return None

    def _is_within(self, value: float) -> bool:
        return not (
            (self.minimum is not None and value < self.minimum)
            or (self.maximum is not None and value > self.maximum)
            or (self.exclusive_minimum is not None and value <= self.exclusive_minimum)
            or (self.exclusive_maximum is not None and value >= self.exclusive_maximum)
        )


@dataclass(frozen=True)
class MeasureProblem:
    """What is wrong with using a measure on a model, or worth a note.

    Attributes:
        path: below the parameter: "measure", "arguments.facade".
        message: what to do about it, a sentence.
        found: what is there.
        accepted: what would do.
        is_note: whether the study may run all the same.
    """

    path: str
    message: str
    found: str | None = None
    accepted: tuple[str, ...] = ()
    is_note: bool = False


@dataclass(frozen=True)
class MeasureReport:
    """What a measure did to one case.

    Attributes:
        text: in words, without the measure's title: "0.18 → 0.40 in 4 walls".
        before: what the model had, None where there is no one number for it.
        after: what the case has; likewise.
        unit: of both, None where there is none.
        objects: how many objects it changed, added or removed.
    """

    text: str
    before: Value | None = None
    after: Value | None = None
    unit: str | None = None
    objects: int = 0


@dataclass(frozen=True)
class MeasureContext:
    """What measures may look up besides the model.

    Attributes:
        construction_sets: those that the study names, by reference.
    """

    construction_sets: "Mapping[str, ConstructionSet]" = field(default_factory=dict)


ArgumentsT = TypeVar("ArgumentsT", bound=MeasureArguments)


class Measure(ABC, Generic[ArgumentsT]):
    """A transformation of a model; its documentation is the class's docstring.

    Attributes:
        name: what a study calls it.
        title: what people call it.
        openstudio: the OpenStudio measure whose meaning it follows, None where there is none.
        value: what a parameter's values mean.
        Arguments: what it is told besides.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    openstudio: ClassVar[str | None] = None
    value: ClassVar[MeasureValue]
    Arguments: ClassVar[type[MeasureArguments]] = NoArguments

    def value_for(self, arguments: ArgumentsT) -> MeasureValue:
        """What the values mean under these arguments; the same as `value` for most measures."""
        return self.value

    def choices_for(self, arguments: ArgumentsT, context: MeasureContext) -> tuple[str, ...]:
        """The words that values may be where only the context says them; () for most measures."""
        return ()

    def check(self, draft: ModelDraft, arguments: ArgumentsT, context: MeasureContext) -> Iterator[MeasureProblem]:
        """Say why the measure cannot be used on a model, and what a modeller should know; writes nothing.

        Args:
            draft: of the model, untouched.
            arguments: what the study says.
            context: what can be looked up.
        """
        yield from ()

    @abstractmethod
    def apply(self, draft: ModelDraft, value: Value, arguments: ArgumentsT, context: MeasureContext) -> MeasureReport:
        """Change a draft.

        Args:
            draft: of a case; earlier parameters of the study have written to it.
            value: as `value_for` says.
            arguments: what the study says.
            context: what can be looked up.

        Returns:
            What was done.

        Raises:
            MeasureError: it cannot be done to this model.
        """


@dataclass(frozen=True)
class Touched:
    """An object that a case has otherwise than its base model.

    Attributes:
        class_name, object: class and name; "" for an object without a name.
        fields: names of the fields that differ; () for an object that is new or gone.
        how: what became of it.
    """

    class_name: str
    object: str
    fields: tuple[str, ...]
    how: Literal["edited", "added", "removed"]


def touched(edits: CaseEdits, description: ModelDescription) -> tuple[Touched, ...]:
    """The objects that a case has otherwise than its base model; those of one measure from a draft of its own.

    Args:
        edits: what `ModelDraft.conclude` gave.
        description: the base model.
    """
    schema = load_schema(description.version)
    fields: dict[tuple[str, int], list[str]] = {}
    for edit in edits.edits:
        known = schema.find_class(edit.class_name)
        found = known.field_at(edit.field_index) if known else None
        fields.setdefault((edit.class_name, edit.object_position), []).append(found.name if found else "")
    edited = [(*place, tuple(names)) for place, names in fields.items()]
    return (
        *(Touched(name, description.classes[name][at].name, names, "edited") for name, at, names in edited),
        *(Touched(entry.class_name, _name_of(schema, entry), (), "added") for entry in edits.added),
        *(Touched(name, description.classes[name][at].name, (), "removed") for name, at in sorted(edits.removed)),
    )


def _name_of(schema: Schema, entry: NewObject) -> str:
    known = schema.find_class(entry.class_name)
    return str(entry.values[0]) if known and known.has_name and entry.values else ""


def count_of(number: int, noun: str) -> str:
    """Return `1 wall`, `4 walls`: a count with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def describe_measure(measure: "Measure[Any]") -> dict[str, Any]:
    """A measure as plain data, for the API, the form and the reference page.

    Returns:
        name, title, description (Markdown), openstudio, value (kind, description, unit, limits, choices, example) and
        arguments (a JSON schema).
    """
    value = measure.value
    return {
        "name": measure.name,
        "title": measure.title,
        "description": cleandoc(measure.__doc__ or ""),
        "openstudio": measure.openstudio,
        "value": {
            **{name: getattr(value, name) for name in value.__dataclass_fields__},
            "choices": list(value.choices),
        },
        "arguments": measure.Arguments.model_json_schema(),
    }
