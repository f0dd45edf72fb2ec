"""The case cache: identical cases run once, a hit is verified, and what cannot be trusted is run again."""

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from batches import storage
from batches.cases import known_cases
from batches.cases.attempts import begin_case
from batches.cases.keeper import Keeper
from batches.cases.kept_files import read_chunks, read_file
from batches.cases.known_cases import Claim, claim_key, make_key
from batches.cases.staging import make_recipe
from batches.clean_up import removal
from batches.dispatch import claim_shards
from batches.download import find_case_folder, list_case_files
from batches.errors import RunningElsewhereError
from batches.execution import execute_case
from batches.expansion import expand_batch
from batches.models import Batch, Case, KnownCase, Shard
from batches.plans import load_plan
from batches.queries import count_cases, measure_pace
from batches.results.timeseries import find_case_series
from batches.states import BatchState, CaseState
from energyplus.bundled import list_bundled_models, list_bundled_weather
from energyplus.manifest import Manifest
from energyplus.outputs import OutputRequest
from energyplus.run_period import RunPeriod
from filestore.hashing import hash_file
from library.storage import path_of
from studies.definition import Study
from studies.designs.points import Points
from tests.backend.stored import stored

KEY = "a" * 64
STUDY = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-14", "end": "01-14"},
    "baseline": True,
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "values": [0.5, 1.0],
        }
    ],
}


def store(path: Path) -> str:
    """Put a file into the content store, as an upload would; return its hash."""
    sha256 = hash_file(path)
    path_of(sha256).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, path_of(sha256))
    return sha256


@pytest.fixture
def warehouse() -> str:
    """The hash of the warehouse, which is in the store."""
    return store(next(entry.path for entry in list_bundled_models() if entry.alias == "warehouse"))


@pytest.fixture
def submit(warehouse: str, owner: User) -> Callable[..., Batch]:
    """Record a batch of two cases and a baseline, of which the last case is equal to the baseline; dispatch it."""
    weather = store(next(entry.path for entry in list_bundled_weather() if entry.alias == "chicago"))

    def make(model: str = warehouse, by: User = owner, **changes: Any) -> Batch:
        study = Study.model_validate({**STUDY, **changes})
        points = Points(study)
        batch = Batch.objects.create(
            owner=by,
            name=study.name,
            study=study.model_dump(mode="json"),
            inputs={
                "models": {"warehouse": {"id": "1", "sha256": model, "name": "warehouse"}},
                "weathers": {"chicago": {"id": "2", "sha256": weather, "name": "chicago", "facts": {}}},
            },
            parameters=[{"name": "lighting", "unit": None}],
            design_digest=points.digest,
            case_count=points.case_count,
            baseline_count=points.baseline_count,
            shard_size=10,
        )
        expand_batch(batch.pk)
        claim_shards()
        batch.refresh_from_db()
        return batch

    return make


def run(batch: Batch, *indices: int) -> list[Case]:
    """Execute cases, all of them where none is named; return them."""
    chosen = indices or tuple(range(-batch.baseline_count, batch.case_count))
    for index in chosen:
        execute_case(batch.pk, index, 1)
    cases = list(Case.objects.filter(batch_id=batch.pk, index__in=chosen).order_by("index"))
    assert all(case.state == CaseState.SUCCEEDED for case in cases)
    return cases


def contents(batch: Batch, case: Case) -> dict[str, bytes]:
    return {file.name: b"".join(read_chunks(file)) for file in list_case_files(batch, case)}


def recipe_of(batch: Batch, index: int = 0) -> Any:
    return make_recipe(load_plan(batch.pk), index)


def known_file(name: str) -> Path:
    """The only file of that name among the files of known cases."""
    (path,) = stored(storage.KNOWN).rglob(name)
    return path


# --- claims ---


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_claim() -> None:
    start, won, lost = threading.Barrier(8), [], []

    def ask() -> None:
        start.wait()
        try:
            won.append(claim_key(KEY))
        except RunningElsewhereError:
            lost.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)


def test_a_claim_whose_lease_has_ended_is_anybodys_and_the_late_holder_changes_nothing(db: None) -> None:
    late = claim_key(KEY)
    with pytest.raises(RunningElsewhereError):
        claim_key(KEY)
    KnownCase.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    claim = claim_key(KEY)
    late.release()
    row = KnownCase.objects.get(key=KEY)
    assert row.holder == claim.holder != late.holder
    assert not late.row().exists()


def test_a_released_key_is_free(db: None) -> None:
    claim_key(KEY).release()
    assert isinstance(claim_key(KEY), Claim)


def test_the_keeper_renews_a_claim_with_its_case(submit: Callable[..., Batch]) -> None:
    batch = submit()
    begun = begin_case(batch.pk, 0, 1, KEY)
    assert begun
    KnownCase.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    keeper = Keeper()
    with keeper.hold(begun.attempt, begun.claim):
        keeper.renew_at = 0
        keeper.look_after(dict(keeper.held))
    with pytest.raises(RunningElsewhereError):
        begin_case(batch.pk, 1, 1, KEY)


def test_a_case_that_runs_elsewhere_is_not_begun_and_its_shard_shows_a_sign_of_life(
    submit: Callable[..., Batch],
) -> None:
    batch = submit()
    Shard.objects.update(last_progress_at=timezone.now() - timedelta(seconds=9))
    claim_key(make_key(recipe_of(batch)))
    with pytest.raises(RunningElsewhereError):
        execute_case(batch.pk, 0, 1)
    case = Case.objects.get(pk=(batch.pk, 0))
    assert (case.state, case.attempt, case.leased_until) == (CaseState.PENDING, 0, None)
    assert batch.shards.get().last_progress_at > timezone.now() - timedelta(seconds=9)


def test_the_key_holds_everything_that_results_depend_on(submit: Callable[..., Batch]) -> None:
    recipe = recipe_of(submit())

    class OtherEngine:
        version, digest = "25.2.0", "e" * 64

    def ask(**changes: Any) -> Any:
        return replace(recipe, request=replace(recipe.request, **changes))

    others = [
        recipe_of(submit(), index=1),
        replace(recipe, engine=OtherEngine()),
        replace(recipe, weather=replace(recipe.weather, sha256="f" * 64)),
        replace(recipe, base=replace(recipe.base, attachments={"schedule.csv": "1" * 64})),
        replace(recipe, base=replace(recipe.base, attachments={"schedule.csv": "2" * 64})),
        replace(recipe, base=replace(recipe.base, attachments={"other.csv": "2" * 64})),
        ask(run_period=RunPeriod()),
        ask(outputs=(OutputRequest("meter", "Electricity:Facility", "hourly"),)),
        ask(keep_full=True),
    ]
    keys = [make_key(other) for other in (recipe, *others)]
    assert len(set(keys)) == len(keys)
    assert make_key(recipe_of(submit(name="Another name"))) == keys[0]


# --- hits, with the real engine ---


@pytest.mark.engine
def test_a_second_batch_of_another_user_takes_everything_over(submit: Callable[..., Batch], other_user: User) -> None:
    first, second = submit(), submit(by=other_user, name="The same")
    ran, taken = run(first), run(second)
    assert [case.cached for case in ran] == [False, False, True]  # the last one is the baseline again
    assert [case.cached for case in taken] == [True, True, True]
    assert [(case.metrics, case.verdict) for case in ran] == [(case.metrics, case.verdict) for case in taken]
    for one, other in zip(ran, taken, strict=True):
        assert contents(first, one) == contents(second, other)
    assert sum(KnownCase.objects.values_list("hits", flat=True)) == 4
    assert (first.shards.get().cached, second.shards.get().cached) == (1, 3)


@pytest.mark.engine
def test_time_series_come_with_a_hit(submit: Callable[..., Batch]) -> None:
    outputs = [{"meter": "Electricity:Facility", "frequency": "hourly"}]
    first, second = submit(outputs=outputs), submit(outputs=outputs)
    (ran,), (taken,) = run(first, 0), run(second, 0)
    assert (taken.cached, find_case_series(first.shards.get(), ran) is not None) == (True, True)
    assert find_case_series(second.shards.get(), taken) is not None


@pytest.mark.engine
def test_a_hit_takes_no_room_and_outlives_the_batch_it_came_from(submit: Callable[..., Batch]) -> None:
    first = submit()
    run(first, 0)
    lone = storage.measure_case_files(first.pk)
    second = submit()
    (case,) = run(second, 0)
    assert storage.measure_case_files(first.pk) < lone
    Batch.objects.filter(pk=first.pk).update(state=BatchState.COMPLETED)
    removal.delete_batch(batch=first)
    removal.finish(first.pk)
    assert not stored(storage.batch_folder(first.pk)).exists()
    assert b"Completed Successfully" in contents(second, case)["eplusout.err"]
    assert run(submit(), 0)[0].cached


@pytest.mark.engine
@pytest.mark.parametrize("damage", ["change", "remove"])
def test_a_known_case_with_a_damaged_file_is_run_again(submit: Callable[..., Batch], damage: str) -> None:
    run(submit(), 0)
    path = known_file("eplusout.sql.zst")
    if damage == "change":
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    else:
        path.unlink()
    batch = submit()
    (case,) = run(batch, 0)
    assert not case.cached
    assert known_file("eplusout.sql.zst") != path
    assert run(submit(), 0)[0].cached


@pytest.mark.engine
def test_a_case_that_did_not_succeed_is_not_remembered(submit: Callable[..., Batch], settings: Settings) -> None:
    settings.CASEFARM_CASE_TIMEOUT_S = 0.01
    batch = submit()
    execute_case(batch.pk, 0, 1)
    assert Case.objects.get(pk=(batch.pk, 0)).state == CaseState.FAILED
    assert not KnownCase.objects.exists()
    manifest = Manifest.from_text(contents(batch, Case.objects.get(pk=(batch.pk, 0)))["manifest.json"])
    assert (manifest.status, manifest.results_digest) == ("timed_out", None)


@pytest.mark.engine
def test_without_the_cache_every_case_runs_and_nothing_is_remembered(
    submit: Callable[..., Batch], settings: Settings
) -> None:
    settings.CASEFARM_CASE_CACHE = False
    assert [case.cached for case in (*run(submit(), 0), *run(submit(), 0))] == [False, False]
    assert not KnownCase.objects.exists()
    assert not stored(storage.KNOWN).exists()


@pytest.mark.engine
def test_a_verdict_of_older_rules_is_made_anew(submit: Callable[..., Batch]) -> None:
    (case,) = run(submit(), 0)
    row = KnownCase.objects.get()
    row.outcome |= {"judged_by": "another revision", "verdict": "suspect", "reasons": ["because"]}
    row.save()
    (again,) = run(submit(), 0)
    assert (again.cached, again.verdict) == (True, case.verdict)


@pytest.mark.engine
def test_a_verdict_that_cannot_be_made_anew_has_the_case_run_again(submit: Callable[..., Batch]) -> None:
    run(submit(), 0)
    row = KnownCase.objects.get()
    row.outcome |= {"judged_by": "another revision"}
    row.save()
    path = known_file("eplusout.err.zst")
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert not run(submit(), 0)[0].cached


@pytest.mark.engine
def test_another_base_model_that_says_the_same_keeps_its_own_words(
    submit: Callable[..., Batch], warehouse: str, tmp_path: Path
) -> None:
    first = submit()
    (ran,) = run(first, 0)
    (tmp_path / "mine.idf").write_bytes(b"! Mine.\n" + path_of(warehouse).read_bytes().replace(b"0.0100,", b"0.010,"))
    own = store(tmp_path / "mine.idf")
    second = submit(model=own)
    (taken,) = run(second, 0)
    assert taken.cached
    before, after = contents(first, ran), contents(second, taken)
    assert after["model.idf"] != before["model.idf"]
    assert after["eplusout.sql"] == before["eplusout.sql"]
    manifest = Manifest.from_text(after["manifest.json"])
    assert manifest.inputs.base_model == own
    assert read_file(find_case_folder(first, ran), "manifest.json") == before["manifest.json"]


@pytest.mark.engine
def test_what_is_remembered_names_no_word_of_the_study(submit: Callable[..., Batch]) -> None:
    parameter = {**STUDY["parameters"][0], "name": "quincunx"}  # type: ignore[index]
    batch = submit(name="Quincunx", parameters=[parameter])
    (case,) = run(batch, 0)
    assert any(b"quincunx" in content for content in contents(batch, case).values())
    files = list(stored(storage.KNOWN).rglob("*.zst"))
    assert {"model.idf.zst", "model.diff.zst", "manifest.json.zst"} <= {path.name for path in files}
    shared = [read_file(path.parent, path.stem) or b"" for path in files]
    shared.append(json.dumps(list(KnownCase.objects.values_list("outcome", flat=True))).encode())
    assert not any(b"quincunx" in content.lower() for content in shared)


@pytest.mark.engine
@pytest.mark.parametrize("keep", ["metrics", "full"])
def test_the_manifest_tells_hashes_engine_and_results(submit: Callable[..., Batch], warehouse: str, keep: str) -> None:
    batch = submit(keep=keep)
    (case,) = run(batch, 0)
    files = contents(batch, case)
    manifest = Manifest.from_text(files["manifest.json"])
    assert (manifest.inputs.base_model, manifest.status, manifest.metrics) == (warehouse, "succeeded", case.metrics)
    assert manifest.case_key == KnownCase.objects.get().key
    assert manifest.engine.version.startswith("25.2.0-")
    assert set(manifest.files) == set(files) - {"manifest.json", "changes.json"}
    assert "\n+  5.92,  !- Watts per Floor Area {W/m2}\n" in files["model.diff"].decode()


# --- what users see ---


@pytest.mark.engine
def test_pace_and_time_left_are_those_of_cases_that_ran(submit: Callable[..., Batch]) -> None:
    run(submit(), 0)
    batch = submit()
    run(batch, 0)
    batch.started_at = timezone.now() - timedelta(hours=1)
    pace = measure_pace(batch, count_cases(batch))
    assert (pace.rate_per_h, pace.eta_s) == (None, None)
    run(batch, 1)
    pace = measure_pace(batch, count_cases(batch))
    assert pace.rate_per_h == pytest.approx(1, rel=0.01)
    assert pace.eta_s == pytest.approx(3600, rel=0.01)


def test_known_outcomes_are_counted_case_by_case(db: None) -> None:
    KnownCase.objects.create(key="b" * 64, outcome={})
    claim_key("c" * 64)
    assert known_cases.count_known(["a" * 64, "b" * 64, "b" * 64, "c" * 64]) == 2


def test_a_known_outcome_lies_in_a_folder_of_its_run() -> None:
    holder = UUID(int=1)
    assert storage.read_known_folder(storage.known_case_folder(KEY, holder)) == (KEY, holder)
