"""Reads a study sent as YAML. Named by the views that take one."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from problems.parsers import refuse_half_characters
from studies.problems import InvalidStudy
from studies.reading import read_document


class YamlParser(BaseParser):
    """Takes `application/yaml` with the study language's own safe reader."""

    media_type = "application/yaml"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document as plain data.

        Raises:
            ParseError: it is not YAML.
        """
        try:
            return refuse_half_characters(read_document(stream.read().decode()))
        except UnicodeDecodeError as error:
            raise ParseError(f"The study is not UTF-8 text: {error.reason} at byte {error.start}.") from error
        except InvalidStudy as error:
            raise ParseError("; ".join(problem.message for problem in error.problems)) from error
