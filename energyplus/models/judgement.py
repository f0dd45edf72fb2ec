"""Judges a model that has been taken apart: out come every finding that refuses it, and notes; never by its text."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from energyplus.errors import ModelError
from energyplus.models.description import ModelDescription, ObjectDescription
from energyplus.models.hazards import Hazard, find_fault_of_name, find_hazards, is_dangerous
from energyplus.models.schema import FieldSchema, load_schema

_TOLD_FINDINGS = 100  # of one model; who mends these meets the others
_RENAME = "Rename the file, and in the model whatever refers to it."


@dataclass(frozen=True)
class Finding:
    """Why a model is refused: one object's field, or one of its attachments.

    Attributes:
        class_name: of the object, in the engine's spelling; "" where an attachment is at fault.
        object_name: its name; "" where it has none.
        field: the field; "" where the class itself is refused.
        found: what stands there.
        reason: why that is refused.
        remedy: what to do.
    """

    class_name: str
    object_name: str
    field: str
    found: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.class_name} '{self.object_name}'" if self.object_name else self.class_name or "attachment"
        field = f", {self.field}" if self.field else ""
        found = f": found '{self.found[:100]}'" if self.found else ""
        return f"{place}{field}{found}; refused: {self.reason}. {self.remedy}"


class ModelRefused(ModelError):  # noqa: N818 - a verdict, not a mishap
    """A model can be read, but must not run.

    Attributes:
        findings: everything that is to be mended, in the order of the model.
    """

    def __init__(self, findings: Collection[Finding]) -> None:
        self.findings = tuple(findings)
        told = [str(finding) for finding in self.told]
        more = len(self.findings) - len(told)
        super().__init__("\n".join([*told, f"… and {more} more."] if more else told))

    @property
    def told(self) -> tuple[Finding, ...]:
        """The first findings, as many as anybody reads."""
        return self.findings[:_TOLD_FINDINGS]


@dataclass(frozen=True)
class Judgement:
    """What the gate says of a model: everything that refuses it, and what its owner should know of it otherwise."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def judge_description(description: ModelDescription, attachments: Collection[str]) -> Judgement:
    """Judge what is in a model, together with the names of the files that came with it.

    Args:
        description: the model in parsed form.
        attachments: names as they were uploaded.
    """
    findings = [*_judge_names(attachments)]
    used: set[str] = set()
    for row, field, entry, class_name, value in _list_hazards(description):
        if row.ruling == "refused":
            findings.append(_refuse(row, field, entry, class_name, value))
            continue
        used.add(value)
        fault = _find_fault_of_reference(value, attachments)
        if fault is not None:
            findings.append(Finding(class_name, entry.name, field.name if field else "", value, *fault))
    notes = tuple(
        f"Attachment '{name}': nothing in the model refers to it." for name in sorted(attachments) if name not in used
    )
    return Judgement(tuple(findings), notes)


def list_files(description: ModelDescription) -> tuple[str, ...]:
    """The files that a model refers to, as it names them, each once."""
    found = (value for row, _, _, _, value in _list_hazards(description) if row.ruling == "attachment")
    return tuple(dict.fromkeys(found))


def find_files_beside(model: Path, description: ModelDescription) -> dict[str, Path]:
    """The files that a model on this machine refers to by bare name and that lie beside it, by name."""
    names = (name for name in list_files(description) if find_fault_of_name(name) is None)
    return {name: model.parent / name for name in names if (model.parent / name).is_file()}


def _list_hazards(
    description: ModelDescription,
) -> Iterator[tuple[Hazard, FieldSchema | None, ObjectDescription, str, str]]:
    schema = load_schema(description.version)
    for class_name, entries in description.classes.items():
        known = schema.find_class(class_name)
        for row, index, field in find_hazards(known) if known else ():
            if row.ruling == "replaced":
                continue
            for entry in entries:
                value = _read(entry, index) or row.default
                if is_dangerous(row, value) and (value or row.ruling == "refused"):
                    yield row, field, entry, class_name, value


def _read(entry: ObjectDescription, index: int | None) -> str:
    return entry.values[index].strip() if index is not None and index < len(entry.values) else ""


def _refuse(row: Hazard, field: FieldSchema | None, entry: ObjectDescription, class_name: str, value: str) -> Finding:
    found = value if field else next((text for text in entry.values if text != entry.name and text), "")
    return Finding(class_name, entry.name, field.name if field else "", found, row.reason, row.remedy)


def _find_fault_of_reference(name: str, attachments: Collection[str]) -> tuple[str, str] | None:
    if name in attachments:
        return None  # a name that no attachment may have is told of the attachment
    fault = find_fault_of_name(name)
    if fault is not None:
        return f"a model reads only files uploaded with it, and {fault}", _ATTACH
    like = [known for known in attachments if known.casefold() == name.casefold()]
    if like:
        return f"the attachment is called '{like[0]}', in other letter case", "Write its name as the file has it."
    return "no file of that name was uploaded with the model", f"Upload '{name}' with the model as an attachment."


def _judge_names(attachments: Collection[str]) -> Iterator[Finding]:
    folded = Counter(name.casefold() for name in attachments)
    for name in attachments:
        fault = find_fault_of_name(name)
        if fault is None and folded[name.casefold()] > 1:
            fault = "another attachment has the same name, in the same or other letter case"
        if fault is not None:
            yield Finding("", "", "", name, fault, _RENAME)


_ATTACH = "Upload the file with the model as an attachment and write its bare name."
