"""Cases forked from a warm server: the same numbers as in processes of their own, and nothing left of them."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.engines.supervision import child_environment
from energyplus.errors import EngineError, ModelError
from energyplus.models.building_model import BuildingModel
from energyplus.outputs import KEPT_FILES
from energyplus.run_period import RunPeriod
from tests.engine.cases import THREE_DAYS, ask_for

pytestmark = pytest.mark.engine

DESIGN_DAYS = RunPeriod("design_days")
EXECUTED = (sys.executable, "-m", "energyplus.engines.child")

MakeJob = Callable[..., SimulationJob]


@pytest.fixture(scope="module")
def engine() -> Iterator[PipEngine]:
    shared = PipEngine()
    yield shared
    shared.close()


@pytest.fixture
def make_job(small_office: BuildingModel, weathers: dict[str, Path], tmp_path: Path) -> MakeJob:
    def make(name: str, run_period: RunPeriod = DESIGN_DAYS, city: str = "chicago", **options: object) -> SimulationJob:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.idf").write_text(small_office.render(ask_for([], run_period)), encoding="utf-8")
        return SimulationJob(folder / "model.idf", weathers[city], folder, run_period, 120.0, **options)  # type: ignore[arg-type]

    return make


def never() -> bool:
    return False


def server_of(engine: PipEngine) -> psutil.Process:
    assert engine._server.pid is not None
    return psutil.Process(engine._server.pid)


def report_of(job: SimulationJob) -> str:
    """The HTML report without the times of day in it."""
    return re.sub(r"\d\d:\d\d:\d\d", "", (job.run_folder / "eplustbl.htm").read_text())


def test_forks_at_the_same_time_give_what_processes_of_their_own_give(engine: PipEngine, make_job: MakeJob) -> None:
    cities = ("chicago", "miami", "denver", "chicago")
    forked = [make_job(f"forked-{n}", THREE_DAYS, city) for n, city in enumerate(cities)]
    executed = [make_job(f"executed-{n}", THREE_DAYS, city) for n, city in enumerate(cities[:3])]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda job: engine.simulate(job, never), forked))
    expected = [PipEngine(EXECUTED).simulate(job, never) for job in executed]
    for one, other in zip(outcomes[:3], expected, strict=True):
        assert one.status == "succeeded", one.failure
        assert {**one.metrics, "simulation_s": 0} == {**other.metrics, "simulation_s": 0}
    assert [report_of(job) for job in forked[:3]] == [report_of(job) for job in executed]
    assert report_of(forked[3]) == report_of(forked[0])
    assert len({outcome.metrics["electricity_kwh"] for outcome in outcomes}) == 3


@pytest.mark.parametrize("alias", ["small_office", "ashrae_warehouse", "quick_service_restaurant"])
def test_a_fork_writes_what_a_run_through_the_c_api_writes(
    engine: PipEngine, models: dict[str, Path], weathers: dict[str, Path], tmp_path: Path, alias: str
) -> None:
    text, weather = BuildingModel.read(models[alias]).render(ask_for([], DESIGN_DAYS)), weathers["chicago"]
    forked, called = tmp_path / "forked", tmp_path / "called"
    for folder in (forked, called):
        folder.mkdir()
        (folder / "model.idf").write_text(text, encoding="utf-8")
    engine.simulate(SimulationJob(forked / "model.idf", weather, forked, DESIGN_DAYS, 120.0), never)
    script = (
        "import sys; from pyenergyplus.api import EnergyPlusAPI; api = EnergyPlusAPI();"
        "sys.exit(api.runtime.run_energyplus(api.state_manager.new_state(), sys.argv[1:]))"
    )
    command = (sys.executable, "-c", script, "-d", ".", "-w", weather, "model.idf")
    subprocess.run(command, cwd=called, check=True, capture_output=True)
    assert tables_of(forked) == tables_of(called)


def tables_of(folder: Path) -> dict[str, list[str]]:
    """Every row of every table in SQLite, but for the time of day."""
    with closing(sqlite3.connect(folder / "eplusout.sql")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    return {name: [re.sub(r"\d\d:\d\d(:\d\d)?", "", repr(row)) for row in rows[name]] for name in names}


def test_a_run_tells_its_processor_time_and_memory(engine: PipEngine, make_job: MakeJob) -> None:
    outcome = engine.simulate(make_job("one"), never)
    assert outcome.cpu_s is not None
    assert outcome.peak_memory_bytes is not None
    assert 0 < outcome.cpu_s <= outcome.simulation_s * 1.5
    assert 100e6 < outcome.peak_memory_bytes < 1e9


def test_a_killed_server_fails_its_case_as_the_machines_fault_and_is_started_again(
    engine: PipEngine, make_job: MakeJob
) -> None:
    job = make_job("hit", RunPeriod())
    killed: list[psutil.Process] = []

    def kill_server() -> bool:
        if not killed and (job.run_folder / "eplusout.err").exists():
            server = server_of(engine)
            killed.extend([server, *server.children()])
            server.kill()
        return False

    with pytest.raises(EngineError, match="server ended while a case ran"):
        engine.simulate(job, kill_server)
    assert len(killed) == 2
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in killed)
    assert engine.simulate(make_job("after"), never).status == "succeeded"
    assert server_of(engine).pid != killed[0].pid


def test_a_server_that_died_between_two_cases_is_not_noticed(engine: PipEngine, make_job: MakeJob) -> None:
    engine.simulate(make_job("before"), never)
    server_of(engine).kill()
    assert engine.simulate(make_job("after"), never).status == "succeeded"


def test_a_server_that_hangs_does_not_keep_a_cancelled_case_alive(make_job: MakeJob, tmp_path: Path) -> None:
    job, own = make_job("hung", RunPeriod()), PipEngine()
    cases: list[psutil.Process] = []

    def hang_and_stop() -> bool:
        if not cases and (job.run_folder / "eplusout.err").exists():
            (server,) = [each for each in psutil.Process().children() if each.pid == own.server_pid]
            cases.extend(server.children())
            server.suspend()
        return bool(cases)

    try:
        with pytest.raises(EngineError):
            own.simulate(job, hang_and_stop)
        assert cases[0].status() == psutil.STATUS_ZOMBIE  # dead, and nobody there to bury it
    finally:
        own.close()


def test_nothing_is_left_open_by_cases_that_end_well_badly_or_early(engine: PipEngine, make_job: MakeJob) -> None:
    def run_three(round_name: str) -> tuple[int, int, int]:
        engine.simulate(make_job(f"{round_name}-good"), never)
        broken = make_job(f"{round_name}-broken")
        broken.model_path.write_text("Version,25.2;")
        engine.simulate(broken, never)
        engine.simulate(make_job(f"{round_name}-stopped"), lambda: True)
        server = server_of(engine)
        return len(os.listdir("/proc/self/fd")), server.num_fds(), len(server.children())  # noqa: PTH208

    first = run_three("first")
    assert run_three("second") == first
    assert first[2] == 0


def test_a_case_holds_nothing_of_the_server(engine: PipEngine, make_job: MakeJob) -> None:
    job = make_job("held", RunPeriod())
    held: dict[str, str] = {}

    def look() -> bool:
        if (job.run_folder / "eplusout.sql").exists() and not held:
            (case,) = server_of(engine).children()
            folder = Path(f"/proc/{case.pid}/fd")
            held.update({entry.name: str(entry.readlink()) for entry in folder.iterdir()})
        return bool(held)

    try:
        engine.simulate(job, look)
    except PermissionError:
        pytest.skip("only root may look into a sealed process")
    assert (held.pop("0"), held.pop("1")) == ("/dev/null", "/dev/null")
    assert Path(held["2"]).name == "console.txt"
    assert all(Path(target).parent == job.run_folder for target in held.values())


def test_all_processes_die_with_the_worker_however_it_dies(make_job: MakeJob, tmp_path: Path) -> None:
    job, script, pids = make_job("orphan", RunPeriod()), tmp_path / "worker.py", tmp_path / "pids"
    script.write_text(
        "import os, psutil\nfrom pathlib import Path\n"
        "from energyplus.engines.engine import SimulationJob\nfrom energyplus.engines.pip_engine import PipEngine\n"
        "from energyplus.run_period import RunPeriod\n"
        f"model, weather, pids = Path({str(job.model_path)!r}), Path({str(job.weather_path)!r}), Path({str(pids)!r})\n"
        "def stop():\n"
        "    if (model.parent / 'eplusout.err').exists():\n"
        "        pids.write_text(' '.join(str(child.pid) for child in psutil.Process().children(recursive=True)))\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return False\n"
        "PipEngine().simulate(SimulationJob(model, weather, model.parent, RunPeriod(), 60), stop)\n"
    )
    worker = subprocess.run([sys.executable, str(script)], env=child_environment(), cwd=tmp_path, check=False)
    assert worker.returncode == -signal.SIGKILL
    left = [psutil.Process(int(pid)) for pid in pids.read_text().split() if psutil.pid_exists(int(pid))]
    _gone, alive = psutil.wait_procs(left, timeout=10)
    assert len(pids.read_text().split()) == 2
    assert alive == []


def test_closing_ends_the_server_and_another_case_starts_it_again(make_job: MakeJob) -> None:
    own = PipEngine()
    own.simulate(make_job("first"), never)
    server = psutil.Process(own.server_pid)
    own.close()
    assert not server.is_running()
    assert own.server_pid is None
    assert own.simulate(make_job("second"), never).status == "succeeded"
    own.close()


def test_a_case_that_cannot_begin_is_the_machines_fault(engine: PipEngine, make_job: MakeJob) -> None:
    job = make_job("lost")
    gone = SimulationJob(job.model_path, job.run_folder / "gone.epw", job.run_folder, DESIGN_DAYS, 60.0)
    with pytest.raises(EngineError, match=re.escape("gone.epw")):
        engine.simulate(gone, never)


def test_attachments_stand_in_the_run_folder_under_their_bare_names_and_go_again(
    engine: PipEngine, make_job: MakeJob, tmp_path: Path
) -> None:
    stored = tmp_path / "0a1b2c"
    stored.write_text("0.5\n" * 8760)
    job = make_job("attached", attachments={"occupancy.csv": stored})
    schedule = "\nScheduleTypeLimits,of the file;\nSchedule:File,attached,of the file,occupancy.csv,1,0;\n"
    job.model_path.write_text(job.model_path.read_text() + schedule)
    outcome = engine.simulate(job, never)
    assert outcome.status == "succeeded", outcome.failure
    assert not (job.run_folder / "occupancy.csv").exists()
    assert stored.exists()


@pytest.mark.parametrize("name", ["../occupancy.csv", "/etc/passwd", "eplusout.sql", "Energy+.ini", "libm.so.6", ""])
def test_an_attachment_cannot_lie_elsewhere_or_stand_for_a_file_of_the_engine(make_job: MakeJob, name: str) -> None:
    with pytest.raises(ModelError, match="bare name"):
        make_job("wrong", attachments={name: Path("/dev/null")})


def test_a_full_run_keeps_every_file_and_only_files(engine: PipEngine, make_job: MakeJob, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1\n" * 8760)
    job = make_job("full", keep_full=True, attachments={"a.csv": tmp_path / "a.csv"})
    outcome = engine.simulate(job, never)
    kept = {path.name for path in job.run_folder.iterdir()}
    assert set(outcome.files) == kept
    assert kept > {"model.idf", "eplusout.sql", "console.txt", "a.csv"}
    assert set(engine.simulate(make_job("lean"), never).files) <= set(KEPT_FILES)
