"""What a batch is to run, read back from its row: the study, its points, and what the references meant.

A plan is read once per process and batch, and again where the batch has grown since: by cases, or by outputs. Whoever
has the batch's row asks for `plan_of` it; who has a case's index alone gives that to `load_plan`.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.cache import cache
from pydantic import TypeAdapter
from redis.exceptions import RedisError

from batches.errors import OtherPointsError
from batches.models import Batch
from energyplus.measures.constructions import ConstructionSet
from library.storage import path_of
from studies.definition import Extension, Study
from studies.designs.points import ORDER_VERSION, CasePoint, Points

log = logging.getLogger(__name__)

VERIFIED_FOR_S = 30 * 24 * 3600
OTHER_POINTS = (
    "This batch was submitted with another release of Casefarm, NumPy or SciPy, which numbers its cases otherwise: what"
    " its cases vary cannot be told from their numbers any more. Its result table says it and can be downloaded as far"
    " as its shards were finished; submit the study again for the rest."
)
_EXTENSION: TypeAdapter[Extension] = TypeAdapter(Extension)


@dataclass(frozen=True)
class Input:
    """A model or weather file as the batch was submitted with it.

    Attributes:
        id: of its row in the library.
        sha256: hash of its content.
        name: what its owner calls it.
        facts: of a weather file.
        attachments: of a model: hashes of the files it refers to, by the names it refers to them by.
    """

    id: str
    sha256: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, str] = field(default_factory=dict)

    @property
    def attached_files(self) -> dict[str, Path]:
        """The attachments as they lie in the content store, by name."""
        return {name: path_of(sha256) for name, sha256 in self.attachments.items()}


@dataclass(frozen=True)
class PinnedProgram:
    """The declared program of a batch, or the engine that takes its shards whole, as it was at submission.

    Attributes:
        name: how the study refers to it.
        label: how people read it.
        digest: of its declaration, its template and its file; of a surrogate's file.
        metrics: unit and label of each, by name.
    """

    name: str
    label: str
    digest: str
    metrics: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Plan:
    """A batch's study, the points of its design, and what its references mean; what runs it, if not EnergyPlus."""

    study: Study
    points: Points
    models: dict[str, Input]
    weathers: dict[str, Input]
    shard_size: int
    program: PinnedProgram | None = None
    shard_engine: PinnedProgram | None = None
    construction_sets: Mapping[str, ConstructionSet] = field(default_factory=dict)

    def shard_of(self, index: int) -> int:
        """Return the number of the shard that holds case `index`."""
        return (index + self.points.baseline_count) // self.shard_size


class OtherPoints(Points):
    """Points that are not those of the batch: they are counted, and none is ever shown as one of its cases."""

    def __getitem__(self, index: int) -> CasePoint:
        """Refuse to name a case's parameters."""
        raise OtherPointsError(OTHER_POINTS)

    def __iter__(self) -> Iterator[CasePoint]:
        """Refuse likewise."""
        raise OtherPointsError(OTHER_POINTS)

    def pick(self, indices: Iterable[int]) -> dict[int, CasePoint]:
        """Refuse likewise."""
        raise OtherPointsError(OTHER_POINTS)

    def columns(self, start: int, stop: int) -> dict[str, Any]:
        """Refuse likewise."""
        raise OtherPointsError(OTHER_POINTS)


def load_plan(batch_id: UUID, index: int = -1) -> Plan:
    """Return the plan of a batch.

    Args:
        batch_id: of the batch.
        index: of a case that is asked for: a plan from before the extension that brought it is read again. What holds
            for all cases (`shard_of`) may be asked of any plan.

    Raises:
        Batch.DoesNotExist: there is no such batch.
    """
    plan = _read_plan(batch_id)
    if index >= plan.points.case_count:
        forget_plans()
        plan = _read_plan(batch_id)
    return plan


def plan_of(batch: Batch) -> Plan:
    """Return the plan of a batch as its row stands: never one from before an extension or an added output."""
    plan = _read_plan(batch.pk)
    if plan.points.case_count < batch.case_count or len(plan.study.outputs) < len(batch.study.get("outputs", ())):
        forget_plans()
        plan = _read_plan(batch.pk)
    return plan


@lru_cache(maxsize=64)
def _read_plan(batch_id: UUID) -> Plan:
    batch = Batch.objects.get(pk=batch_id)
    study = Study.model_validate(batch.study)
    plan = make_plan(study, batch.inputs, batch.shard_size, read_extensions(batch))
    if verify_once(plan.points, batch):
        return plan
    return replace(plan, points=OtherPoints(study, read_extensions(batch)))


def verify_once(points: Points, batch: Batch) -> bool:
    """Return whether points are those of a batch; what one process has found out, no other has to draw again.

    To draw a million points takes seconds. The answer holds for the study and for what draws its points: releases of
    Casefarm, NumPy and SciPy. Where the cache is away or empty, the points are drawn.
    """
    key = _name_verification(batch)
    try:
        if cache.get(key):
            return True
    except RedisError as error:
        log.warning("Points of %s are drawn, for the cache does not answer: %s", batch.pk, error)
        return points.verify(batch.design_digest)
    verified = points.verify(batch.design_digest)
    if verified:
        cache.set(key, True, VERIFIED_FOR_S)
    return verified


def _name_verification(batch: Batch) -> str:
    releases = [ORDER_VERSION, *(version(name) for name in ("casefarm", "numpy", "scipy"))]
    told = [batch.design_digest, batch.study, batch.extensions, releases]
    return f"points:{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"


def forget_plans() -> None:
    """Have every plan read again: batches that grow are few, and reading takes milliseconds."""
    _read_plan.cache_clear()


def read_extensions(batch: Batch) -> tuple[Extension, ...]:
    """Return what was added to the points of a batch's study, in its order."""
    return tuple(_EXTENSION.validate_python(more) for more in batch.extensions)


def make_points(study: Study, extensions: Sequence[Extension] = ()) -> Points:
    """Return the points of a study with what was added to them."""
    return Points(study, extensions)


def make_plan(study: Study, inputs: Mapping[str, Any], shard_size: int, extensions: Sequence[Extension] = ()) -> Plan:
    """Return the plan of a study whose references mean `inputs`, as `submission.pin_inputs` gives them."""
    return Plan(
        study=study,
        points=make_points(study, extensions),
        models={ref: Input(**found) for ref, found in inputs["models"].items()},
        weathers={ref: Input(**found) for ref, found in inputs["weathers"].items()},
        shard_size=shard_size,
        program=PinnedProgram(**inputs["program"]) if "program" in inputs else None,
        shard_engine=PinnedProgram(**inputs["shard_engine"]) if "shard_engine" in inputs else None,
        construction_sets={
            ref: ConstructionSet.from_json(found) for ref, found in inputs.get("construction_sets", {}).items()
        },
    )
