"""A study as it was sent in, a checked one out, or every problem of it at once; called at preview and submission."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from energyplus.engines.declarations import ProgramDeclaration
from energyplus.errors import ModelError
from energyplus.measures.base import MeasureContext
from energyplus.measures.constructions import ConstructionSet, total_bill
from studies.checks.adaptive import check_adaptive, complete_design
from studies.checks.drafts import ParameterDraft, StudyDraft
from studies.checks.draws import MOST_DRAWN, Judge, check_draws, is_drawn, make_points, note_lost_share
from studies.checks.examined import (
    Engines,
    ExaminedStudy,
    Library,
    LibraryModel,
    LibraryWeather,
    SurrogateDeclaration,
)
from studies.checks.field_values import check_values, judge_value
from studies.checks.fields import FieldReport, ModelView, Note, find_targets
from studies.checks.formulas import check_constraints, check_derived
from studies.checks.links import check_linked
from studies.checks.measures import (
    check_measure_values,
    find_measure,
    list_construction_sets,
    refuse_currencies,
    refuse_many,
    refuse_rebuilding,
    try_measure,
)
from studies.checks.names import check_names
from studies.checks.optimisers import check_optimiser
from studies.checks.outputs import check_outputs, check_series_size, count_series_values
from studies.checks.overlaps import Overlaps
from studies.checks.programs import (
    check_program,
    find_program,
    judge_declared,
    list_program_metrics,
    refuse_foreign_keys,
)
from studies.checks.rows import check_rows
from studies.checks.site import compare_sites
from studies.checks.sizes import check_size
from studies.checks.spreads import check_spreads, list_candidates
from studies.checks.structure import clean_document, read_draft
from studies.checks.surrogates import (
    check_surrogate,
    complete_document,
    find_surrogate,
    judge_input,
    note_strays,
)
from studies.checks.telling import cap_notes, sort_problems, tell_once
from studies.checks.units import check_unit, refuse_lonely_targets
from studies.definition import Study
from studies.problems import InvalidStudy, Problem, limit_guesses, make_problem, nearest_names
from studies.reading import read_document

__all__ = [
    "DEFAULT_MAX_CASES", "Engines", "ExaminedStudy", "Library", "LibraryModel", "LibraryWeather", "examine_study",
    "list_metric_names",
]  # fmt: skip

DEFAULT_MAX_CASES = 1_000_000

_Found = TypeVar("_Found", LibraryModel, LibraryWeather)


def examine_study(
    document: Mapping[str, Any] | str | bytes,
    library: Library,
    *,
    max_cases: int = DEFAULT_MAX_CASES,
    most_drawn: int = MOST_DRAWN,
    engines: Engines | None = None,
) -> ExaminedStudy:
    """Check a study as a whole.

    Args:
        document: The study as plain data, or its YAML or JSON text.
        library: Where its models and weather files are.
        max_cases: Most cases accepted, baselines included.
        most_drawn: Cases whose derived and normally distributed values are looked at one by one.
        engines: What there is to run it with; by default EnergyPlus in every version.

    Returns:
        The study with its models, weather files, notes and units.

    Raises:
        InvalidStudy: With every problem, each with its path, what was found and what would be accepted.
    """
    if isinstance(document, str | bytes):
        document = read_document(document)
    cleaned = clean_document(document)
    if not isinstance(cleaned, dict):
        raise InvalidStudy([make_problem("", "Write the study as a mapping of keys to values.", document, "a mapping")])
    with limit_guesses():
        examination = _Examination(cleaned, library, max_cases, most_drawn, engines)
        examination.run()
        if examination.problems:
            raise InvalidStudy(sort_problems(examination.problems, cleaned))
        return examination.conclude()


class _Examination:
    """One study being checked; each step adds its problems and leaves the rest to the others."""

    def __init__(
        self, document: dict[str, Any], library: Library, max_cases: int, most_drawn: int, engines: Engines | None
    ) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        self.units: dict[str, str | None] = {}
        self.models: dict[str, LibraryModel] = {}
        self.weathers: dict[str, LibraryWeather] = {}
        self.construction_sets: dict[str, ConstructionSet] = {}
        self.series_values = 0
        self._document = document
        self._library = library
        self._max_cases = max_cases
        self._most_drawn = most_drawn
        self._engines = engines
        self._judges: dict[str, dict[str, Judge]] = {}
        self.program: ProgramDeclaration | None = None
        self.surrogate: SurrogateDeclaration | None = None
        complete_design(document)
        self._draft: StudyDraft = read_draft(document, self.problems)

    def run(self) -> None:
        if self._draft.surrogate is not None:
            self._check_surrogate()
            return
        draft, library = self._draft, self._library
        self.models = self._look_up("model", draft.models, library.find_model, library.model_names)
        self.weathers = self._look_up("weather", draft.weathers, library.find_weather, library.weather_names)
        if draft.program is not None:
            self._check_program()
        self._check_without_models()
        if draft.program is not None:
            return  # the rest is about models
        views = self._view_models()
        self._check_parameters(views)
        self._check_run_period()
        self._check_outputs(views)
        self._note_sites()

    def conclude(self) -> ExaminedStudy:
        """Return the study, once everything but what its design draws is known to be sound.

        Raises:
            InvalidStudy: Constraints or drawn values are not.
        """
        study = Study.model_validate(self._document)
        points = make_points(study, self._draft, self._max_cases, self.problems)
        if points is not None:
            self.notes += note_lost_share(points)
            self.problems += tell_once(check_draws(study, self._draft, points, self._judges, self._most_drawn))
        if points is None or self.problems:
            raise InvalidStudy(sort_problems(self.problems, self._document))
        return ExaminedStudy(
            study=study,
            points=points,
            models=self.models,
            weathers=self.weathers,
            notes=cap_notes(self.notes),
            parameters=self.units,
            series_values=self.series_values,
            program=self.program,
            surrogate=self.surrogate,
            construction_sets=self.construction_sets,
        )

    def _check_without_models(self) -> None:
        draft, problems = self._draft, self.problems
        self._look_up_construction_sets()
        sets = self.construction_sets.values()
        metrics = self._list_metrics()
        check_names(draft, frozenset((*metrics, *list_bill_metrics(sets))), problems)
        check_spreads(draft, problems)
        check_linked(draft, problems)
        check_derived(draft, problems)
        check_constraints(draft, problems)
        if draft.method == "table":
            check_rows(draft, problems)
        check_adaptive(self._document, draft, metrics, problems)
        check_optimiser(draft, metrics, [entry.currency for entry in sets], problems)
        has_baseline = self._document.get("baseline") is True
        baseline_count = max(len(draft.models), 1) * max(len(draft.weathers), 1) if has_baseline else 0
        check_size(draft, self._max_cases, baseline_count, problems)

    def _list_metrics(self) -> tuple[str, ...]:
        if self.surrogate is not None:
            return tuple(self.surrogate.metrics)
        return list_program_metrics(self.program) if self.program else list_metric_names()

    def _look_up_construction_sets(self) -> None:
        for ref, path in list_construction_sets(self._draft.parameters).items():
            found = self._library.find_construction_set(ref)
            if found is not None:
                self.construction_sets[ref] = found
            else:
                message = f"There is no construction set '{ref}' in the library; write the reference of one."
                accepted = nearest_names(ref, self._library.construction_set_names())
                self.problems.append(make_problem(path, message, ref, accepted))
        self.problems += refuse_currencies(self._draft.parameters, self.construction_sets)
        self.problems += refuse_rebuilding(self._draft.parameters)

    def _check_program(self) -> None:
        refuse_foreign_keys(self._document, self.problems)
        programs = self._engines.programs if self._engines else {}
        self.program = find_program(self._draft, programs, self.problems)
        if self.program is not None:
            self.units = check_program(self._document, self._draft, self.program, self.problems)
            for parameter in filter(is_drawn, self._draft.parameters):
                declared = self.program.parameters.get(parameter.name or "")
                if declared is not None:
                    self._judges[parameter.path] = {"": partial(judge_declared, declared=declared)}

    def _check_surrogate(self) -> None:
        found = self.surrogate = find_surrogate(self._draft, self._engines, self.problems)
        if found is None:
            return  # nothing else of the study means anything
        complete_document(self._document, found, self.problems)
        self._draft = read_draft(self._document, [])  # with what the surrogate brings; its problems have been told
        self.units = check_surrogate(self._document, self._draft, found, self.problems)
        self.notes += note_strays(self._draft, found)
        for parameter in filter(is_drawn, self._draft.parameters):
            known = found.inputs.get(parameter.name or "")
            if known is not None:
                refs = self._draft.models.values() or ("",)
                self._judges[parameter.path] = dict.fromkeys(refs, partial(judge_input, found=known))
        self._check_without_models()

    def _look_up(
        self,
        what: str,
        refs: Mapping[str, str],
        find: Callable[[str], _Found | None],
        list_known: Callable[[], list[str]],
    ) -> dict[str, _Found]:
        found: dict[str, _Found] = {}
        paths: dict[str, str] = {}
        for path, ref in refs.items():
            entry = find(ref)
            if entry is None:
                message = f"There is no {what} '{ref}' in the library; write the alias or id of one."
                self.problems.append(make_problem(path, message, ref, nearest_names(ref, list_known())))
            elif entry.id in paths:
                message = f"Leave it out: it is the same {what} as {paths[entry.id]}."
                self.problems.append(make_problem(path, message, ref, f"each {what} once"))
            else:
                paths[entry.id] = path
                found[ref] = entry
        return found

    def _check_parameters(self, views: Mapping[str, ModelView]) -> None:
        overlaps = Overlaps(views)
        too_many = list(refuse_many(self._draft.parameters, len(views)))
        self.problems += too_many
        for parameter in self._draft.parameters:
            reports = self._check_measure(parameter, {} if too_many else views) if "measure" in parameter.keys else None
            if reports is None:
                reports = self._check_fields(parameter, views)
            for ref, report in reports.items():
                overlaps.add(parameter, report, ref)
            self.problems += tell_once({ref: report.problems for ref, report in reports.items()})
            self.notes += tell_once({ref: report.notes for ref, report in reports.items()})
            refuse_lonely_targets(parameter, reports, self._draft, self.problems)
            check_unit(parameter, reports, self.problems)
            if parameter.name is not None:
                units = {report.unit for report in reports.values() if report.unit or not report.missed}
                self.units[parameter.name] = units.pop() if len(units) == 1 else None

    def _check_fields(self, parameter: ParameterDraft, views: Mapping[str, ModelView]) -> dict[str, FieldReport]:
        candidates = list(list_candidates(parameter, self._draft))
        reports = {ref: find_targets(parameter, view, ref) for ref, view in views.items()}
        for ref, report in reports.items():
            report.problems += check_values(parameter, candidates, report, views[ref])
            if is_drawn(parameter):
                self._judges.setdefault(parameter.path, {})[ref] = partial(judge_value, report=report, model=views[ref])
        return reports

    def _check_measure(self, parameter: ParameterDraft, views: Mapping[str, ModelView]) -> dict[str, FieldReport]:
        use = find_measure(parameter, self.problems)
        if use is None:
            return {}
        candidates = list(list_candidates(parameter, self._draft))
        context = MeasureContext(self.construction_sets)
        faults = list(check_measure_values(use, candidates, context))
        self.problems += faults
        if any(ref not in self.construction_sets for ref in list_construction_sets([parameter])):
            return {}
        tried = [] if faults else candidates
        if is_drawn(parameter):
            self._judges[parameter.path] = dict.fromkeys(views, use.value.find_fault)
        return {ref: try_measure(use, tried, view.description, context) for ref, view in views.items()}

    def _view_models(self) -> dict[str, ModelView]:
        views = {}
        for path, ref in self._draft.models.items():
            if ref in self.models:
                version = self.models[ref].description.version
                if self._engines is not None and version not in self._engines.versions:
                    message = f"No engine here runs models of EnergyPlus {version} any more; update the model."
                    self.problems.append(make_problem(path, message, version, list(self._engines.versions)))
                    continue
                try:
                    views[ref] = ModelView.of(self.models[ref].description)
                except ModelError as error:
                    self.problems.append(make_problem(path, str(error), ref, "a model of a known version"))
        return views

    def _check_run_period(self) -> None:
        if self._document.get("run_period") != "design_days":
            return
        for path, ref in self._draft.models.items():
            model = self.models.get(ref)
            if model is not None and not any(name.startswith("SizingPeriod:") for name in model.description.classes):
                message = f"Choose another run period: the model '{ref}' ({path}) has no design days."
                self.problems.append(make_problem("run_period", message, "design_days", ["annual"]))
        if len(self._draft.weathers) > 1:
            message = (
                "With the run period `design_days` the weather files hardly matter: each model keeps its own days."
            )
            self.notes.append(Note("run_period", message))

    def _check_outputs(self, views: Mapping[str, ModelView]) -> None:
        outputs = self._draft.outputs
        check_outputs(outputs, views, self.problems, self.notes)
        if self.problems or not outputs:
            return  # a broken run period has no length
        run_period = Study.model_validate(self._document).engine_run_period
        counts = {ref: count_series_values(outputs, view.description, run_period) for ref, view in views.items()}
        check_series_size(counts, self.problems)
        self.series_values = max(counts.values(), default=0)

    def _note_sites(self) -> None:
        sites = [(path, self.weathers[ref].facts) for path, ref in self._draft.weathers.items() if ref in self.weathers]
        notes: dict[str, list[Note]] = {}
        for ref, model in self.models.items():
            kept = [(path, compare_sites(model.description, facts)) for path, facts in sites]
            notes[ref] = [Note(path, f"{site.text}.") for path, site in kept if site is not None]
        self.notes += tell_once(notes)


def list_bill_metrics(sets: Iterable[ConstructionSet]) -> list[str]:
    """Return the names of the metrics that cases report besides where constructions are assigned."""
    return [name for entry in sets for name in total_bill((), entry.currency)]


def list_metric_names() -> tuple[str, ...]:
    """Return the names of the metrics that every case reports: columns of their own in the result table."""
    from energyplus.results.metrics import METRICS

    return tuple(METRICS)
