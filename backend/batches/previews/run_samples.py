"""What the runs of a shard took, kept for estimates: engine time and stored bytes by model. Called by `aggregation`.

A row for each model of a shard, of at most `MOST_RUNS` of its cases that ran; of a model the latest `MOST_KEPT` stay.
"""

from datetime import date

from batches import storage
from batches.models import Case, RunSample, Shard
from batches.plans import Plan
from batches.states import CaseState
from energyplus.errors import EnergyPlusError
from energyplus.run_period import RunPeriod
from filestore.store import files
from library.errors import LibraryError
from library.selectors import read_description

MOST_RUNS = 50
MOST_KEPT = 40
RUN_METRIC = "simulation_s"
LEAP_YEAR = 2024
USUAL_DESIGN_DAYS = 2
_YEAR_DAYS = 365


def record_samples(plan: Plan, shard: Shard) -> None:
    """Write what the runs of a shard took; call it under the shard's lock. Safe to repeat."""
    for sha256, cases in group_runs(plan, shard).items():
        RunSample.objects.update_or_create(
            batch_id=shard.batch_id,
            shard=shard.number,
            model_sha256=sha256,
            defaults={
                "run_period": plan.study.model_dump(mode="json")["run_period"],
                "days": count_days(plan.study.engine_run_period, sha256 if plan.program is None else None),
                "keep_full": plan.study.keep == "full",
                "outputs": [output.model_dump(mode="json") for output in plan.study.outputs],
                "run_s": [float((case.metrics or {})[RUN_METRIC]) for case in cases],
                "stored_bytes": [measure_case(shard, case) for case in cases],
            },
        )
        stale = RunSample.objects.filter(model_sha256=sha256).order_by("-created_at", "-batch_id", "-shard")
        RunSample.objects.filter(pk__in=list(stale.values_list("pk", flat=True)[MOST_KEPT:])).delete()


def group_runs(plan: Plan, shard: Shard) -> dict[str, list[Case]]:
    """Return some cases of a shard that ran and succeeded, by the hash of their model or program."""
    ran = Case.objects.filter(batch_id=shard.batch_id, index__in=shard.indices, state=CaseState.SUCCEEDED, cached=False)
    found: dict[str, list[Case]] = {}
    for case in ran.order_by("index").iterator():
        model = plan.models.get(plan.points[case.index].model)
        sha256 = plan.program.digest if plan.program else model.sha256 if model else None
        group = found.setdefault(sha256, []) if sha256 else []
        if sha256 and len(group) < MOST_RUNS and (case.metrics or {}).get(RUN_METRIC) is not None:
            group.append(case)
    return {sha256: cases for sha256, cases in found.items() if cases}


def measure_case(shard: Shard, case: Case) -> int:
    """Return how many bytes the files of a case take, as they are stored."""
    folder = storage.case_folder(shard.batch_id, shard.number, case.index, case.attempt)
    return sum(file.size_bytes for file in files.list_files(folder))


def count_days(run_period: RunPeriod, model_sha256: str | None) -> float:
    """Return how many days a case simulates: those of its run period, or the design days of its model."""
    if run_period.kind == "design_days":
        return float(count_design_days(model_sha256)) if model_sha256 else 1.0
    if run_period.start is None or run_period.end is None:
        return float(_YEAR_DAYS)
    first, last = (date(LEAP_YEAR, *day) for day in (run_period.start, run_period.end))
    return float((last - first).days % _YEAR_DAYS + 1)


def count_design_days(model_sha256: str) -> int:
    """Return how many sizing periods a model has, at least one; a usual number where the model is gone."""
    try:
        classes = read_description(model_sha256).classes
    except (EnergyPlusError, LibraryError, OSError):  # an estimate is a help, not the matter
        return USUAL_DESIGN_DAYS
    return max(1, sum(len(entries) for name, entries in classes.items() if name.startswith("SizingPeriod:")))
