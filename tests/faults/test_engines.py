"""Programs crash, are killed for memory, and disks fill up in a farm at work: each is told for what it is."""

import pytest

from tests.faults.counts import COUNTS, draw
from tests.faults.harness import FaultyFarm
from tests.faults.history import examine
from tests.faults.incidents import await_claims, describe_times
from tests.faults.report import Report
from tests.faults.stream import Stream
from tests.faults.work import dawdle, expect_dawdling

pytestmark = [pytest.mark.stack, pytest.mark.engine]

NEIGHBOURS = 7
SOME_CLAIMS = 20


@pytest.mark.fault("F2")
def test_crashes_are_told_with_their_signal_and_the_workers_live(faulty_farm: FaultyFarm, report: Report) -> None:
    random, count = draw("F2"), COUNTS["F2"]
    report.done = "a program that ends by SIGSEGV, beside cases that are well"
    report.held = "each reported as a crash with its signal; no worker ends; the others are well"
    starts = faulty_farm.parts.count_starts()
    crashing = faulty_farm.submit(dawdle(random, count, 0.1, ends="crash"))
    well = faulty_farm.submit(dawdle(random, count, 0.1))
    faulty_farm.wait_for_end(crashing, well)
    report.add(examine(faulty_farm, [crashing], fails="crash"))
    report.add(examine(faulty_farm, [well], expect_dawdling))
    told = faulty_farm.query("SELECT message FROM batches_diagnosis WHERE batch_id = %s", crashing)
    report.violations += [row["message"] for row in told if "SIGSEGV" not in row["message"]]
    if len(told) != count:
        report.violations.append(f"{len(told)} of {count} crashes were told")
    if faulty_farm.parts.count_starts() != starts:
        report.violations.append("a worker ended")
    report.times = count
    assert report.violations == [], report.text()


@pytest.mark.fault("F3")
def test_a_case_killed_for_memory_says_so_and_its_neighbours_are_well(faulty_farm: FaultyFarm, report: Report) -> None:
    random = draw("F3")
    report.done = "a program killed as the kernel does that has no memory left, beside seven others"
    report.held = "the case is told to have run out of memory; its neighbours are well"
    for _ in range(COUNTS["F3"]):
        batch_id = faulty_farm.submit(dawdle(random, 1, 5))
        neighbours = faulty_farm.submit(dawdle(random, NEIGHBOURS, 1))
        faulty_farm.wait_until(lambda batch_id=batch_id: faulty_farm.kill_program(batch_id), "a program to kill")
        faulty_farm.wait_for_end(batch_id, neighbours)
        report.add(examine(faulty_farm, [batch_id], fails="memory"))
        report.add(examine(faulty_farm, [neighbours], expect_dawdling))
        report.times += 1
    assert report.violations == [], report.text()


@pytest.mark.fault("F4")
def test_a_full_disk_gives_no_false_success_and_passes(faulty_farm: FaultyFarm, report: Report) -> None:
    if faulty_farm.disk is None:
        pytest.skip("a disk of a test's own takes the right to mount one: run it as root")
    random, took_s = draw("F4"), []
    report.done = "the disk of files and run folders filled up to a random rest of 0 to 200 KB, for 3 to 12 s"
    report.held = "no false success, no case failed; the farm goes on by itself when there is room"
    with Stream(faulty_farm, random) as work:
        for _ in range(COUNTS["F4"]):
            work.keep_up()
            faulty_farm.let_pass(random.uniform(0.5, 3))
            with faulty_farm.fill_disk(random.randrange(200)):
                faulty_farm.let_pass(random.uniform(3, 12))
            work.keep_up()
            took_s.append(await_claims(faulty_farm, SOME_CLAIMS))
            report.times += 1
        report.add(work.conclude())
    report.recovery = describe_times(took_s)
    assert report.violations == [], report.text()
