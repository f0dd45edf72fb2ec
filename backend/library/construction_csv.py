"""Construction sets as spreadsheets hold them: CSV in, plain data out, and back again.

One line per layer, from outside to inside; a window is one line. What belongs to the construction as a whole stands in
its first line and may be repeated in the others. What a file says wrongly is told with the number of the line.
Called by `library.construction_services`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from energyplus.measures.constructions import (
    CONSTRUCTION_KINDS,
    GLAZING_NUMBERS,
    Construction,
    construction_to_json,
)
from library.construction_documents import (
    MOST_CONSTRUCTIONS,
    UNKNOWN_NUMBERS,
    ConstructionSetError,
    read_constructions,
)
from studies.problems import Problem, make_problem, nearest_names

WHOLE_COLUMNS = ("kind", *UNKNOWN_NUMBERS, "source")
"""What belongs to the construction as a whole."""
LAYER_COLUMNS: Mapping[str, str] = {
    "layer": "name",
    "layer_kind": "kind",
    "roughness": "roughness",
    "thickness_m": "thickness_m",
    "conductivity_w_mk": "conductivity_w_mk",
    "density_kg_m3": "density_kg_m3",
    "specific_heat_j_kgk": "specific_heat_j_kgk",
    "resistance_m2k_w": "resistance_m2k_w",
    "thermal_absorptance": "thermal_absorptance",
    "solar_absorptance": "solar_absorptance",
    "visible_absorptance": "visible_absorptance",
}
"""Keys of a layer by the columns that hold them."""
COLUMNS = ("construction", *WHOLE_COLUMNS, *LAYER_COLUMNS, *GLAZING_NUMBERS)
NEEDED_COLUMNS = ("construction", "kind")
MOST_LINES = 10 * MOST_CONSTRUCTIONS + 1
MOST_BYTES = 2_000_000
_TEXT_COLUMNS = frozenset({"construction", "kind", "source", "layer", "layer_kind", "roughness"})
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@dataclass
class _Group:
    """The lines of one construction."""

    name: str
    line: int
    whole: dict[str, Any] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)
    glazing: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The construction as plain data."""
        parts = {"glazing": self.glazing or None} if self.whole.get("kind") == "window" else {"layers": self.layers}
        return {"name": self.name, **self.whole, **parts}


def read_csv(content: bytes) -> tuple[Construction, ...]:
    """Return the constructions in a CSV file.

    Args:
        content: UTF-8 text, its columns (`COLUMNS`, in any order) separated by commas, semicolons or tabs.

    Raises:
        ConstructionSetError: with everything that is wrong, each with its line and column.
    """
    problems: list[Problem] = []
    rows = list(_read_rows(content, problems))
    groups = _group_rows(rows, problems)
    told = {problem.path for problem in problems}
    try:
        constructions = read_constructions([group.document() for group in groups]) if groups else ()
    except ConstructionSetError as error:
        placed = [_place_problem(problem, groups) for problem in error.problems]
        problems += [problem for problem in placed if problem.path not in told]
        constructions = ()
    if not groups and not problems:
        problems.append(make_problem("file", "Write at least one construction below the names of the columns.", 0, 1))
    if problems:
        raise ConstructionSetError(sorted(problems, key=_line_of))
    return constructions


def write_csv(constructions: Iterable[Construction]) -> str:
    """Return constructions as CSV that `read_csv` takes: comma separated, one line per layer."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for entry in constructions:
        document = construction_to_json(entry)
        whole = {key: document[key] for key in WHOLE_COLUMNS}
        parts = [
            {column: layer[key] for column, key in LAYER_COLUMNS.items() if key in layer}
            for layer in document.get("layers", [])
        ] or [document["glazing"]]
        for position, part in enumerate(parts):
            row = {"construction": entry.name, **(whole if position == 0 else {"kind": entry.kind}), **part}
            writer.writerow({key: _write_cell(value) for key, value in row.items()})
    return target.getvalue()


def _write_cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _read_rows(content: bytes, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and cells of each line that is not blank: numbers as such, None where a cell is blank."""
    text = _decode(content, problems)
    header, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _read_header(cells, problems)
                if problems:
                    return
            elif reader.line_num > MOST_LINES:
                message = "Leave lines out, or make several sets."
                problems.append(make_problem("file", message, f"more than {MOST_LINES} lines", MOST_LINES))
                return
            else:
                yield reader.line_num, _read_cells(cells, columns, reader.line_num, problems)
    except csv.Error as error:
        message = f"This is not CSV: {error}."
        problems.append(make_problem(f"line {reader.line_num}", message, None, "quotes in pairs"))


def _decode(content: bytes, problems: list[Problem]) -> str:
    if len(content) > MOST_BYTES:
        problems.append(make_problem("file", "Shorten the file.", f"{len(content):,} bytes", f"{MOST_BYTES:,} bytes"))
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"Save the file as UTF-8 text (in Excel: CSV UTF-8): byte {error.start:,} is not."
        problems.append(make_problem("file", message, None, "UTF-8 text"))
        return ""


def _read_header(cells: list[str], problems: list[Problem]) -> list[str]:
    columns = [cell.strip().casefold() for cell in cells]
    for name in columns:
        if name not in COLUMNS:
            message = "Use the documented names of columns."
            problems.append(make_problem("line 1", message, name, nearest_names(name, COLUMNS)))
        elif columns.count(name) > 1:
            problems.append(make_problem("line 1", f"Keep one of the columns `{name}`.", name, "each column once"))
    problems.extend(
        make_problem("line 1", f"Add the column `{name}`.", columns, list(COLUMNS))
        for name in NEEDED_COLUMNS
        if name not in columns
    )
    return columns


def _read_cells(cells: list[str], columns: list[str], line: int, problems: list[Problem]) -> dict[str, Any]:
    if any(cell.strip() for cell in cells[len(columns) :]):
        message = "Quote texts that hold the separator: the line has more cells than there are columns."
        problems.append(make_problem(f"line {line}", message, f"{len(cells)} cells", f"{len(columns)} cells"))
    row: dict[str, Any] = {}
    for name, cell in zip(columns, cells, strict=False):
        text = cell.strip()
        row[name] = (text or None) if name in _TEXT_COLUMNS else _read_number(text, f"line {line}, {name}", problems)
    return row


def _read_number(text: str, path: str, problems: list[Problem]) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        message = "Write a number with a decimal point and without separators of thousands."
        problems.append(make_problem(path, message, text, "0.12"))
        return None
    return float(text)


def _group_rows(rows: Iterable[tuple[int, dict[str, Any]]], problems: list[Problem]) -> list[_Group]:
    """Gather the lines of each construction, which stand together: a second one of its name would thicken the first."""
    groups: dict[str, _Group] = {}
    last: _Group | None = None
    for line, row in rows:
        name = row.get("construction")
        if name is None:
            message = "Write the name of the construction in each of its lines."
            problems.append(make_problem(f"line {line}, construction", message, None, "a name"))
            continue
        group = groups.setdefault(name.casefold(), _Group(name, line))
        if group.lines and (group is not last or name != group.name):
            message = (
                f"Line {group.lines[-1]} has this name: give this construction another one; or, where it is the same,"
                " write its lines one below the other and spell the name alike."
            )
            problems.append(make_problem(f"line {line}, construction", message, name, "each name once"))
        _add_line(group, line, row, problems)
        last = group
    return list(groups.values())


def _add_line(group: _Group, line: int, row: Mapping[str, Any], problems: list[Problem]) -> None:
    first = not group.lines
    group.lines.append(line)
    for column in WHOLE_COLUMNS:
        value = row.get(column)
        if column == "kind" and value is not None:
            value = next((kind for kind in CONSTRUCTION_KINDS if kind == value.casefold()), value)
        if first:
            group.whole[column] = value
        elif value is not None and value != group.whole[column]:
            message = f"Write the same as in line {group.line}, where the construction begins, or leave it blank."
            problems.append(make_problem(f"line {line}, {column}", message, value, group.whole[column]))
    layer = {key: row[column] for column, key in LAYER_COLUMNS.items() if row.get(column) is not None}
    glazing = {column: row[column] for column in GLAZING_NUMBERS if row.get(column) is not None}
    if group.whole["kind"] == "window":
        if not first:
            message = f"Write a window in one line: it began in line {group.line}."
            problems.append(make_problem(f"line {line}", message, group.name, "each window once"))
        group.glazing |= glazing
        extra = [column for column, key in LAYER_COLUMNS.items() if key in layer]
    else:
        group.layers.append(layer)
        extra = list(glazing)
    for column in extra:
        message = f"Leave it blank: it means nothing of a {group.whole['kind'] or 'construction without a kind'}."
        problems.append(make_problem(f"line {line}, {column}", message, row[column], "a blank"))


_LAYER_PATH = re.compile(r"constructions\[(\d+)\](?:\.layers\[(\d+)\])?(?:\.(?:glazing\.)?(\w+))?")


def _place_problem(problem: Problem, groups: list[_Group]) -> Problem:
    """Return a problem of the plain data with the line and the column of the file as its path."""
    match = _LAYER_PATH.fullmatch(problem.path)
    if match is None:
        return Problem("file", problem.message, problem.found, problem.accepted)
    group = groups[int(match[1])]
    if match[2] is not None:
        line = group.lines[int(match[2])]
        columns = {key: column for column, key in LAYER_COLUMNS.items()}
    else:
        line, columns = group.line, {"name": "construction", "layers": "layer", "glazing": "u_factor_w_m2k"}
    column = columns.get(match[3], match[3]) if match[3] else None
    path = f"line {line}, {column}" if column else f"line {line}"
    return Problem(path, problem.message, problem.found, problem.accepted)


def _line_of(problem: Problem) -> int:
    match = re.match(r"line (\d+)", problem.path)
    return int(match[1]) if match else 0
