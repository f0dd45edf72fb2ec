"""Runs a case again from its manifest and says whether it gives the same to the last bit; for `casefarm replay`."""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from energyplus.engines.engine import Engine, SimulationJob
from energyplus.errors import ModelError
from energyplus.manifest import Manifest
from energyplus.results.digest import digest_results
from energyplus.results.metrics import MetricValue
from energyplus.results.outcome import SimulationOutcome

TIMINGS = frozenset({"simulation_s"})
"""Metrics that no two runs have in common."""


@dataclass(frozen=True)
class InputFiles:
    """The inputs of a run as files: the case's model, the weather, and attachments by name."""

    model: Path
    weather: Path
    attachments: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class ReplayReport:
    """What came of a replay.

    Attributes:
        differences: how the results differ, a line each; () when they are the same to the last bit.
        circumstances: what is different about this machine and its engine, a line each.
    """

    differences: tuple[str, ...]
    circumstances: tuple[str, ...]

    @property
    def is_identical(self) -> bool:
        """Whether every metric and every result is the same to the last bit."""
        return not self.differences


def replay_case(manifest: Manifest, files: InputFiles, engine: Engine, folder: Path) -> ReplayReport:
    """Run a case again.

    Args:
        manifest: of the run.
        files: its inputs; they are checked against the manifest's hashes.
        engine: what to run it with.
        folder: an empty folder for the run; it keeps the files.

    Raises:
        ModelError: an input is not the one of the manifest.
        EngineError, OSError: this machine cannot run it.
    """
    check_inputs(manifest, files)
    asked = manifest.settings
    job = SimulationJob(
        model_path=files.model,
        weather_path=files.weather,
        run_folder=folder,
        run_period=asked.run_period,
        timeout_s=asked.timeout_s,
        outputs=asked.outputs,
        attachments=files.attachments,
        keep_full=asked.keep_full,
        memory_limit_bytes=asked.memory_limit_bytes,
    )
    outcome = engine.simulate(job, lambda: False)
    results = folder / "eplusout.sql"
    digest = digest_results(results) if outcome.status == "succeeded" and results.is_file() else None
    return ReplayReport(
        tuple(compare_outcomes(manifest, outcome, digest)), tuple(compare_circumstances(manifest, engine))
    )


def check_inputs(manifest: Manifest, files: InputFiles) -> None:
    """Compare the inputs with the manifest's hashes.

    Raises:
        ModelError: one is missing or another.
    """
    wanted = manifest.inputs
    pairs = [("model.idf", files.model, wanted.model), ("the weather file", files.weather, wanted.weather)]
    for name, sha256 in wanted.attachments.items():
        if name not in files.attachments:
            raise ModelError(f"{name}: this file, which the model refers to, is missing.")
        pairs.append((name, files.attachments[name], sha256))
    for name, path, sha256 in pairs:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != sha256:
            raise ModelError(f"{name}: its sha256 is {found[:12]}…; the manifest says {sha256[:12]}….")


def compare_outcomes(manifest: Manifest, outcome: SimulationOutcome, results_digest: str | None) -> Iterator[str]:
    """Yield a line for everything in which a run differs from that of the manifest; timings do not count."""
    if outcome.status != manifest.status:
        why = f": {outcome.failure.message}" if outcome.failure else ""
        yield f"status: {manifest.status} then, {outcome.status} now{why}"
    names = [*manifest.metrics, *(name for name in outcome.metrics if name not in manifest.metrics)]
    for name in names:
        then, now = manifest.metrics.get(name), outcome.metrics.get(name)
        if name not in TIMINGS and then != now:
            yield f"{name}: {then!r} then, {now!r} now{_tell_difference(then, now)}"
    if results_digest != manifest.results_digest:
        yield "results: eplusout.sql holds other values than then"


def compare_circumstances(manifest: Manifest, engine: Engine) -> Iterator[str]:
    """Yield a line for everything that is different about engine and machine."""
    pairs = (
        ("engine version", manifest.engine.version, engine.version),
        ("engine digest", manifest.engine.digest[:12], engine.digest[:12]),
        ("machine", manifest.machine, platform.machine()),
    )
    for what, then, now in pairs:
        if then != now:
            yield f"{what}: {then} then, {now} now"


def _tell_difference(then: MetricValue, now: MetricValue) -> str:
    if then is None or now is None:
        return ""
    relative = f", {(now - then) / then:+.2g} of it" if then else ""
    return f" ({now - then:+.3g}{relative})"
