"""What of a study's cases depends on the study and a model alone, found once and kept: which fields each parameter
means, which measure it uses; every case of the model is planned with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from energyplus.errors import ModelError
from energyplus.measures.base import Measure, MeasureArguments
from energyplus.measures.registry import list_measures
from energyplus.models.description import ModelDescription
from energyplus.models.draft import DraftObject, ModelDraft
from energyplus.models.schema import Schema, load_schema
from energyplus.run_period import describe_run_period_changes
from studies.checks.targets import (
    FieldTarget,
    Miss,
    compile_glob,
    find_class,
    find_field,
    is_numeric,
    match_objects,
    miss_objects,
)
from studies.definition import Parameter, Study, Target
from studies.problems import InvalidStudy, make_problem

MOST_KEPT = 32
"""Plans of a study and a model that a process keeps; each is small beside the model itself."""


@dataclass(frozen=True)
class TargetPlan:
    """One target of a parameter in one model.

    Attributes:
        wanted: The target.
        change: How it is changed.
        found: Its field.
        positions: The objects of the model that it means, in file order.
    """

    wanted: Target
    change: str
    found: FieldTarget
    positions: frozenset[int]

    @cached_property
    def takes_numbers(self) -> bool:
        """Whether the schema says that numbers go there."""
        return is_numeric(self.found.field)

    @cached_property
    def unit(self) -> str | None:
        """Unit of the field, None where it has none."""
        unit = self.found.field.units if self.takes_numbers else None
        return None if unit in ("dimensionless", "BasedOnField", "") else unit

    def list_entries(self, draft: ModelDraft) -> Iterator[DraftObject]:
        """Yield the objects that it means in a case: the model's, and what earlier measures added of that name.

        Raises:
            ModelError: An earlier measure has removed one of them: the value would silently mean nothing there.
        """
        entries = draft.objects(self.found.class_schema.name)
        gone = len(self.positions) - sum(entry.position in self.positions for entry in entries)
        if gone:
            name = self.found.class_schema.name
            message = (
                f"{gone} of {len(self.positions)} {name} objects that {self.found.field.name} is written to are gone:"
                " a measure before it removes them at this value. Use other values, or write the parameter first."
            )
            raise ModelError(message)
        for entry in entries:
            if entry.position in self.positions or (entry.position is None and self._means(entry.name)):
                yield entry

    def _means(self, name: str) -> bool:
        folded = name.strip().casefold()
        return any(
            pattern.strip() == "*" or compile_glob(pattern).fullmatch(folded) for pattern in self.wanted.patterns
        )


@dataclass(frozen=True)
class ParameterPlan:
    """One parameter in one model: the fields it writes to, or the measure it uses."""

    parameter: Parameter
    targets: tuple[TargetPlan, ...] = ()
    measure: Measure[Any] | None = None
    arguments: MeasureArguments | None = None


@dataclass(frozen=True)
class StudyPlan:
    """A study in one model.

    Attributes:
        parameters: In the study's order.
        run_period: What the study's run period changes of the model, in words.
    """

    parameters: tuple[ParameterPlan, ...]
    run_period: tuple[str, ...]


_kept: dict[tuple[int, int], tuple[Study, ModelDescription, StudyPlan]] = {}
_lock = Lock()


def plan_study(study: Study, description: ModelDescription) -> StudyPlan:
    """Find what a study means in a model; the last few are kept.

    Args:
        study: The study.
        description: The model.

    Raises:
        InvalidStudy: A target means nothing in this model, or a measure is not known: it is not what was examined.
    """
    # by identity: hashing a study walks all its values. What is kept holds both, so that no other takes their address
    key = (id(study), id(description))
    with _lock:
        kept = _kept.pop(key, None)
        if kept is not None:
            _kept[key] = kept
            return kept[2]
    schema = load_schema(description.version)
    parameters = enumerate(study.parameters)
    plan = StudyPlan(
        tuple(plan_parameter(parameter, f"parameters[{i}]", description, schema) for i, parameter in parameters),
        _describe_run_period(description, study),
    )
    with _lock:
        _kept[key] = (study, description, plan)
        while len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]
    return plan


def plan_parameter(parameter: Parameter, path: str, description: ModelDescription, schema: Schema) -> ParameterPlan:
    """Find what one parameter means in a model.

    Args:
        parameter: The parameter.
        path: Where it stands in its study.
        description: The model.
        schema: The schema of the model's version.

    Raises:
        InvalidStudy: As for `plan_study`.
    """
    if parameter.measure is not None:
        measure = list_measures().get(parameter.measure.strip())
        if measure is None:
            message = f"There is no measure '{parameter.measure}' here any more."
            raise InvalidStudy([make_problem(f"{path}.measure", message, parameter.measure, list(list_measures()))])
        arguments = measure.Arguments.model_validate(parameter.arguments or {})
        return ParameterPlan(parameter, measure=measure, arguments=arguments)
    if not parameter.targets:
        raise InvalidStudy([make_problem(f"{path}.target", "Write `target`: it is missing.", None, "a target")])
    single = not isinstance(parameter.target, tuple)
    paths = [f"{path}.target" if single else f"{path}.target[{i}]" for i in range(len(parameter.targets))]
    planned = (
        _plan_target(parameter, target, at, description, schema)
        for at, target in zip(paths, parameter.targets, strict=True)
    )
    return ParameterPlan(parameter, tuple(plan for plan in planned if plan is not None))


def _plan_target(
    parameter: Parameter, wanted: Target, path: str, description: ModelDescription, schema: Schema
) -> TargetPlan | None:
    class_schema = find_class(wanted.class_name, description, schema)
    if isinstance(class_schema, Miss):
        if class_schema.is_absence and wanted.optional_in is not None:
            return None
        raise _refuse(class_schema, f"{path}.class")
    found = find_field(wanted.field, class_schema)
    if isinstance(found, Miss):
        raise _refuse(found, f"{path}.field")
    objects = description.classes[class_schema.name]
    positions: set[int] = set()
    for pattern in wanted.patterns:
        matched = match_objects(pattern, objects)
        if not matched and wanted.optional_in is None:
            raise _refuse(miss_objects(pattern, class_schema, objects), f"{path}.object")
        positions.update(matched)
    return TargetPlan(wanted, wanted.change or parameter.change, found, frozenset(positions))


def _refuse(miss: Miss, path: str) -> InvalidStudy:
    return InvalidStudy([make_problem(path, miss.message, miss.found, miss.accepted)])


def _describe_run_period(description: ModelDescription, study: Study) -> tuple[str, ...]:
    classes: Mapping[str, list[tuple[str, ...]]] = {
        name: [entry.values for entry in entries] for name, entries in description.classes.items()
    }
    return tuple(describe_run_period_changes(classes, study.engine_run_period))
