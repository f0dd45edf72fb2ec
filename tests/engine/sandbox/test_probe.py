"""The probe says whether this machine can seal a case, and why not."""

import socket
import threading
from pathlib import Path

import pytest

from energyplus.sandbox import SandboxReport, probe_sandbox, trial
from energyplus.sandbox.attempts import ATTEMPTS
from energyplus.sandbox.landlock import landlock_abi


def test_here_everything_tried_is_refused(tmp_path: Path) -> None:
    report = probe_sandbox(tmp_path)
    assert report == SandboxReport("enforced", landlock_abi(), report.machine, "", len(ATTEMPTS))
    assert list(tmp_path.iterdir()) == []


def test_a_process_with_threads_may_ask(tmp_path: Path) -> None:
    reports: list[SandboxReport] = []
    threads = [threading.Thread(target=lambda: reports.append(probe_sandbox(tmp_path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.mode for report in reports] == ["enforced"] * 3


def test_something_that_is_not_refused_makes_the_sandbox_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ATTEMPTS, "breathe", lambda _: None)
    assert trial.try_sandbox(tmp_path)["mode"] == "unavailable"
    assert trial.try_sandbox(tmp_path)["reason"] == "Not refused inside the sandbox: breathe (possible)."


def test_a_trial_that_is_cut_short_makes_the_sandbox_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(_: object) -> None:
        raise SystemExit

    monkeypatch.setitem(ATTEMPTS, "burst", burst)
    report = trial.try_sandbox(tmp_path)
    assert report["mode"] == "unavailable"
    assert "ended or hung" in str(report["reason"])


def test_a_connection_that_arrives_makes_the_sandbox_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lay_out_and_connect(folder: Path, tcp: socket.socket, udp: socket.socket, local: socket.socket) -> object:
        around = trial_lay_out(folder, tcp, udp, local)
        with socket.create_connection(("127.0.0.1", around.tcp_port)):
            return around

    trial_lay_out = trial.lay_out
    monkeypatch.setattr(trial, "lay_out", lay_out_and_connect)
    assert trial.try_sandbox(tmp_path)["reason"] == "Somebody spoke to a listener outside."


def test_another_machine_is_unavailable_and_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    report = trial.try_sandbox(tmp_path)
    assert report["mode"] == "unavailable"
    assert "only x86-64 and aarch64" in str(report["reason"])


def test_a_folder_that_is_missing_makes_the_sandbox_unavailable(tmp_path: Path) -> None:
    report = probe_sandbox(tmp_path / "missing")
    assert report.mode == "unavailable"
    assert "No such file or directory" in report.reason


def test_a_python_that_does_not_start_makes_the_sandbox_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert "did not run" in probe_sandbox().reason
