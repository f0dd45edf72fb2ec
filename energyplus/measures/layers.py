"""Gives chosen surfaces a construction with one layer changed, and leaves every other user of both as they are."""

from collections.abc import Mapping, Sequence

from energyplus.measures.base import MeasureError
from energyplus.measures.references import find_references
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

MATERIAL_CLASSES = ("Material", "Material:NoMass", "Material:AirGap")
_NAME = "Construction Name"
_FIRST_LAYER = 1  # index of the outside layer of a Construction


def list_layers(construction: DraftObject) -> list[str]:
    """The names of a construction's layers, outside first."""
    names = (construction.text(index) for index in range(_FIRST_LAYER, construction.length))
    return [name for name in names if name]


def group_by_construction(
    draft: ModelDraft, surfaces: Sequence[DraftObject]
) -> list[tuple[DraftObject, list[DraftObject]]]:
    """The constructions of surfaces with the surfaces that have them, in the order of the surfaces.

    Raises:
        MeasureError: a surface's construction is none of layers.
    """
    groups: dict[str, list[DraftObject]] = {}
    for surface in surfaces:
        groups.setdefault(surface.text(_NAME).casefold(), []).append(surface)
    found = []
    for name, users in groups.items():
        construction = draft.find("Construction", name)
        if construction is None:
            raise MeasureError(
                f"'{users[0].text(_NAME)}' of {users[0].class_name} '{users[0].name}' is no Construction of layers."
            )
        found.append((construction, users))
    return found


def change_layer(
    draft: ModelDraft,
    construction: DraftObject,
    surfaces: Sequence[DraftObject],
    material: DraftObject,
    fields: Mapping[str, Value],
) -> int:
    """Change one layer of a construction for some surfaces.

    Where nothing but these surfaces uses the construction, and nothing but it the material, the material itself is
    changed; else what has other users is copied.

    Args:
        draft: the case in the making.
        construction: of the surfaces.
        surfaces: those that are to have the changed layer.
        material: of one of its layers.
        fields: what changes in the material, by field.

    Returns:
        How many objects were changed or added.
    """
    chosen = {id(surface) for surface in surfaces}
    layers = [name.casefold() for name in list_layers(construction)]
    is_repeated = layers.count(material.name.casefold()) > 1  # one of two sheets of it changes
    has_other_surfaces = any(id(other) not in chosen for other, _ in find_references(draft, construction))
    has_other_constructions = any(other is not construction for other, _ in find_references(draft, material))
    if not (has_other_surfaces or has_other_constructions or is_repeated):
        for field, value in fields.items():
            material.set(field, value)
        return 1
    changed = draft.copy(material, draft.unique_name(f"{material.name} changed"))
    for field, value in fields.items():
        changed.set(field, value)
    count = 2
    target = construction
    if has_other_surfaces:
        target = draft.copy(construction, draft.unique_name(f"{construction.name} changed"))
        for surface in surfaces:
            surface.set(_NAME, target.name)
        count += len(surfaces)
    target.set(_FIRST_LAYER + layers.index(material.name.casefold()), changed.name)
    return count
