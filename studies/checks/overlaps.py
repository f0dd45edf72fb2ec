"""What parameters write to, told apart: a field that two of them vary is a mistake, two measures in turn are not."""

from collections.abc import Mapping

from studies.checks.drafts import ParameterDraft
from studies.checks.fields import FieldReport, ModelView, Note
from studies.checks.measures import MeasureReport
from studies.checks.targets import describe_object
from studies.problems import make_problem

_Place = tuple[str, int, int]


class Overlaps:
    """Remembers which parameter writes where in each model; problems and notes go to the later one's report."""

    def __init__(self, views: Mapping[str, ModelView]) -> None:
        self._views = views
        self._fields: dict[str, dict[_Place, ParameterDraft]] = {ref: {} for ref in views}
        self._removed: dict[str, dict[tuple[str, int], ParameterDraft]] = {ref: {} for ref in views}

    def add(self, parameter: ParameterDraft, report: FieldReport, ref: str) -> None:
        """Compare what a parameter writes to in a model with what the earlier ones do.

        Args:
            parameter: The parameter.
            report: What was found of it in the model; problems and notes are added to it.
            ref: The model.
        """
        written, removed = self._fields[ref], self._removed[ref]
        shared = [(at, written[at]) for at in report.fields if at in written and written[at] is not parameter]
        gone = [(at, removed[at[:2]]) for at in report.fields if at[:2] in removed]
        taken = getattr(report, "removed", [])
        lost = [(at, owner) for at, owner in written.items() if at[:2] in taken and owner is not parameter]
        places = [*shared, *gone, *lost]
        if places:
            self._tell(parameter, places, report, ref)
        for at in report.fields:
            written.setdefault(at, parameter)
        for entry in taken:
            removed.setdefault(entry, parameter)

    def _tell(
        self, parameter: ParameterDraft, places: list[tuple[_Place, ParameterDraft]], report: FieldReport, ref: str
    ) -> None:
        at, other = places[0]
        where = self._describe(at, ref)
        others = f" and {len(places) - 1} more" if len(places) > 1 else ""
        both_measures = isinstance(report, MeasureReport) and other.measure is not None
        if both_measures:
            message = (
                f"The measures of {other.path} and {parameter.path} both change {where}{others}: they are applied in"
                " the study's order."
            )
            report.notes.append(Note(f"{parameter.path}.measure", message))
            return
        message = f"Let one parameter alone vary a field: {other.path} writes to {where}{others} as well."
        key = "measure" if isinstance(report, MeasureReport) else "target"
        report.problems.append(make_problem(f"{parameter.path}.{key}", message, where, "a field of its own"))

    def _describe(self, at: _Place, ref: str) -> str:
        class_name, position, index = at
        view = self._views[ref]
        class_schema = view.schema.find_class(class_name)
        field = class_schema.field_at(index) if class_schema else None
        entry = describe_object(class_name, view.description.classes[class_name][position])
        return f"{field.name if field else 'the field'} of {entry}"
