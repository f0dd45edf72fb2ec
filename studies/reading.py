"""Text of a study in, plain data out: YAML 1.2 or JSON, read safely; called for files and for what is sent as text."""

import json
import re
from typing import Any, NoReturn

import yaml

from studies.problems import InvalidStudy, make_problem

MAX_DOCUMENT_BYTES = 2_000_000
# YAML takes twenty times as long to read: 2 s for this much
MAX_YAML_BYTES = 500_000
MAX_DEPTH = 12


class _StudyLoader(yaml.CSafeLoader):
    """Reads YAML by the rules of YAML 1.2: `Yes`, `12:30` and dates stay text, `1e-3` is a number."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_BOOLEAN = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INTEGER = re.compile(r"^[-+]?[0-9]+$")
_FLOAT = re.compile(
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_StudyLoader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tTfF"))
_StudyLoader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""])
_StudyLoader.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, list("-+0123456789"))
_StudyLoader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))


def _construct_integer(_loader: _StudyLoader, node: yaml.ScalarNode) -> int:
    return int(node.value)


def _construct_float(_loader: _StudyLoader, node: yaml.ScalarNode) -> float:
    text = node.value.lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def _construct_mapping(loader: _StudyLoader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs = [(loader.construct_object(key, deep=True), key.start_mark.line) for key, _value in node.value]
    seen: dict[Any, int] = {}
    for key, line in pairs:
        if not isinstance(key, str):
            _refuse(f"Line {line + 1}: write keys as plain words.", found=key)
        if key in seen:
            _refuse(f"Line {line + 1}: the key `{key}` stands here a second time; keep one of the two.", found=key)
        seen[key] = line
    values = [loader.construct_object(value, deep=True) for _key, value in node.value]
    return dict(zip((key for key, _line in pairs), values, strict=True))


_StudyLoader.add_constructor("tag:yaml.org,2002:int", _construct_integer)
_StudyLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)
_StudyLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def read_document(text: str | bytes) -> dict[str, Any]:
    """Read the text of a study.

    Args:
        text: YAML of at most 0.5 MB or JSON of at most 2 MB, in UTF-8 if bytes.

    Returns:
        The document as plain data: mappings, lists, texts, numbers, booleans and None.

    Raises:
        InvalidStudy: The text is too long, not YAML, nested too deeply, or has a key twice.
    """
    text = _decode(text)
    document = _read_json(text) if text.lstrip().startswith("{") else _read_yaml(text)
    if not isinstance(document, dict):
        _refuse("Write the study as a mapping of keys to values: `name: …`, `model: …`.", found=document)
    return document


def _decode(text: str | bytes) -> str:
    _check_size(text, MAX_DOCUMENT_BYTES, "Shorten the study.")
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"Save the study as UTF-8 text: byte {error.start:,} is not.")


def _check_size(text: str | bytes, most_bytes: int, message: str) -> None:
    size_bytes = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "replace"))
    if size_bytes > most_bytes:
        _refuse(message, found=f"{size_bytes:,} bytes", accepted=f"at most {most_bytes:,} bytes")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_collect_pairs)
    except RecursionError:
        _refuse_depth()
    except ValueError as error:
        # a YAML flow mapping starts with a brace as well; where it is neither, JSON's message is the clearer one
        try:
            return _read_yaml(text)
        except InvalidStudy as refusal:
            if refusal.problems[0].message.startswith("This is not YAML"):
                _refuse(f"This is not JSON: {error}.")
            raise


def _collect_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            _refuse(f"The key `{key}` is given twice in one mapping; keep one of the two.", found=key)
        mapping[key] = value
    return mapping


def _read_yaml(text: str) -> Any:
    _check_size(text, MAX_YAML_BYTES, "Shorten the study, or send it as JSON.")
    try:
        _check_events(text)
        return yaml.load(text, Loader=_StudyLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        _refuse(f"This is not YAML{where}: {error.problem or error.context}.")
    except (yaml.YAMLError, ValueError) as error:
        _refuse(f"This is not YAML: {error}.")


def _check_events(text: str) -> None:
    """Refuse what could make a short text huge or the reader's stack deep, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = f"Line {event.start_mark.line + 1}: " if event.start_mark else ""
            _refuse(f"{line}write the value out; anchors (`&`) and aliases (`*`) are not read. Quote a `*`.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            _refuse_depth()


def _refuse_depth() -> NoReturn:
    _refuse("Nest the study less deeply.", accepted=f"at most {MAX_DEPTH} levels")


def _refuse(message: str, found: Any = None, accepted: Any = "a study as YAML or JSON text") -> NoReturn:
    raise InvalidStudy([make_problem("", message, found, accepted)])
