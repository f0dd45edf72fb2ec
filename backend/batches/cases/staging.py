"""What a case needs to run: out of a batch's plan come the files of its run folder and the job for the engine.

Called by `execution.py`; writes to the run folder only.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from batches.cases.resources import expect_memory
from batches.plans import Input, PinnedProgram, Plan
from energyplus.engines.declarations import ProgramDeclaration
from energyplus.engines.engine import Engine, SimulationJob
from energyplus.errors import EngineError
from energyplus.models.building_model import BuildingModel, CaseEdits, CaseRequest
from library.engines import catalogue
from library.selectors import read_description
from library.storage import hold_content, path_of
from studies.cases.changes import PlannedCase, plan_edits, plan_values
from studies.designs.points import CasePoint

MODEL_FILE, PATCH_FILE, CHANGES_FILE = "model.idf", "model.diff", "changes.json"
NO_WEATHER = Input(id="", sha256="", name="")
"""Of a declared program that reads none."""


@dataclass(frozen=True)
class Recipe:
    """What makes a case, before a file of it is written.

    Attributes:
        point: its values, its model and its weather.
        base, weather: the input files.
        planned: the edits of the base model, and what they mean.
        engine: runs it.
        request: of what the engine's model is made, and what is simulated, reported and kept.
        engine_name: what the study writes as its engine.
    """

    point: CasePoint
    base: Input
    weather: Input
    planned: PlannedCase
    engine: Engine
    request: CaseRequest
    engine_name: str = "energyplus"

    def content_key(self) -> str:
        """Return the digest of the case's model in canonical form, without rendering it.

        Raises:
            ModelError: the model cannot be edited as planned.
        """
        return read_base_model(self.base.sha256).content_key(self.request)


@dataclass(frozen=True)
class ProgramRecipe(Recipe):
    """What makes a case of a declared program: its input instead of a model; the base is the program itself."""

    program: ProgramDeclaration = field(kw_only=True)

    def content_key(self) -> str:
        """Return the digest of the filled-in template."""
        return hashlib.sha256(self.program.render(self.point.values).encode()).hexdigest()


def make_recipe(plan: Plan, index: int) -> Recipe:
    """Return what makes a case.

    Raises:
        EngineError: this worker has no engine for it.
    """
    if plan.program is not None:
        return make_program_recipe(plan, plan.program, index)
    point, study = plan.points[index], plan.study
    base, weather = plan.models[point.model], plan.weathers[point.weather]
    planned = plan_edits(study, read_description(base.sha256), point, weather.facts, plan.construction_sets)
    return Recipe(
        point=point,
        base=base,
        weather=weather,
        planned=planned,
        engine=choose_engine(base),
        request=CaseRequest(
            planned.edits, study.engine_run_period, tuple(study.output_requests), keep_full=study.keep == "full"
        ),
    )


def make_program_recipe(plan: Plan, pinned: PinnedProgram, index: int) -> ProgramRecipe:
    """Return what makes a case of a declared program.

    Raises:
        EngineError: the program is not declared on this worker, or is another one than when the batch was submitted.
    """
    engine = catalogue().program(pinned.name)
    if engine.digest != pinned.digest:
        raise EngineError(
            f"{pinned.label}: the program or its declaration on this worker ({engine.digest[:10]}) is not the one that"
            f" the batch was submitted with ({pinned.digest[:10]}); restart all, and submit the study again."
        )
    point = plan.points[index]
    return ProgramRecipe(
        point=point,
        base=Input(id="", sha256=pinned.digest, name=pinned.label),
        weather=plan.weathers.get(point.weather, NO_WEATHER),
        planned=PlannedCase(CaseEdits(), plan_values(engine.declaration.parameters, point)),
        engine=engine,
        request=CaseRequest(run_period=plan.study.engine_run_period, keep_full=plan.study.keep == "full"),
        engine_name=plan.study.engine,
        program=engine.declaration,
    )


@dataclass(frozen=True)
class StagedCase:
    """A case that is ready to run: the job for the engine, and what is kept beside the files that a run leaves.

    Attributes:
        job: its run folder has the model.
        texts: the model's patch against the base model, and the list of changes, by file name.
    """

    job: SimulationJob
    texts: dict[str, str]

    def hash_texts(self) -> dict[str, str]:
        """Return the sha256 of each text by file name."""
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in self.texts.items()}


def stage_case(recipe: Recipe, folder: Path) -> StagedCase:
    """Write the case's model into the run folder; what the engine does not read stays in memory until it is kept.

    Raises:
        ModelError: the model cannot be edited as planned.
    """
    texts = {**render_model(recipe), CHANGES_FILE: list_changes(recipe)}
    model_path = folder / (recipe.program.input if isinstance(recipe, ProgramRecipe) else MODEL_FILE)
    model_path.write_text(texts.pop(model_path.name), encoding="utf-8")
    return StagedCase(make_job(recipe, model_path), texts)


def make_job(recipe: Recipe, model_path: Path) -> SimulationJob:
    """Return the job of a case whose model lies in its run folder."""
    return SimulationJob(
        model_path=model_path,
        weather_path=path_of(recipe.weather.sha256) if recipe.weather is not NO_WEATHER else Path(os.devnull),
        run_folder=model_path.parent,
        run_period=recipe.request.simulated,
        timeout_s=float(settings.CASEFARM_CASE_TIMEOUT_S),
        attachments=recipe.base.attached_files,
        outputs=recipe.request.outputs,
        keep_full=recipe.request.keep_full,
        memory_limit_bytes=settings.CASEFARM_CASE_MEMORY_MB * 1_000_000,
        expected_memory_bytes=expect_memory(recipe.base.sha256),
    )


@contextmanager
def hold_inputs(recipe: Recipe) -> Iterator[None]:
    """Keep what a case reads while it runs from being removed from this machine's cache."""
    weather = [recipe.weather.sha256] if recipe.weather is not NO_WEATHER else []
    with ExitStack() as held:
        for sha256 in (*weather, *recipe.base.attachments.values()):
            held.enter_context(hold_content(sha256))
        yield


def render_model(recipe: Recipe) -> dict[str, str]:
    """Return the text of the case's model and of its patch against the base model, by file name.

    Of a declared program they are its input, and the difference between that and the template.

    Raises:
        ModelError: the model cannot be edited as planned.
        EngineError: a value that the program does not accept.
    """
    if isinstance(recipe, ProgramRecipe):
        text = recipe.program.render(recipe.point.values)
        return {recipe.program.input: text, PATCH_FILE: recipe.program.compare(text)}
    model = read_base_model(recipe.base.sha256)
    return {MODEL_FILE: model.render(recipe.request), PATCH_FILE: model.patch(recipe.request)}


def list_changes(recipe: Recipe) -> str:
    """Return the values of the case's parameters and its changes in words, as JSON."""
    changes = [change.text for change in recipe.planned.changes]
    return json.dumps({"parameters": dict(recipe.point.values), "changes": changes}, indent=1)


@lru_cache(maxsize=16)
def read_base_model(sha256: str) -> BuildingModel:
    """Return the parsed base model; it is parsed once per worker process."""
    engines = catalogue()
    return BuildingModel.read(path_of(sha256), engines.versions, engines.idds)


def choose_engine(model: Input) -> Engine:
    """Return the engine that the cases of a model are run with: that of its version.

    Raises:
        EngineError: this worker has none.
    """
    return catalogue().engine_for(read_description(model.sha256).version)
