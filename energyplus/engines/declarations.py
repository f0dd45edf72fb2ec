"""Simulation programs that an administrator declares in a YAML file: the file goes in, checked declarations come out.

Read by the web service and the workers alike, so that both mean the same; what a declaration says and the files it
names make its digest. Nothing here comes from a user of the farm.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from difflib import unified_diff
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from energyplus.engines.digests import describe_file, hash_now, list_contents
from energyplus.errors import EngineError

PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_ARGUMENT_PLACEHOLDERS = frozenset({"input", "weather", "output"})
_TAKEN_NAMES = ("model.diff", "changes.json", "manifest.json", "console.txt")
_TAKEN_METRICS = frozenset({"case", "state", "verdict", "weather", "model", "simulation_s"})  # columns of every table
_TEXT = re.compile(r"[\w .+\-]+")
TEXT_RULE = "letters, digits, spaces and _ . + -"
"""What a text in an input file may hold: nothing that ends a string or begins something else in any format."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
ParameterName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Unit = Annotated[str, Field(min_length=1, max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeclaredMetric(_Part):
    """A number that the program reports.

    Attributes:
        unit: of its values, "1" for a pure number.
        label: how people read it; made of the name where it is left out.
    """

    unit: Unit
    label: str = ""


class DeclaredParameter(_Part):
    """What a placeholder of the template takes.

    Attributes:
        unit: of its values, "1" for a pure number; None for one that takes texts.
        default: what stands there where a study does not vary it; None where every study must.
        minimum: smallest value allowed, in `unit`; likewise the maximum.
    """

    unit: Unit | None = None
    default: float | str | None = None
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _check_default(self) -> Self:
        if self.default is not None:
            refusal = self.refuse(self.default)
            if refusal is not None:
                raise ValueError(f"default {self.default!r}: accepted: {refusal}")
        return self

    def refuse(self, value: float | str) -> str | None:
        """Say what would be accepted in place of a value; None where the value is accepted."""
        if self.unit is None:
            return None if isinstance(value, str) and _TEXT.fullmatch(value) else f"a text of {TEXT_RULE}"
        if isinstance(value, str) or not math.isfinite(value):
            return f"a number in {self.unit}"
        if self.minimum is not None and value < self.minimum:
            return f"at least {self.minimum:g} {self.unit}"
        if self.maximum is not None and value > self.maximum:
            return f"at most {self.maximum:g} {self.unit}"
        return None


class ProgramDeclaration(_Part):
    """A simulation program: how it is called, what goes in, what comes out.

    Attributes:
        name: how studies refer to it: `engine: executable:NAME`.
        label: how people read it.
        command: argument list, the program's path first; `{input}`, `{weather}` and `{output}` stand for files.
        template: text file with `{{parameter}}` where a value goes.
        input: the filled-in template's name in the run folder.
        output: the name of the file of metrics: *.json (an object) or *.csv (a header and one row).
        metrics: by name, which ends in the unit.
        parameters: by the name of the placeholder.
        reads: files and folders the program needs besides its own file.
        may_start_processes: whether it may start others.
        timeout_s: wall-clock limit of a case, s.
    """

    name: Name
    label: str = Field(min_length=1, max_length=200)
    command: tuple[str, ...] = Field(min_length=1, max_length=50)
    template: Path
    input: FileName
    output: FileName
    metrics: Mapping[Name, DeclaredMetric] = Field(min_length=1, max_length=500)
    parameters: Mapping[ParameterName, DeclaredParameter] = Field(default_factory=dict, max_length=200)
    reads: tuple[Path, ...] = ()
    may_start_processes: bool = False
    timeout_s: float = Field(default=3600.0, gt=0, le=86_400)
    template_text: str = Field(default="", exclude=True, repr=False)

    @field_validator("output")
    @classmethod
    def _check_output(cls, output: str) -> str:
        if not output.endswith((".json", ".csv")):
            raise ValueError("accepted: a name that ends in .json or .csv")
        return output

    @model_validator(mode="after")
    def _check_files(self) -> Self:
        names = (self.input, self.output)
        if len({*names, *_TAKEN_NAMES}) != len(names) + len(_TAKEN_NAMES):
            raise ValueError(f"input and output: accepted: two names, none of {', '.join(_TAKEN_NAMES)}")
        return self

    @field_validator("metrics")
    @classmethod
    def _check_units(cls, metrics: Mapping[str, DeclaredMetric]) -> Mapping[str, DeclaredMetric]:
        for name, metric in metrics.items():
            if name in _TAKEN_METRICS:
                raise ValueError(f"{name}: every result table has a column of that name; accepted: another name")
            ending = unit_ending(metric.unit)
            if ending and not name.endswith(ending):
                raise ValueError(f"{name} is in {metric.unit}; accepted: a name that ends in {ending}")
        return metrics

    @field_validator("command")
    @classmethod
    def _check_command(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        for word in command[1:]:
            unknown = set(re.findall(r"\{(.*?)\}", word)) - _ARGUMENT_PLACEHOLDERS
            if unknown:
                raise ValueError(f"{word}: accepted in braces: {', '.join(sorted(_ARGUMENT_PLACEHOLDERS))}")
        return command

    @property
    def reads_weather(self) -> bool:
        """Whether a study has to name weather files."""
        return any("{weather}" in word for word in self.command)

    @property
    def required_parameters(self) -> tuple[str, ...]:
        """The parameters without a default: every study must vary them."""
        return tuple(name for name, parameter in self.parameters.items() if parameter.default is None)

    @property
    def digest(self) -> str:
        """sha256 over what the declaration says, the template, and the files that it names, as they are now."""
        digest = hashlib.sha256(self.said)
        for path in self._named_paths:
            digest.update(describe_file(path).encode())
        for path in self.reads:
            for name, file in list_contents(path):
                digest.update(f"\n{name} {hash_now(file)}".encode())
        return digest.hexdigest()

    @cached_property
    def _named_paths(self) -> tuple[Path, ...]:
        return tuple(path for path in map(Path, self.command) if path.is_absolute())

    @cached_property
    def said(self) -> bytes:
        """What the declaration and the template say, for the digest, which is asked for several times a case."""
        said = json.dumps(self.model_dump(mode="json", exclude={"label"}), sort_keys=True)
        return f"{said}\n{self.template_text}".encode()

    def render(self, values: Mapping[str, float | int | str]) -> str:
        """Fill in the template: numbers with as many digits as it takes to read the same number again.

        Args:
            values: by parameter; what is missing has its default.

        Raises:
            EngineError: a value that is not accepted, or none where there is no default.
        """
        filled = {name: self._checked(name, values.get(name, known.default)) for name, known in self.parameters.items()}
        return PLACEHOLDER.sub(lambda match: filled[match[1]], self.template_text)

    def compare(self, text: str) -> str:
        """The difference between the template and a text made of it, as a patch."""
        before, after = self.template_text.splitlines(keepends=True), text.splitlines(keepends=True)
        return "".join(unified_diff(before, after, f"template/{self.input}", f"case/{self.input}"))

    def _checked(self, name: str, value: float | str | None) -> str:
        accepted = "a value: it has no default" if value is None else self.parameters[name].refuse(value)
        if accepted is not None:
            raise EngineError(f"{self.label}: parameter {name}: found {value!r}; accepted: {accepted}.")
        return value if isinstance(value, str) else repr(value)


def unit_ending(unit: str) -> str:
    """What the name of a metric ends in: "_kwh_m2" for "kWh/m2"; "" for a pure number."""
    known = {"1": "", "h": "_hours", "%": "_percent"}
    return known.get(unit, "_" + re.sub(r"[^a-z0-9]+", "_", unit.casefold()).strip("_"))


def load_programs(path: Path) -> dict[str, ProgramDeclaration]:
    """Read the declarations of a YAML file: a list under `programs`.

    Args:
        path: the file; the paths in it are relative to its folder.

    Raises:
        EngineError: the file or a declaration is wrong: where, what was found, what is accepted.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EngineError(f"{path}: it cannot be read as YAML: {' '.join(str(error).split())[:300]}.") from error
    entries = document.get("programs") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise EngineError(f"{path}: accepted: a list of programs under the key `programs`.")
    declared: dict[str, ProgramDeclaration] = {}
    for number, entry in enumerate(entries):
        where = f"{path}: programs[{number}]"
        program = _read_declaration(entry, where, path.absolute().parent)
        if program.name in declared:
            raise EngineError(f"{where}.name: found {program.name} a second time; accepted: another name.")
        declared[program.name] = program
    return declared


def _read_declaration(entry: Any, where: str, folder: Path) -> ProgramDeclaration:
    try:
        declared = ProgramDeclaration.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = "".join(f".{step}" for step in first["loc"])
        found = first["input"] if isinstance(first["input"], str | int | float | None) else "something else"
        raise EngineError(f"{where}{at}: found {found!r}; {first['msg']}.") from error
    command = tuple(_place(word, folder) for word in declared.command)
    template = folder / declared.template
    if not (Path(command[0]).is_file() and os.access(command[0], os.X_OK)):
        raise EngineError(f"{where}.command: found {command[0]}; accepted: the path of a program that may be executed.")
    try:
        text = template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"{where}.template: {template} cannot be read; accepted: a text file in UTF-8.") from error
    reads = tuple(folder / path for path in declared.reads)
    for path in reads:
        if not path.exists():
            raise EngineError(f"{where}.reads: found {path}; accepted: a file or folder that is there.")
    placed = {"command": command, "template": template, "reads": reads, "template_text": text}
    declared = declared.model_copy(update=placed)
    _check_placeholders(declared, where)
    return declared


def _place(word: str, folder: Path) -> str:
    """Give a relative path among a command's words the folder of the declaration; leave everything else."""
    return str(folder / word) if "/" in word and "{" not in word and (folder / word).exists() else word


def _check_placeholders(declared: ProgramDeclaration, where: str) -> None:
    used = set(PLACEHOLDER.findall(declared.template_text))
    for name in sorted(used - set(declared.parameters)):
        accepted = ", ".join(declared.parameters) or "no placeholder"
        raise EngineError(f"{where}.template: found {{{{{name[:60]}}}}}; accepted: {accepted}.")
    for name in sorted(set(declared.parameters) - used):
        raise EngineError(f"{where}.parameters.{name}: the template has no {{{{{name}}}}}; add it or leave this out.")
