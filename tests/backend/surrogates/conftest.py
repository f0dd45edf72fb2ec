"""A small surrogate, trained once on points of a known function, and the row and file of one in the farm."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from celery import current_app
from django.contrib.auth.models import User

from filestore.hashing import hash_file
from filestore.store import files as store
from surrogates import answers
from surrogates.models import Surrogate
from surrogates.states import SurrogateState
from surrogates.storage import model_path
from tests.backend.batches.conftest import small_library, warehouse  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from surrogates.emulator.emulator import Emulator

INPUTS = [
    {"name": "lighting", "kind": "number", "unit": "W/m2", "low": 2.0, "high": 12.0, "values": []},
    {"name": "insulation", "kind": "number", "unit": "m", "low": 0.02, "high": 0.3, "values": []},
    {"name": "weather", "kind": "category", "unit": None, "low": None, "high": None, "values": ["chicago", "miami"]},
]
METRICS = [
    {"name": "electricity_kwh", "label": "Electricity", "unit": "kWh"},
    {"name": "heating_kwh", "label": "Heating", "unit": "kWh"},
]


def compute(lighting: Any, insulation: Any, weather: Any) -> dict[str, Any]:
    """The function that the surrogate learns: smooth, quadratic in its inputs but for the heating."""
    cold = np.where(np.asarray(weather) == "chicago", 1.0, 0.2)
    lights = 100.0 * np.asarray(lighting)
    return {
        "electricity_kwh": 500.0 + lights + 300.0 * np.asarray(insulation) * cold,
        "heating_kwh": cold * (2000.0 / (1.0 + 8.0 * np.asarray(insulation)) - 0.2 * lights) + 100.0,
    }


@pytest.fixture(scope="session")
def emulator() -> "Emulator":
    """Trained on 120 points, by a quadratic ridge: a second."""
    from surrogates.emulator.devices import choose_hardware
    from surrogates.emulator.inputs import InputColumn
    from surrogates.emulator.training import Table, Wish, train
    from surrogates.emulator.watching import Watch

    random = np.random.default_rng(7)
    count = 120
    weather = np.where(random.random(count) < 0.5, "chicago", "miami").astype(object)
    columns = {
        "lighting": np.concatenate([[2.0, 12.0], random.uniform(2, 12, count - 2)]),
        "insulation": np.concatenate([[0.02, 0.3], random.uniform(0.02, 0.3, count - 2)]),
        "weather": weather,
    }
    known = [
        InputColumn("lighting", "number", "W/m2"),
        InputColumn("insulation", "number", "m"),
        InputColumn("weather", "category"),
    ]
    table = Table(columns, compute(**columns))
    wish = Wish(("electricity_kwh", "heating_kwh"), "ridge")
    return train(table, known, wish, choose_hardware("cpu"), Watch())


@pytest.fixture(scope="session")
def emulator_file(emulator: "Emulator", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The surrogate as it is kept."""
    from surrogates.emulator.files import save_emulator

    path = tmp_path_factory.mktemp("surrogate") / "model"
    save_emulator(emulator, path, {})
    return path


@pytest.fixture
def make_surrogate(user: User, emulator_file: Path, files: Path) -> Callable[..., Surrogate]:
    """Record a ready surrogate of `user`, with its file in the store."""

    def make(**changes: Any) -> Surrogate:
        row = Surrogate.objects.create(
            **{
                "owner": user,
                "name": "Warehouse",
                "state": SurrogateState.READY,
                "wish": {},
                "inputs": INPUTS,
                "metrics": METRICS,
                "attempt": 1,
                "file_sha256": hash_file(emulator_file),
                **changes,
            }
        )
        store.keep_file(emulator_file, model_path(row.pk, row.attempt))
        return row

    return make


@pytest.fixture
def surrogate(make_surrogate: Callable[..., Surrogate]) -> Surrogate:
    """A ready surrogate of `user`."""
    return make_surrogate()


@pytest.fixture
def worker_at_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A task is done at once, by whoever sends it: the story test has real workers."""
    monkeypatch.setattr(answers, "SHELF", answers.Shelf())
    current_app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    current_app.conf.update(task_always_eager=False, task_eager_propagates=False)
