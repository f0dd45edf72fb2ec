"""Models that would do harm, run by the real engine in the sandbox: nothing leaks, nothing is made outside, all end."""

import json
import signal
import socket
import struct
from pathlib import Path

import pytest

from tests.engine.sandbox.box import box_with
from tests.engine.sandbox.engine_client import SECRET_OF_THE_ENVIRONMENT, RunEnd, SealedEngine
from tests.engine.sandbox.engine_server import Run
from tests.engine.sandbox.hazards import CANARY, CANARY_NUMBER, HAZARDS, Hazard, Outside

pytestmark = pytest.mark.engine

LEAKS = (
    CANARY.encode(),
    CANARY[:5].encode(),  # the engine cuts words
    str(CANARY_NUMBER).encode(),
    struct.pack(">d", CANARY_NUMBER),  # as SQLite stores it
    b"root:x:0:0",
    SECRET_OF_THE_ENVIRONMENT.encode(),
)


@pytest.fixture
def outside(tmp_path: Path, listener: socket.socket) -> Outside:
    folder = tmp_path / "outside"
    folder.mkdir()
    table, text = folder / "canary.csv", folder / "canary.txt"
    table.write_text("\n".join((f"{CANARY},{CANARY}", *[f"{CANARY_NUMBER},{CANARY}"] * 8760)))
    text.write_text(f"{CANARY} {CANARY_NUMBER}\n" * 10)
    representation = folder / "canary.cbor"
    representation.write_text(f"{CANARY} {CANARY_NUMBER}\n")
    return Outside(table, text, representation, listener)


def stage(hazard: Hazard, folder: Path) -> Path:
    folder.mkdir()
    for name, content in hazard.files.items():
        (folder / name).write_bytes(content)
    model = folder / "model.epJSON"
    model.write_text(json.dumps(box_with(hazard.objects)))
    return model


def converted(engine: SealedEngine, model: Path, weather: Path) -> Path:
    """Have the engine itself write the epJSON as IDF, sealed too."""
    engine.run(Run(str(model), str(weather), str(model.parent), options=("--convert-only",)))
    text = model.with_suffix(".idf")
    assert text.is_file()
    model.unlink()
    return text


def what_came_out(folder: Path, staged: set[str]) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name not in staged)


def connected(outside: Outside) -> bool:
    try:
        outside.listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("form", ["epJSON", "IDF"])
@pytest.mark.parametrize("name", HAZARDS)
def test_a_sealed_run_harms_nobody(
    name: str, form: str, sealed_engine: SealedEngine, outside: Outside, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    hazard = HAZARDS[name](outside)
    model = stage(hazard, tmp_path / "run")
    if form == "IDF":
        model = converted(sealed_engine, model, weathers["chicago"])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("outside/*")}

    end = sealed_engine.run(Run(str(model), str(weathers["chicago"]), str(model.parent), cpu_s=hazard.cpu_s))

    assert_it_ended_as_it_must(end, hazard)
    came_out = what_came_out(model.parent, {model.name, *hazard.files})
    assert [leak for leak in LEAKS if leak in came_out] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "run"]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("outside/*")} == before
    assert not connected(outside)


def assert_it_ended_as_it_must(end: RunEnd, hazard: Hazard) -> None:
    assert not end.timed_out
    assert end.cpu_s < hazard.cpu_s + 1
    signal_name = signal.Signals(-end.status).name if end.status < 0 else ""
    assert signal_name in (hazard.ends_by or ("", "SIGABRT", "SIGSEGV"))


@pytest.mark.parametrize("name", ["a schedule of an absolute path", "a schedule of a path with ..", "window data"])
def test_without_the_sandbox_the_same_model_leaks(
    name: str, sealed_engine: SealedEngine, outside: Outside, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    model = stage(HAZARDS[name](outside), tmp_path / "run")
    sealed_engine.run(Run(str(model), str(weathers["chicago"]), str(model.parent), sealed=False))
    came_out = what_came_out(model.parent, {model.name})
    assert any(leak in came_out for leak in LEAKS)


def test_without_the_sandbox_the_command_of_the_same_model_is_executed(
    sealed_engine: SealedEngine, outside: Outside, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    model = stage(HAZARDS["a mock-up unit whose name is a command"](outside), tmp_path / "run")
    sealed_engine.run(Run(str(model), str(weathers["chicago"]), str(model.parent), sealed=False))
    assert (tmp_path / "made-by-the-model").exists()


def test_without_the_sandbox_the_same_model_connects(
    sealed_engine: SealedEngine, outside: Outside, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    model = stage(HAZARDS["a connection to a server"](outside), tmp_path / "run")
    sealed_engine.run(Run(str(model), str(weathers["chicago"]), str(model.parent), sealed=False, timeout_s=2))
    assert connected(outside)
