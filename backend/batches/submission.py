"""Stage 1: validates a study and records the Batch. Nothing runs yet. Called by `api.py`."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from accounts.quotas import lock_quotas
from batches.live import notices
from batches.models import Batch
from batches.queries import expect_total
from batches.results.findings import no_change
from batches.scheduling import quotas
from batches.shard_engines import SURROGATE, StudyEngines, find_engine
from energyplus.engines.declarations import ProgramDeclaration
from library import services
from library.selectors import LibraryView
from studies.cases.effects import describe_idle, list_idle_parameters
from studies.checks.draws import MOST_DRAWN
from studies.checks.examination import ExaminedStudy, examine_study
from studies.checks.examined import SurrogateDeclaration


def examine(user: User, document: Any, most_drawn: int = MOST_DRAWN) -> ExaminedStudy:
    """Return a study that this service can run, or raise `InvalidStudy`."""
    limits = {"max_cases": settings.CASEFARM_MAX_CASES, "most_drawn": most_drawn}
    return examine_study(document, LibraryView(user), engines=StudyEngines(user), **limits)


@transaction.atomic
def submit_batch(*, user: User, document: Any) -> Batch:
    """Validate a study and record its Batch. Writes one row; nothing is enqueued.

    Raises:
        studies.problems.InvalidStudy: with every problem of the study.
        problems.exceptions.TooMuch: the user's quota has no room for its cases.
    """
    # whatever a case gets, somebody has looked at it before it runs
    examined = examine(user, document, most_drawn=settings.CASEFARM_MAX_CASES)
    points = examined.points
    services.mark_used(
        model_ids=[model.id for model in examined.models.values()],
        weather_ids=[weather.id for weather in examined.weathers.values()],
    )
    batch = Batch(
        owner=user,
        name=examined.study.name,
        priority=examined.study.priority,
        study=examined.study.model_dump(mode="json"),
        inputs=pin_inputs(examined),
        parameters=[{"name": name, "unit": unit} for name, unit in examined.parameters.items()],
        design_digest=points.digest,
        case_count=points.case_count,
        baseline_count=points.baseline_count,
        shard_size=choose_shard_size(examined),
        shard_engine=SURROGATE if examined.surrogate else "",
        rounds={"rounds": []} if examined.study.adaptive else None,
        findings=[no_change(name, describe_idle(name)) for name in list_idle_parameters(examined)],
    )
    with lock_quotas(user) as limits:
        quotas.require_cases(user, limits, expect_total(batch))
        batch.save(force_insert=True)
    batch.refresh_from_db()
    notices.tell_change(batch.pk)
    return batch


def choose_shard_size(examined: ExaminedStudy) -> int:
    """Return how many cases a study's shards have: what its engine says that takes them whole, else as it is set."""
    return find_engine(SURROGATE).shard_size if examined.surrogate else settings.CASEFARM_SHARD_SIZE


def pin_inputs(examined: ExaminedStudy) -> dict[str, dict[str, Any]]:
    """Return what the study's references mean today, facts of the weather and prices among it: these may change."""
    if examined.surrogate is not None:
        return pin_surrogate(examined.surrogate)
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


def pin_surrogate(surrogate: SurrogateDeclaration) -> dict[str, dict[str, Any]]:
    """Return what a surrogate is today, with the models and weather files that it stands for.

    Of these a batch needs no content; that they are told lets its rows be compared with simulated ones.
    """
    pinned = {
        "name": surrogate.id,
        "label": surrogate.label,
        "digest": surrogate.digest,
        "metrics": {name: dict(facts) for name, facts in surrogate.metrics.items()},
    }
    places = {place: {ref: dict(found) for ref, found in refs.items()} for place, refs in surrogate.places.items()}
    return {"models": {}, "weathers": {}, **places, "shard_engine": pinned}
