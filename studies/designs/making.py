"""Which rule a design follows, and how it can grow."""

from collections.abc import Callable
from typing import Any

from studies.definition import (
    Extension,
    GridDesign,
    HaltonDesign,
    LatinHypercubeDesign,
    MoreRows,
    MoreSamples,
    MorrisDesign,
    OneAtATimeDesign,
    RandomDesign,
    SaltelliDesign,
    SobolDesign,
    Study,
    TableDesign,
)
from studies.designs.dimensions import MODEL, WEATHER
from studies.designs.errors import DesignError
from studies.designs.one_at_a_time import OneAtATimeRule
from studies.designs.rows import RowsRule
from studies.designs.rules import GridRule, Rule, SampledRule
from studies.designs.trajectories import MorrisRule, SaltelliRule

_RULES: dict[type, Callable[[Study, Any], Rule]] = {
    GridDesign: GridRule,
    LatinHypercubeDesign: SampledRule,
    SobolDesign: SampledRule,
    HaltonDesign: SampledRule,
    RandomDesign: SampledRule,
    MorrisDesign: MorrisRule,
    SaltelliDesign: SaltelliRule,
    OneAtATimeDesign: OneAtATimeRule,
}
_FIXED = {
    "lhs": "A latin hypercube has its number of samples: with more, every range would be cut anew.",
    "grid": "A grid is complete: every value has met every other.",
    "one_at_a_time": "The design is complete: every value has had its turn.",
    "table": "A table has no rule that could go on.",
    "nsga2": "The optimiser adds its generations by itself.",
    "differential_evolution": "The optimiser adds its generations by itself.",
}


def make_rule(study: Study) -> Rule:
    """Return the rule of a study's design; an optimiser's own design has no points, all are rows that it adds.

    Raises:
        DesignError: The design has no points.
    """
    design = study.design
    if study.constraints and isinstance(design, MorrisDesign | SaltelliDesign | OneAtATimeDesign):
        message = f"Leave the constraints out, or take another design: `{design.method}` cannot lose cases."
        raise DesignError("constraints", message, design.method, ["grid", "lhs", "sobol", "halton", "random"])
    maker = _RULES.get(type(design))
    if maker is not None:
        return maker(study, design)
    return RowsRule(study, design.rows if isinstance(design, TableDesign) else ())


def explain_extension(study: Study, more: Extension) -> str | None:
    """Tell why a batch of a study cannot grow so; None where it can.

    Raises:
        DesignError: The study itself has no points.
    """
    return explain_refusal(study, make_rule(study), more)


def explain_refusal(study: Study, rule: Rule, more: Extension) -> str | None:
    """Tell why a study with this rule cannot grow so; None where it can."""
    if isinstance(more, MoreSamples):
        if rule.sample_size:
            return None
        return f"{_FIXED[study.design.method]} Add rows, or submit a larger study: known cases are taken over."
    return _explain_rows(study, more)


def _explain_rows(study: Study, more: MoreRows) -> str | None:
    names = {parameter.name for parameter in study.parameters if parameter.derived is None}
    several = {name for name, refs in ((MODEL, study.models), (WEATHER, study.weathers)) if len(refs) > 1}
    refs = {MODEL: study.models, WEATHER: study.weathers}
    for number, row in enumerate(more.rows):
        missing = (names | several) - row.keys()
        foreign = row.keys() - names - {MODEL, WEATHER}
        if missing:
            return f"Row {number} lacks {_list(missing)}: write a value for each parameter."
        if foreign:
            return f"Row {number} has {_list(foreign)}, which the study does not vary."
        wrong = next((name for name in (MODEL, WEATHER) if name in row and row[name] not in refs[name]), None)
        if wrong is not None:
            return f"Row {number} has the {wrong} `{row[wrong]}`, which is none of the study."
    return None


def _list(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
