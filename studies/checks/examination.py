"""A study as it was sent in, a checked one out, or every problem of it at once; called at preview and submission."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from energyplus.engines.declarations import ProgramDeclaration
from energyplus.errors import ModelError
from energyplus.models.description import ModelDescription
from studies.checks.fields import FieldReport, ModelView, Note, check_field
from studies.checks.outputs import check_outputs, check_series_size, count_series_values
from studies.checks.programs import check_program, find_program, list_program_metrics, refuse_foreign_keys
from studies.checks.ranges import check_names, check_ranges, check_rows, check_size, list_candidates
from studies.checks.site import compare_sites
from studies.checks.structure import StudyDraft, clean_document, read_draft
from studies.checks.targets import describe_object
from studies.checks.telling import cap_notes, sort_problems, tell_once
from studies.definition import Study
from studies.designs.points import Points
from studies.problems import InvalidStudy, Problem, make_problem, nearest_names
from studies.reading import read_document

DEFAULT_MAX_CASES = 1_000_000


@dataclass(frozen=True)
class LibraryModel:
    """A model of the library as a study sees it.

    Attributes:
        ref: What the study calls it: alias or id.
        id: Its id.
        sha256: Hash of its content.
        name: What people call it.
        description: Its objects and fields.
        attachments: Hashes of the files that came with it, by name.
    """

    ref: str
    id: str
    sha256: str
    name: str
    description: ModelDescription
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LibraryWeather:
    """A weather file of the library as a study sees it.

    Attributes:
        ref: What the study calls it: alias or id.
        id: Its id.
        sha256: Hash of its content.
        name: What people call it.
        facts: City, coordinates in degrees, elevation in m, ….
    """

    ref: str
    id: str
    sha256: str
    name: str
    facts: Mapping[str, Any]


class Library(Protocol):
    """Where a study's models and weather files are looked up, with the eyes of the one who sends it."""

    def find_model(self, ref: str) -> LibraryModel | None:
        """Return the model of an alias or id, or None."""

    def find_weather(self, ref: str) -> LibraryWeather | None:
        """Return the weather of an alias or id, or None."""

    def model_names(self) -> list[str]:
        """Return the references of models to offer where one is not known."""

    def weather_names(self) -> list[str]:
        """Return the references of weather files to offer where one is not known."""


class Engines(Protocol):
    """What there is to run a study with."""

    programs: Mapping[str, ProgramDeclaration]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of EnergyPlus models that can run."""


@dataclass(frozen=True)
class ExaminedStudy:
    """A study that can be run.

    Attributes:
        study: The study.
        models: Its models by reference, in the study's order.
        weathers: Its weather files by reference, in the study's order.
        notes: What the modeller should know of it.
        parameters: Unit of each parameter's values by its name: the field's unit, `1` for factors and dimensionless
            fields, None for texts and where models disagree.
        series_values: How many values of time series a case reports, about; the most of any model.
        program: The declared program that runs the cases, None for EnergyPlus.
    """

    study: Study
    models: dict[str, LibraryModel]
    weathers: dict[str, LibraryWeather]
    notes: tuple[Note, ...] = ()
    parameters: dict[str, str | None] = field(default_factory=dict)
    series_values: int = 0
    program: ProgramDeclaration | None = None

    @cached_property
    def points(self) -> Points:
        """The study's cases by index."""
        return Points(self.study)


_Found = TypeVar("_Found", LibraryModel, LibraryWeather)


def examine_study(
    document: Mapping[str, Any] | str | bytes,
    library: Library,
    *,
    max_cases: int = DEFAULT_MAX_CASES,
    engines: Engines | None = None,
) -> ExaminedStudy:
    """Check a study as a whole.

    Args:
        document: The study as plain data, or its YAML or JSON text.
        library: Where its models and weather files are.
        max_cases: Most cases accepted, baselines included.
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
    examination = _Examination(cleaned, library, max_cases, engines)
    examination.run()
    if examination.problems:
        raise InvalidStudy(sort_problems(examination.problems, cleaned))
    return examination.conclude()


class _Examination:
    """One study being checked; each step adds its problems and leaves the rest to the others."""

    def __init__(self, document: dict[str, Any], library: Library, max_cases: int, engines: Engines | None) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        self.units: dict[str, str | None] = {}
        self.models: dict[str, LibraryModel] = {}
        self.weathers: dict[str, LibraryWeather] = {}
        self.series_values = 0
        self._document = document
        self._library = library
        self._max_cases = max_cases
        self._engines = engines
        self.program: ProgramDeclaration | None = None
        self._draft: StudyDraft = read_draft(document, self.problems)

    def run(self) -> None:
        draft, library = self._draft, self._library
        self.models = self._look_up("model", draft.models, library.find_model, library.model_names)
        self.weathers = self._look_up("weather", draft.weathers, library.find_weather, library.weather_names)
        if draft.program is not None:
            self._check_program()
        metrics = list_program_metrics(self.program) if self.program else list_metric_names()
        check_names(draft, frozenset(metrics), self.problems)
        check_ranges(draft, self.problems)
        if draft.method == "table":
            check_rows(draft, self.problems)
        has_baseline = self._document.get("baseline") is True
        baseline_count = max(len(draft.models), 1) * max(len(draft.weathers), 1) if has_baseline else 0
        check_size(draft, self._max_cases, baseline_count, self.problems)
        if draft.program is not None:
            return  # the rest is about models
        views = self._view_models()
        self._check_fields(views)
        self._check_run_period()
        self._check_outputs(views)
        self._note_sites()

    def conclude(self) -> ExaminedStudy:
        study = Study.model_validate(self._document)
        notes = cap_notes(self.notes)
        return ExaminedStudy(study, self.models, self.weathers, notes, self.units, self.series_values, self.program)

    def _check_program(self) -> None:
        refuse_foreign_keys(self._document, self.problems)
        programs = self._engines.programs if self._engines else {}
        self.program = find_program(self._draft, programs, self.problems)
        if self.program is not None:
            self.units = check_program(self._document, self._draft, self.program, self.problems)

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

    def _check_fields(self, views: Mapping[str, ModelView]) -> None:
        written: dict[str, dict[tuple[str, int, int], str]] = {ref: {} for ref in views}
        for parameter in self._draft.parameters:
            candidates = list(list_candidates(parameter, self._draft))
            reports = {ref: check_field(parameter, candidates, view) for ref, view in views.items()}
            for ref, report in reports.items():
                _check_overlap(parameter.path, report, written[ref], views[ref])
            self.problems += tell_once({ref: report.problems for ref, report in reports.items()})
            self.notes += tell_once({ref: report.notes for ref, report in reports.items()})
            if parameter.name is not None:
                units = {report.unit for report in reports.values()}
                self.units[parameter.name] = units.pop() if len(units) == 1 else None

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


def _check_overlap(path: str, report: FieldReport, written: dict[tuple[str, int, int], str], view: ModelView) -> None:
    """Refuse a parameter that writes where another one does; remember where this one writes."""
    shared = [at for at in report.fields if at in written]
    if shared:
        class_name, position, index = shared[0]
        class_schema = view.schema.find_class(class_name)
        at_field = class_schema.field_at(index) if class_schema else None
        entry = describe_object(class_name, view.description.classes[class_name][position])
        where = f"{at_field.name if at_field else 'the field'} of {entry}"
        others = f" and {len(shared) - 1} more" if len(shared) > 1 else ""
        message = f"Let one parameter alone vary a field: {written[shared[0]]} writes to {where}{others} as well."
        report.problems.append(make_problem(f"{path}.target", message, where, "a field of its own"))
    for at in report.fields:
        written.setdefault(at, path)


def list_metric_names() -> tuple[str, ...]:
    """Return the names of the metrics that every case reports: columns of their own in the result table."""
    from energyplus.results.metrics import METRICS

    return tuple(METRICS)
