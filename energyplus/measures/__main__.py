"""`python -m energyplus.measures` writes the reference page of measures, docs/reference/measures.md, to its output."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from energyplus.measures.base import describe_measure
from energyplus.measures.registry import list_measures

_HEAD = """# Measures

A measure is a change of a model that is more than one field. A parameter of a study uses one in place of a target:

```yaml
parameters:
  - {name: wwr_south, measure: window_to_wall_ratio, arguments: {facade: south}, values: [0.2, 0.4]}
  - {name: lighting_w_m2, measure: lighting_power_density, uniform: [4, 12]}
```

Its values are what the measure does, its `arguments` the same in every case. Parameters are applied in the order of the
study, and each sees what the ones before it left. A measure that cannot be done to a model is an error of the study; a
value that cannot be done fails its case, by name.

Names and meanings follow the OpenStudio measure that is named with each; units are SI. How to add one:
[write a measure](../how-to/write-a-measure.md).
"""


def render_page() -> str:
    """The reference page, made of the registry."""
    described = [describe_measure(measure) for measure in list_measures().values()]
    rows = [
        f"| [`{found['name']}`](#{_anchor(found)}) | {found['title']} | {_value_cell(found)} |" for found in described
    ]
    table = ["| measure | title | value |", "|---|---|---|", *rows]
    sections = ["\n".join(_section(found)) for found in described]
    note = "<!-- Written by `python -m energyplus.measures`; change the docstrings in energyplus/measures. -->"
    return "\n".join((note, "", _HEAD, *table, "")) + "\n" + "\n\n".join(sections) + "\n"


def _section(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {found['title']}\n"
    yield f"`measure: {found['name']}`\n"
    yield f"{found['description']}\n"
    if found["openstudio"]:
        yield f"OpenStudio: `{found['openstudio']}`.\n"
    value = found["value"]
    limits = list_measures()[found["name"]].value.limits
    yield f"**Value**: {value['description']} {_sentence(_unit_words(value), limits, _example(value))}".rstrip()
    rows = [_argument_row(name, schema) for name, schema in found["arguments"].get("properties", {}).items()]
    if rows:
        yield "\n| argument | accepted | default | meaning |"
        yield "|---|---|---|---|"
        yield from rows


def _anchor(found: Mapping[str, Any]) -> str:
    words = "".join(sign for sign in found["title"].casefold() if sign.isalnum() or sign in " -")
    return words.replace(" ", "-")


def _value_cell(found: Mapping[str, Any]) -> str:
    unit = found["value"]["unit"]
    return {"number": f"number, {unit}" if unit else "number", "choice": "choice", "text": "text"}[
        found["value"]["kind"]
    ]


def _unit_words(value: Mapping[str, Any]) -> str:
    return {None: "", "1": "a number without unit"}.get(value["unit"], f"in {value['unit']}")


def _example(value: Mapping[str, Any]) -> str:
    return f"for example `{value['example']}`" if value["example"] is not None else ""


def _sentence(*parts: str) -> str:
    text = "; ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _argument_row(name: str, schema: Mapping[str, Any]) -> str:
    default = f"`{json.dumps(schema['default'])}`" if schema.get("default") is not None else "–"
    description = schema.get("description", "").replace("|", "\\|")
    return f"| `{name}` | {_accepted(schema)} | {default if 'default' in schema else 'required'} | {description} |"


def _accepted(schema: Mapping[str, Any]) -> str:
    """What an argument takes, from its part of the JSON schema."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    return " or ".join(_accepted_one(option) for option in options)


def _accepted_one(option: Mapping[str, Any]) -> str:
    if "enum" in option:
        return ", ".join(f"`{word}`" for word in option["enum"])
    if option.get("type") == "array":
        return "one or a list of texts"
    words = {"number": "number", "integer": "whole number", "boolean": "`true`, `false`", "string": "text"}
    limits = (
        ("at least", option.get("minimum")),
        ("greater than", option.get("exclusiveMinimum")),
        ("at most", option.get("maximum")),
        ("less than", option.get("exclusiveMaximum")),
    )
    phrases = [f"{word} {limit:g}" for word, limit in limits if limit is not None]
    return " ".join((words.get(str(option.get("type")), "value"), " and ".join(phrases))).strip()


if __name__ == "__main__":
    sys.stdout.write(render_page())
