"""A farm is backed up while it runs and restored into an empty home, where it goes on; damaged archives are refused."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from casefarm.local.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.engine]
DROPPED = {
    "DATABASE_URL",
    "REDIS_URL",
    "CASEFARM_SECRET_KEY",
    "CASEFARM_URL",
    "CASEFARM_TOKEN",
    "DJANGO_SETTINGS_MODULE",
}
START_S, RUN_S, STOP_S = 180, 240, 60
GLAZING = {"u_factor_w_m2k": 1.1, "shgc": 0.5, "visible_transmittance": 0.6}
WINDOW = {"name": "Window", "kind": "window", "glazing": GLAZING}
LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}


class Home:
    """A home, its farm where one runs, and the command for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = {name: value for name, value in os.environ.items() if name not in DROPPED}
        self.settings |= {"CASEFARM_HOME": str(path), "CASEFARM_PORT": "0", "CASEFARM_SLOTS": "1"}
        self.process: subprocess.Popen[bytes] | None = None
        self.http: httpx.Client | None = None

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "casefarm.cli", *arguments],
            env=self.settings,
            cwd=self.path.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> "Home":
        log = self.path.with_suffix(".log")
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "casefarm.cli", "up", "--sample", ""],
                env=self.settings,
                cwd=self.path.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(lambda: self.process.poll() is not None or "Ctrl-C stops it" in log.read_text(), START_S, 0.1)
        assert self.process.poll() is None, log.read_text()
        token = (self.path / "token").read_text().strip()
        url = (self.path / "run" / "url").read_text().strip()
        self.http = httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=60)
        return self

    def stop(self) -> None:
        if self.http is not None:
            self.http.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOP_S)

    def kill(self) -> None:
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        psutil.wait_procs(children, timeout=30)

    def submit(self, name: str, samples: int, days: str, **more: object) -> str:
        lighting = {"name": "lighting", "target": LIGHTS, "uniform": [5, 15]}
        study = {
            "name": name,
            "model": "warehouse",
            "weather": "chicago",
            "run_period": {"start": "01-01", "end": days},
            "parameters": [lighting],
            "design": {"method": "lhs", "samples": samples, "seed": len(name)},
            **more,
        }
        answer = self.http.post("/api/batches/", json=study)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def show(self, batch_id: str) -> dict:
        return self.http.get(f"/api/batches/{batch_id}/").raise_for_status().json()

    def wait_for(self, batch_id: str, is_so) -> dict:
        assert wait_until(lambda: is_so(self.show(batch_id)), RUN_S, 0.1), self.show(batch_id)
        return self.show(batch_id)

    def table(self, batch_id: str) -> bytes:
        answer = self.http.get(f"/api/batches/{batch_id}/results/", params={"as": "csv"})
        return answer.raise_for_status().content

    def hashes(self, *below: str) -> dict[str, str]:
        root = self.path / "files"
        found = (path for part in below for path in (root / part).rglob("*") if path.is_file())
        return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """Back up a running farm: a batch that has ended, one half-way, an upload, a construction set, a token."""
    folder = tmp_path_factory.mktemp("backup")
    farm = Home(folder / "first").start()
    try:
        ended = farm.submit("ended", 2, "01-02")
        farm.wait_for(ended, lambda batch: batch["state"] == "completed")
        upload = farm.http.post("/api/models/", files={"file": ("box.idf", read_model(farm))})
        assert upload.status_code == 201, upload.text
        constructions = farm.http.post(
            "/api/construction-sets/", json={"name": "mine", "currency": "EUR", "constructions": [WINDOW]}
        )
        assert constructions.status_code == 201, constructions.text
        token = farm.http.post("/api/tokens/").json()["token"]
        half = farm.submit("half-finished", 8, "01-31")
        farm.wait_for(half, lambda batch: batch["progress"]["finished"] >= 1)
        made = farm.command("backup", str(folder / "archive.tar"))
        assert made.returncode == 0, made.stdout + made.stderr
        farm.kill()
        farm.before = {"ended": ended, "half": half, "upload": upload.json()["id"], "token": token}
        farm.rows = farm_table(folder, farm)
        yield folder / "archive.tar", farm
    finally:
        farm.stop()


def farm_table(folder: Path, farm: Home) -> bytes:
    """Return the ended batch's table as the first farm stored it."""
    (part,) = (farm.path / "files" / "batches" / farm.before["ended"] / "table").iterdir()
    return part.read_bytes()


def read_model(farm: Home) -> bytes:
    """Return a model that the library does not have: the bundled warehouse with a comment."""
    from energyplus.bundled import list_bundled_models

    path = next(entry.path for entry in list_bundled_models() if entry.alias == "warehouse")
    return path.read_bytes() + b"\n! changed\n"


def test_a_farm_goes_on_where_it_was_backed_up(backed_up, tmp_path):
    archive, first = backed_up
    before = first.before
    fresh = Home(tmp_path / "second")
    restored = fresh.command("restore", str(archive))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "every hash compared twice, no mismatch" in restored.stdout

    kept = f"batches/{before['ended']}"
    assert fresh.hashes(kept) == first.hashes(kept)
    assert len(fresh.hashes(kept)) > 4
    blobs = fresh.hashes("blobs")
    assert blobs == {name: first.hashes("blobs")[name] for name in blobs}
    (part,) = (fresh.path / "files" / kept / "table").iterdir()
    assert part.read_bytes() == first.rows

    again = fresh.command("restore", str(archive))
    assert (again.returncode, "This stack is not empty: it has 2 batches" in again.stderr) == (1, True)

    try:
        fresh.start()
        assert b"lighting" in fresh.table(before["ended"])
        assert fresh.http.get(f"/api/models/{before['upload']}/").json()["name"] == "box.idf"
        names = [found["name"] for found in fresh.http.get("/api/construction-sets/").json()["results"]]
        assert "mine" in names
        old_token = {"Authorization": f"Token {before['token']}"}
        assert fresh.http.get("/api/account/", headers=old_token).json()["username"] == "local"
        end = fresh.wait_for(
            before["half"], lambda batch: batch["state"] not in ("queued", "expanding", "running", "aggregating")
        )
        assert (end["state"], end["counts"]["succeeded"]) == ("completed", 8)
    finally:
        fresh.stop()


@pytest.mark.parametrize("damage", ["a byte in a file", "a byte in the manifest", "the tail is gone", "half is gone"])
def test_a_damaged_archive_is_refused_by_the_name_of_the_file(backed_up, tmp_path, damage):
    archive, _ = backed_up
    content = bytearray(archive.read_bytes())
    named = damage_archive(content, damage)
    broken = tmp_path / "broken.tar"
    broken.write_bytes(content)
    fresh = Home(tmp_path / "home")
    verified = fresh.command("backup", "--verify", str(broken))
    assert verified.returncode == 1, verified.stdout
    assert named in verified.stderr
    assert "Traceback" not in verified.stderr


def damage_archive(content: bytearray, damage: str) -> str:
    """Damage an archive; return what the refusal has to name."""
    if damage == "a byte in a file":
        content[content.index(b"files/blobs/") + 1024] ^= 1
        return "files/blobs/"
    if damage == "a byte in the manifest":
        content[content.rindex(b'"sha256":"') - 200] ^= 1
        return "manifest.jsonl"
    if damage == "the tail is gone":
        del content[-20_000:]
        return "manifest.jsonl"
    del content[len(content) // 2 :]
    return "files/"


def test_nothing_is_written_before_everything_was_found_right(backed_up, tmp_path):
    archive, _ = backed_up
    content = bytearray(archive.read_bytes())
    damage_archive(content, "a byte in the manifest")
    (tmp_path / "broken.tar").write_bytes(content)
    fresh = Home(tmp_path / "home")
    refused = fresh.command("restore", str(tmp_path / "broken.tar"))
    assert (refused.returncode, "nothing was restored" in refused.stderr) == (1, True)
    assert fresh.hashes("batches", "known", "blobs") == {}
    shutil.rmtree(fresh.path)


def test_a_farm_that_stands_still_is_backed_up_into_a_folder_without_case_files(backed_up, tmp_path):
    _, first = backed_up
    made = first.command("backup", "--without-case-files", str(tmp_path / "folder"))
    assert made.returncode == 0, made.stderr
    batch = tmp_path / "folder" / "files" / "batches" / first.before["ended"]
    assert [path.name for path in batch.iterdir()] == ["table"]
    fresh = Home(tmp_path / "second")
    restored = fresh.command("restore", str(tmp_path / "folder"))
    assert restored.returncode == 0, restored.stderr
    assert (fresh.path / "files" / "batches" / first.before["ended"] / "table").is_dir()
    assert not (fresh.path / "files" / "batches" / first.before["ended"] / "cases").exists()
    assert first.command("backup", "--verify", str(tmp_path / "folder")).returncode == 0
