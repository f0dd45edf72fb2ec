"""Reads JSON bodies. What is no text goes no further: half a character can be neither stored nor answered with."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JsonParser(parsers.JSONParser):
    """The framework's own, which takes escapes of half a character (`"\\ud800"`) for texts."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the document as plain data.

        Raises:
            ParseError: it is not JSON, or a text in it is none.
        """
        return refuse_half_characters(super().parse(stream, media_type, parser_context))


def refuse_half_characters(document: Any) -> Any:
    """Return a document all of whose texts are texts.

    Raises:
        ParseError: one has half of a surrogate pair, which no encoding can write.
    """
    try:
        json.dumps(document, ensure_ascii=False, default=str, skipkeys=True).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise ParseError(f"A text holds {half}, which is half of a character: write the whole of it.") from error
    return document
