"""Models by what they say, not by how it is written: objects go in, digests come out, for the keys of known cases.

In canonical form a model is its objects in file order, each with the schema's spelling of its class; comments, white
space around fields and blank fields at the end are gone, and a number in a numeric field is the number, however it is
written. Every other text counts letter by letter: the engine takes names in any case, but a key that tells two equal
models apart only costs a run, while one that confuses two models costs a wrong result.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from energyplus.models.model_text import TextModel, TextObject, read_objects
from energyplus.models.schema import ClassSchema, Schema, load_schema

# The engine reads decimal numbers only; what Python's float() takes besides (1_000, nan, other digits) is a text to it.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def canonical_value(text: str, *, is_numeric: bool) -> str:
    """A field's text in canonical form: the shortest text of its number in a numeric field, else the text itself."""
    if is_numeric and _NUMBER.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return repr(number)
    return text


def canonical_values(known: ClassSchema, values: Sequence[str]) -> list[str]:
    """All fields of an object in canonical form, blank ones at the end included."""
    return [canonical_value(text.strip(), is_numeric=known.is_numeric_at(n)) for n, text in enumerate(values)]


def digest_object(class_name: str, values: Sequence[str]) -> bytes:
    """The digest of one object, 32 bytes.

    Args:
        class_name: in the schema's spelling.
        values: of `canonical_values`.
    """
    length = len(values)
    while length and not values[length - 1]:
        length -= 1
    # No field text has a comma: it would be two fields.
    return hashlib.sha256(",".join((class_name, *values[:length])).encode("utf-8", "surrogatepass")).digest()


def digest_objects(version: str, digests: Iterable[bytes]) -> str:
    """The digest of a model, from the version it is read as and the digests of its objects in file order; hex."""
    return hashlib.sha256(b"".join((version.encode(), *digests))).hexdigest()


def digest_model(model: TextModel) -> str:
    """The digest of a whole model, hex: equal for two models that are equal in canonical form, and for no others."""
    return digest_objects(model.version, _digest_each(load_schema(model.version), model.objects))


@lru_cache(maxsize=256)
def digest_text(text: str, version: str) -> tuple[bytes, ...]:
    """The digests of the objects in a piece of IDF text; the same few pieces come with every case of a study.

    Args:
        text: IDF text of known classes.
        version: "25.2".

    Raises:
        ModelError: a class or field that the version does not have.
    """
    schema = load_schema(version)
    return tuple(_digest_each(schema, read_objects(text, schema)))


def _digest_each(schema: Schema, objects: Iterable[TextObject]) -> Iterable[bytes]:
    for entry in objects:
        known = schema.find_class(entry.class_name)
        assert known is not None  # noqa: S101 - whoever took the file apart looked the class up
        yield digest_object(known.name, canonical_values(known, entry.values))
