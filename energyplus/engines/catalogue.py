"""The engines of this machine: settings go in, the engine for a model's version or a study's program comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from energyplus.engines.declarations import ProgramDeclaration, load_programs
from energyplus.engines.engine import Engine, SandboxMode
from energyplus.engines.executable import ExecutableEngine
from energyplus.engines.expansion import ExpandingEngine, idd_text
from energyplus.engines.installed import EXPANDER, InstalledEngine, open_installed
from energyplus.engines.pip_engine import PipEngine, find_library
from energyplus.engines.programs import is_executable
from energyplus.errors import EngineError
from energyplus.models.schema import ENGINE_VERSION

EngineKind = Literal["package", "installed", "executable"]
ENGINE_KINDS: tuple[EngineKind, ...] = get_args(EngineKind)


@dataclass(frozen=True)
class EngineFacts:
    """What people may know of an engine.

    Attributes:
        kind: "package" (the one Casefarm brings), "installed" or "executable".
        name: what a study writes as its `engine`.
        version: of the models it runs, "25.2"; None for a program.
        detail: its own version and build, and of an installed one the name of its folder; a program's label.
        program: name of the declaration, None for EnergyPlus.
    """

    kind: EngineKind
    name: str
    version: str | None
    detail: str
    program: str | None = None


class EngineCatalogue:
    """Every engine that cases can be run with. Threads may share one."""

    def __init__(
        self, installed: Sequence[Path] = (), programs: Path | None = None, sandbox: SandboxMode = "enforced"
    ) -> None:
        """Look at what is configured; nothing is executed yet.

        Args:
            installed: EnergyPlus folders, one for each version; one of the package's version takes its place.
            programs: YAML file of declared programs.
            sandbox: "enforced" refuses every case where this machine cannot seal it off; "trusted" only limits it.

        Raises:
            EngineError: a folder or a declaration cannot be used.
        """
        self._sandbox: SandboxMode = sandbox
        self._opened: dict[str, tuple[Engine, InstalledEngine]] = {}
        for folder in installed:
            engine, bare = open_installed(folder, sandbox)
            if bare.model_version in self._opened:
                other = self._opened[bare.model_version][1].folder
                raise EngineError(f"{folder}: EnergyPlus {bare.model_version} is there already, in {other}.")
            self._opened[bare.model_version] = (engine, bare)
        self.programs: Mapping[str, ProgramDeclaration] = MappingProxyType(load_programs(programs) if programs else {})
        self._executables = {name: ExecutableEngine(found, sandbox) for name, found in self.programs.items()}

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of models that can run, oldest first."""
        found = {ENGINE_VERSION, *self._opened}
        return tuple(sorted(found, key=lambda version: tuple(map(int, version.split(".")))))

    @property
    def idds(self) -> dict[str, Path]:
        """The data dictionaries of installed engines, by version."""
        return {version: bare.idd for version, (_engine, bare) in self._opened.items()}

    def engine_for(self, version: str) -> Engine:
        """The engine that runs models of a version.

        Raises:
            EngineError: there is none on this machine.
        """
        if version in self._opened:
            return self._opened[version][0]
        if version == ENGINE_VERSION:
            return self._package
        accepted = ", ".join(self.versions)
        raise EngineError(
            f"No engine for EnergyPlus {version} on this machine; it has {accepted}. Name an installed one of that"
            " version in CASEFARM_ENERGYPLUS, the same for the web service and all workers."
        )

    def program(self, name: str) -> ExecutableEngine:
        """The engine of a declared program.

        Raises:
            EngineError: no such program is declared on this machine.
        """
        if name not in self._executables:
            declared = ", ".join(self._executables) or "none"
            raise EngineError(
                f"No program {name!r} is declared on this machine; declared: {declared}. CASEFARM_PROGRAMS must be the"
                " same for the web service and all workers."
            )
        return self._executables[name]

    def list_engines(self) -> tuple[EngineFacts, ...]:
        """What a study can be run with, the package first."""
        package = (
            []
            if ENGINE_VERSION in self._opened
            else [EngineFacts("package", "energyplus", ENGINE_VERSION, PipEngine().version)]
        )
        installed = [
            EngineFacts("installed", "energyplus", version, f"{bare.version} in {bare.folder.name}")
            for version, (_engine, bare) in sorted(self._opened.items())
        ]
        programs = [
            EngineFacts("executable", f"executable:{name}", None, found.label, name)
            for name, found in self.programs.items()
        ]
        return (*package, *installed, *programs)

    def close(self) -> None:
        """End what engines keep running between cases."""
        if "_package" in self.__dict__:
            self._package.close()

    @cached_property
    def _package(self) -> ExpandingEngine | PipEngine:
        engine = PipEngine(sandbox=self._sandbox)
        expander = find_library().parent / EXPANDER
        if not is_executable(expander):
            return engine
        return ExpandingEngine(engine, expander, lambda: idd_text(ENGINE_VERSION), self._sandbox)
