"""How long a batch takes whose cases a surrogate answers: expansion, shards, table; one process does all of it.

Run with servers of its own: `python -m casefarm.local.services -- python tests/benchmarks/surrogate_batches.py 100000`.
The surrogate is trained on the yardstick (`tests/fixtures/warehouse-192.csv`): 13 inputs, two metrics.
"""

import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "backend")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

METRICS = ("electricity_kwh", "heating_natural_gas_kwh")


def main(cases: int, kind: str) -> None:
    """Print what each stage took."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        settings.CASEFARM_FILES = Path(folder) / "files"
        measure(record_surrogate(Path(folder), kind), cases)


def record_surrogate(folder: Path, kind: str) -> Any:
    """Train a surrogate on the yardstick, and record it as the farm would."""
    from django.contrib.auth.models import User

    from filestore.hashing import hash_file
    from filestore.store import files
    from surrogates.emulator.devices import choose_hardware
    from surrogates.emulator.files import save_emulator
    from surrogates.emulator.training import Wish, train
    from surrogates.emulator.watching import Watch
    from surrogates.models import Surrogate
    from surrogates.states import SurrogateState
    from surrogates.storage import model_path
    from tests.surrogates import yardstick

    began = perf_counter()
    table, columns = yardstick.read_yardstick()
    wish = Wish(METRICS, kind)  # type: ignore[arg-type]
    emulator = train(table, columns, wish, choose_hardware("cpu"), Watch())
    print(f"trained {emulator.report.kind} in {perf_counter() - began:.1f} s")
    save_emulator(emulator, folder / "model", {})
    owner = User.objects.create_user("bench", password=None)
    inputs = [
        {name: getattr(column, name) for name in ("name", "kind", "unit", "low", "high", "values")}
        for column in emulator.inputs.columns
    ]
    row = Surrogate.objects.create(
        owner=owner, name="Yardstick", state=SurrogateState.READY, wish={}, inputs=inputs, attempt=1,
        metrics=[{"name": name, "label": name, "unit": "kWh"} for name in METRICS],
        file_sha256=hash_file(folder / "model"),
    )  # fmt: skip
    files.keep_file(folder / "model", model_path(row.pk, row.attempt))
    return row


def measure(row: Any, cases: int) -> None:
    """Run a batch of so many cases, and read its table."""
    from batches import aggregation, dispatch, shard_runs
    from batches.download import open_results, stream_parquet
    from batches.expansion import expand_batch
    from batches.shard_engines import SURROGATE, find_engine
    from batches.submission import submit_batch

    numbers = [found for found in row.inputs if found["low"] is not None]
    weathers = next(found["values"] for found in row.inputs if found["name"] == "weather")
    study = {
        "name": "Many designs",
        "engine": f"surrogate:{row.pk}",
        "weather": list(weathers),
        "parameters": [{"name": found["name"], "uniform": [found["low"], found["high"]]} for found in numbers],
        "design": {"method": "sobol", "samples": cases},
    }
    clock = perf_counter()
    total = clock

    def tell(what: str) -> None:
        nonlocal clock
        print(f"{what:<12} {perf_counter() - clock:8.2f} s")
        clock = perf_counter()

    batch = submit_batch(user=row.owner, document=study)
    tell("submitted")
    expand_batch(batch.pk)
    tell("expanded")
    engine, longest = find_engine(SURROGATE), 0.0
    while shards := dispatch.claim_whole_shards():
        for shard in shards:
            began = perf_counter()
            assert shard_runs.run_shard(engine, batch.pk, shard.number, shard.epoch)
            longest = max(longest, perf_counter() - began)
    tell("answered")
    aggregation.begin_finish(batch.pk)
    aggregation.finish_batch(batch.pk)
    tell("closed")
    took = clock - total
    print(f"{'together':<12} {took:8.2f} s, {cases / took:,.0f} cases/s, a shard {longest:.2f} s at most")
    size = sum(len(piece) for piece in stream_parquet(open_results(batch)))
    tell(f"read {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else "auto")
