"""Valkey and PostgreSQL are restarted and emptied under a farm at work: it goes on from what PostgreSQL knows."""

import pytest

from tests.faults.counts import COUNTS, draw
from tests.faults.harness import FaultyFarm
from tests.faults.incidents import PICKED_UP_LIMIT_S, await_claims, describe_times
from tests.faults.report import Report
from tests.faults.stream import Stream

pytestmark = [pytest.mark.stack, pytest.mark.engine]

SOME_CLAIMS = 20  # more cases than workers can have taken from the broker before it was hit


@pytest.mark.fault("F5")
def test_a_farm_goes_on_after_its_broker_was_restarted_or_emptied(faulty_farm: FaultyFarm, report: Report) -> None:
    random, took_s = draw("F5"), []
    report.done = "Valkey restarted (half of the times by SIGKILL) and, as often again, flushed; gone for up to 3 s"
    report.held = f"nothing lost, {SOME_CLAIMS} more cases begun in < {PICKED_UP_LIMIT_S:.0f} s"
    with Stream(faulty_farm, random) as work:
        for number in range(2 * COUNTS["F5"]):
            work.keep_up()
            faulty_farm.let_pass(random.uniform(0.5, 5))
            work.keep_up()
            if number % 2:
                faulty_farm.flush_valkey()
            else:
                faulty_farm.restart_valkey(kill=random.random() < 0.5, down_s=random.uniform(0, 3))
            took_s.append(await_claims(faulty_farm, SOME_CLAIMS))
            report.times += 1
        report.add(work.conclude())
    report.recovery = describe_times(took_s)
    report.violations += [f"not going again for {each:.0f} s" for each in took_s if each > PICKED_UP_LIMIT_S]
    assert report.violations == [], report.text()


@pytest.mark.fault("F6")
def test_a_farm_goes_on_after_its_database_was_restarted(faulty_farm: FaultyFarm, report: Report) -> None:
    random, took_s = draw("F6"), []
    report.done = "PostgreSQL restarted, half of the times without an orderly end, gone for up to 3 s"
    report.held = f"nothing lost, nothing twice, {SOME_CLAIMS} more cases begun"
    with Stream(faulty_farm, random) as work:
        for _ in range(COUNTS["F6"]):
            work.keep_up()
            faulty_farm.let_pass(random.uniform(0.5, 5))
            work.keep_up()
            faulty_farm.restart_postgres(immediate=random.random() < 0.5, down_s=random.uniform(0, 3))
            took_s.append(await_claims(faulty_farm, SOME_CLAIMS))
            report.times += 1
        report.add(work.conclude())
    report.recovery = describe_times(took_s)
    assert report.violations == [], report.text()
