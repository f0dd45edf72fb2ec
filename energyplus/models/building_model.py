"""A base model, parsed once, rendered many times: edits go in, the IDF text of a case comes out in milliseconds."""

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from energyplus.errors import ModelError
from energyplus.models.canonical import canonical_value, canonical_values, digest_object, digest_objects, digest_text
from energyplus.models.case_objects import CaseObjects, FieldEdit
from energyplus.models.description import ModelDescription, describe_text
from energyplus.models.eppy_models import read_idf
from energyplus.models.hazards import find_fault_of_edit
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

__all__ = ["BuildingModel", "FieldEdit", "RunPeriod"]

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

    def render(
        self,
        edits: Sequence[FieldEdit],
        run_period: RunPeriod,
        outputs: Sequence[OutputRequest] = (),
        keep_full: bool = False,
    ) -> str:
        """The IDF text of a case.

        What the model asks to be written and when it is run gives way to what the farm needs
        (`energyplus.outputs`, `energyplus.run_period`); everything else is the model with the edits.

        Args:
            edits: fields to set; of two edits of one field the later holds.
            run_period: what is to be simulated.
            outputs: time series to report besides what every case reports.
            keep_full: whether what the model itself asks for is written as well, and every file of the engine.

        Raises:
            ModelError: an edit that names no object or field of this model, or whose value IDF cannot hold.
        """
        return "\n".join(self._pieces(self.plan_objects(edits, run_period, outputs, keep_full)))

    def patch(
        self,
        edits: Sequence[FieldEdit],
        run_period: RunPeriod,
        outputs: Sequence[OutputRequest] = (),
        keep_full: bool = False,
    ) -> str:
        """The difference between the model as `render` gives it without edits and with them, as a unified diff.

        Args:
            edits, run_period, outputs, keep_full: as for `render`.

        Raises:
            ModelError: as `render`.
        """
        case = self.plan_objects(edits, run_period, outputs, keep_full)
        entries = [entry for slot, entry in enumerate(self._text_model.objects) if slot not in case.removed]
        titles = [f"{entry.class_name} {entry.values[0] if entry.values else ''}".strip() for entry in entries]
        before = self._pieces(self.plan_objects((), run_period, outputs, keep_full))
        pieces = map(Piece, (*titles, "what is simulated and written"), before, self._pieces(case))
        own = {name: [self._text_model.objects[slot].values for slot in self._slots[name]] for name in _PLANNED_CLASSES}
        replaced = describe_run_period_changes(own, run_period) or ("run period as in the model",)
        reports = "besides the model's own" if keep_full else "in place of the model's own"
        notes = (
            "The case against the unmodified model, both rendered for the farm:",
            f"{'; '.join(replaced)}; the farm's output requests {reports}.",
        )
        return render_patch(list(pieces), notes)

    def _pieces(self, case: CaseObjects) -> list[str]:
        """The text of every object, then that of what the case has instead of the objects removed."""
        texts = [
            self._edited_text(slot, case.edited[slot]) if slot in case.edited else text
            for slot, text in enumerate(self._texts)
            if slot not in case.removed
        ]
        added = [comment_object(self._class(name), values) for name, values in case.added]
        return [*texts, "\n".join((*added, case.requests))]

    def plan_objects(
        self,
        edits: Sequence[FieldEdit],
        run_period: RunPeriod,
        outputs: Sequence[OutputRequest] = (),
        keep_full: bool = False,
    ) -> CaseObjects:
        """What a case has in place of this model's objects; `render` writes it, keys and patches are made of it.

        Args:
            edits: as for `render`.
            run_period: as for `render`.
            outputs: as for `render`.
            keep_full: as for `render`.

        Raises:
            ModelError: as `render`.
        """
        edited = self._edit_objects(edits)
        planned = plan_run_period(
            {
                name: [
                    format_values(_set_fields(self._text_model.objects[slot].values, edited.pop(slot, {})))
                    for slot in self._slots.get(name, ())
                ]
                for name in _PLANNED_CLASSES
            },
            run_period,
        )
        classes = ALWAYS_REPLACED_CLASSES if keep_full else REPLACED_CLASSES
        replaced = (slot for name in (*classes, *_PLANNED_CLASSES) for slot in self._slots.get(name, ()))
        added = tuple((name, values) for name in _PLANNED_CLASSES for values in planned[name])
        return CaseObjects(edited, frozenset(replaced), added, self._requests(tuple(outputs), keep_full))

    def content_key(
        self,
        edits: Sequence[FieldEdit],
        run_period: RunPeriod,
        outputs: Sequence[OutputRequest] = (),
        keep_full: bool = False,
    ) -> str:
        """The digest (sha256, hex) of the case that `render` would give in canonical form, without rendering it.

        Two cases have the same key when `energyplus.models.canonical` finds their texts equal, and only then. Costs a
        fraction of a millisecond; reads nothing with eppy.

        Raises:
            ModelError: as `render`.
        """
        case = self.plan_objects(edits, run_period, outputs, keep_full)
        edited = {slot: self._edited_digest(slot, case) for slot in case.edited}
        digests = [edited.get(slot, digest) for slot, digest in enumerate(self._digests) if slot not in case.removed]
        digests += [
            digest_object(name, canonical_values(self._class(name), format_values(values)))
            for name, values in case.added
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

    def _edit_objects(self, edits: Sequence[FieldEdit]) -> dict[int, dict[int, float | str]]:
        edited: dict[int, dict[int, float | str]] = {}
        for edit in edits:
            known = self._class(edit.class_name)
            if known.name == "Version":
                raise ModelError(f"{self._label}: Version cannot vary: it says which engine reads the model.")
            if known.name in REPLACED_CLASSES:
                raise ModelError(f"{self._label}: {known.name} cannot vary: every case reports the same.")
            slots = self._slots.get(known.name, [])
            if not 0 <= edit.object_position < len(slots):
                raise ModelError(
                    f"{self._label}: it has {len(slots)} {known.name}, none at position {edit.object_position}."
                )
            field = known.field_at(edit.field_index)
            if field is None:
                raise ModelError(f"{self._label}: {known.name} has no field {edit.field_index}.")
            fault = find_fault_of_edit(known, edit.field_index, edit.value)
            if fault is not None:
                raise ModelError(f"{self._label}: {fault}")
            value = _checked_value(edit.value, f"{self._label}: {known.name}: {field.name}")
            edited.setdefault(slots[edit.object_position], {})[edit.field_index] = value
        return edited

    def _edited_text(self, slot: int, values: Mapping[int, float | str]) -> str:
        entry = self._text_model.objects[slot]
        position = bisect_left(self._slots[entry.class_name], slot)
        read = self.idf.idfobjects[entry.class_name][position].obj[1:]
        return annotate_object(self._class(entry.class_name), entry.values, _set_fields(read, values))


def _set_fields(base: Sequence[Any], values: Mapping[int, float | str]) -> list[Any]:
    length = max(len(base), max(values, default=-1) + 1)
    return [values.get(index, base[index] if index < len(base) else "") for index in range(length)]


def _checked_value(value: float | str, where: str) -> float | str:
    if isinstance(value, str):
        if re.search(r"[,;!\n\r\0]", value):
            raise ModelError(
                f"{where}: {value[:80]!r} has a character that IDF cannot hold: one of , ; ! or a line end."
            )
        return value.strip()
    if not math.isfinite(value):
        raise ModelError(f"{where}: {value} is not a finite number.")
    return value
