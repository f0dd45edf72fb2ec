"""Which parameters change nothing in any model, whatever value they take; told at preview and at submission."""

from collections.abc import Iterator
from itertools import islice

from studies.cases.changes import changes_model
from studies.checks.examination import ExaminedStudy
from studies.definition import Parameter, Study, TableDesign
from studies.designs.points import Value

MOST_VALUES = 1000
"""Different values tried of a parameter; two are enough to tell, unless it scales nothing but zeros."""


def list_idle_parameters(examined: ExaminedStudy) -> list[str]:
    """Return the names of parameters all of whose values equal what every model has already.

    A parameter without a target goes to a program, and what that makes of it is not known here.

    Looked up in the models' fields, never case by case, so it costs the same for ten cases and for a million.
    """
    if examined.program is not None:
        return [
            parameter.name
            for parameter in examined.study.parameters
            if {examined.program.parameters[parameter.name].default} == set(list_values(parameter, examined.study))
        ]
    descriptions = [model.description for model in examined.models.values()]
    return [
        parameter.name
        for position, parameter in enumerate(examined.study.parameters)
        if parameter.target is not None
        and not any(
            changes_model(parameter, f"parameters[{position}]", description, list_values(parameter, examined.study))
            for description in descriptions
        )
    ]


def list_values(parameter: Parameter, study: Study) -> list[Value]:
    """Return different values that a parameter takes, or the ends of its range; at most `MOST_VALUES`."""
    return list(islice(dict.fromkeys(_walk_values(parameter, study)), MOST_VALUES))


def _walk_values(parameter: Parameter, study: Study) -> Iterator[Value]:
    if isinstance(study.design, TableDesign):
        yield from (row[parameter.name] for row in study.design.rows if parameter.name in row)
    elif parameter.uniform is not None:
        yield from parameter.uniform
    else:
        yield from parameter.values or ()


def describe_idle(name: str) -> str:
    """Return what to tell of a parameter that changes nothing."""
    return (
        f"The parameter '{name}' changes nothing: its values equal what the model has already. "
        "Give it other values or another target."
    )
