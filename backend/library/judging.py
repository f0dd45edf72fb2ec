"""What the library makes of a file before it takes it in: facts or every reason why not; services call it.

A model is read in a sealed, killable child process (`energyplus.models.gate`), once per content: its description then
lies beside it in the store. A weather file is checked here: that is linear in its size, which is limited.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from energyplus.errors import EnergyPlusError, EngineError
from energyplus.models.description import ModelDescription
from energyplus.models.gate import SandboxMode, read_safely
from energyplus.models.judgement import ModelRefused, judge_description
from energyplus.results.revision import describing_revision
from energyplus.weather import describe_weather
from library import storage
from library.engines import catalogue
from library.errors import GateClosedError, UploadError, UploadFault
from library.storage import IncomingFile

DESCRIBED_BY = "described_by"
"""Key of the revision beside a kept description: objects go by number, and an older reader may count otherwise."""


def judge_model(incoming: IncomingFile, name: str, attachments: Collection[str]) -> dict[str, Any]:
    """Read an incoming model, keep its description in the store, judge it with its attachments.

    Args:
        incoming: the model.
        name: what its owner calls it, for messages.
        attachments: names of the files that came with it.

    Returns:
        Its facts, with `notes` for its owner.

    Raises:
        UploadError: with everything that refuses it.
        GateClosedError: this machine cannot seal off the process that reads it.
    """
    try:
        description = describe_content(incoming.path, incoming.sha256)
        judgement = judge_description(description, attachments)
    except EngineError as error:
        raise GateClosedError(f"No model can be read here at present. {error}") from error
    except EnergyPlusError as error:
        raise refuse(str(error).replace(incoming.path.name, name), name) from error
    if judgement.findings:
        raise refuse_findings(ModelRefused(judgement.findings), name)
    keep_description(incoming.sha256, description)
    return {**description.facts, "notes": list(judgement.notes)}


def judge_weather(incoming: IncomingFile, name: str) -> dict[str, Any]:
    """Check an incoming weather file and return its facts.

    Raises:
        UploadError: it cannot be used; the message names the line.
    """
    try:
        return describe_weather(incoming.path).to_json()
    except EnergyPlusError as error:
        raise refuse(str(error).replace(incoming.path.name, name), name) from error


def describe_content(path: Path, sha256: str) -> ModelDescription:
    """Return the description of a model: the kept one, else one made in a child process.

    Args:
        path: the model, in the store or on its way to it.
        sha256: hash of its content.

    Raises:
        energyplus.errors.EnergyPlusError: it cannot be read.
    """
    kept = find_description(sha256)
    return kept or read_safely(path, catalogue().versions, cast("SandboxMode", settings.CASEFARM_SANDBOX))


def find_description(sha256: str) -> ModelDescription | None:
    """Return the kept description of a content; None where there is none, or one that was made otherwise than today."""
    kept = json.loads(storage.read_description(sha256) or "{}")
    return ModelDescription.from_json(kept) if kept.get(DESCRIBED_BY) == describing_revision() else None


def keep_description(sha256: str, description: ModelDescription) -> None:
    """Keep the description of a content in the store."""
    storage.save_description(sha256, json.dumps({DESCRIBED_BY: describing_revision(), **description.to_json()}))


def refuse(message: str, name: str) -> UploadError:
    """Return the refusal of a file that cannot be read."""
    return UploadError([UploadFault("file", message, name, "a file that EnergyPlus can read")])


def refuse_findings(refused: ModelRefused, name: str) -> UploadError:
    """Return the refusal of a model that must not run, with an entry for each finding."""
    return UploadError(
        [
            UploadFault(
                "file" if finding.class_name else "attachments", f"{name}: {finding}", finding.found, finding.remedy
            )
            for finding in refused.told
        ]
    )
