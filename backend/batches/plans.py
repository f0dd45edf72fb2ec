"""What a batch is to run, read back from its row: the study, its points, and what the references meant.

A submitted study never changes, so a plan is read once per process and batch.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from batches.models import Batch
from energyplus.description import ModelDescription
from energyplus.run_period import RunPeriod, describe_run_period_changes
from library.selectors import read_description
from studies.changes import CasePlanner, PlannedCase
from studies.definition import Period, Study
from studies.design import Points


@dataclass(frozen=True)
class Input:
    """A model or weather file as the batch was submitted with it."""

    id: str
    sha256: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A batch's study, the points of its design and its input files by reference."""

    study: Study
    points: Points
    models: dict[str, Input]
    weathers: dict[str, Input]
    baseline_count: int
    shard_size: int

    def shard_of(self, index: int) -> int:
        """Return the number of the shard that holds case `index`."""
        return (index + self.baseline_count) // self.shard_size


@lru_cache(maxsize=64)
def load_plan(batch_id: UUID) -> Plan:
    """Return the plan of a batch.

    Raises:
        Batch.DoesNotExist: there is no such batch.
    """
    batch = Batch.objects.get(pk=batch_id)
    study = Study.model_validate(batch.study)
    return Plan(
        study=study,
        points=Points(study),
        models={ref: Input(**found) for ref, found in batch.inputs["models"].items()},
        weathers={ref: Input(**found) for ref, found in batch.inputs["weathers"].items()},
        baseline_count=batch.baseline_count,
        shard_size=batch.shard_size,
    )


def engine_run_period(study: Study) -> RunPeriod:
    """Return which days the engine simulates in each case of a study."""
    wanted = study.run_period
    if isinstance(wanted, Period):
        return RunPeriod("period", wanted.start_day, wanted.end_day)
    return RunPeriod(wanted)


@lru_cache(maxsize=64)
def load_planner(batch_id: UUID, model: str) -> CasePlanner:
    """Return what turns a point of a batch into field edits of one of its models; targets are looked up once."""
    plan = load_plan(batch_id)
    facts = {ref: weather.facts for ref, weather in plan.weathers.items()}
    return CasePlanner(plan.study, read_description(plan.models[model].sha256), facts)


def describe_changes(planned: PlannedCase, description: ModelDescription, run_period: RunPeriod) -> list[str]:
    """Return everything in which a case differs from its model, a sentence each: edits, weather, run period."""
    own = {name: [entry.values for entry in found] for name, found in description.classes.items()}
    return [*(change.text for change in planned.changes), *describe_run_period_changes(own, run_period)]
