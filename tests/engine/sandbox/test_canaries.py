"""Secrets of the environment, of another run and of files outside: none is found in what a run wrote."""

import json
import socket
from pathlib import Path

import pytest

from tests.engine.sandbox.box import Model, box_with
from tests.engine.sandbox.engine_client import SECRET_OF_THE_ENVIRONMENT, SealedEngine
from tests.engine.sandbox.engine_server import Run
from tests.engine.sandbox.hazards import CANARY, HAZARDS, Outside

pytestmark = pytest.mark.engine


def window_data(path: str) -> Model:
    return {"Construction:WindowDataFile": {"W": {"file_name": path}}}


def run(engine: SealedEngine, objects: Model, folder: Path, weather: Path) -> bytes:
    """Run sealed; return all that came out."""
    folder.mkdir()
    model = folder / "model.epJSON"
    model.write_text(json.dumps(box_with(objects)))
    engine.run(Run(str(model), str(weather), str(folder)))
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path != model)


@pytest.mark.parametrize("process", ["self", "its parent", "1"])
def test_the_environment_does_not_come_out(
    process: str, sealed_engine: SealedEngine, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    number = str(sealed_engine.pid) if process == "its parent" else process
    came_out = run(sealed_engine, window_data(f"/proc/{number}/environ"), tmp_path / "run", weathers["chicago"])
    assert b"Could not open file" in came_out
    assert SECRET_OF_THE_ENVIRONMENT.encode() not in came_out
    assert b"PYTHONP" not in came_out


def test_another_run_does_not_come_out(
    sealed_engine: SealedEngine, listener: socket.socket, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    sibling = tmp_path / "sibling"
    sibling.mkdir()
    for name in ("canary.csv", "canary.txt"):
        (sibling / name).write_text(f"{CANARY},{CANARY}\n" * 8761)
    outside = Outside(sibling / "canary.csv", sibling / "canary.txt", sibling / "canary.cbor", listener)
    for number, name in enumerate(("a schedule of an absolute path", "window data", "a table of a file outside")):
        came_out = run(sealed_engine, HAZARDS[name](outside).objects, tmp_path / str(number), weathers["chicago"])
        assert CANARY[:5].encode() not in came_out
    sideways = run(sealed_engine, window_data("../sibling/canary.txt"), tmp_path / "sideways", weathers["chicago"])
    assert b"Could not open file" in sideways


def test_a_link_in_the_run_folder_does_not_lead_out(
    sealed_engine: SealedEngine, tmp_path: Path, weathers: dict[str, Path]
) -> None:
    (tmp_path / "secret").write_text(CANARY)
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    model = folder / "model.epJSON"
    model.write_text(json.dumps(box_with(window_data("link"))))
    sealed_engine.run(Run(str(model), str(weathers["chicago"]), str(folder)))
    (folder / "link").unlink()
    assert CANARY[:5].encode() not in b"".join(path.read_bytes() for path in folder.iterdir())
