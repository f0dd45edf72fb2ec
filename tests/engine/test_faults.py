"""The engine crashes, memory or disk runs out: each is told for what it is, and the next case is fine.

A few of each in every run of the suite; `make faults` takes 200 crashes and disks of 20 sizes.
"""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.errors import DiskFullError
from energyplus.models.building_model import BuildingModel
from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod
from tests.engine.cases import THREE_DAYS, ask_for

pytestmark = pytest.mark.engine

IS_WHOLE = os.environ.get("CASEFARM_FAULTS") == "all"
CRASHES, DISK_SIZES = (200, 20) if IS_WHOLE else (10, 5)
DESIGN_DAYS = RunPeriod("design_days")
ENOUGH_KB = 2048  # for a run of the warehouse's design days and what is kept of it


@pytest.fixture(scope="module")
def engine() -> Iterator[PipEngine]:
    shared = PipEngine()
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def warehouse(models: dict[str, Path]) -> BuildingModel:
    return BuildingModel.read(models["warehouse"])


@pytest.fixture(scope="module")
def large_office(models: dict[str, Path]) -> BuildingModel:
    return BuildingModel.read(models["large_office"])


def never() -> bool:
    return False


def stage(model: BuildingModel, weather: Path, folder: Path, run_period: RunPeriod = DESIGN_DAYS) -> SimulationJob:
    folder.mkdir(exist_ok=True)
    (folder / "model.idf").write_text(model.render(ask_for([], run_period)), encoding="utf-8")
    return SimulationJob(folder / "model.idf", weather, folder, run_period, 120.0)


def without_times(outcome: SimulationOutcome) -> dict[str, object]:
    assert outcome.status == "succeeded", outcome.failure
    return {**outcome.metrics, "simulation_s": 0}


def test_every_crash_is_told_with_its_signal_and_touches_no_other_case(
    engine: PipEngine, warehouse: BuildingModel, weathers: dict[str, Path], tmp_path: Path
) -> None:
    """A weather file that lacks a line of its header makes the engine follow a wild pointer."""
    lines = weathers["chicago"].read_bytes().split(b"\n")
    good = stage(warehouse, weathers["chicago"], tmp_path / "good")
    expected = without_times(engine.simulate(good, never))
    server = engine.server_pid
    for number in range(CRASHES):
        broken = tmp_path / "broken.epw"
        missing = number % 7
        broken.write_bytes(b"\n".join(lines[:missing] + lines[missing + 1 :]))
        day = (1 + number // 7 % 12, 1 + number % 28)
        outcome = engine.simulate(stage(warehouse, broken, tmp_path / "crash", RunPeriod("period", day, day)), never)
        assert (outcome.status, outcome.signal, outcome.exit_code) == ("crashed", "SIGSEGV", None), (missing, day)
        assert outcome.failure is not None
        assert outcome.failure.kind == "crash"
        assert outcome.failure.message.startswith("engine crashed: SIGSEGV.")
        assert outcome.metrics["electricity_kwh"] is None
        if number % 10 == 0:
            assert without_times(engine.simulate(good, never)) == expected
    assert engine.server_pid == server
    assert psutil.Process(server).children() == []


@pytest.mark.parametrize("limit_mb", [150, 240, 255])
def test_a_case_out_of_memory_says_so_and_its_neighbour_does_not_notice(  # noqa: PLR0917 - fixtures
    engine: PipEngine,
    small_office: BuildingModel,
    large_office: BuildingModel,
    weathers: dict[str, Path],
    good_run: tuple[SimulationOutcome, Path],
    tmp_path: Path,
    limit_mb: int,
) -> None:
    neighbour = stage(small_office, weathers["chicago"], tmp_path / "neighbour", THREE_DAYS)
    hog = replace(stage(large_office, weathers["chicago"], tmp_path / "hog"), memory_limit_bytes=limit_mb * 10**6)
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(engine.simulate, neighbour, never)
        outcome = pool.submit(engine.simulate, hog, never).result()
        assert without_times(beside.result()) == without_times(good_run[0])
    assert outcome.status in ("failed", "crashed")
    assert outcome.failure is not None
    assert outcome.failure.kind == "memory"
    assert f"its limit of {limit_mb} MB" in outcome.failure.message
    assert outcome.metrics["electricity_kwh"] is None


def test_a_case_that_the_kernel_kills_for_memory_says_so(
    engine: PipEngine, small_office: BuildingModel, weathers: dict[str, Path], tmp_path: Path
) -> None:
    job = stage(small_office, weathers["chicago"], tmp_path / "victim", RunPeriod())

    def kill_as_the_kernel_does() -> bool:
        if (job.run_folder / "eplusout.err").exists():
            for case in psutil.Process(engine.server_pid).children():
                assert Path(f"/proc/{case.pid}/oom_score_adj").read_text().strip() == "800"
                case.kill()
        return False

    outcome = engine.simulate(job, kill_as_the_kernel_does)
    assert (outcome.status, outcome.signal) == ("crashed", "SIGKILL")
    assert outcome.failure is not None
    assert outcome.failure.kind == "memory"
    assert "The machine ran out of memory" in outcome.failure.message


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a tmpfs of its own; `resize` makes it larger or smaller."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ENOUGH_KB}k", "none", disk], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a disk of a test's own takes the right to mount one: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def resize(disk: Path, size_kb: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size_kb}k", disk], check=True)


def test_a_full_disk_is_never_a_success_and_the_case_runs_when_there_is_room(
    engine: PipEngine, warehouse: BuildingModel, weathers: dict[str, Path], small_disk: Path
) -> None:
    folder = small_disk / "run"
    expected = without_times(engine.simulate(stage(warehouse, weathers["chicago"], folder), never))
    needed_kb = sum(path.stat().st_blocks for path in folder.iterdir()) // 2
    model_kb = (folder / "model.idf").stat().st_size // 1024
    waited = 0
    for number in range(DISK_SIZES):
        resize(small_disk, ENOUGH_KB)
        for path in folder.iterdir():
            path.unlink()
        job = stage(warehouse, weathers["chicago"], folder)
        resize(small_disk, model_kb + 8 + (needed_kb - model_kb) * number // DISK_SIZES)
        try:
            assert without_times(engine.simulate(job, never)) == expected
        except (DiskFullError, OSError):
            waited += 1
    assert waited >= DISK_SIZES - 1
    resize(small_disk, ENOUGH_KB)
    assert without_times(engine.simulate(stage(warehouse, weathers["chicago"], folder), never)) == expected


def fill_disk(path: Path) -> None:
    """Write until there is no room left."""
    with path.open("wb", buffering=0) as stream, suppress(OSError):
        while stream.write(bytes(4096)):
            pass


def test_a_disk_without_room_for_the_console_is_the_machines_fault(
    engine: PipEngine, warehouse: BuildingModel, weathers: dict[str, Path], small_disk: Path
) -> None:
    job = stage(warehouse, weathers["chicago"], small_disk / "run")
    fill_disk(small_disk / "ballast")
    with pytest.raises((DiskFullError, OSError)):
        engine.simulate(job, never)
    (small_disk / "ballast").unlink()
    assert engine.simulate(job, never).status == "succeeded"
