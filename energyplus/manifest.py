"""The manifest of a run: every input by its hash, the engine, the settings, and what came of it; `manifest.json`.

It is written beside the files of a case and is all that is needed to run the case again, anywhere, and to say whether
the results are the same to the last bit (`energyplus.replay`). It names no user, no path and no file by its owner's
name: the outcome of a run may be taken over by whoever submits the same case.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from energyplus.errors import ResultsError
from energyplus.outputs import OutputRequest
from energyplus.results.metrics import MetricValue
from energyplus.run_period import RunPeriod

FORMAT = 1
MANIFEST_FILE = "manifest.json"
_encode = json.JSONEncoder(default=vars).encode  # `asdict` copies every value, and takes longer than the rest


@dataclass(frozen=True)
class EngineIdentity:
    """What computed.

    Attributes:
        name: what a study writes as its engine: "energyplus", or "executable:" and the name of a declared program.
        version: its own version and build.
        digest: sha256 of what computes.
    """

    name: str
    version: str
    digest: str


@dataclass(frozen=True)
class Inputs:
    """What went in, by sha256.

    Attributes:
        base_model: the model as it was uploaded.
        model: the case's model as the engine was given it, `model.idf`.
        weather: the EPW file.
        attachments: the files that the model refers to, by the names it refers to them by.
    """

    base_model: str
    model: str
    weather: str
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunSettings:
    """What was asked for.

    Attributes:
        run_period: what is simulated.
        outputs: time series besides what every case reports.
        keep_full: whether everything the engine writes is kept.
        timeout_s: wall-clock limit, s.
        memory_limit_bytes: address space of the run, bytes.
    """

    run_period: RunPeriod
    outputs: tuple[OutputRequest, ...]
    keep_full: bool
    timeout_s: float
    memory_limit_bytes: int


@dataclass(frozen=True)
class Manifest:
    """A run, so that it can be done again.

    Attributes:
        case_key: what the run is known by among known cases.
        engine, inputs, settings: see there.
        machine: architecture it ran on ("x86_64").
        status: of the outcome.
        metrics: all metrics by name.
        results_digest: of `energyplus.results.digest`; None where there are no results.
        files: sha256 of every file that was kept, plain, by name.
    """

    case_key: str
    engine: EngineIdentity
    inputs: Inputs
    settings: RunSettings
    status: str
    metrics: Mapping[str, MetricValue]
    results_digest: str | None
    files: Mapping[str, str]
    machine: str = field(default_factory=platform.machine)

    def to_text(self) -> str:
        """The manifest as JSON, a line for each of its parts."""
        parts = {"format": FORMAT, **vars(self)}
        lines = ",\n ".join(f'"{name}": {_encode(part)}' for name, part in parts.items())
        return f"{{\n {lines}\n}}"

    @classmethod
    def from_text(cls, text: str | bytes) -> "Manifest":
        """Read a manifest.

        Raises:
            ResultsError: it is none, or of another format.
        """
        try:
            found = json.loads(text)
            if found.pop("format") != FORMAT:
                raise ResultsError(f"{MANIFEST_FILE}: it is not of format {FORMAT}; use the version that wrote it.")
            return cls(
                **found
                | {
                    "engine": EngineIdentity(**found["engine"]),
                    "inputs": Inputs(**found["inputs"]),
                    "settings": _read_settings(found["settings"]),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ResultsError(f"{MANIFEST_FILE}: it is no manifest of a run ({error}).") from error


def _read_settings(found: Mapping[str, Any]) -> RunSettings:
    period = found["run_period"]
    start, end = (tuple(period[name]) if period[name] else None for name in ("start", "end"))
    outputs = tuple(OutputRequest(**request) for request in found["outputs"])
    return RunSettings(**{**found, "run_period": RunPeriod(period["kind"], start, end), "outputs": outputs})
