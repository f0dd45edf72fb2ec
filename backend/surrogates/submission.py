"""Records that a surrogate is to be trained, looking first for whatever would keep it from being so.

Enters: who asks, what was asked for, and batches, a table or a surrogate's file. Leaves: a row, with the file that came
with it in the file store. Nothing is trained and nothing sent: that is for `training_api`.
"""

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from batches.download import open_results
from batches.models import Batch
from batches.queries import count_cases
from batches.states import BatchState
from filestore.store import files
from surrogates import brought_tables
from surrogates.datasets import Choice, choose_metrics, read_rows, refuse_few, refuse_mixed
from surrogates.emulator.sizes import count_needed_rows
from surrogates.errors import SurrogateRefused
from surrogates.models import Parent, Surrogate
from surrogates.storage import surrogate_folder, table_path, upload_path

LOOKED_AT = 5_000  # cases that are read before anything is recorded; more are looked at when training begins
UNBEGUN = (BatchState.QUEUED, BatchState.EXPANDING)


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Attributes:
        name: of the surrogate; that of the batch or of the file where it is "".
        kind: see `surrogates.emulator.training.Wish`.
        choice: metrics and cases.
        level: of the intervals that the report tells of.
        seed: of all random numbers.
        time_limit_s: longest training, s; the farm's own where it is None.
        inputs: columns of a table that are inputs; all that are no metrics where it is None.
    """

    name: str = ""
    kind: str = "auto"
    choice: Choice = field(default_factory=Choice)
    level: float = 0.9
    seed: int = 0
    time_limit_s: int | None = None
    inputs: tuple[str, ...] | None = None

    def describe(self) -> dict[str, Any]:
        """Return it as the row keeps it."""
        longest = settings.CASEFARM_SURROGATE_TIME_LIMIT_S
        return {
            "kind": self.kind,
            "metrics": None if self.choice.metrics is None else list(self.choice.metrics),
            "keep_suspect": self.choice.keep_suspect,
            "level": self.level,
            "seed": self.seed,
            "time_limit_s": min(self.time_limit_s or longest, longest),
        }


def record_training(user: User, batches: Sequence[Batch], order: Order) -> Surrogate:
    """Record that a surrogate is to be trained on batches.

    Raises:
        SurrogateRefused: the batches do not match, or their cases cannot bear it, as far as is known yet.
        OSError: the file store does not answer.
    """
    refuse_batches(batches, order.choice)
    with transaction.atomic():
        surrogate = create_row(user, order.name or batches[0].name, {**order.describe(), "source": "batches"})
        parents = [Parent(surrogate=surrogate, batch=batch, batch_name=batch.name) for batch in batches]
        Parent.objects.bulk_create(parents)
    return surrogate


def record_training_on_table(user: User, file: IO[bytes], file_name: str, order: Order) -> Surrogate:
    """Record that a surrogate is to be trained on a table that somebody brought, CSV or Parquet.

    Raises:
        SurrogateRefused: it is no such table, or its rows cannot bear it.
        OSError: the file store does not answer.
    """
    table = brought_tables.read_table(file, file_name)
    rows = brought_tables.read_rows(table, order.choice, order.inputs)
    choose_metrics(rows, order.choice.metrics)
    refuse_few(rows, len(rows.inputs))
    wish = {**order.describe(), "source": "table", "inputs": list(rows.inputs), "file": file_name[:200]}
    surrogate_id = uuid.uuid4()
    with files.fill_file(table_path(surrogate_id)) as path:
        brought_tables.write_table(table, path)
    return create_with_files(user, order.name or Path(file_name).stem, wish, surrogate_id)


def record_upload(user: User, file: IO[bytes], file_name: str, name: str) -> Surrogate:
    """Record that a surrogate's file is to be taken in; a worker reads it with distrust before it is ready.

    Raises:
        OSError: the file store does not answer.
    """
    surrogate_id = uuid.uuid4()
    with files.fill_file(upload_path(surrogate_id)) as path, path.open("wb") as target:
        shutil.copyfileobj(file, target)
    wish = {**Order().describe(), "source": "upload", "file": file_name[:200]}
    return create_with_files(user, name or Path(file_name).stem, wish, surrogate_id)


def create_with_files(user: User, name: str, wish: dict[str, Any], surrogate_id: uuid.UUID) -> Surrogate:
    """Return the row of a surrogate whose file is in the store; where there can be none, the file goes."""
    try:
        return create_row(user, name, wish, surrogate_id)
    except BaseException:
        files.remove(surrogate_folder(surrogate_id))
        raise


@transaction.atomic
def create_row(user: User, name: str, wish: dict[str, Any], surrogate_id: uuid.UUID | None = None) -> Surrogate:
    """Return the row of a new surrogate, the next version of those of its name."""
    User.objects.select_for_update().get(pk=user.pk)  # of two at a time each gets a version of its own
    name = name.strip()[:200] or "surrogate"
    last = Surrogate.objects.filter(owner=user, name=name).aggregate(last=Max("version"))["last"]
    surrogate = Surrogate(pk=surrogate_id or uuid.uuid4(), owner=user, name=name, version=(last or 0) + 1, wish=wish)
    surrogate.save(force_insert=True)
    surrogate.refresh_from_db()
    return surrogate


def refuse_batches(batches: Sequence[Batch], choice: Choice) -> None:
    """Do nothing where batches can be learnt from, as far as can be told without reading a million cases.

    Raises:
        SurrogateRefused: they cannot.
    """
    if len({batch.pk for batch in batches}) < len(batches):
        raise SurrogateRefused([("batches", "Write each batch once.", [str(batch.pk) for batch in batches], None)])
    waiting = [batch.name for batch in batches if batch.state in UNBEGUN]
    if waiting:
        raise SurrogateRefused([("batches", "These batches have no cases yet; wait for them.", waiting, "begun ones")])
    tables = [open_results(batch) for batch in batches]
    refuse_mixed(tables)
    if sum(batch.total for batch in batches) <= LOOKED_AT:
        rows = read_rows(tables, choice)
        choose_metrics(rows, choice.metrics)
        refuse_few(rows, len(rows.inputs))
        return
    counts = [count_cases(batch) for batch in batches]
    usable = sum(count.succeeded - (0 if choice.keep_suspect else count.suspect) for count in counts)
    needed = count_needed_rows(len(tables[0].plan.study.parameters))
    if usable < needed:
        message = f"There are {usable:,} usable cases; a surrogate of so many inputs needs {needed:,} or more."
        raise SurrogateRefused([("batches", message, usable, needed)])
