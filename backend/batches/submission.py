"""Stage 1: validates a study and records the Batch. Nothing runs yet. Called by `api.py`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from batches.findings import no_change
from batches.known_cases import count_known, make_key
from batches.models import Batch, KnownCase
from batches.plans import make_plan
from batches.queries import estimate_case_s
from batches.staging import make_recipe
from energyplus.engines.declarations import ProgramDeclaration
from energyplus.errors import EnergyPlusError
from library import services
from library.engines import catalogue
from library.selectors import LibraryView
from studies.cases.changes import plan_edits, plan_values
from studies.cases.effects import describe_idle, list_idle_parameters
from studies.checks.examination import ExaminedStudy, examine_study
from studies.checks.fields import Note
from studies.designs.points import CasePoint

PREVIEWED_CASES = 10
COUNTED_CASES = 1000


@dataclass(frozen=True)
class PreviewedCase:
    """A case as it would run: its point and the changes to the model, readable."""

    point: CasePoint
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a study would become."""

    examined: ExaminedStudy
    cases: tuple[PreviewedCase, ...]
    case_s: float | None  # seconds of engine time per case, where cases of these models have run before
    notes: tuple[Note, ...]
    known_cases: int | None  # whose outcome would be taken over; None where there are too many to look at each

    @property
    def total(self) -> int:
        """Runs of the engine, baselines included."""
        return self.examined.points.case_count + self.examined.points.baseline_count


def preview_batch(*, user: User, document: Any) -> Preview:
    """Validate a study and show its first cases. Writes nothing.

    Raises:
        studies.problems.InvalidStudy: with every problem of the study.
    """
    examined = examine(user, document)
    points = examined.points
    indices = range(-points.baseline_count, min(points.case_count, PREVIEWED_CASES - points.baseline_count))
    cases = tuple(preview_case(examined, points[index]) for index in indices[:PREVIEWED_CASES])
    sha256s = [model.sha256 for model in examined.models.values()]
    case_s = estimate_case_s(sha256s, examined.study.model_dump(mode="json")["run_period"])
    notes = (*examined.notes, *note_idle_parameters(examined))
    return Preview(examined, cases, case_s, notes, count_known_cases(examined))


def count_known_cases(examined: ExaminedStudy) -> int | None:
    """Return how many cases, baselines included, would not run because an identical one has.

    None beyond `COUNTED_CASES`, as every case has to be made up for it, and where that fails: submission says why.
    """
    points = examined.points
    if points.case_count + points.baseline_count > COUNTED_CASES:
        return None
    if not settings.CASEFARM_CASE_CACHE or not KnownCase.objects.exists():
        return 0
    plan = make_plan(examined.study, pin_inputs(examined), settings.CASEFARM_SHARD_SIZE)
    try:
        recipes = (make_recipe(plan, index) for index in range(-points.baseline_count, points.case_count))
        return count_known(make_key(recipe) for recipe in recipes)
    except EnergyPlusError:
        return None


def examine(user: User, document: Any) -> ExaminedStudy:
    """Return a study that this service can run, or raise `InvalidStudy`."""
    return examine_study(document, LibraryView(user), max_cases=settings.CASEFARM_MAX_CASES, engines=catalogue())


def note_idle_parameters(examined: ExaminedStudy) -> Iterator[Note]:
    """Yield a note for each parameter that changes nothing in any model."""
    positions = {parameter.name: position for position, parameter in enumerate(examined.study.parameters)}
    for name in list_idle_parameters(examined):
        yield Note(f"parameters[{positions[name]}]", describe_idle(name))


def preview_case(examined: ExaminedStudy, point: CasePoint) -> PreviewedCase:
    """Return a case as it would run."""
    if examined.program is not None:
        changes = plan_values(examined.program.parameters, point)
    else:
        changes = plan_edits(examined, examined.models[point.model].description, point).changes
    return PreviewedCase(point, tuple(change.text for change in changes))


@transaction.atomic
def submit_batch(*, user: User, document: Any) -> Batch:
    """Validate a study and record its Batch. Writes one row; nothing is enqueued.

    Raises:
        studies.problems.InvalidStudy: with every problem of the study.
    """
    examined = examine(user, document)
    points = examined.points
    services.mark_used(
        model_ids=[model.id for model in examined.models.values()],
        weather_ids=[weather.id for weather in examined.weathers.values()],
    )
    return Batch.objects.create(
        owner=user,
        name=examined.study.name,
        study=examined.study.model_dump(mode="json"),
        inputs=pin_inputs(examined),
        parameters=[{"name": name, "unit": unit} for name, unit in examined.parameters.items()],
        design_digest=points.digest,
        case_count=points.case_count,
        baseline_count=points.baseline_count,
        shard_size=settings.CASEFARM_SHARD_SIZE,
        findings=[no_change(name, describe_idle(name)) for name in list_idle_parameters(examined)],
    )


def pin_inputs(examined: ExaminedStudy) -> dict[str, dict[str, Any]]:
    """Return what the study's references mean today, facts of the weather and prices among it: these may change."""
    models = {
        ref: {"id": m.id, "sha256": m.sha256, "name": m.name, "attachments": dict(m.attachments)}
        for ref, m in examined.models.items()
    }
    weathers = {
        ref: {"id": w.id, "sha256": w.sha256, "name": w.name, "facts": w.facts} for ref, w in examined.weathers.items()
    }
    pinned: dict[str, dict[str, Any]] = {"models": models, "weathers": weathers}
    if examined.construction_sets:
        pinned["construction_sets"] = {ref: found.to_json() for ref, found in examined.construction_sets.items()}
    return {**pinned, "program": pin_program(examined.program)} if examined.program else pinned


def pin_program(program: ProgramDeclaration) -> dict[str, Any]:
    """Return what the study's program is today; a worker that has another one does not run the cases."""
    return {
        "name": program.name,
        "label": program.label,
        "digest": program.digest,
        "metrics": {name: {"unit": metric.unit, "label": metric.label} for name, metric in program.metrics.items()},
    }
