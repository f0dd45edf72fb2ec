"""What a case of a declared program is made of, and which worker may run it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from batches.cases.staging import make_recipe, stage_case
from batches.models import Batch
from batches.plans import PinnedProgram, Plan, load_plan
from batches.submission import pin_program
from energyplus.errors import EngineError
from library.engines import catalogue
from studies.definition import Study
from studies.designs.points import Points
from tests.declared_programs import declare_program

STUDY = {
    "name": "Degree days",
    "engine": "executable:dry",
    "parameters": [{"name": "heat_loss_w_k", "values": [100.5, 200]}],
}


pytestmark = pytest.mark.django_db


@pytest.fixture
def declare(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Declare the program anew, as an administrator would, and start this worker again."""

    def write(**changes: Any) -> None:
        command = ["/bin/sh", "-c", "exit 0", "{input}", "{output}"]
        settings.CASEFARM_PROGRAMS = declare_program(tmp_path, **{"name": "dry", "command": command, **changes})
        catalogue.cache_clear()

    write()
    yield write
    catalogue.cache_clear()


@pytest.fixture
def plan(declare: Callable[..., None]) -> Plan:
    study = Study.model_validate(STUDY)
    pinned = PinnedProgram(**pin_program(catalogue().programs["dry"]))
    return Plan(study=study, points=Points(study), models={}, weathers={}, shard_size=10, program=pinned)


def test_a_case_gets_its_input_its_difference_to_the_template_and_its_changes(plan: Plan, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    staged = stage_case(make_recipe(plan, 0), folder)
    job, texts = staged.job, staged.texts
    assert job.model_path == folder / "input.json"
    assert '"heat_loss_w_k": 100.5' in job.model_path.read_text()
    assert [path.name for path in folder.iterdir()] == ["input.json"]
    patch = texts["model.diff"]
    assert '-  "heat_loss_w_k": {{heat_loss_w_k}},' in patch
    assert '+  "heat_loss_w_k": 100.5,' in patch
    assert "heat_loss_w_k = 100.5 W/K" in texts["changes.json"]


def test_equal_inputs_of_equal_programs_are_one_case(plan: Plan) -> None:
    keys = {make_recipe(plan, index).content_key() for index in (0, 0, 1)}
    assert len(keys) == 2


def test_a_worker_with_another_declaration_does_not_run_the_case(plan: Plan, declare: Callable[..., None]) -> None:
    declare(timeout_s=1)
    with pytest.raises(EngineError, match="is not the one that the batch was submitted with"):
        make_recipe(plan, 0)


def test_a_worker_without_the_program_says_so(plan: Plan, declare: Callable[..., None]) -> None:
    declare(name="another")
    with pytest.raises(EngineError, match=r"No program 'dry' is declared on this machine; declared: another\."):
        make_recipe(plan, 0)


def test_the_program_is_read_back_from_the_batch(
    make_batch: Callable[..., Batch], declare: Callable[..., None]
) -> None:
    batch = make_batch()
    batch.study = Study.model_validate(STUDY).model_dump(mode="json")
    batch.inputs = {"models": {}, "weathers": {}, "program": pin_program(catalogue().programs["dry"])}
    batch.save()
    plan = load_plan(batch.pk)
    assert plan.program is not None
    assert plan.program.metrics["degree_days_k_d"] == {"unit": "K d", "label": ""}
