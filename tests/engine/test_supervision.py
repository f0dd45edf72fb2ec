"""Children end when they should and leave nothing behind; fake engines are real executables."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.engines.supervision import child_environment
from energyplus.errors import EngineError
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS

FAKE = Path(__file__).parent.parent / "fakes" / "engine.py"


def run_fake(word: str, folder: Path, argument: object = "", **options: object) -> SimulationOutcome:
    should_stop = options.pop("should_stop", lambda: False)
    timeout_s = options.pop("timeout_s", 60.0)
    (folder / "given.idf").write_text("Version,25.2;")
    job = SimulationJob(folder / "given.idf", folder / "none.epw", folder / "run", THREE_DAYS, timeout_s)  # type: ignore[arg-type]
    engine = PipEngine((sys.executable, str(FAKE), word, str(argument)), **options)  # type: ignore[arg-type]
    return engine.simulate(job, should_stop)  # type: ignore[arg-type]


def is_running(pid: int) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return not poll.poll(1000)  # ms; killed processes may need a moment to be gone
    finally:
        os.close(descriptor)


def test_a_cancelled_run_is_dead_with_all_its_processes_at_once(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    started: list[float] = []

    def should_stop() -> bool:
        if pids.exists() and pids.read_text():
            started.append(monotonic())
        return bool(started)

    outcome = run_fake("sleep", tmp_path, pids, should_stop=should_stop)
    assert monotonic() - started[0] < 1.0
    assert (outcome.status, outcome.failure and outcome.failure.kind) == ("cancelled", "cancelled")
    assert outcome.metrics["electricity_kwh"] is None
    assert not any(is_running(int(pid)) for pid in pids.read_text().split())


def test_a_run_past_its_time_limit_is_killed_and_says_so(tmp_path: Path) -> None:
    outcome = run_fake("sleep", tmp_path, tmp_path / "pids", timeout_s=0.4)
    assert outcome.status == "timed_out"
    assert outcome.failure is not None
    assert "its time limit of 0.4 s" in outcome.failure.message
    assert outcome.simulation_s < 1.5


def test_a_run_dies_when_the_question_whether_to_stop_fails(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    def should_stop() -> bool:
        if pids.exists() and pids.read_text():
            raise ConnectionError("the database is gone")
        return False

    with pytest.raises(ConnectionError):
        run_fake("sleep", tmp_path, pids, should_stop=should_stop)
    assert not any(is_running(int(pid)) for pid in pids.read_text().split())


def test_a_run_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    pids, script = tmp_path / "pids", tmp_path / "parent.py"
    script.write_text(
        "import os, sys\nfrom pathlib import Path\n"
        "from energyplus.engines.engine import SimulationJob\nfrom energyplus.engines.pip_engine import PipEngine\n"
        "from energyplus.run_period import RunPeriod\n"
        f"folder = Path({str(tmp_path)!r})\n(folder / 'given.idf').write_text('Version,25.2;')\n"
        "def stop():\n    if pids.exists() and pids.read_text():\n        os.kill(os.getpid(), 9)\n    return False\n"
        "pids = folder / 'pids'\n"
        "child = 'import energyplus.engines.supervision as s, os, signal, sys; s.die_with_parent(); '"
        " \"open(sys.argv[1], 'w').write(str(os.getpid())); signal.pause()\"\n"
        "engine = PipEngine((sys.executable, '-c', child, str(pids)))\n"
        "engine.simulate(SimulationJob(folder / 'given.idf', folder, folder / 'run', RunPeriod(), 60), stop)\n"
    )
    parent = subprocess.run([sys.executable, str(script)], env=child_environment(), cwd=tmp_path, check=False)
    assert parent.returncode == -signal.SIGKILL
    assert not is_running(int(pids.read_text()))


def test_a_crash_is_reported_with_its_signal_and_what_the_engine_said_before(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "eplusout.err").write_text(
        "   ** Severe  ** Something is odd.\n   **   ~~~   ** Very odd.\n"
    )
    outcome = run_fake("crash", tmp_path, tmp_path / "before")
    assert (outcome.status, outcome.signal, outcome.exit_code) == ("crashed", "SIGSEGV", None)
    assert outcome.failure is not None
    assert outcome.failure.message == "engine crashed: SIGSEGV. Something is odd. Very odd."


def test_a_file_that_grows_beyond_the_limit_ends_the_run(tmp_path: Path) -> None:
    outcome = run_fake("flood", tmp_path, largest_file_bytes=20_000_000)
    assert (outcome.status, outcome.signal) == ("crashed", "SIGXFSZ")
    assert outcome.failure is not None
    assert "a file would have grown beyond 20,000,000 bytes" in outcome.failure.message
    assert (tmp_path / "run" / "eplusout.err").stat().st_size == 20_000_000
    assert outcome.diagnostics.first_warnings == ("the same again",)
    assert not outcome.diagnostics.is_complete


def test_the_engine_inherits_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEFARM_CANARY", "secret")
    outcome = run_fake("environment", tmp_path)
    allowed = {*child_environment(tmp_path), "LC_CTYPE"}
    assert set(outcome.diagnostics.severe) <= allowed
    assert "CASEFARM_CANARY" not in outcome.diagnostics.severe


def test_an_engine_that_cannot_begin_is_quoted(tmp_path: Path) -> None:
    outcome = run_fake("mumble", tmp_path)
    assert outcome.failure is not None
    assert outcome.failure.message == (
        "The engine ended with exit code 4 and gave no reason in eplusout.err. It said: library not found"
    )


def test_a_missing_engine_is_the_machines_fault_not_the_models(tmp_path: Path) -> None:
    (tmp_path / "given.idf").write_text("")
    job = SimulationJob(tmp_path / "given.idf", tmp_path, tmp_path / "run", THREE_DAYS, 5)
    with pytest.raises(EngineError, match="cannot be started"):
        PipEngine((str(tmp_path / "nowhere"),)).simulate(job, lambda: False)
