"""Checks, when the dust has settled, that nothing was lost and nothing happened twice.

Enters: a farm and batches that have ended. Leaves: a list of violations, each in a sentence; empty where all held.
What must hold is derived from PostgreSQL's rows, the stored files, the broker and the API, each read here by its own
means: nothing of the service's code is asked. Called by the tests of this folder.

Some things are counted, not blamed. Leftovers that the farm's clean-up takes in time: folders of known cases without a
row (`operations.remove_old_outputs`, after a day), and messages in the broker's `unacked` hash that a killed worker
held (they come again after the visibility timeout, and do nothing). And cases that failed as they must, because four of
their attempts were hit one after the other.
"""

import hashlib
import io
import itertools
import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pyarrow.parquet as pq
import zstandard

from tests.faults.harness import ENDED, FaultyFarm
from tests.faults.work import Expectation

FINAL = ("succeeded", "failed", "cancelled")
COUNTERS = ("succeeded", "failed", "cancelled", "suspect", "cached")
FORGIVEN = 3  # attempts that may be lost
GRACE_S = 15.0  # after the database is back, in which the API may still answer that it is not
SETTLING_S = 90.0
TOLD = 8  # violations of one kind that are told one by one


@dataclass
class History:
    """What was found: violations, and leftovers that the clean-up takes in time."""

    violations: list[str] = field(default_factory=list)
    leftovers: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)

    def blame(self, batch_id: str, what: str, found: Sequence[Any] = ()) -> None:
        """Note a violation, with the first of what shows it; nothing where `found` is given and empty."""
        shown = ", ".join(str(each) for each in found[:TOLD]) + (" …" if len(found) > TOLD else "")
        self.violations.append(f"{batch_id[:8]}: {what}" + (f" ({len(found)}): {shown}" if found else ""))

    def report(self) -> str:
        """Return everything as text."""
        return "\n".join(self.violations) or "no violation"


def examine(
    farm: FaultyFarm, batch_ids: Sequence[str], expect: Expectation | None = None, *, fails: str = ""
) -> History:
    """Check batches that have ended, and the farm around them.

    Args:
        farm: at rest.
        batch_ids: of its batches.
        expect: the metrics of a case that succeeded, from its row in the table.
        fails: the kind of failure that every case is to end with; empty where none may fail.
    """
    history = History()
    _let_settle(farm, batch_ids)
    for batch_id in batch_ids:
        _examine_batch(farm, batch_id, history)
        _examine_failures(farm, batch_id, history, fails)
        _examine_files(farm, batch_id, history)
        _examine_table(farm, batch_id, history, expect)
    _examine_known_cases(farm, history)
    _examine_rest(farm, history)
    return history


def _let_settle(farm: FaultyFarm, batch_ids: Sequence[str]) -> None:
    """Give workers that were just killed the time to be started again, and messages to be taken."""

    def is_settled() -> bool:
        run_folders = any(True for batch_id in batch_ids for _ in (farm.scratch / batch_id).glob("*"))
        return not run_folders and not farm.running_programs() and not _waiting_messages(farm)

    with suppress(AssertionError):  # what has not settled by then is told as what it is
        farm.wait_until(is_settled, "settled", SETTLING_S)


def _waiting_messages(farm: FaultyFarm) -> dict[str, int]:
    broker = farm.broker
    waiting = {name: broker.llen(name) for name in broker.scan_iter(_type="LIST")}
    # Chores come and go all the time, and answers to questions about workers.
    idle = ("maintenance", "celery.pidbox")
    return {name: count for name, count in waiting.items() if count and not any(word in name for word in idle)}


def _examine_batch(farm: FaultyFarm, batch_id: str, history: History) -> None:
    batch = farm.query("SELECT * FROM batches_batch WHERE id = %s", batch_id)[0]
    shards = farm.query("SELECT * FROM batches_shard WHERE batch_id = %s ORDER BY number", batch_id)
    cases = farm.query('SELECT * FROM batches_case WHERE batch_id = %s ORDER BY "index"', batch_id)
    diagnoses = farm.query('SELECT "index" FROM batches_diagnosis WHERE batch_id = %s', batch_id)
    history.attempts.update(case["attempt"] for case in cases if case["state"] == "succeeded")
    wanted = list(range(-batch["baseline_count"], batch["case_count"]))
    if [case["index"] for case in cases] != wanted and (cases or batch["state"] == "completed"):
        history.blame(batch_id, f"{len(cases)} rows for {len(wanted)} cases")
    if batch["state"] not in ENDED or batch["finished_at"] is None:
        history.blame(batch_id, f"batch is {batch['state']}, finished at {batch['finished_at']}")
    _expect_none(history, batch_id, "cases are not final", [c for c in cases if c["state"] not in FINAL])
    _expect_none(history, batch_id, "leases are still held", [c for c in cases if c["leased_until"] is not None])
    _expect_none(history, batch_id, "cases have no end", [c for c in cases if c["finished_at"] is None])
    _expect_none(history, batch_id, "verdicts do not fit", [c for c in cases if not _verdict_fits(c)])
    failed = {case["index"] for case in cases if case["state"] == "failed"}
    told = Counter(row["index"] for row in diagnoses)
    if failed - told.keys():
        history.blame(batch_id, "failed cases without a diagnosis", sorted(failed - told.keys()))
    doubtful = {case["index"] for case in cases if case["verdict"] == "suspect"}
    if told.keys() - failed - doubtful:
        history.blame(batch_id, "diagnoses of cases that are well", sorted(told.keys() - failed - doubtful))
    _examine_counters(farm, batch, shards, cases, history)


def _examine_failures(farm: FaultyFarm, batch_id: str, history: History, fails: str) -> None:
    found = farm.query(
        'SELECT "index", kind, message FROM batches_diagnosis JOIN batches_case USING (batch_id, "index")'
        " WHERE batch_id = %s AND state = 'failed' AND kind <> %s AND losses <= %s",
        batch_id,
        fails,
        FORGIVEN,
    )
    given_up = "SELECT count(*) AS n FROM batches_case WHERE batch_id = %s AND losses > %s"
    history.leftovers["cases hit too often"] += farm.query(given_up, batch_id, FORGIVEN)[0]["n"]
    if found:
        history.blame(
            batch_id, "cases failed that are well", [f"{r['index']} {r['kind']}: {r['message']}" for r in found]
        )


def _verdict_fits(case: dict[str, Any]) -> bool:
    if case["state"] == "succeeded":
        return case["verdict"] in ("valid", "suspect") and case["metrics"] is not None
    return case["verdict"] == ("failed" if case["state"] == "failed" else None)


def _expect_none(history: History, batch_id: str, what: str, cases: list[dict[str, Any]]) -> None:
    if cases:
        history.blame(batch_id, what, [f"case {case['index']} {case['state']}" for case in cases])


def _examine_counters(
    farm: FaultyFarm,
    batch: dict[str, Any],
    shards: list[dict[str, Any]],
    cases: list[dict[str, Any]],
    history: History,
) -> None:
    batch_id, size = str(batch["id"]), batch["shard_size"]
    counted: dict[int, Counter[str]] = {shard["number"]: Counter() for shard in shards}
    for case in cases:
        of_shard = counted[(case["index"] + batch["baseline_count"]) // size]
        of_shard[case["state"]] += 1
        of_shard["suspect"] += case["verdict"] == "suspect"
        of_shard["cached"] += bool(case["cached"])
    wrong = [
        f"shard {shard['number']}: {name} is {shard[name]}, rows say {counted[shard['number']][name]}"
        for shard in shards
        for name in COUNTERS
        if shard[name] != counted[shard["number"]][name]
    ]
    if wrong:
        history.blame(batch_id, "counters of shards differ from rows", wrong)
    if batch["state"] == "completed" and any(shard["state"] != "finished" for shard in shards):
        history.blame(batch_id, "completed with open shards", [s["number"] for s in shards if s["state"] != "finished"])
    answer = farm.show(batch_id)
    shown = {**answer["counts"], "suspect": answer["verdicts"]["suspect"], "cached": answer["cached"]}
    totals = {name: sum(counts[name] for counts in counted.values()) for name in COUNTERS}
    if not cases:  # cancelled before its rows were written: all of it counts as cancelled
        totals["cancelled"] = batch["case_count"] + batch["baseline_count"]
    differing = [f"{name} {shown[name]} for {totals[name]}" for name in COUNTERS if shown[name] != totals[name]]
    if differing or shown["pending"] or shown["running"]:
        history.blame(batch_id, f"the API counts otherwise: {shown}", differing)


# --- files --------------------------------------------------------------------------------------------------


def _examine_files(farm: FaultyFarm, batch_id: str, history: History) -> None:
    batch = farm.query("SELECT baseline_count, shard_size FROM batches_batch WHERE id = %s", batch_id)[0]
    cases = farm.query('SELECT "index", state, attempt FROM batches_case WHERE batch_id = %s', batch_id)
    root = farm.files / "batches" / batch_id / "cases"
    found = {path.relative_to(root).as_posix() for path in root.glob("*/*/*")}
    named = {}
    for case in cases:
        shard = (case["index"] + batch["baseline_count"]) // batch["shard_size"]
        named[f"{shard:06d}/{case['index']}/{case['attempt']}"] = case
    published = {path for path, case in named.items() if case["state"] == "succeeded"}
    may_be = {path for path, case in named.items() if case["state"] in ("succeeded", "failed")}
    if published - found:
        history.blame(batch_id, "succeeded cases without files", sorted(published - found))
    if found - may_be:
        history.blame(batch_id, "files without a row", sorted(found - may_be))
    damaged = [problem for path in sorted(published & found) for problem in _compare_with_manifest(root / path)]
    if damaged:
        history.blame(batch_id, "kept files differ from their manifests", damaged)
    scratch = farm.scratch / batch_id
    left = sorted(path.name for path in scratch.iterdir()) if scratch.is_dir() else []
    if left:
        history.blame(batch_id, "run folders left", left)


def _compare_with_manifest(folder: Path) -> list[str]:
    """Return what differs between a case's folder and its manifest, which has the sha256 of its files' content."""
    manifest = json.loads(_read_plain(folder / "manifest.json.zst"))
    problems = []
    for name, sha256 in manifest["files"].items():
        stored = next((path for path in (folder / name, folder / f"{name}.zst") if path.is_file()), None)
        if stored is None:
            problems.append(f"{folder.parent.name}: {name} is gone")
        elif hashlib.sha256(_read_plain(stored)).hexdigest() != sha256:
            problems.append(f"{folder.parent.name}: {name} is another")
    return problems


def _read_plain(path: Path) -> bytes:
    if path.suffix != ".zst":
        return path.read_bytes()
    with path.open("rb") as stored, zstandard.ZstdDecompressor().stream_reader(stored) as reader:
        return reader.read()


# --- results ------------------------------------------------------------------------------------------------


def _examine_table(farm: FaultyFarm, batch_id: str, history: History, expect: Expectation | None) -> None:
    cases = {
        row["index"]: row
        for row in farm.query('SELECT "index", state, metrics FROM batches_case WHERE batch_id = %s', batch_id)
    }
    answer = farm.http.get(f"/api/batches/{batch_id}/results/", params={"as": "parquet"})
    if answer.status_code != 200:
        history.blame(batch_id, f"its table is refused: {answer.status_code} {answer.text[:200]}")
        return
    rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
    listed = Counter(row["case"] for row in rows)
    if cases and (listed.keys() != cases.keys() or max(listed.values()) > 1):
        history.blame(batch_id, f"the table has {len(rows)} rows of {len(listed)} cases, the database {len(cases)}")
        return
    differing = []
    for row in rows if cases else []:
        case = cases[row["case"]]
        if row["state"] != case["state"]:
            differing.append(f"case {row['case']}: state {row['state']}, its row says {case['state']}")
        elif case["state"] == "succeeded":
            differing += _compare_metrics(row, case["metrics"])
            differing += _compare_metrics(row, expect(row)) if expect else []
    if differing:
        history.blame(batch_id, "the table differs from rows or from an undisturbed run", differing)


def _compare_metrics(row: dict[str, Any], metrics: dict[str, Any]) -> list[str]:
    return [
        f"case {row['case']}: {name} is {row.get(name)!r} for {value!r}"
        for name, value in metrics.items()
        if name != "simulation_s" and row.get(name) != value
    ]


def _examine_known_cases(farm: FaultyFarm, history: History) -> None:
    root = farm.files / "known"
    rows = farm.query("SELECT key, holder, outcome, leased_until > now() AS is_held FROM batches_knowncase")
    held = [row["key"][:12] for row in rows if row["outcome"] is None and row["is_held"]]
    if held:
        history.blame("farm", "claims of known cases still held", held)
    named = {f"{row['key']}-{row['holder']}": row["outcome"] for row in rows if row["outcome"] is not None}
    found = {path.name: path for path in root.glob("*/*")}
    damaged = [
        f"{name[:12]}: {file}"
        for name, outcome in named.items()
        for file, sha256 in outcome["files"].items()
        if name not in found or _hash_stored(found[name] / file) != sha256
    ]
    if damaged:
        history.blame("farm", "known cases whose files are gone or others", damaged)
    history.leftovers["folders of known cases without a row"] += len(found.keys() - named.keys())
    history.leftovers["claims of known cases of dead workers"] += sum(row["outcome"] is None for row in rows)


def _hash_stored(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _examine_rest(farm: FaultyFarm, history: History) -> None:
    """Look at what must be idle: programs and queues."""
    running = farm.running_programs()
    if running:
        history.blame("farm", "engines still at work", running)
    waiting = _waiting_messages(farm)
    if waiting:
        history.blame("farm", "messages still wait", [f"{name}: {count}" for name, count in waiting.items()])
    history.leftovers["messages that dead workers held"] += farm.broker.hlen("unacked")


# --- progress -----------------------------------------------------------------------------------------------


class Sampler:
    """Follows batches through the API while the farm is hit, as a browser would: progress never moves backwards."""

    def __init__(self, farm: FaultyFarm, every_s: float = 0.25) -> None:
        self._farm = farm
        self._every_s = every_s
        self._seen: dict[str, list[dict[str, Any]]] = {}
        self._refusals: list[tuple[float, str]] = []
        self._ended = Event()
        self._thread = Thread(target=self._follow, name="sampler", daemon=True)

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def follow(self, batch_id: str) -> str:
        """Follow a batch from now on; return its id."""
        self._seen = {**self._seen, batch_id: []}
        return batch_id

    def _follow(self) -> None:
        with self._farm.client(self._farm.token) as http:
            while not self._ended.wait(self._every_s):
                for batch_id, seen in self._seen.items():
                    if not (seen and seen[-1]["state"] in ENDED):
                        self._ask(http, batch_id, seen)

    def _ask(self, http: httpx.Client, batch_id: str, seen: list[dict[str, Any]]) -> None:
        asked_at = time.time()
        try:
            answer = http.get(f"/api/batches/{batch_id}/")
        except httpx.HTTPError as error:
            self._refusals.append((asked_at, repr(error)))
            return
        if answer.status_code == 200:
            seen.append(answer.json())
        else:
            self._refusals.append((asked_at, f"{answer.status_code} {answer.text[:200]}"))

    def examine(self, history: History, *, web_was_hit: bool = False) -> History:
        """Add what was seen of progress that moved backwards, and of answers refused while the database was up."""
        for batch_id, seen in self._seen.items():
            finished = [sum(each["counts"][state] for state in FINAL) for each in seen]
            steps = [(a, b) for a, b in itertools.pairwise(finished) if b < a]
            if steps:
                history.blame(batch_id, "progress moved backwards", steps)
            totals = {sum(each["counts"][name] for name in (*FINAL, "pending", "running")) for each in seen}
            if len(totals) > 1:
                history.blame(batch_id, "its cases were counted otherwise at times", sorted(totals))
        outages = self._farm.database_outages
        unexplained = [
            text
            for asked_at, text in self._refusals
            if not any(began - 60 <= asked_at <= ended + GRACE_S for began, ended in outages)
        ]
        if unexplained and not web_was_hit:
            history.blame("API", "refused while the database was up", unexplained)
        return history
