"""Lists the files that rows refer to, as a snapshot of the database has them. Called by `creation`.

Of a case that has ended, the files of the attempt that its row names; half-written folders and late attempts are
nobody's and stay out. What people see of a batch that is at work is there, too: it goes on from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from batches import storage
from batches.models import Batch, Case, KnownCase, Shard
from batches.states import ACTIVE_BATCH_STATES, FINAL_CASE_STATES, CaseState, ShardState
from filestore.operations import Key
from filestore.store import files
from library import storage as library_storage
from library.models import StoredModel, StoredWeather
from surrogates import storage as surrogate_storage
from surrogates.models import Errand, Surrogate
from surrogates.states import OPEN_SURROGATE_STATES, ErrandState


@dataclass(frozen=True)
class Wanted:
    """A file that is to be backed up.

    Attributes:
        key: in the store.
        sha256: what it has to be; None where no row says it.
        needed: whether it is a loss when it is not there.
    """

    key: Key
    sha256: str | None = None
    needed: bool = True


def list_contents(*, case_files: bool) -> Iterator[Wanted]:
    """Yield every file once.

    Args:
        case_files: also files of cases of ended batches, and known cases.
    """
    yield from list_library()
    for batch in Batch.objects.filter(deleted_at=None).iterator():
        yield from list_tables(batch)
        if batch.outputs_removed_at is None and (case_files or batch.state in ACTIVE_BATCH_STATES):
            yield from list_case_files(batch)
    yield from list_surrogates()
    if case_files:
        yield from list_known_cases()


def list_surrogates() -> Iterator[Wanted]:
    """Yield the files of trained surrogates, and what those are made of that wait for a worker.

    Checkpoints stay out: after a restore a training begins anew.
    """
    for row in Surrogate.objects.exclude(file_sha256="").order_by("pk").iterator():
        yield Wanted(surrogate_storage.model_path(row.pk, row.attempt), row.file_sha256)
    for row in Surrogate.objects.filter(state__in=OPEN_SURROGATE_STATES).order_by("pk").iterator():
        source = {"table": surrogate_storage.table_path, "upload": surrogate_storage.upload_path}
        if find := source.get(row.wish.get("source")):
            yield Wanted(find(row.pk))
    for errand in Errand.objects.filter(state=ErrandState.DONE, answer__has_file=True).order_by("pk").iterator():
        yield Wanted(surrogate_storage.points_path(errand.surrogate_id, errand.pk))


def list_library() -> Iterator[Wanted]:
    """Yield the contents of the library, then those that batches were made of and that nobody else means."""
    needed: set[str] = set()
    for kind in (StoredModel, StoredWeather):
        needed.update(kind.objects.values_list("sha256", flat=True))
    for attachments in StoredModel.objects.exclude(attachments=[]).values_list("attachments", flat=True):
        needed.update(entry["sha256"] for entry in attachments)
    used: set[str] = set()
    for inputs in Batch.objects.filter(deleted_at=None).values_list("inputs", flat=True).iterator():
        for found in (*inputs["models"].values(), *inputs["weathers"].values()):
            used.update((found["sha256"], *found.get("attachments", {}).values()))
    for sha256 in sorted(needed | used):
        yield Wanted(library_storage.key_of(sha256), sha256, needed=sha256 in needed)
        yield Wanted(library_storage.description_key_of(sha256), needed=False)


def list_tables(batch: Batch) -> Iterator[Wanted]:
    """Yield the parts of a batch's result table."""
    finished = Shard.objects.filter(batch_id=batch.pk, state=ShardState.FINISHED)
    for number in finished.values_list("number", flat=True).iterator():
        yield Wanted(storage.part_path(batch.pk, number))


def list_case_files(batch: Batch) -> Iterator[Wanted]:
    """Yield the files of a batch's cases, then their time series; a successful case that has none is missed."""
    shards = Shard.objects.filter(batch_id=batch.pk, epoch__gt=0).order_by("number")
    for shard in shards.iterator():
        folders = {
            storage.case_folder(batch.pk, shard.number, case.index, case.attempt): case
            for case in Case.objects.filter(
                batch_id=batch.pk, index__in=shard.indices, state__in=FINAL_CASE_STATES
            ).defer("metrics")
        }
        seen = set()
        for file in files.list_files(storage.batch_folder(batch.pk) / "cases" / f"{shard.number:06d}"):
            if file.key.parent in folders:
                seen.add(file.key.parent)
                yield Wanted(file.key)
        for folder, case in folders.items():
            if case.state == CaseState.SUCCEEDED and folder not in seen:
                yield Wanted(folder / "changes.json.zst")
    for file in files.list_files(storage.batch_folder(batch.pk) / "timeseries"):
        if file.key.suffix == ".parquet":
            yield Wanted(file.key)


def list_known_cases() -> Iterator[Wanted]:
    """Yield the files of known cases, with the hashes that their rows have."""
    for row in KnownCase.objects.exclude(outcome__isnull=True).order_by("key").iterator():
        if row.holder is None:
            continue
        folder = storage.known_case_folder(row.key, row.holder)
        for name, sha256 in (row.outcome or {}).get("files", {}).items():
            yield Wanted(folder / name, sha256)
