"""What makes a case of a base model: the edits that are asked for, and the objects that come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
        edited: of the objects that edits change, by slot, the new values by field index.
        removed: slots of the objects that the case does not have.
        added: class and field values of the objects that it has instead: what is simulated and when.
        requests: IDF text of what the engine is asked to write.
    """

    edited: Mapping[int, Mapping[int, float | str]]
    removed: frozenset[int]
    added: tuple[tuple[str, Sequence[Any]], ...]
    requests: str
