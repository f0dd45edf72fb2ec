"""The archive of a batch: every file under its plain name, chosen ones, what is said where there are none."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from batches import storage
from batches.cases import kept_files
from batches.models import Batch, Case
from batches.results import archives
from batches.results.archives import ArchiveWriter
from tests.backend.batches.finished_batches import finish, read_body, record

TARGET = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Archive",
    "model": "warehouse",
    "weather": "chicago",
    "baseline": True,
    "parameters": [{"name": "lighting", "target": TARGET, "values": [1.0, 2.0, 3.0, 4.0, 5.0]}],
    "design": {"method": "grid"},
}
CONTENTS = {"eplusout.err": b"** Severe ** of case %d", "eplustbl.htm": b"<html>%d</html>", "series.parquet": b"PAR1%d"}


@pytest.fixture
def batch(owner: User, tmp_path: Path) -> Batch:
    """Six cases, the third of which failed, each with three files."""
    batch = finish(record(owner, STUDY), lambda point: None if point.index == 2 else {"heating_kwh": 1.0})
    for case in Case.objects.filter(batch_id=batch.pk):
        keep(batch, case, tmp_path)
    return batch


def keep(batch: Batch, case: Case, tmp_path: Path) -> None:
    plain = tmp_path / "run" / f"{case.index}-{case.attempt}"
    plain.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (plain / name).write_bytes(content % case.index)
    folder = storage.case_folder(batch.pk, batch.shard_of(case.index), case.index, case.attempt)
    kept_files.keep_files(plain, list(CONTENTS), folder)


@pytest.fixture
def read(batch: Batch, log_in: Callable[[User], APIClient]) -> Callable[[str], dict[str, bytes]]:
    """Asks for an archive and returns what is in it, by name."""

    def ask(query: str = "") -> dict[str, bytes]:
        answer = log_in(batch.owner).get(f"/api/batches/{batch.pk}/archive/{query}")
        assert answer.status_code == 200, answer.json()
        with zipfile.ZipFile(io.BytesIO(read_body(answer))) as found:
            assert found.testzip() is None
            return {name: found.read(name) for name in found.namelist()}

    return ask


def test_an_archive_has_every_file_of_every_case_the_table_and_the_study(
    batch: Batch, read: Callable[..., dict[str, bytes]]
) -> None:
    found = read()
    expected = {f"cases/{index}/{name}": text % index for index in range(-1, 5) for name, text in CONTENTS.items()}
    assert {name: content for name, content in found.items() if name.startswith("cases/")} == expected
    assert yaml.safe_load(found["study.yaml"]) == batch.study
    assert found["results.csv"].splitlines()[1].startswith(b"-1,succeeded,")
    assert set(found) == {*expected, "study.yaml", "results.csv"}


@pytest.mark.parametrize(
    ("query", "indices", "names"),
    [
        ("?files=eplusout.err", range(-1, 5), ["eplusout.err"]),
        ("?files=eplusout.err,eplustbl.htm&cases=-1,3-4", [-1, 3, 4], ["eplusout.err", "eplustbl.htm"]),
        ("?state=failed", [2], list(CONTENTS)),
        ("?files=nothing.txt", [], []),
        ("?cases=2-2", [2], list(CONTENTS)),
    ],
)
def test_files_and_cases_are_chosen(
    read: Callable[..., dict[str, bytes]], query: str, indices: list[int], names: list[str]
) -> None:
    found = {name for name in read(query) if name.startswith("cases/")}
    assert found == {f"cases/{index}/{name}" for index in indices for name in names}


@pytest.mark.parametrize("query", ["?cases=a", "?cases=5-3", "?files=../secret", "?state=running"])
def test_a_mistake_is_told(batch: Batch, log_in: Callable[[User], APIClient], query: str) -> None:
    answer = log_in(batch.owner).get(f"/api/batches/{batch.pk}/archive/{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == query[1:].partition("=")[0]


def test_an_archive_of_too_many_files_is_refused_before_it_begins(
    batch: Batch, log_in: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batches.results.archives_api.MOST_ENTRIES", 10)
    api = log_in(batch.owner)
    assert api.get(f"/api/batches/{batch.pk}/archive/").status_code == 400
    assert api.get(f"/api/batches/{batch.pk}/archive/?files=eplusout.err").status_code == 200


def test_files_that_retention_removed_are_gone(batch: Batch, log_in: Callable[[User], APIClient]) -> None:
    Batch.objects.filter(pk=batch.pk).update(outputs_removed_at=timezone.now())
    answer = log_in(batch.owner).get(f"/api/batches/{batch.pk}/archive/")
    assert (answer.status_code, "were removed" in answer.json()["detail"]) == (410, True)


def test_an_archive_is_its_owners(batch: Batch, other_api: APIClient) -> None:
    assert other_api.get(f"/api/batches/{batch.pk}/archive/").status_code == 404


def test_a_case_that_is_run_again_meanwhile_keeps_the_archive_whole(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = archives.find_files

    def list_and_lose(*args: Any) -> Any:
        found = listed(*args)
        if args[1].index == 3:  # its folder goes between the look and the reading
            storage.remove_folder(archives.find_case_folder(*args[:2]))
        return found

    monkeypatch.setattr(archives, "find_files", list_and_lose)
    content = b"".join(archives.stream_archive(batch, archives.ArchiveChoice(names=("eplusout.err",))))
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        assert "cases/3/eplusout.err" not in found.namelist()
        assert found.read("left-out.txt") == b"cases/3/eplusout.err\n"


def test_more_entries_than_a_plain_zip_can_have_are_read_by_others(tmp_path: Path) -> None:
    writer, path = ArchiveWriter(), tmp_path / "many.zip"
    when = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
    with path.open("wb") as file:
        for index in range(66_000):
            file.writelines(writer.add(f"cases/{index}/a", [b"%d" % index], when, 5))
        file.writelines(writer.close())
    with zipfile.ZipFile(path) as found:
        assert len(found.namelist()) == 66_000
        assert found.read("cases/65999/a") == b"65999"
        assert found.getinfo("cases/65999/a").date_time == (2026, 1, 2, 3, 4, 6)
    if unzip := shutil.which("unzip"):
        assert subprocess.run([unzip, "-tqq", path], check=False).returncode == 0
