"""What a batch is to run, read back from its row: the study, its points, and what the references meant.

A submitted study never changes, so a plan is read once per process and batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from batches.models import Batch
from library.storage import path_of
from studies.definition import Study
from studies.designs.points import Points


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
    """The declared program of a batch as it was at submission.

    Attributes:
        name: how the study refers to it.
        label: how people read it.
        digest: of its declaration, its template and its file.
        metrics: unit and label of each, by name.
    """

    name: str
    label: str
    digest: str
    metrics: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Plan:
    """A batch's study, the points of its design and its input files by reference; its program, if not EnergyPlus."""

    study: Study
    points: Points
    models: dict[str, Input]
    weathers: dict[str, Input]
    shard_size: int
    program: PinnedProgram | None = None

    def shard_of(self, index: int) -> int:
        """Return the number of the shard that holds case `index`."""
        return (index + self.points.baseline_count) // self.shard_size


@lru_cache(maxsize=64)
def load_plan(batch_id: UUID) -> Plan:
    """Return the plan of a batch.

    Raises:
        Batch.DoesNotExist: there is no such batch.
    """
    batch = Batch.objects.get(pk=batch_id)
    return make_plan(Study.model_validate(batch.study), batch.inputs, batch.shard_size)


def make_plan(study: Study, inputs: Mapping[str, Any], shard_size: int) -> Plan:
    """Return the plan of a study whose references mean `inputs`, as `submission.pin_inputs` gives them."""
    return Plan(
        study=study,
        points=Points(study),
        models={ref: Input(**found) for ref, found in inputs["models"].items()},
        weathers={ref: Input(**found) for ref, found in inputs["weathers"].items()},
        shard_size=shard_size,
        program=PinnedProgram(**inputs["program"]) if "program" in inputs else None,
    )
