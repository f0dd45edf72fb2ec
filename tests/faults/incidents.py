"""Measures how soon the farm is going again after a fault, from the rows of its cases. Called by the tests."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from tests.faults.harness import FaultyFarm

PICKED_UP_LIMIT_S = 30.0


@dataclass
class _Incident:
    happened_at: float
    held: dict[tuple[str, int], int]  # (batch, index) of a case that was being worked on → number of the attempt


@dataclass
class Recoveries:
    """Notes which cases were at work when something was hit, and how long until each is with somebody again."""

    farm: FaultyFarm
    open: list[_Incident] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)

    def note(self) -> None:
        """Remember what is at work right now; call it just before the hit."""
        running = self.farm.query("SELECT batch_id, \"index\", attempt FROM batches_case WHERE state = 'running'")
        held = {(str(row["batch_id"]), row["index"]): row["attempt"] for row in running}
        self.open.append(_Incident(time.monotonic(), held))

    def look(self) -> None:
        """Close the incidents all of whose cases are final or with another attempt by now."""
        if not self.open:
            return
        batches = sorted({batch for incident in self.open for batch, _ in incident.held})
        try:
            rows = self.farm.query(
                "SELECT batch_id, \"index\", attempt FROM batches_case WHERE state = 'running'"
                " AND batch_id = ANY(%s::uuid[])",
                batches,
            )
            waiting = self.farm.query(
                "SELECT batch_id, \"index\" FROM batches_case WHERE state = 'pending' AND batch_id = ANY(%s::uuid[])",
                batches,
            )
        except psycopg.OperationalError:  # the database is what was hit
            return
        running = {(str(row["batch_id"]), row["index"]): row["attempt"] for row in rows}
        pending = {(str(row["batch_id"]), row["index"]) for row in waiting}
        for incident in list(self.open):
            lost = [case for case, attempt in incident.held.items() if running.get(case) == attempt or case in pending]
            if not lost:
                self.took_s.append(time.monotonic() - incident.happened_at)
                self.open.remove(incident)

    def pass_time(self, seconds: float) -> None:
        """Let the farm work for a while, looking."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.farm.let_pass(min(0.2, max(0.0, until - time.monotonic())))
            self.look()

    def pass_until_all_are_back(self, limit_s: float = 120) -> None:
        """Let the farm work until every case is with somebody again."""

        def are_back() -> bool:
            self.look()
            return not self.open

        self.farm.wait_until(are_back, "cases that were hit are picked up again", limit_s)


def await_claims(farm: FaultyFarm, count: int) -> float:
    """Wait until some more cases have been begun; return how long that took, in s."""
    began = time.monotonic()
    since: list[object] = []

    def are_claimed() -> bool:
        try:
            if not since:
                since.append(farm.query("SELECT now() AS at")[0]["at"])
            found = farm.query("SELECT count(*) AS n FROM batches_case WHERE started_at > %s", since[0])
        except psycopg.OperationalError:
            return False
        return bool(found[0]["n"] >= count)

    farm.wait_until(are_claimed, f"{count} more cases begun")
    return time.monotonic() - began


def describe_times(times_s: Sequence[float]) -> str:
    """Return median and maximum, for the table."""
    if not times_s:
        return "–"
    ordered = sorted(times_s)
    return f"{ordered[len(ordered) // 2]:.1f} s, {ordered[-1]:.1f} s"
