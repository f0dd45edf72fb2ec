"""A base model, parsed once, rendered many times: edits go in, the IDF text of a case comes out in milliseconds."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from energyplus.errors import ModelError
from energyplus.models.canonical import canonical_value, canonical_values, digest_object, digest_objects, digest_text
from energyplus.models.case_objects import (
    CaseEdits,
    CaseObjects,
    CaseRequest,
    FieldEdit,
    NewObject,
    Value,
    checked_value,
)
from energyplus.models.description import ModelDescription, describe_text
from energyplus.models.eppy_models import read_idf
from energyplus.models.hazards import find_fault_of_edit, find_fault_of_object
from energyplus.models.idd import FEWEST_GROUPS, count_fields, groups_needed
from energyplus.models.idf_writer import annotate_object, comment_object, format_values, join_object
from energyplus.models.model_text import TextModel, read_model_file
from energyplus.models.patch import Piece, render_patch
from energyplus.models.schema import ENGINE_VERSION, ClassSchema, load_schema
from energyplus.outputs import (
    ALWAYS_REPLACED_CLASSES,
    REPLACED_CLASSES,
    VERSIONED_CLASSES,
    OutputRequest,
    render_output_requests,
)
from energyplus.run_period import RunPeriod, describe_run_period_changes, plan_run_period

__all__ = ["BuildingModel", "CaseEdits", "CaseRequest", "FieldEdit", "NewObject", "RunPeriod"]

_PLANNED_CLASSES = ("SimulationControl", "RunPeriod")


class BuildingModel:
    """A base model and the text of each of its objects; rendering changes nothing in it, so threads may share it."""

    def __init__(self, text_model: TextModel, label: str, idd: Path | None = None) -> None:
        self.version = text_model.version
        self._label = label
        self._text_model = text_model
        self._schema = load_schema(text_model.version)
        self._texts = [join_object(entry.class_name, entry.values) for entry in text_model.objects]
        self._slots: dict[str, list[int]] = defaultdict(list)
        for slot, entry in enumerate(text_model.objects):
            self._slots[entry.class_name].append(slot)
        self._idd = idd
        self._requests = lru_cache(maxsize=16)(self._render_requests)  # every case of a study asks for the same

    @classmethod
    def read(
        cls, path: Path, versions: Collection[str] = (ENGINE_VERSION,), idds: Mapping[str, Path] | None = None
    ) -> "BuildingModel":
        """Parse a model file.

        Args:
            path: IDF or epJSON.
            versions: those that an engine is there for, "25.2"; a model of any other is refused.
            idds: by version the data dictionary of an installed EnergyPlus; else eppy gets one made of the schema.

        Raises:
            ModelError: what is wrong with the file and what to do.
        """
        path = Path(path)
        text_model = read_model_file(path, versions)
        return cls(text_model, path.name, (idds or {}).get(text_model.version))

    @cached_property
    def idf(self) -> Any:
        """The model as eppy reads it, an `eppy.modeleditor.IDF`; read when the first edited case is rendered."""
        return read_idf("\n".join(self._texts), self.version, self._groups(), self._fitting(self._idd))

    def describe(self) -> ModelDescription:
        """What is in the model."""
        return self._description

    def render(self, request: CaseRequest) -> str:
        """The IDF text of a case.

        What the model asks to be written and when it is run gives way to what the farm needs
        (`energyplus.outputs`, `energyplus.run_period`); everything else is the model with the edits. New objects stand
        behind the model's own.

        Args:
            request: what the case is made of.

        Raises:
            ModelError: an edit that names no object or field of this model, whose value IDF cannot hold, or that no
                case may have (`energyplus.models.hazards`).
        """
        pieces = self._pieces(self.plan_objects(request))
        return "\n".join(text for text in pieces if text is not None)

    def patch(self, request: CaseRequest) -> str:
        """The difference between the model as `render` gives it without edits and with them, as a unified diff.

        Args:
            request: as for `render`.

        Raises:
            ModelError: as `render`.
        """
        case = self.plan_objects(request)
        unmodified = self.plan_objects(replace(request, edits=CaseEdits()))
        kept = (entry for slot, entry in enumerate(self._text_model.objects) if slot not in case.replaced)
        entries = [
            *((entry.class_name, entry.values) for entry in kept),
            *((e.class_name, e.values) for e in case.added),
        ]
        titles = [f"{name} {values[0] if values else ''}".strip() for name, values in entries]
        before = self._pieces(unmodified)
        before[-1:] = [*[None] * len(case.added), before[-1]]
        pieces = map(Piece, (*titles, "what is simulated and written"), before, self._pieces(case))
        own = {name: [self._text_model.objects[slot].values for slot in self._slots[name]] for name in _PLANNED_CLASSES}
        replaced = describe_run_period_changes(own, request.run_period) or ("run period as in the model",)
        reports = "besides the model's own" if request.keep_full else "in place of the model's own"
        notes = (
            "The case against the unmodified model, both rendered for the farm:",
            f"{'; '.join(replaced)}; the farm's output requests {reports}.",
        )
        return render_patch(list(pieces), notes)

    def _pieces(self, case: CaseObjects) -> list[str | None]:
        """The text of every object, None for a removed one; last that of what every case has."""
        texts = [self._text(slot, text, case) for slot, text in enumerate(self._texts) if slot not in case.replaced]
        added = [comment_object(self._class(entry.class_name), entry.values) for entry in case.added]
        planned = [comment_object(self._class(name), values) for name, values in case.planned]
        return [*texts, *added, "\n".join((*planned, case.requests))]

    def _text(self, slot: int, text: str, case: CaseObjects) -> str | None:
        if slot in case.removed:
            return None
        return self._edited_text(slot, case.edited[slot]) if slot in case.edited else text

    def plan_objects(self, request: CaseRequest) -> CaseObjects:
        """What a case has in place of this model's objects; `render` writes it, keys and patches are made of it.

        Args:
            request: as for `render`.

        Raises:
            ModelError: as `render`.
        """
        edited = self._edit_objects(request.edits.edits)
        planned = plan_run_period(
            {
                name: [
                    format_values(_set_fields(self._text_model.objects[slot].values, edited.pop(slot, {})))
                    for slot in self._slots.get(name, ())
                ]
                for name in _PLANNED_CLASSES
            },
            request.simulated,
        )
        classes = ALWAYS_REPLACED_CLASSES if request.keep_full else REPLACED_CLASSES
        replaced = (slot for name in (*classes, *_PLANNED_CLASSES) for slot in self._slots.get(name, ()))
        return CaseObjects(
            edited=edited,
            removed=frozenset(self._find_removed(*entry) for entry in request.edits.removed),
            replaced=frozenset(replaced),
            added=tuple(self._check_added(entry) for entry in request.edits.added),
            planned=tuple((name, values) for name in _PLANNED_CLASSES for values in planned[name]),
            requests=self._requests(tuple(request.outputs), request.keep_full),
        )

    def content_key(self, request: CaseRequest) -> str:
        """The digest (sha256, hex) of the case that `render` would give in canonical form, without rendering it.

        Two cases have the same key when `energyplus.models.canonical` finds their texts equal, and only then. Costs a
        fraction of a millisecond; reads nothing with eppy.

        Args:
            request: as for `render`.

        Raises:
            ModelError: as `render`.
        """
        case = self.plan_objects(request)
        edited = {slot: self._edited_digest(slot, case) for slot in case.edited if slot not in case.removed}
        gone = case.removed | case.replaced
        digests = [edited.get(slot, digest) for slot, digest in enumerate(self._digests) if slot not in gone]
        digests += [
            digest_object(name, canonical_values(self._class(name), format_values(values)))
            for name, values in (*((entry.class_name, entry.values) for entry in case.added), *case.planned)
        ]
        return digest_objects(self.version, (*digests, *digest_text(case.requests, self.version)))

    @cached_property
    def _canonical(self) -> list[list[str]]:
        return [canonical_values(self._class(entry.class_name), entry.values) for entry in self._text_model.objects]

    @cached_property
    def _digests(self) -> list[bytes]:
        objects = zip(self._text_model.objects, self._canonical, strict=True)
        return [digest_object(entry.class_name, values) for entry, values in objects]

    def _edited_digest(self, slot: int, case: CaseObjects) -> bytes:
        known = self._class(self._text_model.objects[slot].class_name)
        texts = zip(case.edited[slot], format_values(list(case.edited[slot].values())), strict=True)
        new = {index: canonical_value(text, is_numeric=known.is_numeric_at(index)) for index, text in texts}
        return digest_object(known.name, _set_fields(self._canonical[slot], new))

    @cached_property
    def _description(self) -> ModelDescription:
        return describe_text(self._text_model)

    def _render_requests(self, outputs: tuple[OutputRequest, ...], keep_full: bool) -> str:
        return render_output_requests(self._versioned_fields, outputs, self._own_reports if keep_full else None)

    @cached_property
    def _own_reports(self) -> list[str]:
        slots = self._slots.get("Output:Table:SummaryReports", ())
        return [value.strip() for slot in slots for value in self._text_model.objects[slot].values if value.strip()]

    @cached_property
    def _versioned_fields(self) -> dict[str, tuple[str, ...]]:
        known = {name: self._schema.find_class(name) for name in VERSIONED_CLASSES}
        return {name: tuple(field.name for field in found.fields) for name, found in known.items() if found}

    def _groups(self) -> dict[str, int]:
        groups: dict[str, int] = {}
        for entry in self._text_model.objects:
            needed = groups_needed(self._class(entry.class_name), len(entry.values))
            if needed > max(FEWEST_GROUPS, groups.get(entry.class_name, 0)):
                groups[entry.class_name] = needed
        return groups

    def _fitting(self, idd: Path | None) -> Path | None:
        """The IDD of an installed EnergyPlus, where the model's longest objects fit into it."""
        room = count_fields(idd) if idd else {}
        fits = all(len(entry.values) <= room.get(entry.class_name.upper(), 0) for entry in self._text_model.objects)
        return idd if fits else None

    def _class(self, name: str) -> ClassSchema:
        known = self._schema.find_class(name)
        if known is None:
            raise ModelError(f"{self._label}: EnergyPlus {self.version} has no class {name!r}.")
        return known

    def _edit_objects(self, edits: Sequence[FieldEdit]) -> dict[int, dict[int, Value]]:
        edited: dict[int, dict[int, Value]] = {}
        for edit in edits:
            known = self._variable_class(edit.class_name)
            slot = self._slot(known, edit.object_position)
            field = known.field_at(edit.field_index)
            if field is None:
                raise ModelError(f"{self._label}: {known.name} has no field {edit.field_index}.")
            fault = find_fault_of_edit(known, edit.field_index, edit.value)
            if fault is not None:
                raise ModelError(f"{self._label}: {fault}")
            value = checked_value(edit.value, f"{self._label}: {known.name}: {field.name}")
            edited.setdefault(slot, {})[edit.field_index] = value
        return edited

    def _find_removed(self, class_name: str, position: int) -> int:
        return self._slot(self._changing_class(class_name), position)

    def _check_added(self, entry: NewObject) -> NewObject:
        known = self._changing_class(entry.class_name)
        if known.extensible_from is None and len(entry.values) > len(known.fields):
            raise ModelError(f"{self._label}: {known.name} has no field {len(known.fields)}.")
        fault = find_fault_of_object(known, entry.values)
        if fault is not None:
            raise ModelError(f"{self._label}: {fault}")
        where = f"{self._label}: {known.name}: {entry.values[0] if entry.values else ''}"
        return NewObject(known.name, tuple(checked_value(value, where) for value in entry.values))

    def _slot(self, known: ClassSchema, position: int) -> int:
        slots = self._slots.get(known.name, [])
        if not 0 <= position < len(slots):
            raise ModelError(f"{self._label}: it has {len(slots)} {known.name}, none at position {position}.")
        return slots[position]

    def _changing_class(self, name: str) -> ClassSchema:
        """A class of which a case may have more or fewer objects than the model."""
        known = self._variable_class(name)
        if known.name in _PLANNED_CLASSES:
            raise ModelError(f"{self._label}: {known.name} is not added or removed: the run period says what it says.")
        return known

    def _variable_class(self, name: str) -> ClassSchema:
        known = self._class(name)
        if known.name == "Version":
            raise ModelError(f"{self._label}: Version cannot vary: it says which engine reads the model.")
        if known.name in REPLACED_CLASSES:
            raise ModelError(f"{self._label}: {known.name} cannot vary: every case reports the same.")
        return known

    def _edited_text(self, slot: int, values: Mapping[int, Value]) -> str:
        entry = self._text_model.objects[slot]
        position = bisect_left(self._slots[entry.class_name], slot)
        read = self.idf.idfobjects[entry.class_name][position].obj[1:]
        return annotate_object(self._class(entry.class_name), entry.values, _set_fields(read, values))


def _set_fields(base: Sequence[Any], values: Mapping[int, float | str]) -> list[Any]:
    length = max(len(base), max(values, default=-1) + 1)
    return [values.get(index, base[index] if index < len(base) else "") for index in range(length)]
