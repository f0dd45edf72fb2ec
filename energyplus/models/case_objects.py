"""What makes a case of a base model: the edits that are asked for, and the objects that come of them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from energyplus.errors import ModelError
from energyplus.outputs import OutputRequest
from energyplus.run_period import RunPeriod

ANNUAL = RunPeriod()
Value = float | int | str
"""Of a field: a number in the field's own unit, or a text; "" is a blank."""


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
    value: Value


@dataclass(frozen=True)
class NewObject:
    """An object that a case has and its base model has not.

    Attributes:
        class_name: in the engine's own spelling.
        values: of its fields in IDD order, the name first where the class has one; "" where blank.
    """

    class_name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class CaseEdits:
    """How a case differs from its base model.

    Attributes:
        edits: fields to set; of two edits of one field the later holds.
        added: new objects, in the order in which they are to stand.
        removed: objects that the case does not have: class and position in file order, from 0.
        run_period: what is simulated in place of what the study says; None for the study's.
    """

    edits: tuple[FieldEdit, ...] = ()
    added: tuple[NewObject, ...] = ()
    removed: frozenset[tuple[str, int]] = frozenset()
    run_period: RunPeriod | None = None


@dataclass(frozen=True)
class CaseRequest:
    """Everything that a case is made of, besides its base model.

    Attributes:
        edits: how it differs from the base model.
        run_period: what the study simulates.
        outputs: time series to report besides what every case reports.
        keep_full: whether what the model itself asks for is written as well, and every file of the engine.
    """

    edits: CaseEdits = CaseEdits()
    run_period: RunPeriod = ANNUAL
    outputs: tuple[OutputRequest, ...] = ()
    keep_full: bool = False

    @property
    def simulated(self) -> RunPeriod:
        """What is simulated: the case's own run period where it has one, else the study's."""
        return self.edits.run_period or self.run_period


@dataclass(frozen=True)
class CaseObjects:
    """What a case has in place of its base model's objects; slots count the objects in file order, from 0.

    Attributes:
        edited: of the objects that edits change, by slot, the new values by field index.
        removed: slots of the objects that the case does not have.
        replaced: slots of those that give way to what every case has: `planned` and `requests`.
        added: the objects that only the case has.
        planned: class and field values of the objects that say what is simulated and when.
        requests: IDF text of what the engine is asked to write.
    """

    edited: Mapping[int, Mapping[int, Value]]
    removed: frozenset[int] = frozenset()
    replaced: frozenset[int] = frozenset()
    added: tuple[NewObject, ...] = ()
    planned: tuple[tuple[str, Sequence[Any]], ...] = ()
    requests: str = ""


def checked_value(value: object, where: str) -> Value:
    """A value as a field can hold it, in Python's own types: a number of numpy would not be written as IDF.

    Args:
        value: what is to be written.
        where: model, class and field, for the message.

    Raises:
        ModelError: it is no finite number and no text that IDF can hold.
    """
    if isinstance(value, str):
        if re.search(r"[,;!\n\r\0]", value):
            raise ModelError(
                f"{where}: {value[:80]!r} has a character that IDF cannot hold: one of , ; ! or a line end."
            )
        return value.strip()
    if isinstance(value, Real) and not isinstance(value, bool):
        number = int(value) if isinstance(value, Integral) else float(value)
        if math.isfinite(number):
            return number
    raise ModelError(f"{where}: {value} is not a finite number.")
