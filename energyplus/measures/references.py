"""Who refers to an object: a draft and an object in, the fields that name it out; for measures that copy or remove."""

from collections.abc import Iterator
from functools import lru_cache

from energyplus.models.draft import DraftObject, ModelDraft
from energyplus.models.schema import ClassSchema, FieldSchema, load_schema

Reference = tuple[DraftObject, int]
"""An object and the index of the field in which it names another."""


def find_references(draft: ModelDraft, entry: DraftObject) -> list[Reference]:
    """The fields of other objects that refer to an object by its name.

    What only looks like a reference is none: fields count by the lists of names that the schema has them take.

    Args:
        draft: the case in the making.
        entry: an object of a class with names.
    """
    lists = entry.schema.fields[0].references
    wanted = entry.name.casefold()
    return [
        (other, index)
        for name in draft.class_names
        for fixed, repeated in [_referring_fields(draft.version, name, lists)]
        if fixed or repeated
        for other in draft.objects(name)
        if other is not entry
        for index in _indices(other, fixed, repeated)
        if other.text(index).casefold() == wanted
    ]


@lru_cache(maxsize=4096)
def _referring_fields(version: str, class_name: str, lists: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of a class, the indices of plain fields and the positions in a repeated group that take a name of the lists."""
    known = load_schema(version).find_class(class_name)
    if known is None:
        return (), ()
    first = known.extensible_from if known.extensible_from is not None else len(known.fields)
    wanted = set(lists)
    fixed = tuple(index for index, field in enumerate(known.fields[:first]) if _takes(field, wanted))
    return fixed, tuple(position for position, field in enumerate(known.repeated) if _takes(field, wanted))


def _takes(field: FieldSchema, lists: set[str]) -> bool:
    return not lists.isdisjoint(field.object_lists)


def _indices(entry: DraftObject, fixed: tuple[int, ...], repeated: tuple[int, ...]) -> Iterator[int]:
    length = entry.length
    yield from (index for index in fixed if index < length)
    for position in repeated:
        yield from range(_first_repeated(entry.schema) + position, length, entry.schema.extensible_size or 1)


def _first_repeated(known: ClassSchema) -> int:
    return known.extensible_from if known.extensible_from is not None else len(known.fields)
