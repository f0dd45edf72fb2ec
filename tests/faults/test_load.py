"""Many users at once: nothing is lost, large work does not hold small work up, pages answer while cores are busy."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from energyplus.engines.declarations import load_programs
from energyplus.engines.engine import SimulationJob
from energyplus.engines.executable import ExecutableEngine
from energyplus.run_period import RunPeriod
from tests.faults.counts import COUNTS, IS_SHORT, draw
from tests.faults.harness import FaultyFarm
from tests.faults.history import examine
from tests.faults.report import Report
from tests.faults.work import SHED, dawdle, expect_dawdling, light_shed

pytestmark = [pytest.mark.stack, pytest.mark.engine]

RUNS_OF_A_USER = 5
LASTS_S = 1.0
SLOTS = 8  # of the farm's two workers together
SHARE = 0.9
SLOW_S = 0.25


@pytest.mark.fault("L1")
def test_a_thousand_runs_of_two_hundred_users_are_all_done_once(faulty_farm: FaultyFarm, report: Report) -> None:
    random, count = draw("L1"), COUNTS["L1"]
    tokens = faulty_farm.make_users(count // RUNS_OF_A_USER)
    began = time.monotonic()
    batches = [submit_as(faulty_farm, token, dawdle(random, RUNS_OF_A_USER, LASTS_S)) for token in tokens]
    faulty_farm.wait_for_end(*(batch_id for _, batch_id in batches), limit_s=1800)
    took_s = time.monotonic() - began
    bare_s = run_bare(faulty_farm, count)
    for token, batch_id in batches:
        with faulty_farm.act_as(token):
            report.add(examine(faulty_farm, [batch_id], expect_dawdling))
    report.done = f"{len(tokens)} users with {RUNS_OF_A_USER} runs each, of a program that takes {LASTS_S:g} s"
    report.held = f"nothing lost or doubled; ≥ {SHARE:.0%} of the throughput of bare programs"
    report.times = count
    report.recovery = f"{bare_s / took_s:.0%}: {took_s:.0f} s with submission, bare programs {bare_s:.0f} s"
    if bare_s / took_s < SHARE:
        report.violations.append(f"{bare_s / took_s:.0%} of bare throughput")
    assert report.violations == [], report.text()


def submit_as(farm: FaultyFarm, token: str, study: dict[str, Any]) -> tuple[str, str]:
    """Submit a study as another user; return the token and the batch's id."""
    with farm.client(token) as http:
        return token, farm.submit(study, http)


def run_bare(farm: FaultyFarm, count: int) -> float:
    """Run as many programs without a farm, as many at a time; return how long that took, in s."""
    engine = ExecutableEngine(load_programs(Path(farm.environment["CASEFARM_PROGRAMS"]))["dawdler"])

    def run(number: int) -> None:
        folder = farm.scratch / f"bare-{number}"
        folder.mkdir()
        job = SimulationJob(folder / "input.json", Path("/dev/null"), folder, RunPeriod(), 60.0)
        job.model_path.write_text(f'{{"x": {number}, "lasts_s": {LASTS_S}, "ends": "well"}}', encoding="ascii")
        assert engine.simulate(job, lambda: False).status == "succeeded"

    began = time.monotonic()
    with ThreadPoolExecutor(SLOTS) as pool:
        list(pool.map(run, range(count)))
    return time.monotonic() - began


@pytest.mark.fault("L2")
def test_pages_are_answered_while_every_core_simulates(faulty_farm: FaultyFarm, report: Report) -> None:
    random = draw("L2")
    upload = faulty_farm.http.post("/api/models/", files={"file": ("shed.idf", SHED.read_bytes())})
    study = light_shed(upload.raise_for_status().json()["id"], random, 60)
    busy = [faulty_farm.submit(light_shed(study["model"], random, 200)) for _ in range(2)]
    took_s: dict[str, list[float]] = {}
    for method, path, body in ask_by_turns(busy[0], study, COUNTS["L2"]):
        began = time.monotonic()
        answer = faulty_farm.http.request(method, path, json=body)
        took_s.setdefault(f"{method} {path}", []).append(time.monotonic() - began)
        if answer.status_code >= 500:
            report.violations.append(f"{method} {path}: {answer.status_code}")
        faulty_farm.tend()
        if faulty_farm.count_cases(busy, "pending") < 10 * SLOTS:
            busy.append(faulty_farm.submit(light_shed(study["model"], random, 200)))
    for batch_id in busy:
        stopped = faulty_farm.http.post(f"/api/batches/{batch_id}/cancel/")
        assert stopped.status_code in (200, 409), stopped.text  # the first ones may have ended
    faulty_farm.wait_for_end(*busy)
    every = sorted(second for times in took_s.values() for second in times)
    p50, p95 = every[len(every) // 2], every[len(every) * 95 // 100]
    report.done = "status, lists, a page of cases, the table so far and previews asked by turns while engines run"
    report.held = f"95 % within {SLOW_S * 1000:.0f} ms, no 5xx"
    report.times = len(every)
    report.recovery = f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, longest {every[-1] * 1000:.0f} ms"
    if p95 > SLOW_S:
        report.violations.append(f"p95 is {p95 * 1000:.0f} ms")
    assert report.violations == [], report.text()


def ask_by_turns(batch_id: str, study: dict[str, Any], count: int) -> Iterator[tuple[str, str, Any]]:
    """Yield requests as pages make them."""
    batch = f"/api/batches/{batch_id}/"
    asked = [
        ("GET", batch, None),
        ("GET", "/api/batches/", None),
        ("GET", f"{batch}cases/", None),
        ("GET", f"{batch}results/?as=json", None),
        ("GET", "/api/models/", None),
        ("POST", "/api/batches/preview/", study),
    ]
    for _, request in zip(range(count), cycle(asked), strict=False):
        yield request


@pytest.mark.fault("L4")
def test_a_small_batch_is_not_kept_waiting_by_a_large_one(faulty_farm: FaultyFarm, report: Report) -> None:
    random = draw("L4")
    cases = 40 if IS_SHORT else 500
    tokens = faulty_farm.make_users(2)
    _, large = submit_as(faulty_farm, tokens[0], dawdle(random, cases, LASTS_S))
    faulty_farm.wait_until(lambda: faulty_farm.count_cases([large], "running") >= SLOTS, "every slot at work")
    _, small = submit_as(faulty_farm, tokens[1], dawdle(random, 1, LASTS_S))
    faulty_farm.wait_for_end(small)
    begun = faulty_farm.query(
        "SELECT count(*) AS n FROM batches_case AS mine, batches_batch AS other JOIN batches_case AS single"
        " ON single.batch_id = other.id WHERE other.id = %s AND mine.batch_id = %s"
        " AND mine.started_at > other.created_at AND mine.started_at < single.started_at",
        small,
        large,
    )[0]["n"]
    with faulty_farm.client(tokens[0]) as http:
        http.post(f"/api/batches/{large}/cancel/").raise_for_status()
    faulty_farm.wait_for_end(large)
    report.done = f"a user queues {cases} cases, then another one"
    report.held = "the one begins within two run lengths: before two more cases of the other in each slot"
    report.times, report.recovery = 1, f"{begun} cases of the other begun meanwhile, in {SLOTS} slots"
    if begun > 2 * SLOTS:
        report.violations.append(f"{begun} cases of the other begun meanwhile")
    assert report.violations == [], report.text()
