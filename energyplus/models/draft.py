"""A case in the making: a model's description goes in, parameters and measures write to it, the case's edits come out.

A draft is made for every case, so it copies nothing that is not written to: objects are looked at through the texts of
the description, and only what differs from them is kept and handed on (decision 0013).
"""

import math
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from energyplus.errors import ModelError
from energyplus.models.canonical import canonical_value
from energyplus.models.case_objects import CaseEdits, FieldEdit, NewObject, Value, checked_value
from energyplus.models.description import ModelDescription
from energyplus.models.idf_writer import format_values
from energyplus.models.schema import ENGINE_VERSION, ClassSchema, Schema, load_schema
from energyplus.run_period import RunPeriod

if TYPE_CHECKING:
    from energyplus.measures.constructions import BillItem

_LATER = -1  # index of a field that the model's version does not have yet
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def read_number(text: str) -> float | int | None:
    """The number that a field's text means, whole numbers as such; None for blanks and words."""
    text = text.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


class DraftObject:
    """One object of a draft: the base model's as long as nothing is set, or one that was added.

    Attributes:
        class_name: in the engine's own spelling.
        position: which object of its class in the base model, in file order, from 0; None for an added one.
    """

    __slots__ = ("_base", "_draft", "_known", "_new", "class_name", "position")

    def __init__(self, draft: "ModelDraft", known: ClassSchema, base: tuple[str, ...], position: int | None) -> None:
        self.class_name = known.name
        self.position = position
        self._draft = draft
        self._known = known
        self._base = base
        self._new: dict[int, Value] | None = None

    def __repr__(self) -> str:
        return f"<{self.class_name} {self.name!r}>"

    @property
    def name(self) -> str:
        """Its name, "" for a class without names."""
        return self.text(0) if self._known.has_name else ""

    @property
    def schema(self) -> ClassSchema:
        """Its class."""
        return self._known

    @property
    def values(self) -> tuple[Value, ...]:
        """All fields: the texts of the base model, and what was set since."""
        if not self._new:
            return self._base
        base = (*self._base, *[""] * (self.length - len(self._base)))
        return tuple(self._new.get(index, text) for index, text in enumerate(base))

    @property
    def is_unwritten(self) -> bool:
        """Whether nothing was set in it, so that its values are the very ones of the base model."""
        return not self._new

    @property
    def length(self) -> int:
        """How many fields it has, to the last that is written."""
        return max(len(self._base), max(self._new, default=-1) + 1) if self._new else len(self._base)

    def text(self, field: str | int) -> str:
        """A field as text, "" where it is blank.

        Args:
            field: its name ("Watts per Floor Area"), its key in epJSON or its index, 0 being the first.

        Raises:
            ModelError: the class has no such field.
        """
        value = self._value(self._index_of(field))
        return value.strip() if isinstance(value, str) else format_values([value])[0]

    def number(self, field: str | int) -> float | int | None:
        """A field's number, None where it is blank or a word such as Autosize.

        Args:
            field: as for `text`.

        Raises:
            ModelError: the class has no such field.
        """
        value = self._value(self._index_of(field))
        return read_number(value) if isinstance(value, str) else value

    def set(self, field: str | int, value: Value) -> None:
        """Write a field.

        Args:
            field: as for `text`.
            value: number in the field's own unit, or text; "" makes it blank.

        Raises:
            ModelError: the class has no such field, or the value is no finite number.
        """
        index = self._index_of(field)
        if index == _LATER:
            raise ModelError(f"{self.class_name} has no field {field!r} in EnergyPlus {self._draft.version}.")
        if self._new is None:
            self._new = {}
        self._new[index] = checked_value(value, f"{self.class_name}: {field}")
        if index == 0:
            self._draft.forget_names(self.class_name)

    def differences(self) -> dict[int, Value]:
        """What differs from the base model, by field index; a number that is only written otherwise does not."""
        return {
            index: value
            for index, value in sorted((self._new or {}).items())
            if _canonical(self._known, index, value) != _canonical(self._known, index, self._base_text(index))
        }

    def _index_of(self, field: str | int) -> int:
        if isinstance(field, int):
            known = self._known
            if 0 <= field < len(known.fields) or (field >= 0 and known.extensible_from is not None):
                return field
            raise ModelError(f"{self.class_name} has no field {field}.")
        return _find_index(self._draft.version, self.class_name, field)

    def _value(self, index: int) -> Value:
        if self._new is not None and index in self._new:
            return self._new[index]
        return self._base_text(index)

    def _base_text(self, index: int) -> str:
        return self._base[index] if 0 <= index < len(self._base) else ""


class ModelDraft:
    """A copy-on-write view of a model; what is set, added and removed is seen by whoever looks next.

    Attributes:
        description: the base model.
        run_period: what is to be simulated in place of what the study says; None for the study's.
        bill: what measures put in, priced.
    """

    def __init__(self, description: ModelDescription) -> None:
        self.description = description
        self.run_period: RunPeriod | None = None
        self.bill: list[BillItem] = []
        self._objects: dict[str, list[DraftObject]] = {}
        self._added: list[DraftObject] = []
        self._removed: set[tuple[str, int]] = set()
        self._names: dict[str, dict[str, DraftObject]] = {}

    @property
    def version(self) -> str:
        """Of EnergyPlus, "25.2"."""
        return self.description.version

    @property
    def schema(self) -> Schema:
        """Of the model's version."""
        return load_schema(self.version)

    @property
    def class_names(self) -> list[str]:
        """The classes that there are objects of: those of the base model in its order, then new ones."""
        added = (entry.class_name for entry in self._added)
        return list(dict.fromkeys((*self.description.classes, *added)))

    def objects(self, class_name: str) -> tuple[DraftObject, ...]:
        """The objects of a class: those of the base model in file order, then the added ones.

        Args:
            class_name: in any letter case.

        Returns:
            () also for a class that only newer versions than the model's have.

        Raises:
            ModelError: there is no such class.
        """
        known = self._known_class(class_name)
        return tuple(self._entries(known)) if known is not None else ()

    def find(self, class_name: str, name: str) -> DraftObject | None:
        """The first object of a class that has a name, in any letter case; None where there is none.

        Raises:
            ModelError: there is no such class.
        """
        known = self._known_class(class_name)
        if known is None:
            return None
        names = self._names.get(known.name)
        if names is None:
            names = self._names[known.name] = {}
            for entry in self._entries(known):
                names.setdefault(entry.name.casefold(), entry)
        return names.get(name.strip().casefold())

    def add(self, class_name: str, fields: Mapping[Any, Value]) -> DraftObject:
        """Add an object.

        Args:
            class_name: in any letter case.
            fields: values by name (str), epJSON key (str) or index (int) of the field; the others stay blank.

        Raises:
            ModelError: no such class or field, or the class has an object of that name.
        """
        known = self._class(class_name)
        entry = DraftObject(self, known, (), None)
        for field, value in fields.items():
            entry.set(field, value)
        if known.has_name and self.find(known.name, entry.name) is not None:
            raise ModelError(f"The model has a {known.name} {entry.name!r} already.")
        self._entries(known).append(entry)
        self._added.append(entry)
        self.forget_names(known.name)
        return entry

    def copy(self, entry: DraftObject, name: str) -> DraftObject:
        """Add an object that is like another one but for its name.

        Raises:
            ModelError: the class has an object of that name.
        """
        return self.add(entry.class_name, {**dict(enumerate(entry.values)), 0: name})

    def remove(self, entry: DraftObject) -> None:
        """Take an object out; whatever refers to it is the caller's to see to."""
        self._entries(entry.schema).remove(entry)
        self.forget_names(entry.class_name)
        if entry.position is None:
            self._added.remove(entry)
        else:
            self._removed.add((entry.class_name, entry.position))

    def unique_name(self, stem: str) -> str:
        """A name that no object of any class has or had: the stem, or the stem and a number."""
        added = {entry.name.casefold() for entry in self._added}
        name, number = stem, 1
        while name.casefold() in self._base_names or name.casefold() in added:
            number += 1
            name = f"{stem} {number}"
        return name

    def conclude(self) -> CaseEdits:
        """What the case has otherwise than the base model, in file order; nothing that says the same."""
        edits = (
            FieldEdit(name, entry.position, index, value)
            for name in sorted(self._objects)
            for entry in self._objects[name]
            if entry.position is not None
            for index, value in entry.differences().items()
        )
        added = tuple(NewObject(entry.class_name, entry.values) for entry in self._added)
        return CaseEdits(tuple(edits), added, frozenset(self._removed), self.run_period)

    def forget_names(self, class_name: str) -> None:
        """Look names of a class up anew: an object was added, removed or renamed."""
        self._names.pop(class_name, None)

    @cached_property
    def _base_names(self) -> set[str]:
        return {entry.name.strip().casefold() for entries in self.description.classes.values() for entry in entries}

    def _entries(self, known: ClassSchema) -> list[DraftObject]:
        entries = self._objects.get(known.name)
        if entries is None:
            described = self.description.classes.get(known.name, ())
            entries = [DraftObject(self, known, entry.values, n) for n, entry in enumerate(described)]
            self._objects[known.name] = entries
        return entries

    def _class(self, name: str) -> ClassSchema:
        known = self.schema.find_class(name)
        if known is None:
            raise ModelError(f"EnergyPlus {self.version} has no class {name!r}.")
        return known

    def _known_class(self, name: str) -> ClassSchema | None:
        """The class in the model's version; None for one that came later, so that measures may ask for it."""
        if self.schema.find_class(name) is None and load_schema(ENGINE_VERSION).find_class(name) is not None:
            return None
        return self._class(name)


@lru_cache(maxsize=4096)
def _find_index(version: str, class_name: str, field: str) -> int:
    """The index of a field; `_LATER` for one that only newer versions have, which is blank in a model of this one."""
    for schema in (load_schema(version), load_schema(ENGINE_VERSION)):
        known = schema.find_class(class_name)
        found = known.find_field(field) if known else None
        if found is not None:
            return found[0] if schema.version == load_schema(version).version else _LATER
    raise ModelError(f"{class_name} has no field {field!r} in EnergyPlus {version}.")


def _canonical(known: ClassSchema, index: int, value: Value) -> str:
    text = value.strip() if isinstance(value, str) else format_values([value])[0]
    return canonical_value(text, is_numeric=known.is_numeric_at(index))
