"""The unit that a parameter is written with against those of its fields; and targets that mean something nowhere."""

from collections.abc import Iterator, Mapping

from studies.checks.drafts import ParameterDraft, StudyDraft
from studies.checks.fields import FieldReport
from studies.problems import Problem, list_names, make_problem, nearest_names

_SPELLINGS = {"": "1", "-": "1", "dimensionless": "1", "degC": "C", "degK": "K", "°": "deg", "°C": "C"}


def check_unit(parameter: ParameterDraft, reports: Mapping[str, FieldReport], problems: list[Problem]) -> None:
    """Refuse a unit that is not the one that a parameter's values have.

    Args:
        parameter: The parameter.
        reports: What its targets or its measure mean in each model.
        problems: What is wrong is added here.
    """
    if parameter.unit is None or not reports or any(report.problems for report in reports.values()):
        return
    units = {report.unit for report in reports.values() if not report.missed or report.found}
    numeric = any(found.holds_numbers for report in reports.values() for found in report.found)
    wanted = sorted(unit for unit in units if unit is not None)
    path = f"{parameter.path}.unit"
    if not wanted:
        if not numeric and parameter.measure is None:
            problems.append(make_problem(path, "Leave `unit` out: texts have none.", parameter.unit, "no `unit`"))
        elif numeric and normalise_unit(parameter.unit) != "1" and not _is_open(reports):
            message = "Write `1`, or leave `unit` out: the field is a bare number."
            problems.append(make_problem(path, message, parameter.unit, ["1"]))
    elif normalise_unit(parameter.unit) not in wanted:
        message = f"Write the values in {list_names(wanted)}: that is the unit here, and none is converted."
        if wanted == ["1"]:
            message = "Write `1`, or leave `unit` out: the values are factors or bare numbers."
        problems.append(make_problem(path, message, parameter.unit, wanted))


def normalise_unit(unit: str) -> str:
    """Return a unit as the engine spells it: `W/m2` for `W/m²`, `1` for a bare number."""
    text = unit.strip().replace("²", "2").replace("³", "3").replace("·", "-")
    return _SPELLINGS.get(text, text)


def refuse_lonely_targets(
    parameter: ParameterDraft, reports: Mapping[str, FieldReport], draft: StudyDraft, problems: list[Problem]
) -> None:
    """Refuse optional targets that match nothing in any model, and exceptions for models that are not in the study."""
    refs = list(draft.models.values())
    for target in parameter.targets:
        problems.extend(_refuse_strangers(target.optional_in, refs))
        missed = [target.path in report.missed for report in reports.values()]
        if missed and all(missed) and len(missed) == len(refs):
            message = "Choose a class and objects that one model at least has: this target matches nothing in any."
            problems.append(make_problem(target.path, message, target.class_name, "a match in one model at least"))


def _refuse_strangers(optional_in: Mapping[str, str], refs: list[str]) -> Iterator[Problem]:
    for path, ref in optional_in.items():
        if ref != "*" and ref not in refs and refs:
            message = f"Write one of the study's own models: {list_names(refs)}."
            yield make_problem(path, message, ref, [*nearest_names(ref, refs), "*"])


def _is_open(reports: Mapping[str, FieldReport]) -> bool:
    """Whether the unit of a field depends on another one, so that the schema cannot say it."""
    fields = (found.target.field for report in reports.values() for found in report.found)
    return any(field.units == "BasedOnField" for field in fields)
