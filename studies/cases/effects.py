"""Which parameters change nothing in any model, whatever value they take; told at preview and at submission."""

from collections.abc import Iterator
from itertools import islice

from energyplus.errors import ModelError
from energyplus.measures.base import MeasureContext
from energyplus.models.description import ModelDescription
from energyplus.models.draft import ModelDraft
from studies.cases.changes import Change, apply_values
from studies.cases.plans import ParameterPlan, plan_study
from studies.checks.examined import ExaminedStudy
from studies.definition import Parameter, Study, TableDesign
from studies.designs.points import Value

MOST_VALUES = 200
"""Different values tried of a parameter; two are enough to tell, unless it scales nothing but zeros."""
MOST_TRIED = 8
"""Different values tried of a measure: each is a draft of its own."""


def list_idle_parameters(examined: ExaminedStudy) -> list[str]:
    """Return the names of parameters all of whose values equal what every model has already.

    A parameter without a target goes to a program, and what that makes of it is not known here.

    Looked up in the models' fields, never case by case, so it costs the same for ten cases and for a million.
    """
    if examined.surrogate is not None:
        return []  # it has no model whose values these could be
    if examined.program is not None:
        return [
            parameter.name
            for parameter in examined.study.parameters
            if {examined.program.parameters[parameter.name].default} == set(list_values(parameter, examined.study))
        ]
    descriptions = [model.description for model in examined.models.values()]
    context = MeasureContext(examined.construction_sets)
    plans = [plan_study(examined.study, description).parameters for description in descriptions]
    return [
        parameter.name
        for position, parameter in enumerate(examined.study.parameters)
        if not any(
            _has_effect(plan[position], description, list_values(parameter, examined.study), context)
            for plan, description in zip(plans, descriptions, strict=True)
        )
    ]


def list_values(parameter: Parameter, study: Study) -> list[Value]:
    """Return different values that a parameter takes, or the ends of its range; at most `MOST_VALUES`.

    A derived one has none here: what it comes to depends on the others.
    """
    return list(islice(dict.fromkeys(_walk_values(parameter, study)), MOST_VALUES))


def find_value(parameter: Parameter, examined: ExaminedStudy) -> Value | None:
    """Return a value that a parameter takes, for trying it out: the last that is listed, or that of the first case."""
    listed = list_values(parameter, examined.study)
    if listed:
        return listed[-1]
    return examined.points[0].values.get(parameter.name) if examined.points.case_count else None


def _walk_values(parameter: Parameter, study: Study) -> Iterator[Value]:
    if isinstance(study.design, TableDesign):
        yield from (row[parameter.name] for row in study.design.rows if parameter.name in row)
        return
    yield from parameter.uniform or parameter.loguniform or parameter.integer or ()
    if parameter.normal is not None:
        yield from (parameter.normal.mean - parameter.normal.sd, parameter.normal.mean + parameter.normal.sd)
    ends = parameter.truncated_normal or parameter.triangular
    if ends is not None:
        yield from (ends.low, ends.high)
    yield from parameter.values or parameter.choice or ()


def _has_effect(
    plan: ParameterPlan, description: ModelDescription, values: list[Value], context: MeasureContext
) -> bool:
    """Tell whether a value makes the model another one; so it is taken where it cannot be known."""
    if plan.parameter.derived is not None:
        return True
    return any(_changes_model(plan, description, value, context) for value in values[: _most_tried(plan)])


def _most_tried(plan: ParameterPlan) -> int:
    return MOST_TRIED if plan.measure is not None else MOST_VALUES


def _changes_model(plan: ParameterPlan, description: ModelDescription, value: Value, context: MeasureContext) -> bool:
    draft = ModelDraft(description)
    try:
        if plan.measure is None:
            return any(_differs(change) for change in apply_values(plan, draft, value, context))
        list(apply_values(plan, draft, value, context))
    except ModelError:
        return True  # told as what it is, elsewhere
    edits = draft.conclude()
    return bool(edits.edits or edits.added or edits.removed or edits.run_period)


def _differs(change: Change) -> bool:
    """Compare as the engine reads: words without regard to letter case."""
    before, after = change.before, change.after
    if isinstance(before, str) and isinstance(after, str):
        return before.casefold() != after.casefold()
    return before != after


def describe_idle(name: str) -> str:
    """Return what to tell of a parameter that changes nothing."""
    return (
        f"The parameter '{name}' changes nothing: its values equal what the model has already. "
        "Give it other values or another target."
    )
