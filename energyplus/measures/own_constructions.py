"""Reads the constructions that a model has on its outside, as a construction set holds them; the library's import."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from energyplus.measures.assign_construction import KINDS, list_some, words
from energyplus.measures.constructions import (
    LAYER_KINDS,
    LAYER_NUMBERS,
    ROUGHNESSES,
    Construction,
    ConstructionKind,
    Glazing,
    Layer,
)
from energyplus.measures.envelope import PARTS, Part, list_envelope
from energyplus.models.description import ModelDescription
from energyplus.models.draft import DraftObject, ModelDraft

_LAYER_CLASSES = {Layer("", kind).class_name: kind for kind in LAYER_KINDS}
_GLAZING_CLASS = "WindowMaterial:SimpleGlazingSystem"


@dataclass(frozen=True)
class OwnConstructions:
    """What a model has on its outside.

    Attributes:
        constructions: those that a set can hold; without cost, carbon and service life, which no model knows.
        notes: which ones a set cannot hold, and why.
    """

    constructions: tuple[Construction, ...]
    notes: tuple[str, ...]


class _Unfit(Exception):  # noqa: N818 - reads as what it is
    """A construction that a set cannot hold; the message says why."""


def read_own_constructions(description: ModelDescription, source: str) -> OwnConstructions:
    """Return the constructions that are used on exterior walls, roofs, ground floors and windows of a model.

    A blank field counts as what the engine's schema takes for it: that is what the model means.

    Args:
        description: the model.
        source: what the constructions say where they come from.

    Raises:
        ModelError: a surface has no area, or an object lacks a field.
    """
    draft = ModelDraft(description)
    read: list[Construction] = []
    unfit: dict[tuple[Part, str], list[str]] = {}
    for part, name in _list_used(draft):
        try:
            read.append(_read_construction(draft, name, KINDS[part], source))
        except _Unfit as error:
            unfit.setdefault((part, str(error)), []).append(f"'{name}'")
    notes = (f"Left out of {words(part)}: {list_some(names)}. {reason}" for (part, reason), names in unfit.items())
    return OwnConstructions(_name_apart(read), tuple(notes))


def _list_used(draft: ModelDraft) -> list[tuple[Part, str]]:
    """Return what is used where, each once: glazing of windows and skylights alike is one."""
    used: dict[tuple[str, ConstructionKind], tuple[Part, str]] = {}
    for surface in sorted(list_envelope(draft), key=lambda found: PARTS.index(found.part)):
        used.setdefault((surface.construction.casefold(), KINDS[surface.part]), (surface.part, surface.construction))
    return list(used.values())


def _read_construction(draft: ModelDraft, name: str, kind: ConstructionKind, source: str) -> Construction:
    entry = draft.find("Construction", name)
    if entry is None:
        raise _Unfit("The engine computes such constructions otherwise than from layers.")
    names = [text for text in (str(value).strip() for value in entry.values[1:]) if text]
    if kind == "window":
        glazing = draft.find(_GLAZING_CLASS, names[0]) if len(names) == 1 else None
        if glazing is None:
            raise _Unfit("They are made of panes; a set holds U-factor and SHGC of whole windows.")
        return Construction(entry.name, kind, glazing=_read_glazing(glazing), source=source)
    return Construction(entry.name, kind, tuple(_read_layer(draft, found) for found in names), source=source)


def _read_glazing(entry: DraftObject) -> Glazing:
    visible = entry.number("Visible Transmittance")
    return Glazing(
        _read_number(entry, "U-Factor"),
        _read_number(entry, "Solar Heat Gain Coefficient"),
        None if visible is None else float(visible),
    )


def _read_layer(draft: ModelDraft, name: str) -> Layer:
    for class_name, kind in _LAYER_CLASSES.items():
        entry = draft.find(class_name, name)
        if entry is None:
            continue
        first = 1 if kind == "air_gap" else 2
        fields = entry.schema.fields[first:]
        numbers: dict[str, Any] = {
            key: _read_number(entry, field.key) for key, field in zip(LAYER_NUMBERS[kind], fields, strict=False)
        }
        if kind == "air_gap":
            return Layer(entry.name, kind, **numbers)
        folded = entry.text("Roughness").casefold()
        roughness = next((word for word in ROUGHNESSES if word.casefold() == folded), None)
        if roughness is None:
            raise _Unfit(f"The layer '{name}' has no roughness.")
        return Layer(entry.name, kind, roughness, **numbers)
    raise _Unfit(f"The layer '{name}' is neither Material nor Material:NoMass nor Material:AirGap.")


def _read_number(entry: DraftObject, field: str) -> float:
    number = entry.number(field)
    if number is not None:
        return float(number)
    found = entry.schema.find_field(field)
    default = found[1].default if found and not entry.text(field) else None
    if isinstance(default, str) or default is None:
        raise _Unfit(f"{entry.class_name} '{entry.name}' has no number for {field}.")
    return float(default)


def _name_apart(constructions: Iterable[Construction]) -> tuple[Construction, ...]:
    """Return constructions under names of their own: one that is used as wall and as roof is two in a set."""
    taken: set[str] = set()
    named = []
    for entry in constructions:
        name = entry.name if entry.name.casefold() not in taken else f"{entry.name} ({entry.kind.replace('_', ' ')})"
        taken.add(name.casefold())
        named.append(replace(entry, name=name))
    return tuple(named)
