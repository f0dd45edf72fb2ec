"""All files of a batch's cases as one zip: cases go in, pieces of the archive come out. Called by `archives_api.py`.

`cases/<index>/<name>` for every file of a case under its plain name, `results.csv`, `study.yaml`, and `left-out.txt`
where files went while they were read. Python's own `zipfile` writes it to a stream, with sizes behind the files and
zip64 where it takes that; nothing lies in a temporary file. What grows is the list of entries that stands at the end of
every zip: some hundred bytes for each (0.8 GB at most), which is why there are at most `MOST_ENTRIES`.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import yaml
from django.db.models import Q

from batches import storage
from batches.cases import kept_files
from batches.cases.kept_files import COMPRESSED_IN_ITSELF, KeptFile
from batches.download import find_case_folder, open_results, stream_csv
from batches.errors import OutputsRemovedError
from batches.models import Batch, Case, OutputAddition
from batches.results.byte_streams import Outbox
from batches.states import AdditionState, CaseState

MOST_ENTRIES = 1_200_000
FILES_OF_A_CASE = 12  # about as many as an engine leaves at most; what an archive is counted by before it is made
KEPT_STATES = (CaseState.SUCCEEDED, CaseState.FAILED)  # of cases that keep files
CASES_PER_QUESTION = 500
PIECE_BYTES = 1 << 20
LEVEL = 1  # of deflate: level 6 takes twice as long for a fifth fewer bytes of what the engine writes
LEFT_OUT = "left-out.txt"


@dataclass(frozen=True)
class ArchiveChoice:
    """What an archive is to have.

    Attributes:
        names: plain names of the files that are wanted of each case; all where there are none.
        spans: first and last index of cases that are wanted; all where there are none.
        state: of the cases that are wanted; blank for any that keep files.
    """

    names: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    state: str = ""

    def count_entries(self, batch: Batch) -> int:
        """Return about how many files an archive of a batch would have at most."""
        cases = sum(last - first + 1 for first, last in self.spans) if self.spans else batch.total
        return min(cases, batch.total) * (len(self.names) or FILES_OF_A_CASE)

    def covers(self, batch: Batch) -> Q:
        """Return the condition that a case is wanted."""
        wanted = Q(batch_id=batch.pk, state__in=[self.state] if self.state else KEPT_STATES)
        spans = Q()
        for first, last in self.spans:
            spans |= Q(index__gte=first, index__lte=last)
        return wanted & spans


def stream_archive(batch: Batch, choice: ArchiveChoice) -> Iterator[bytes]:
    """Return the pieces of an archive.

    Raises:
        OutputsRemovedError: retention removed the files of this batch.
    """
    if batch.outputs_removed_at is not None:
        raise OutputsRemovedError(f"The files of this batch were removed on {batch.outputs_removed_at:%Y-%m-%d}.")
    return _write_archive(batch, choice)


def _write_archive(batch: Batch, choice: ArchiveChoice) -> Iterator[bytes]:
    writer = ArchiveWriter()
    left_out: list[str] = []
    yield from writer.add("study.yaml", [write_study(batch)], batch.created_at)
    yield from writer.add("results.csv", stream_csv(open_results(batch)), batch.created_at)
    additions = OutputAddition.objects.filter(batch_id=batch.pk, state=AdditionState.SUCCEEDED).count()
    for case in list_cases(batch, choice):
        for file in find_files(batch, case, choice.names, additions):
            chunks = open_file(file)
            name = f"cases/{case.index}/{file.name}"
            if chunks is None:
                left_out.append(name)
            else:
                yield from writer.add(name, chunks, case.finished_at or batch.created_at, file.size_bytes)
    if left_out:
        text = "".join(f"{name}\n" for name in left_out)
        yield from writer.add(LEFT_OUT, [text.encode()], batch.created_at)
    yield from writer.close()


class ArchiveWriter:
    """A zip that is only written forward."""

    def __init__(self) -> None:
        self._outbox = Outbox()
        self._zip = zipfile.ZipFile(self._outbox, "w", allowZip64=True)

    def add(self, name: str, chunks: Iterable[bytes], when: datetime, size_bytes: int | None = None) -> Iterator[bytes]:
        """Add a file and yield what has been written.

        Args:
            name: in the archive.
            chunks: its content.
            when: it was written.
            size_bytes: of it; None where that is not known before.
        """
        entry = zipfile.ZipInfo(name, when.utctimetuple()[:6])
        entry.compress_type = zipfile.ZIP_STORED if name.endswith(COMPRESSED_IN_ITSELF) else zipfile.ZIP_DEFLATED
        setattr(entry, "_compresslevel", LEVEL)  # noqa: B010 - a public name from Python 3.13 on
        entry.external_attr = 0o644 << 16
        entry.file_size = size_bytes or 0
        with self._zip.open(entry, "w", force_zip64=size_bytes is None) as target:
            for chunk in chunks:
                target.write(chunk)
                if self._outbox.waiting >= PIECE_BYTES:
                    yield from self._outbox.take()
        self._zip.NameToInfo.clear()  # for those who look names up; half of what an entry takes
        if self._outbox.waiting >= PIECE_BYTES:
            yield from self._outbox.take()

    def close(self) -> Iterator[bytes]:
        """Write the list of entries and yield the last pieces."""
        self._zip.close()
        yield from self._outbox.take()


def write_study(batch: Batch) -> bytes:
    """Return the study of a batch as a file that can be submitted again."""
    return yaml.safe_dump(batch.study, sort_keys=False, allow_unicode=True).encode()


def list_cases(batch: Batch, choice: ArchiveChoice) -> Iterator[Case]:
    """Yield the cases that are wanted by index, each as it stands when it is asked for."""
    cases = Case.objects.filter(choice.covers(batch)).only("batch_id", "index", "attempt", "finished_at")
    last = -batch.baseline_count - 1
    while found := list(cases.filter(index__gt=last).order_by("index")[:CASES_PER_QUESTION]):
        yield from found
        last = found[-1].index


def find_files(batch: Batch, case: Case, names: Sequence[str], additions: int) -> list[KeptFile]:
    """Return the files of a case that are wanted, by name.

    Args:
        batch: of the case.
        case: as it was listed; where it has been run again since, its folder may have gone.
        names: of the files; all where there are none.
        additions: how many times outputs were added to the batch.
    """
    folder = find_case_folder(batch, case)
    if names:
        return [file for file in (kept_files.find_file(folder, name) for name in names) if file]
    return [file for file in kept_files.list_files(folder) if not storage.is_unfinished_series(file.name, additions)]


def open_file(file: KeptFile) -> Iterator[bytes] | None:
    """Return the content of a file; None where it has gone since it was listed."""
    chunks = kept_files.read_chunks(file)
    try:
        first = next(chunks, b"")
    except FileNotFoundError:
        return None
    return chain([first], chunks)
