"""What a case needs to run: out of a batch's plan come the files of its run folder and the job for the engine.

Called by `execution.py`; writes to the run folder only.
"""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from batches.plans import Plan
from batches.resources import expect_memory
from energyplus.engines.engine import Engine, SimulationJob
from energyplus.models.building_model import BuildingModel
from library.engines import catalogue
from library.selectors import read_description
from library.storage import path_of
from studies.changes import plan_edits


def stage_case(plan: Plan, index: int, folder: Path) -> SimulationJob:
    """Write the case's model and its list of changes into the run folder.

    Raises:
        EnergyPlusError: the model cannot be edited as planned.
    """
    point = plan.points[index]
    base, weather = plan.models[point.model], plan.weathers[point.weather]
    planned = plan_edits(plan.study, read_description(base.sha256), point, weather.facts)
    run_period, outputs = plan.study.engine_run_period, plan.study.output_requests
    keep_full = plan.study.keep == "full"
    model_path = folder / "model.idf"
    text = read_base_model(base.sha256).render(planned.edits, run_period, outputs, keep_full)
    model_path.write_text(text, encoding="utf-8")
    staged = {"parameters": dict(point.values), "changes": [change.text for change in planned.changes]}
    (folder / "changes.json").write_text(json.dumps(staged, indent=1), encoding="utf-8")
    return SimulationJob(
        model_path=model_path,
        weather_path=path_of(weather.sha256),
        run_folder=folder,
        run_period=run_period,
        timeout_s=float(settings.CASEFARM_CASE_TIMEOUT_S),
        attachments=base.attached_files,
        outputs=outputs,
        keep_full=keep_full,
        memory_limit_bytes=settings.CASEFARM_CASE_MEMORY_MB * 1_000_000,
        expected_memory_bytes=expect_memory(base.sha256),
    )


@lru_cache(maxsize=16)
def read_base_model(sha256: str) -> BuildingModel:
    """Return the parsed base model; it is parsed once per worker process."""
    engines = catalogue()
    return BuildingModel.read(path_of(sha256), engines.versions, engines.idds)


def choose_engine(plan: Plan, index: int) -> Engine:
    """Return the engine that a case is run with: that of its model's version.

    Raises:
        EngineError: this worker has none.
    """
    model = plan.models[plan.points[index].model]
    return catalogue().engine_for(read_description(model.sha256).version)
