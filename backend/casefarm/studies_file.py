"""Reads a study from a dictionary, a file or YAML text, and finds the local files it names. Called by `client`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from casefarm.errors import CasefarmError

ENDINGS = {"model": (".idf", ".epjson"), "weather": (".epw",)}


def read_study(source: Mapping[str, Any] | Path | str, what: str = "study") -> tuple[dict[str, Any], Path]:
    """Return a study as plain data, and the folder that its relative paths start from.

    Args:
        source: the study itself, the path of a YAML or JSON file, or YAML text (more than one line).
        what: it is, where it is something else that is written the same way.

    Raises:
        CasefarmError: when the file is missing or is not a mapping in YAML.
    """
    if isinstance(source, Mapping):
        return dict(source), Path.cwd()
    is_text = isinstance(source, str) and ("\n" in source or ": " in source)
    path = Path(source) if not is_text else None
    try:
        text = path.read_text(encoding="utf-8") if path else str(source)
    except OSError as error:
        raise CasefarmError(f"{what} {path}: {error.strerror}; give the path of a YAML or JSON file") from error
    except UnicodeDecodeError as error:
        raise CasefarmError(f"{what} {path} is not UTF-8 text") from error
    name = path or "text"
    try:
        document = _StudyLoader(text).get_single_data()
    except yaml.YAMLError as error:
        raise CasefarmError(f"{what} {name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise CasefarmError(f"{what} {name} must be a mapping (key: value, …), found {type(document).__name__}")
    return document, (path.parent if path else Path.cwd())


class _StudyLoader(yaml.SafeLoader):
    """YAML whose dates stay text, as JSON has it: `start: 2024-01-01` reaches the service as it was written."""


_StudyLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_table(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table of cases: CSV, Parquet or the first sheet of an Excel workbook.

    Raises:
        CasefarmError: it cannot be read; with everything that is wrong in it.
    """
    from studies.designs import tables  # brings much along that most studies do not need

    try:
        return [dict(row) for row in tables.read_table(path, path.name).rows]
    except OSError as error:
        raise CasefarmError(f"table {path}: {error.strerror}") from error
    except tables.TableError as error:
        faults = (f"  {fault.path + ': ' if fault.path else ''}{fault.message}" for fault in error.faults)
        raise CasefarmError("\n".join([f"table {path} cannot be read as cases:", *faults])) from error


def replace_table(study: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the study with the rows of the file that a table design names, in place of its name.

    Args:
        study: plain data; it is not changed.
        folder: where relative paths start from.

    Raises:
        CasefarmError: the file is missing, is no table, or stands beside rows.
    """
    design = study.get("design")
    if not isinstance(design, Mapping) or design.get("method") != "table" or "file" not in design:
        return study
    if "rows" in design:
        raise CasefarmError("design: write either `file` or `rows`, not both")
    path = folder / Path(str(design["file"])).expanduser()
    if not path.is_file():
        raise CasefarmError(f"design: there is no file {design['file']} in {folder.resolve()}")
    rest = {key: value for key, value in design.items() if key != "file"}
    return {**study, "design": {**rest, "rows": read_table(path)}}


def replace_local_files(study: dict[str, Any], folder: Path, upload: Callable[[str, Path], str]) -> dict[str, Any]:
    """Return the study with each model and weather that is a local file replaced by its id, and a table by its rows.

    Args:
        study: plain data; it is not changed.
        folder: where relative paths start from.
        upload: takes `model` or `weather` and a path, stores the file in the service, returns its id.
    """
    study = replace_table(study, folder)
    known: dict[tuple[str, str], str] = {}

    def replace(kind: str, reference: Any) -> Any:
        if isinstance(reference, list):
            return [replace(kind, each) for each in reference]
        path = _find_local_file(kind, reference, folder)
        if path is None:
            return reference
        key = (kind, str(path))
        if key not in known:
            known[key] = upload(kind, path)
        return known[key]

    replaced = {name: replace(name, value) if name in ENDINGS else value for name, value in study.items()}
    design = study.get("design")
    if isinstance(design, Mapping) and isinstance(design.get("rows"), list):
        rows = [
            {name: replace(name, value) if name in ENDINGS else value for name, value in row.items()}
            if isinstance(row, Mapping)
            else row
            for row in design["rows"]
        ]
        replaced["design"] = {**design, "rows": rows}
    return replaced


def _find_local_file(kind: str, reference: Any, folder: Path) -> Path | None:
    if isinstance(reference, Path):
        reference = str(reference)
    if not isinstance(reference, str) or not reference.lower().endswith(ENDINGS[kind]):
        return None
    path = folder / Path(reference).expanduser()
    if not path.is_file():
        raise CasefarmError(f"{kind} {reference}: there is no such file in {folder.resolve()}")
    return path.resolve()
