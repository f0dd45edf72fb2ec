"""ExpandObjects before the engine: HVACTemplate objects of a case become the objects they stand for; wraps any engine.

The engine itself does not know HVACTemplate objects. They are expanded per case, after its edits, so that a parameter
may vary a field of a template; a case without any costs nothing more. The model that is kept is the expanded one: what
the engine was given.
"""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from energyplus.engines.digests import hash_now
from energyplus.engines.engine import LARGEST_FILE_BYTES, Engine, SandboxMode, SimulationJob
from energyplus.engines.programs import Confinement, Program, run_program
from energyplus.models.idd import render_idd
from energyplus.models.idf_writer import comment_object
from energyplus.models.schema import load_schema
from energyplus.results.diagnostics import read_diagnostics
from energyplus.results.metrics import missing_metrics
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.success import Failure, hash_kept_files

_LONGEST_EXPANSION_S = 60.0
_MESSAGE = re.compile(r"^\s*Output:PreprocessorMessage\s*,(?P<fields>[^;]*);", re.MULTILINE | re.IGNORECASE)
_TEMPLATE = re.compile(r"^[ \t]*(?P<name>HVACTemplate:[\w:]+)\s*,(?P<fields>(?:[^;!]|![^\n]*\n)*);", re.M | re.I)
_FOLDER = "expansion"


class ExpandingEngine:
    """An engine that has HVACTemplate objects expanded first."""

    def __init__(
        self,
        engine: Engine,
        program: Path,
        idd: Path | Callable[[], str],
        sandbox: SandboxMode = "enforced",
    ) -> None:
        """Join an engine with its ExpandObjects.

        Args:
            engine: runs what has been expanded.
            program: the ExpandObjects of the same version.
            idd: the data dictionary it goes by: a file, or what gives its text.
            sandbox: "trusted" only limits the program.
        """
        self._engine = engine
        self._program = program
        self._idd = idd
        self._sandbox: SandboxMode = sandbox

    @property
    def version(self) -> str:
        """The engine's own version and build."""
        return self._engine.version

    @property
    def digest(self) -> str:
        """sha256 of the engine's digest and of ExpandObjects."""
        return hashlib.sha256(f"{self._engine.digest} {hash_now(self._program)}".encode()).hexdigest()

    def simulate(self, job: SimulationJob, should_stop: Callable[[], bool]) -> SimulationOutcome:
        """Expand the model if it has templates, then run it; see `Engine.simulate`."""
        if not has_templates(job.model_path):
            return self._engine.simulate(job, should_stop)
        job.run_folder.mkdir(parents=True, exist_ok=True)
        model = job.run_folder.absolute() / "model.idf"
        if job.model_path.absolute() != model:
            shutil.copyfile(job.model_path, model)
        failed = self._expand(job, model, should_stop)
        return failed or self._engine.simulate(replace(job, model_path=model), should_stop)

    def close(self) -> None:
        """End what the engine keeps running between cases."""
        close = getattr(self._engine, "close", None)
        if close is not None:
            close()

    def _expand(self, job: SimulationJob, model: Path, should_stop: Callable[[], bool]) -> SimulationOutcome | None:
        """Put the expanded model in the model's place; return the outcome of the case where that fails."""
        folder = job.run_folder.absolute() / _FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            text = complete_templates(model.read_text("utf-8", "replace"), self.version)
            (folder / "in.idf").write_text(text, encoding="utf-8")
            self._put_idd(folder / "Energy+.idd")
            timeout_s = min(job.timeout_s, _LONGEST_EXPANSION_S)
            confinement = Confinement(timeout_s, job.memory_limit_bytes, LARGEST_FILE_BYTES, self._sandbox)
            end = run_program(Program(self._program), (), folder, confinement, should_stop)
            if end.cause == "stopped":
                return _fail(job, "cancelled", "The run was cancelled.")
            expanded = folder / "expanded.idf"
            if end.exit_code != 0 or not expanded.is_file():
                how = end.signal_name or (f"exit code {end.exit_code}" if end.cause == "ended" else "its time limit")
                return _fail(job, "failed", f"ExpandObjects ended with {how} and expanded nothing.")
            complaints = find_complaints(expanded.read_text("utf-8", "replace"))
            if complaints:
                return _fail(job, "failed", *(f"ExpandObjects: {complaint}" for complaint in complaints))
            expanded.replace(model)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return None

    def _put_idd(self, path: Path) -> None:
        if isinstance(self._idd, Path):
            shutil.copyfile(self._idd, path)
        else:
            path.write_text(self._idd(), encoding="ascii", errors="replace")


@lru_cache(maxsize=2)
def idd_text(version: str) -> str:
    """The data dictionary of a version as text, made once per process: it takes 0.3 s."""
    return render_idd(version)


def has_templates(model: Path) -> bool:
    """Whether a rendered model has objects that ExpandObjects must expand."""
    return (
        re.search(r"^\s*HVACTemplate:", model.read_text("utf-8", "replace"), re.MULTILINE | re.IGNORECASE) is not None
    )


def complete_templates(text: str, version: str) -> str:
    """Write the blank fields at the end of HVACTemplate objects out: ExpandObjects refuses some that are cut short.

    Args:
        text: IDF text of a model.
        version: "25.2.0-cf7368216c" or "25.2".
    """
    schema = load_schema(version)

    def complete(match: re.Match[str]) -> str:
        known = schema.find_class(match["name"])
        if known is None:
            return match[0]
        bare = " ".join(line.split("!")[0] for line in match["fields"].split("\n"))
        values = [value.strip() for value in bare.split(",")]
        return "\n" + comment_object(known, values + [""] * (len(known.fields) - len(values)))

    return _TEMPLATE.sub(complete, text)


def find_complaints(expanded: str) -> tuple[str, ...]:
    """What ExpandObjects says in the model it wrote that keeps it from being run; its warnings go on to the engine."""
    found = []
    for match in _MESSAGE.finditer(expanded):
        lines = [line.split("!")[0].strip().removesuffix(",") for line in match["fields"].split("\n")]
        preprocessor, severity, *text = [line for line in lines if line] + [""] * 2
        if preprocessor.casefold() == "expandobjects" and severity.casefold() in ("severe", "fatal"):
            found.append(" ".join(part for part in text if part))
    return tuple(found)


def _fail(job: SimulationJob, status: str, *lines: str) -> SimulationOutcome:
    if status == "cancelled":
        return SimulationOutcome("cancelled", missing_metrics(read_diagnostics(Path()), 0.0), Failure(status, lines[0]))
    # In the engine's own form, so that the messages are read, shown and kept like the engine's.
    severe = "".join(f"   ** Severe  ** {line}\n" for line in lines)
    text = f"Program Version,ExpandObjects\n{severe}   **  Fatal  ** The HVACTemplate objects could not be expanded.\n"
    (job.run_folder / "eplusout.err").write_text(text, encoding="utf-8")
    diagnostics = read_diagnostics(job.run_folder / "eplusout.err")
    files = hash_kept_files(job.run_folder)
    return SimulationOutcome(
        "failed", missing_metrics(diagnostics, 0.0), Failure("expansion", lines[0]), diagnostics, files, exit_code=None
    )
