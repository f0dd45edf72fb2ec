"""The case cache: what an identical case gave before, across batches and users. Called by `execution.py`.

A case has a key (`make_key`): everything its results depend on. Its key is asked for with the case
(`attempts.begin_case`):

- an outcome is there: the stored files are linked into the case's folder and verified against their recorded hashes;
- nobody has the key: it is claimed under a lease, the case runs, `make_memory` leaves outcome and files to others;
- somebody else runs it: `RunningElsewhereError`; the case is not begun and comes again.

Only successes are remembered. What is remembered does not belong to the batch it came from and stays when that goes.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NoReturn, cast
from uuid import UUID, uuid4

import zstandard
from django.db.models import Q
from django.db.models.functions import Now

from batches import storage
from batches.cases.kept_files import SUFFIX, KeptCase, find_file, unpack_file
from batches.cases.staging import CHANGES_FILE, Recipe
from batches.database import from_now, quick_transaction
from batches.errors import DamagedCaseError, RunningElsewhereError
from batches.models import KnownCase
from energyplus.results.diagnostics import Diagnostics, read_diagnostics
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.revision import judging_revision, reading_revision
from energyplus.results.verdict import Verdict, judge_outcome
from filestore.operations import DamagedFileError, FolderDraft, Key
from filestore.store import files

LEASE_S = 15
PRIVATE_FILES = frozenset({CHANGES_FILE + SUFFIX})  # a study's own words: names of parameters, values
MESSAGES_FILE = "eplusout.err"
VerdictKind = Literal["valid", "suspect", "failed"]
_encode = json.JSONEncoder(sort_keys=True).encode
FORMAT = 1  # of what a row and a folder hold; everything else that counts is in the key by itself


@dataclass(frozen=True)
class Claim:
    """The right to run a case on behalf of everybody who wants it, until its lease runs out."""

    key: str
    holder: UUID

    def row(self) -> Any:
        """Return the row as a query that finds it only while this claim holds it and nothing is known yet."""
        return KnownCase.objects.filter(key=self.key, holder=self.holder, outcome__isnull=True)

    def release(self) -> None:
        """Let go of a key whose case gave nothing to remember; does nothing once there is an outcome."""
        self.row().delete()

    def refuse(self) -> NoReturn:
        """Say that somebody else has the key."""
        raise RunningElsewhereError("An identical case is running; its outcome will be taken over.")


@dataclass(frozen=True)
class KnownOutcome:
    """What a case gave, as it was remembered.

    Attributes:
        key: of the case.
        holder: whose run it was; its files lie in a folder of that run.
        base_model: sha256 of the base model that the run was made of; others may give the same case.
        metrics: all metrics by name.
        verdict, reasons: as judged then.
        judged_by: revision of the judging.
        unreported: of the outcome.
        files: sha256 of every file as it is stored, by its stored name.
    """

    key: str
    holder: UUID
    base_model: str
    metrics: dict[str, Any]
    verdict: str
    reasons: list[str]
    judged_by: str
    unreported: list[str]
    files: dict[str, str]

    @property
    def folder(self) -> Key:
        """Where its files lie."""
        return storage.known_case_folder(self.key, self.holder)


@dataclass(frozen=True)
class Memory:
    """What a row of `KnownCase` is to remember: `outcome` as JSON, the size of its files as stored in bytes."""

    key: str
    holder: UUID
    outcome: str
    size_bytes: int


def make_key(recipe: Recipe) -> str:
    """Return what a case is known by: equal keys give equal results, to the last bit, on the same kind of machine.

    Raises:
        ModelError: the model cannot be edited as planned.
    """
    parts = {
        "format": FORMAT,
        "reading": reading_revision(),
        "engine": recipe.engine.digest,
        "model": recipe.content_key(),
        "weather": recipe.weather.sha256,
        "attachments": recipe.base.attachments,
        "run_period": vars(recipe.request.simulated),
        "outputs": [vars(request) for request in recipe.request.outputs],
        "keep_full": recipe.request.keep_full,
    }
    return hashlib.sha256(_encode(parts).encode()).hexdigest()


def new_claim(key: str) -> Claim:
    """Return a claim that nobody has made yet."""
    return Claim(key, uuid4())


def read_outcome(key: str, holder: UUID, outcome: str) -> KnownOutcome:
    """Return what is known of a case as its row tells it.

    Args:
        key: of the case.
        holder: whose run it was.
        outcome: the row's, as JSON.
    """
    return KnownOutcome(key=key, holder=holder, **json.loads(outcome))


def claim_key(key: str) -> Claim:
    """Claim a key that nobody holds: a new one, or one whose holder's lease has run out.

    Raises:
        RunningElsewhereError: somebody holds it, or an outcome has come meanwhile.
    """
    claim = new_claim(key)
    free = Q(leased_until__lt=Now()) | Q(leased_until=None)
    with quick_transaction():
        KnownCase.objects.bulk_create([KnownCase(key=key)], ignore_conflicts=True)
        taken = KnownCase.objects.filter(free, key=key, outcome__isnull=True)
        if taken.update(holder=claim.holder, leased_until=from_now(LEASE_S)):
            return claim
    return claim.refuse()


def take_files(known: KnownOutcome, draft: FolderDraft) -> None:
    """Put the files of a known case into the folder of another one, verified.

    Raises:
        DamagedCaseError: a file is gone or is not what it was; the caller forgets the case.
    """
    try:
        draft.take_files(known.folder, known.files)
    except FileNotFoundError as error:
        raise DamagedCaseError(f"Known case {known.key[:12]}…: a file is gone: {error.filename}.") from error
    except DamagedFileError as error:
        raise DamagedCaseError(f"Known case {known.key[:12]}…: {error} is not what it was.") from error


def forget_case(known: KnownOutcome) -> None:
    """Forget an outcome whose files cannot be trusted, unless somebody has found a new one meanwhile."""
    if KnownCase.objects.filter(key=known.key, holder=known.holder).delete()[0]:
        storage.remove_folder(known.folder)


def make_memory(claim: Claim, base_model: str, outcome: SimulationOutcome, kept: KeptCase) -> Memory:
    """Put the files of a success where others take them over from; `attempts.finish_case` then writes its row.

    Args:
        claim: of the case that has run.
        base_model: sha256 of the base model that it was made of.
        outcome: what it gave, a success.
        kept: its files.
    """
    verdict = judge_outcome(outcome)
    shared = {name: stored for name, stored in kept.files.items() if name not in PRIVATE_FILES}
    folder = storage.known_case_folder(claim.key, claim.holder)
    with files.fill_folder(folder) as draft:
        draft.link_files(kept.folder, shared)
    remembered = {
        "base_model": base_model,
        "metrics": outcome.metrics,
        "verdict": verdict.kind,
        "reasons": verdict.reasons,
        "judged_by": judging_revision(),
        "unreported": outcome.unreported,
        "files": {name: stored.sha256 for name, stored in shared.items()},
    }
    size_bytes = sum(stored.size_bytes for stored in shared.values())
    return Memory(claim.key, claim.holder, json.dumps(remembered), size_bytes)


def drop_memory(memory: Memory) -> None:
    """Remove the files of a success that is not left to others: its claim, or its case, was lost meanwhile."""
    storage.remove_folder(storage.known_case_folder(memory.key, memory.holder))


def judge_known(known: KnownOutcome) -> Verdict:
    """Return the verdict on a known case: as it was judged then, or judged again where that is done otherwise now.

    Raises:
        DamagedCaseError: what it has to be judged by is gone.
    """
    if known.judged_by == judging_revision():
        return Verdict(cast("VerdictKind", known.verdict), tuple(known.reasons))
    diagnostics = read_known_messages(known) if MESSAGES_FILE + SUFFIX in known.files else Diagnostics()
    return judge_outcome(
        SimulationOutcome("succeeded", known.metrics, diagnostics=diagnostics, unreported=tuple(known.unreported))
    )


def read_known_messages(known: KnownOutcome) -> Diagnostics:
    """Return what the engine complained of in the run of a known case.

    Raises:
        DamagedCaseError: the file is gone, or is not what it was.
    """
    file = find_file(known.folder, MESSAGES_FILE)
    if file is None:
        raise DamagedCaseError(f"Known case {known.key[:12]}…: {MESSAGES_FILE} is gone.")
    with TemporaryDirectory() as folder:
        try:
            unpack_file(file, Path(folder) / MESSAGES_FILE)
        except zstandard.ZstdError as error:
            raise DamagedCaseError(f"Known case {known.key[:12]}…: {MESSAGES_FILE} is not what it was.") from error
        return read_diagnostics(Path(folder) / MESSAGES_FILE)


def count_known(keys: Iterable[str]) -> int:
    """Return for how many cases, by their keys, the outcome is known."""
    keys = list(keys)
    known = set(KnownCase.objects.filter(key__in=set(keys)).exclude(outcome__isnull=True).values_list("key", flat=True))
    return sum(key in known for key in keys)
