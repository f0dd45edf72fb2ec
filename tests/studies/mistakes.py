"""The table of mistakes: studies that are refused, each with the one message it gets.

`python -m tests.studies.mistakes > docs/reference/mistakes.md` writes the page of them; a test holds it up to date.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from studies.checks.examination import examine_study
from studies.problems import InvalidStudy, Problem
from studies.reading import read_document
from tests.studies.conftest import MemoryLibrary

TABLE = Path(__file__).with_name("mistakes.yaml")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "mistakes.md"
SOUND = """\
name: A mistake
model: warehouse
weather: chicago
parameters:
  - name: roof_m
    target: {class: Material, object: "Metal Semi-Cond Roof*", field: Thickness}
    values: [0.05, 0.1]
"""
HEAD = f"""\
# What a study is refused for

A table of mistakes with the message that each gets, in a file, over HTTP, in the client and in the form alike. What is
shown stands in place of the same keys of this study, which is sound:

```yaml
{SOUND}```

A study with several mistakes gets all of their messages at once. The [reference](study.md) says what is right.
"""


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what is said of it.

    Attributes:
        section: What part of the language it is about.
        what: The mistake in words.
        study: The keys that are written otherwise than in the sound study; null takes one out.
        path: Where the problem is told.
        message: What is said.
    """

    section: str
    what: str
    study: str
    path: str
    message: str

    def find_problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the study, nothing where it is accepted."""
        document: dict[str, Any] = {**read_document(SOUND), **read_document(self.study)}
        try:
            examine_study(document, MemoryLibrary())
        except InvalidStudy as refusal:
            return refusal.problems
        return ()


@cache
def list_mistakes() -> tuple[Mistake, ...]:
    """Return the whole table."""
    sections = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return tuple(
        Mistake(section=section["section"], **mistake) for section in sections for mistake in section["mistakes"]
    )


def write_page() -> str:
    """Return the page of the reference."""
    return "\n".join((HEAD, *_write_sections()))


def _write_sections() -> Iterator[str]:
    section = ""
    for mistake in list_mistakes():
        if mistake.section != section:
            section = mistake.section
            yield f"## {section}\n"
        (problem,) = mistake.find_problems()
        yield f"### {mistake.what}\n\n```yaml\n{mistake.study}```\n"
        yield f"`{problem.path}`: {_escape(problem.message)}\n"
        yield f"{_show('Found', problem.found)}{_show('Accepted', problem.accepted)}".rstrip() + "\n"


def _show(label: str, value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, str) and label == "Accepted":
        return f"{label}: {value.rstrip('.')}. "
    shown = ", ".join(f"`{entry}`" for entry in value) if isinstance(value, list) else f"`{value}`"
    return f"{label}: {shown}. "


def _escape(message: str) -> str:
    return message.replace("*", r"\*")


if __name__ == "__main__":
    sys.stdout.write(write_page())
