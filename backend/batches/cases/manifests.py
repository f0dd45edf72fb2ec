"""Makes the manifest of a case: what it was made of, what ran it, what came of it. Called by `execution.py`."""

import hashlib
from dataclasses import replace
from pathlib import Path

from batches.cases.kept_files import keep_text
from batches.cases.staging import CHANGES_FILE, MODEL_FILE, Recipe, StagedCase, render_model
from energyplus.manifest import MANIFEST_FILE, EngineIdentity, Inputs, Manifest, RunSettings
from energyplus.results.digest import digest_results
from energyplus.results.outcome import SimulationOutcome
from filestore.hashing import hash_file


def make_manifest(recipe: Recipe, key: str, staged: StagedCase, outcome: SimulationOutcome) -> str:
    """Return `manifest.json` of a case that has run."""
    job, engine = staged.job, recipe.engine
    files = {**outcome.files, **staged.hash_texts()}
    for name in (CHANGES_FILE, MANIFEST_FILE):  # the study's own words, of which others have others; this one itself
        files.pop(name, None)
    manifest = Manifest(
        case_key=key,
        engine=EngineIdentity(recipe.engine_name, engine.version, engine.digest),
        inputs=Inputs(
            base_model=recipe.base.sha256,
            model=files.get(job.model_path.name) or hash_file(job.model_path),
            weather=recipe.weather.sha256,
            attachments=recipe.base.attachments,
        ),
        settings=RunSettings(job.run_period, job.outputs, job.keep_full, job.timeout_s, job.memory_limit_bytes),
        status=outcome.status,
        metrics=outcome.metrics,
        results_digest=_digest(job.run_folder / "eplusout.sql") if outcome.status == "succeeded" else None,
        files=files,
    )
    return manifest.to_text()


def adapt_files(recipe: Recipe, folder: Path, manifest_of_run: bytes) -> None:
    """Give a case that took over the files of another base model's case the ones that are of its own.

    Both models say the same, each in its own words: model and patch are rendered anew, and the manifest names them.

    Args:
        recipe: of the case.
        folder: is written to.
        manifest_of_run: of the case that has run.
    """
    own = render_model(recipe)
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in own.items()}
    run = Manifest.from_text(manifest_of_run)
    inputs = replace(run.inputs, base_model=recipe.base.sha256, model=hashes[MODEL_FILE])
    manifest = replace(run, inputs=inputs, files={**run.files, **hashes})
    for name, text in {**own, MANIFEST_FILE: manifest.to_text()}.items():
        keep_text(folder, name, text)


def _digest(path: Path) -> str | None:
    return digest_results(path) if path.is_file() else None
