"""Runs a case of a farm again on this machine: fetches what it was made of by its hashes, verifies, runs, compares.

Called by `Batch.replay` and by `casefarm replay`. Files that the engine's package brings are not fetched.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from casefarm.errors import CasefarmError
from energyplus.bundled import list_bundled_weather
from energyplus.engines.catalogue import EngineCatalogue
from energyplus.errors import EnergyPlusError
from energyplus.manifest import MANIFEST_FILE, Manifest
from energyplus.models.model_text import read_model_file
from energyplus.replay import InputFiles, ReplayReport, replay_case

MODEL_FILE = "model.idf"
Download = Callable[[str, Callable[[bytes], Any]], None]


def replay(download: Download, case_path: str, folder: Path, environment: Mapping[str, str]) -> ReplayReport:
    """Run a case again.

    Args:
        download: writes the body of an answer of the service: its address, what takes the bytes.
        case_path: address of the case: `/api/batches/{id}/cases/{index}/`.
        folder: gets the inputs, and the files of the run under `run/`.
        environment: the settings that say which engines this machine has.

    Raises:
        CasefarmError: the case has nothing to be run from, or this machine cannot run it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        manifest = Manifest.from_text(_fetch(download, f"{case_path}files/{MANIFEST_FILE}", folder / MANIFEST_FILE))
        if manifest.engine.name != "energyplus":
            raise CasefarmError(f"The case was run by {manifest.engine.name}; only the farm itself can run that.")
        files = fetch_inputs(download, case_path, manifest, folder)
        engines = open_engines(environment)
        try:
            version = read_model_file(files.model, engines.versions).version
            return replay_case(manifest, files, engines.engine_for(version), folder / "run")
        finally:
            engines.close()
    except EnergyPlusError as error:
        raise CasefarmError(str(error)) from error


def fetch_inputs(download: Download, case_path: str, manifest: Manifest, folder: Path) -> InputFiles:
    """Fetch the case's model, its weather and its attachments, as far as this machine does not have them."""
    inputs = manifest.inputs
    _fetch(download, f"{case_path}files/{MODEL_FILE}", folder / MODEL_FILE)
    weather = find_bundled(inputs.weather)
    if weather is None:
        weather = folder / "weather.epw"
        _fetch(download, f"{case_path}inputs/{inputs.weather}/", weather)
    attachments = {}
    for number, (name, sha256) in enumerate(sorted(inputs.attachments.items())):
        attachments[name] = folder / f"attachment-{number}"  # its own name is a stranger's
        _fetch(download, f"{case_path}inputs/{sha256}/", attachments[name])
    return InputFiles(folder / MODEL_FILE, weather, attachments)


def find_bundled(sha256: str) -> Path | None:
    """Return the weather file of the engine's package with this hash."""
    for entry in list_bundled_weather():
        with entry.path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() == sha256:
                return entry.path
    return None


def open_engines(environment: Mapping[str, str]) -> EngineCatalogue:
    """Return the engines of this machine, by the same settings as a worker's."""
    named = environment.get("CASEFARM_ENERGYPLUS", "").split(os.pathsep)
    folders = [Path(text).expanduser() for text in named if text.strip()]
    trusted = environment.get("CASEFARM_SANDBOX", "").strip().lower() == "trusted"
    return EngineCatalogue(folders, sandbox="trusted" if trusted else "enforced")


def describe_report(report: ReplayReport) -> list[str]:
    """Return a report as lines for people, the conclusion first."""
    if report.is_identical:
        return ["bit-identical: every metric and every result is the same", *report.circumstances]
    return [
        "different:",
        *(f"  {line}" for line in (*report.differences, *report.circumstances)),
    ]


def _fetch(download: Download, address: str, target: Path) -> bytes:
    with target.open("wb") as file:
        download(address, file.write)
    return target.read_bytes()
