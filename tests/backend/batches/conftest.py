"""A batch in the database, as submission would record it, without asking the library."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from batches.models import Batch
from studies.definition import Study
from studies.designs.points import Points

STUDY = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "baseline": True,
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "values": [5.0, 6.0, 7.0, 8.0],
        }
    ],
    "design": {"method": "grid"},
}


@pytest.fixture
def owner(db: None) -> User:
    """The batch's owner."""
    return User.objects.create_user("owner")


@pytest.fixture
def make_batch(owner: User) -> Callable[..., Batch]:
    """Record a batch of 8 cases and 2 baselines in shards of 4."""

    def make(**changes: Any) -> Batch:
        study = Study.model_validate(STUDY)
        points = Points(study)
        file = {"id": "1", "sha256": "0" * 64, "name": "file"}
        return Batch.objects.create(
            owner=owner,
            name=study.name,
            study=study.model_dump(mode="json"),
            inputs={
                "models": {"warehouse": file},
                "weathers": {name: {**file, "facts": {}} for name in ("chicago", "miami")},
            },
            parameters=[{"name": "lighting", "unit": "W/m2"}],
            design_digest=points.digest,
            case_count=points.case_count,
            baseline_count=points.baseline_count,
            shard_size=4,
            **changes,
        )

    return make
