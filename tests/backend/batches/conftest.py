"""A batch in the database, as submission would record it, without asking the library."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from batches.models import Batch
from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.models.description import ModelDescription, describe_model
from energyplus.weather import describe_weather
from filestore.hashing import hash_file
from library.judging import keep_description
from library.models import StoredModel, StoredWeather
from library.storage import path_of
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
            **{"shard_size": 4, **changes},
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
        )

    return make


@pytest.fixture(scope="session")
def warehouse() -> tuple[Path, ModelDescription]:
    """The file of the bundled warehouse, and what is in it: read once."""
    path = next(entry.path for entry in list_bundled_models() if entry.alias == "warehouse")
    return path, describe_model(path)


@pytest.fixture
def small_library(db: None, files: Path, warehouse: tuple[Path, ModelDescription]) -> None:
    """A library with the warehouse, and with the weather of two places."""
    path, description = warehouse
    sha256 = store(path)
    keep_description(sha256, description)
    facts, size_bytes = description.facts, path.stat().st_size
    StoredModel.objects.create(alias="warehouse", name="Warehouse", sha256=sha256, size_bytes=size_bytes, facts=facts)
    for entry in list_bundled_weather():
        if entry.alias in ("chicago", "miami"):
            facts, size_bytes = describe_weather(entry.path).to_json(), entry.path.stat().st_size
            StoredWeather.objects.create(
                alias=entry.alias, name=entry.name, sha256=store(entry.path), size_bytes=size_bytes, facts=facts
            )


def store(path: Path) -> str:
    """Put a file into the content store, as an upload would; return its hash."""
    sha256 = hash_file(path)
    path_of(sha256).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, path_of(sha256))
    return sha256
