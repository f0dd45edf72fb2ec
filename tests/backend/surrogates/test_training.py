"""Surrogates are trained, shown, stopped, kept and deleted over the API; what cannot be trained is refused."""

import csv
import io
from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from backups.contents import list_surrogates
from batches.clean_up.orphans import list_further, list_orphans
from filestore.operations import Key
from filestore.store import files as store
from surrogates import leases, training_stage
from surrogates.leases import Reason
from surrogates.models import Surrogate
from surrogates.states import SurrogateState
from surrogates.storage import checkpoint_folder, checkpoint_path, model_path, surrogate_folder, table_path

pytestmark = pytest.mark.django_db(transaction=True)  # a lease is looked after from a connection of its own

ROWS = 60
METRICS = ["electricity_kwh", "heating_kwh"]


@pytest.fixture(autouse=True)
def nobody_takes_messages(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Messages go nowhere: tests call the stage themselves."""
    from surrogates import tasks

    sent: list[Any] = []
    monkeypatch.setattr(
        tasks.train_surrogate, "apply_async", lambda args=None, *_, **__: sent.append(args), raising=True
    )
    return sent


@pytest.fixture
def quick_training(emulator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that comes to its end at once, with a surrogate of other rows."""
    from surrogates.emulator import training

    monkeypatch.setattr(training, "train", lambda *_: emulator)


def make_csv(rows: int = ROWS, **changes: list[Any]) -> bytes:
    random = np.random.default_rng(3)
    lighting, insulation = random.uniform(2, 12, rows), random.uniform(0.02, 0.3, rows)
    fuel = np.where(random.random(rows) < 0.5, "gas", "oil").tolist()
    columns: dict[str, Any] = {
        "lighting": lighting.tolist(),
        "insulation": insulation.tolist(),
        "fuel": fuel,
        "electricity_kwh": (500 + 100 * lighting).tolist(),
        "heating_kwh": (2000 / (1 + 8 * insulation) - 20 * lighting + 300).tolist(),
        **changes,
    }
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def post_table(api: APIClient, content: bytes | None = None, **more: Any) -> Any:
    table = SimpleUploadedFile("house.csv", make_csv() if content is None else content)
    return api.post("/api/surrogates/", {"table": table, "kind": "ridge", "metrics": METRICS, **more}, "multipart")


@pytest.fixture
def queued(api: APIClient) -> Surrogate:
    response = post_table(api)
    assert response.status_code == 202, response.content
    return Surrogate.objects.get(pk=response.json()["id"])


async def read_all(response: Any) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


def list_kept(surrogate: Surrogate) -> list[str]:
    return [file.key.name for file in store.list_files(surrogate_folder(surrogate.pk))]


def test_a_surrogate_of_a_table_becomes_ready_with_report_inputs_and_provenance(
    api: APIClient, queued: Surrogate, nobody_takes_messages: list[Any]
) -> None:
    assert nobody_takes_messages == [(str(queued.pk),)]
    assert training_stage.train_surrogate(queued.pk) is training_stage.Outcome.DONE
    shown = api.get(f"/api/surrogates/{queued.pk}/").json()
    assert (shown["error"], shown["state"], shown["version"]) == (None, "ready", 1)
    assert shown["progress"]["percent"] == 100.0
    assert {entry["name"]: entry["kind"] for entry in shown["inputs"]} == {
        "lighting": "number",
        "insulation": "number",
        "fuel": "category",
    }
    assert shown["metrics"][0] == {"name": "electricity_kwh", "label": "Electricity", "unit": "kWh"}
    assert shown["report"]["kind"] == "ridge"
    assert shown["report"]["cases"] == ROWS
    assert shown["provenance"]["cases_used"] == ROWS
    assert shown["provenance"]["table"] == "house.csv"
    assert shown["provenance"]["releases"]["torch"].startswith("2.13.0")
    assert list_kept(queued) == [model_path(queued.pk, 1).name]
    assert shown["file_bytes"] > 0


def test_a_trained_surrogate_goes_to_another_farm_and_comes_back_as_its_next_version(
    api: APIClient, queued: Surrogate, quick_training: None
) -> None:
    training_stage.train_surrogate(queued.pk)
    download = api.get(f"/api/surrogates/{queued.pk}/file/")
    content = async_to_sync(read_all)(download)
    assert len(content) == int(download["Content-Length"])
    upload = {"file": SimpleUploadedFile("house.casefarm-surrogate", content), "name": queued.name}
    brought = api.post("/api/surrogates/upload/", upload, "multipart").json()
    assert brought["version"] == 2
    training_stage.train_surrogate(Surrogate.objects.get(pk=brought["id"]).pk)
    shown = api.get(f"/api/surrogates/{brought['id']}/").json()
    assert (shown["state"], shown["error"]) == ("ready", None)
    assert shown["metrics"] == api.get(f"/api/surrogates/{queued.pk}/").json()["metrics"]
    assert [entry["version"] for entry in shown["versions"]] == [1, 2]


def test_a_file_that_is_no_surrogate_is_not_taken_in(api: APIClient) -> None:
    upload = {"file": SimpleUploadedFile("strange.zip", b"PK\x03\x04 and nothing else")}
    brought = api.post("/api/surrogates/upload/", upload, "multipart").json()
    row = Surrogate.objects.get(pk=brought["id"])
    training_stage.train_surrogate(row.pk)
    row.refresh_from_db()
    assert row.state == SurrogateState.FAILED
    assert row.failure
    assert list_kept(row) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "more", "path", "word"),
    [
        (make_csv(12), {}, "batches", "needs 20 or more"),
        (make_csv(heating_kwh=[7.0] * ROWS), {}, "metrics", "'heating_kwh' is 7 in all 60 cases"),
        (make_csv(heating_kwh=[*[7.0] * (ROWS - 1), ""]), {}, "metrics", "missing in 1 of 60"),
        (make_csv(heating_kwh=["much"] * ROWS), {}, "metrics", "holds texts"),
        (make_csv(state=["failed"] * ROWS), {}, "batches", "No case can be learnt from: 60 failed"),
        (None, {"metrics": "heating_kw"}, "metrics", "no column 'heating_kw'"),
        (b"\x00\xff\xfe", {}, "table", "cannot be read"),
        (None, {"kind": "oracle"}, "kind", ""),
        (None, {"level": "1.2"}, "level", ""),
        (None, {"time_limit_s": "1000000"}, "time_limit_s", "at most"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_the_field_and_what_would_do(
    api: APIClient, content: bytes | None, more: dict[str, Any], path: str, word: str
) -> None:
    response = post_table(api, content, **more)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    entries = response.json()["errors"]
    assert path in {entry["path"] for entry in entries}
    assert word in " ".join(entry["message"] for entry in entries)
    assert not Surrogate.objects.exists()


def test_suspect_rows_are_left_out_and_counted_unless_they_are_asked_for(api: APIClient, quick_training: None) -> None:
    content = make_csv(state=["succeeded"] * ROWS, verdict=[*["suspect"] * 5, *["valid"] * (ROWS - 5)])
    for keep, used, left_out in (("false", 55, {"suspect": 5}), ("true", 60, {})):
        row = Surrogate.objects.get(pk=post_table(api, content, keep_suspect=keep).json()["id"])
        training_stage.train_surrogate(row.pk)
        row.refresh_from_db()
        assert (row.provenance["cases_used"], row.provenance["left_out"]) == (used, left_out)


def test_a_cancelled_training_leaves_nothing_but_its_row(
    api: APIClient, queued: Surrogate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from surrogates.emulator import training

    def train_until_stopped(*arguments: Any) -> Any:
        watch = arguments[-1]
        watch.keep("part", {})
        thread = Thread(target=api.post, args=(f"/api/surrogates/{queued.pk}/cancel/",))
        thread.start()
        thread.join()
        while True:
            watch.check()

    monkeypatch.setattr(training, "train", train_until_stopped)
    training_stage.train_surrogate(queued.pk)
    queued.refresh_from_db()
    assert queued.state == SurrogateState.CANCELLED
    assert list_kept(queued) == []
    assert api.post(f"/api/surrogates/{queued.pk}/cancel/").status_code == 409
    assert api.get(f"/api/tasks/{queued.task_id}/status/").json()["state"] == "REVOKED"


def test_a_training_that_takes_too_long_fails_and_says_so(queued: Surrogate, monkeypatch: pytest.MonkeyPatch) -> None:
    from surrogates.emulator import training

    def train_for_ever(*arguments: Any) -> Any:
        while True:
            arguments[-1].check()

    monkeypatch.setattr(training, "train", train_for_ever)
    Surrogate.objects.filter(pk=queued.pk).update(wish={**queued.wish, "time_limit_s": 0.01})
    training_stage.train_surrogate(queued.pk)
    queued.refresh_from_db()
    assert queued.state == SurrogateState.FAILED
    assert "longer than its limit" in queued.failure
    assert list_kept(queued) == []


def test_a_worker_that_ends_hands_its_training_back_with_what_it_kept(
    queued: Surrogate, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from surrogates.emulator import training

    def train_until_drained(*arguments: Any) -> Any:
        watch = arguments[-1]
        watch.keep("part", {"step": torch.tensor(3)})
        leases.drain_trainings()
        watch.check()

    monkeypatch.setattr(training, "train", train_until_drained)
    assert training_stage.train_surrogate(queued.pk) is training_stage.Outcome.HANDED_BACK
    leases._DRAINED.clear()
    queued.refresh_from_db()
    assert (queued.state, queued.leased_until) == (SurrogateState.QUEUED, None)

    def go_on(*arguments: Any) -> Any:
        assert int(arguments[-1].recall("part")["step"]) == 3
        assert arguments[-1].recall("another part") is None
        raise training.TrainingRefused("that was to be shown")

    monkeypatch.setattr(training, "train", go_on)
    training_stage.train_surrogate(queued.pk)
    queued.refresh_from_db()
    assert (queued.attempt, queued.failure) == (2, "that was to be shown")
    assert list_kept(queued) == []


@pytest.mark.django_db
def test_the_third_worker_that_vanishes_with_a_training_ends_it(queued: Surrogate) -> None:
    for _ in range(3):
        assert leases.claim(Surrogate, queued.pk) is not None
        assert leases.claim(Surrogate, queued.pk) is None  # somebody has it
        Surrogate.objects.filter(pk=queued.pk).update(leased_until="2020-01-01T00:00Z")
    assert leases.claim(Surrogate, queued.pk) is None
    queued.refresh_from_db()
    assert queued.state == SurrogateState.FAILED
    assert "3 workers ended" in queued.failure


def test_an_attempt_that_has_lost_its_row_changes_nothing(queued: Surrogate) -> None:
    first = leases.claim(Surrogate, queued.pk)
    Surrogate.objects.filter(pk=queued.pk).update(leased_until="2020-01-01T00:00Z")
    second = leases.claim(Surrogate, queued.pk)
    assert first is not None
    assert second is not None
    assert not leases.finish(first, SurrogateState.READY)
    assert not leases.hand_back(first)
    with leases.hold(first) as held:
        while held.reason is None:
            pass
    assert held.reason is Reason.LOST
    assert leases.finish(second, SurrogateState.READY)


def test_progress_is_written_while_one_trains_and_never_goes_back(queued: Surrogate) -> None:
    mine = leases.claim(Surrogate, queued.pk)
    assert mine is not None
    seen: list[float] = []
    with leases.hold(mine, parts=2) as held:
        for step in range(1, 1001):
            held.progress.tell("Networks", step, 1000, 1 / step)
        row = queued
        while not row.progress.get("curves"):
            row.refresh_from_db()
        for part in ("Networks", "Another", "A third", "A fourth"):
            held.progress.tell(part, 1, 2)
            seen.append(held.progress.describe()["percent"])
    assert row.progress["message"] == "Networks: 1000 of 1000"
    assert (row.progress["current"], row.progress["percent"]) == (1000, 50.0)
    assert 100 < len(row.progress["curves"]["Networks"]) <= 200
    assert seen == sorted(seen)


@pytest.mark.django_db
def test_surrogates_of_others_are_not_to_be_seen(other_api: APIClient, queued: Surrogate) -> None:
    for ask, address in (
        (other_api.get, f"/api/surrogates/{queued.pk}/"),
        (other_api.delete, f"/api/surrogates/{queued.pk}/"),
        (other_api.post, f"/api/surrogates/{queued.pk}/cancel/"),
        (other_api.get, f"/api/surrogates/{queued.pk}/file/"),
        (other_api.get, f"/api/tasks/{queued.task_id}/status/"),
    ):
        assert ask(address).status_code == 404
    assert other_api.get("/api/surrogates/").json()["results"] == []


def test_versions_count_by_name_and_a_deleted_one_is_gone_with_its_files(api: APIClient, user: User) -> None:
    first = post_table(api, name="House").json()
    second = post_table(api, name="House").json()
    assert [first["version"], second["version"]] == [1, 2]
    listed = api.get("/api/surrogates/?name=House").json()["results"]
    assert [entry["id"] for entry in listed] == [second["id"], first["id"]]
    row = Surrogate.objects.get(pk=second["id"])
    assert list_kept(row) == ["table.parquet"]
    assert api.delete(f"/api/surrogates/{second['id']}/").status_code == 204
    assert list_kept(row) == []
    assert api.get(f"/api/surrogates/{second['id']}/").status_code == 404


def test_the_task_of_a_training_is_known_by_its_id(api: APIClient, queued: Surrogate, quick_training: None) -> None:
    address = f"/api/tasks/{queued.task_id}"
    assert api.get(f"{address}/status/").json()["state"] == "PENDING"
    assert api.get(f"{address}/result/").status_code == 409
    training_stage.train_surrogate(queued.pk)
    assert api.get(f"{address}/status/").json()["state"] == "SUCCESS"
    assert api.get(f"{address}/result/").json()["id"] == str(queued.pk)
    assert api.delete(f"{address}/").status_code == 409


def test_who_waits_gets_the_surrogate_when_it_has_ended(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, quick_training: None
) -> None:
    from surrogates import tasks

    def train_at_once(args: Any, **_: Any) -> None:
        training_stage.train_surrogate(args[0])

    monkeypatch.setattr(tasks.train_surrogate, "apply_async", train_at_once)
    monkeypatch.setattr(type(tasks.train_surrogate.signature()), "apply_async", lambda self: train_at_once(self.args))
    table = SimpleUploadedFile("house.csv", make_csv())
    form = {"table": table, "kind": "ridge", "metrics": ",".join(METRICS)}
    response = api.post("/api/surrogates/?wait=60", form, "multipart")
    assert response.status_code == 200
    assert response.json()["state"] == "ready"
    assert post_table(api).status_code == 202
    assert api.post("/api/surrogates/?wait=61", form, "multipart").status_code == 400


@pytest.mark.django_db
def test_what_nobody_needs_goes_with_the_clean_up_and_what_is_needed_into_back_ups(
    api: APIClient, make_surrogate: Callable[..., Surrogate]
) -> None:
    ready, cancelled = make_surrogate(), make_surrogate(name="Another", state=SurrogateState.CANCELLED)
    waiting = Surrogate.objects.get(pk=post_table(api).json()["id"])
    with store.fill_file(checkpoint_path(ready.pk, "part")) as path:
        path.write_bytes(b"left by a killed worker")
    forgotten = set(list_orphans())
    assert forgotten == {checkpoint_folder(ready.pk), surrogate_folder(cancelled.pk)}
    assert [set(list_further(folder) or ()) for folder in forgotten] == [{folder} for folder in forgotten]
    assert list_further(Key("known/ab/cd")) is None
    Surrogate.objects.filter(pk=cancelled.pk).delete()
    backed_up = {wanted.key: wanted.sha256 for wanted in list_surrogates()}
    assert backed_up == {model_path(ready.pk, 1): ready.file_sha256, table_path(waiting.pk): None}
