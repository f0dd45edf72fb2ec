"""A base model, parsed once, rendered many times: edits go in, the IDF text of a case comes out in milliseconds."""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from energyplus.errors import ModelError
from energyplus.models.description import ModelDescription, describe_text
from energyplus.models.eppy_models import read_idf
from energyplus.models.idd import FEWEST_GROUPS, count_fields, groups_needed
from energyplus.models.idf_writer import comment_object, format_values, join_object
from energyplus.models.model_text import TextModel, read_model_file
from energyplus.models.schema import ENGINE_VERSION, ClassSchema, load_schema
from energyplus.outputs import (
    ALWAYS_REPLACED_CLASSES,
    REPLACED_CLASSES,
    VERSIONED_CLASSES,
    OutputRequest,
    render_output_requests,
)
from energyplus.run_period import RunPeriod, plan_run_period

__all__ = ["BuildingModel", "FieldEdit", "RunPeriod"]

_PLANNED_CLASSES = ("SimulationControl", "RunPeriod")


@dataclass(frozen=True)
class FieldEdit:
    """One field of one object gets a value.

    Attributes:
        class_name: of the object, in the engine's own spelling.
        object_position: which object of its class, in file order, from 0.
        field_index: which field, 0 being the first (the name, where the class has one).
        value: number in the field's own unit, or text; "" makes it blank, so that the engine's default holds.
    """

    class_name: str
    object_position: int
    field_index: int
    value: float | str


@dataclass(frozen=True)
class CaseObjects:
    """What a case has in place of its base model's objects; slots count the objects in file order, from 0.

    Attributes:
        edited: field values of the objects that edits changed, by slot.
        removed: slots of the objects that the case does not have.
        added: class and field values of the objects that it has instead: what is simulated and when.
        requests: IDF text of what the engine is asked to write.
    """

    edited: Mapping[int, Sequence[Any]]
    removed: frozenset[int]
    added: tuple[tuple[str, Sequence[Any]], ...]
    requests: str


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
        self.idf: Any = read_idf("\n".join(self._texts), self.version, self._groups(), self._fitting(idd))

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
        case = self.plan_objects(edits, run_period, outputs, keep_full)
        texts = ["" if slot in case.removed else text for slot, text in enumerate(self._texts)]
        for slot, values in case.edited.items():
            texts[slot] = comment_object(self._class(self._text_model.objects[slot].class_name), values)
        texts += [comment_object(self._class(name), values) for name, values in case.added]
        return "\n".join(text for text in (*texts, case.requests) if text)

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
                    format_values(edited.pop(slot, self._text_model.objects[slot].values))
                    for slot in self._slots.get(name, ())
                ]
                for name in _PLANNED_CLASSES
            },
            run_period,
        )
        classes = ALWAYS_REPLACED_CLASSES if keep_full else REPLACED_CLASSES
        replaced = (slot for name in (*classes, *_PLANNED_CLASSES) for slot in self._slots.get(name, ()))
        added = tuple((name, values) for name in _PLANNED_CLASSES for values in planned[name])
        requests = render_output_requests(self._versioned_fields, outputs, self._own_reports if keep_full else None)
        return CaseObjects(edited, frozenset(replaced), added, requests)

    @cached_property
    def _description(self) -> ModelDescription:
        return describe_text(self._text_model)

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

    def _edit_objects(self, edits: Sequence[FieldEdit]) -> dict[int, list[Any]]:
        edited: dict[int, list[Any]] = {}
        for edit in edits:
            known = self._class(edit.class_name)
            if known.name in REPLACED_CLASSES:
                raise ModelError(f"{self._label}: {known.name} cannot vary: every case reports the same.")
            objects = self.idf.idfobjects[known.name]
            if not 0 <= edit.object_position < len(objects):
                raise ModelError(
                    f"{self._label}: it has {len(objects)} {known.name}, none at position {edit.object_position}."
                )
            field = known.field_at(edit.field_index)
            if field is None:
                raise ModelError(f"{self._label}: {known.name} has no field {edit.field_index}.")
            slot = self._slots[known.name][edit.object_position]
            values = edited.setdefault(slot, list(objects[edit.object_position].obj[1:]))
            values += [""] * (edit.field_index + 1 - len(values))
            values[edit.field_index] = _checked_value(edit.value, f"{self._label}: {known.name}: {field.name}")
        return edited


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
