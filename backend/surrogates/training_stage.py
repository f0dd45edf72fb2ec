"""Trains a surrogate, from a claim of its row to the file that it answers from. For `train_surrogate`, in workers.

Enters: a surrogate's id. Leaves: a ready surrogate, a failure that says why, or a row that waits for another worker,
with checkpoints to go on from. Importing what it calls brings torch, so that happens here and not above.
"""

import hashlib
import json
import logging
import math
from dataclasses import asdict
from enum import Enum
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow.parquet as pq
from django.db import Error as DatabaseError

from filestore.store import files
from surrogates import brought_tables, datasets
from surrogates.checkpoints import Checkpoints, remove_checkpoints
from surrogates.datasets import Choice, Dataset
from surrogates.emulator.errors import DamagedFileError, TrainingRefused, TrainingStopped
from surrogates.errors import SurrogateRefused
from surrogates.leases import Claim, Hold, Reason, claim, fail, finish, hand_back, hold, run_nicely, take_turn
from surrogates.models import Parent, Surrogate
from surrogates.states import SurrogateState
from surrogates.storage import model_path, surrogate_folder, table_path, upload_path

if TYPE_CHECKING:
    from surrogates.emulator.emulator import Emulator

log = logging.getLogger(__name__)

PARTS = {"auto": 3, "all": 4, "gp": 3, "ensemble": 3, "boosting": 2, "ridge": 2}  # of a training; two gates run always
RELEASES = ("casefarm", "torch", "lightgbm", "scikit-learn", "numpy", "scipy", "pyenergyplus-lbnl")


class Outcome(Enum):
    """What became of a message."""

    DONE = "done"  # nothing is left to do for it, whatever became of the surrogate
    BUSY = "busy"  # this process trains another one
    HANDED_BACK = "handed back"  # the worker ends; another one goes on


def train_surrogate(surrogate_id: UUID) -> Outcome:
    """Train a surrogate, unless somebody is at it.

    Raises:
        DatabaseError, OSError: the database or the file store is away; the surrogate waits.
    """
    with take_turn(Surrogate) as is_ours:
        if not is_ours:
            return Outcome.BUSY
        mine = claim(Surrogate, surrogate_id)
        return Outcome.DONE if mine is None else run_nicely(lambda: work(mine))


def work(mine: Claim) -> Outcome:
    """Train a claimed surrogate; whatever happens is recorded."""
    row = Surrogate.objects.get(pk=mine.id)
    with hold(mine, parts=PARTS[row.wish["kind"]], limit_s=row.wish["time_limit_s"]) as held:
        try:
            take_in(mine, row) if row.wish["source"] == "upload" else learn(mine, row, held)
        except TrainingStopped:
            return settle_stop(mine, row, held)
        except (TrainingRefused, SurrogateRefused, DamagedFileError) as refusal:
            fail(mine, str(refusal))
        except (DatabaseError, OSError):
            hand_back(mine)
            raise
        except Exception as error:
            log.exception("%s was not trained", mine.id)
            fail(mine, f"Training failed: {type(error).__name__}: {error}")
    sweep(mine)
    return Outcome.DONE


def learn(mine: Claim, row: Surrogate, held: Hold) -> None:
    """Read what there is to learn from, learn it, keep what came of it."""
    from surrogates.emulator.devices import choose_hardware
    from surrogates.emulator.training import Wish, train

    dataset, sources = read_sources(row)
    held.checkpoints = Checkpoints(mine.id, digest_work(dataset, row.wish))
    wish = Wish(dataset.wanted, row.wish["kind"], row.wish["level"], row.wish["seed"])
    emulator = train(dataset.table, dataset.columns, wish, choose_hardware(), held.make_watch())
    provenance = {
        **sources,
        "cases_used": dataset.rows.count,
        "left_out": dataset.rows.left_out,
        "metrics_with_gaps": dataset.rows.gaps,
        "metrics": [{"name": name, **dataset.rows.facts[name]} for name in dataset.wanted],
        "wish": row.wish,
        "releases": {name: version(name) for name in RELEASES},
    }
    held.check()
    publish(mine, emulator, provenance, held.progress.describe())
    files.remove(table_path(mine.id))
    for parent, used in zip(row.parents.order_by("pk"), dataset.rows.cases_used, strict=False):
        Parent.objects.filter(pk=parent.pk).update(cases_used=used)


def read_sources(row: Surrogate) -> tuple[Dataset, dict[str, Any]]:
    """Return what a surrogate learns from, and where it comes from.

    Raises:
        SurrogateRefused: it cannot be learnt from, or is gone.
    """
    wanted = row.wish["metrics"]
    choice = Choice(None if wanted is None else tuple(wanted), row.wish["keep_suspect"])
    if row.wish["source"] == "table":
        with files.local_copy(table_path(row.pk)) as path:
            table = pq.read_table(path)
        return brought_tables.read_dataset(table, choice, row.wish["inputs"]), {"table": row.wish["file"]}
    parents = [parent.batch for parent in row.parents.order_by("pk").select_related("batch")]
    batches = [batch for batch in parents if batch is not None and batch.deleted_at is None]
    if len(batches) < len(parents):
        raise SurrogateRefused([("batches", "A batch that it was to be trained on has been deleted.", None, None)])
    dataset = datasets.read_dataset(batches, choice)
    return dataset, {"batches": datasets.describe_sources(batches, dataset.rows)}


def digest_work(dataset: Dataset, wish: dict[str, Any]) -> str:
    """Return a hash of what is learnt and how: checkpoints are good for exactly that."""
    told = [dataset.digest, wish["kind"], wish["seed"], version("casefarm")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def publish(mine: Claim, emulator: "Emulator", provenance: dict[str, Any], progress: dict[str, Any]) -> None:
    """Keep a trained surrogate in a file, then make its row ready; only the row makes the file somebody's."""
    from surrogates.emulator.files import save_emulator

    provenance = make_plain(provenance)
    key = model_path(mine.id, mine.attempt)
    with files.fill_file(key) as path:
        sha256 = save_emulator(emulator, path, provenance)
        size_bytes = path.stat().st_size
    published = finish(
        mine,
        SurrogateState.READY,
        file_sha256=sha256,
        file_bytes=size_bytes,
        provenance=provenance,
        inputs=[describe_input(column) for column in emulator.inputs.columns],
        metrics=[describe_metric(name, provenance) for name in emulator.targets.metrics],
        report=make_plain(asdict(emulator.report)),
        progress={**progress, "percent": 100.0, "message": "trained"},
    )
    if not published:
        files.remove(key)
    remove_checkpoints(mine.id)


def take_in(mine: Claim, row: Surrogate) -> None:
    """Read a file that somebody brought, and make it a surrogate of the farm.

    Raises:
        DamagedFileError: it is none.
    """
    from surrogates.emulator.files import load_emulator

    key = upload_path(mine.id)
    with files.local_copy(key) as path:
        emulator, provenance = load_emulator(path)
    publish(mine, emulator, {**provenance, "uploaded_as": row.wish["file"]}, {"current": 1, "total": 1})
    files.remove(key)


def settle_stop(mine: Claim, row: Surrogate, held: Hold) -> Outcome:
    """Do what a stopped training asks for: hand it back, say that its time is over, or leave nothing of it."""
    if held.reason is Reason.DRAINED:
        hand_back(mine)
        return Outcome.HANDED_BACK
    if held.reason is Reason.LATE:
        fail(
            mine,
            f"It took longer than its limit of {row.wish['time_limit_s']:,} s; ask for fewer metrics, or for more.",
        )
    sweep(mine)
    return Outcome.DONE


def sweep(mine: Claim) -> None:
    """Remove what is left of an attempt that came to no surrogate; nothing of one that another attempt goes on with."""
    row = Surrogate.objects.filter(pk=mine.id).only("state").first()
    if row is None or row.state in (SurrogateState.CANCELLED, SurrogateState.FAILED):
        files.remove(surrogate_folder(mine.id))


def describe_input(column: Any) -> dict[str, Any]:
    """Return an input as people ask by it."""
    told = {name: getattr(column, name) for name in ("name", "kind", "unit", "low", "high")}
    return {**told, "values": list(column.values)}


def describe_metric(name: str, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return a metric with what its numbers are; of one that a file does not tell of, its name."""
    known = {metric["name"]: metric for metric in provenance.get("metrics", ()) if isinstance(metric, dict)}
    found = known.get(name, {})
    return {"name": name, "label": found.get("label") or name, "unit": found.get("unit") or ""}


def make_plain(value: Any) -> Any:
    """Return plain data that any JSON reader takes: what is no finite number becomes null."""
    if isinstance(value, dict):
        return {str(key): make_plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [make_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
