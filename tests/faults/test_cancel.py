"""Batches and single cases are cancelled at random moments: their processes die, and nothing of them succeeds later."""

import time
from random import Random

import pytest

from tests.faults.counts import COUNTS, draw
from tests.faults.harness import FaultyFarm
from tests.faults.history import examine
from tests.faults.report import Report
from tests.faults.work import dawdle

pytestmark = [pytest.mark.stack, pytest.mark.engine]

CASES = 8
LASTS_S = 90  # no case can succeed before it is cancelled
DEAD_LIMIT_S = 1.0
WATCHED_S = 0.4  # after the last process was seen: one that was just being started would show itself


@pytest.mark.fault("F9")
def test_what_is_cancelled_is_dead_within_a_second_and_never_succeeds(faulty_farm: FaultyFarm, report: Report) -> None:
    random, took_s, batches = draw("F9"), [], []
    report.done = "a batch, or a single running case and then its batch, cancelled at a random moment"
    report.held = f"no process of it after {DEAD_LIMIT_S:g} s (99th percentile); no case succeeded"
    while report.times < COUNTS["F9"]:
        batch_id = faulty_farm.submit(dawdle(random, CASES, LASTS_S))
        batches.append(batch_id)
        wait_for_a_moment(faulty_farm, batch_id, random)
        running = faulty_farm.query(
            "SELECT \"index\" FROM batches_case WHERE batch_id = %s AND state = 'running'", batch_id
        )
        if running and random.random() < 0.5:
            index = random.choice(running)["index"]
            took_s.append(cancel(faulty_farm, f"/api/batches/{batch_id}/cases/{index}/cancel/", f"{batch_id}/{index}-"))
            report.times += 1
        took_s.append(cancel(faulty_farm, f"/api/batches/{batch_id}/cancel/", batch_id))
        report.times += 1
    faulty_farm.wait_for_end(*batches)
    report.add(examine(faulty_farm, batches))
    report.violations += [f"{n} succeeded" for n in [faulty_farm.count_cases(batches, "succeeded", "failed")] if n]
    took_s.sort()
    p50, p99 = took_s[len(took_s) // 2], took_s[min(len(took_s) - 1, len(took_s) * 99 // 100)]
    report.recovery = f"dead after: median {p50:.2f} s, p99 {p99:.2f} s, longest {took_s[-1]:.2f} s"
    if p99 >= DEAD_LIMIT_S and len(took_s) >= 100:
        report.violations.append(f"dead only after {p99:.2f} s (99th percentile)")
    assert report.violations == [], report.text()


def wait_for_a_moment(farm: FaultyFarm, batch_id: str, random: Random) -> None:
    """Wait for any moment from the submission to programs that run."""
    if random.random() < 0.6:
        farm.wait_until(lambda: bool(farm.running_programs(batch_id)), "a program that runs")
    farm.let_pass(random.uniform(0, 0.5))


def cancel(farm: FaultyFarm, path: str, folder: str) -> float:
    """Cancel something; return how long after the answer the last of its processes was seen, in s."""
    answer = farm.http.post(path)
    answered_at = last_seen_at = time.monotonic()
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    while time.monotonic() - last_seen_at < WATCHED_S:
        if farm.running_programs(folder):
            last_seen_at = time.monotonic()
            assert last_seen_at - answered_at < 60, f"a process of {folder} does not die"
        farm.let_pass(0.01)
    return last_seen_at - answered_at
