"""One farm for all faults, which are chosen by `CASEFARM_FAULTS`; what was found is kept for the table."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.faults.counts import COUNTS, IS_SHORT, SEED
from tests.faults.harness import FaultyFarm, mount_disk
from tests.faults.report import Report

DISK_MB = 2048


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the faults that were not asked for: those of the whole selection are not skipped, but not chosen."""
    left_out = [item for item in items if (mark := item.get_closest_marker("fault")) and mark.args[0] not in COUNTS]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Say how a failed fault is done again, moment by moment."""
    outcome = yield
    report = outcome.get_result()
    mark = item.get_closest_marker("fault")
    if report.failed and mark and not item.funcargs["report"].violations:
        item.has_crashed = True  # it did not come to the checker's word
    if report.failed and mark:
        again = f"CASEFARM_FAULTS_SEED={SEED} make faults FAULTS='{mark.args[0]}={COUNTS.get(mark.args[0], 1)}'"
        report.sections.append(("the same moments again", again))


@pytest.fixture(scope="package")
def faulty_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyFarm]:
    """Give a farm that runs; stop it."""
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        disk: Path | None = None
        with suppress(PermissionError):
            disk = stack.enter_context(mount_disk(folder / "disk", DISK_MB))
        farm = FaultyFarm(folder, disk=disk)
        stack.callback(farm.stop)
        farm.start()
        yield farm


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """Give what a fault writes its findings to; they go into the table where the full counts were asked for."""
    mark = request.node.get_closest_marker("fault")
    found = Report(mark.args[0])
    yield found
    found.is_finished = not getattr(request.node, "has_crashed", False)
    if not IS_SHORT:
        found.write()
