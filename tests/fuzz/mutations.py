"""Breaks sound inputs, by structure and by bytes: a random generator and an input go in, a broken input comes out."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from energyplus.models.schema import ClassSchema, load_schema

SCHEMA = load_schema("25.2")
VALUES = (
    "", "0", "-1", "1", "1e308", "-1e308", "1e-320", "1e999", "nan", "inf", "-0.0", "99999999999", "0.5.5", "1e", "+",
    "autosize", "autocalculate", "Yes", "No", "*", "Hall", "South", "Always", "Environment", "<none>", "\\", "'", '"',
    "%s%n%s", "é", "\u2028", "\x00", "\x7f", "x" * 500, "12/31", "Through: 2/30", "Until: 25:00", "For: Never",
    "WHILE 1", "ENDWHILE", "SET Plugs = 1/0", "Outside", "Plugs",
)  # fmt: skip
SMALL_CHANGES = ("0", "1e-9", "1e6", "-1", "366", "1000")


def hostile_values(canary: str) -> tuple[str, ...]:
    """Values that reach for what lies outside the run folder."""
    return (
        canary,
        f"../../{canary}",
        f"$(cp {canary} .)",
        "/dev/zero",
        "/proc/self/environ",
        "C:\\secret",
        "socket.cfg",
    )


def mutate_idf(random: Random, text: str, canary: str) -> bytes:
    """Break an IDF text one to four times."""
    objects = [element.strip().split(",") for element in _without_comments(text).split(";") if element.strip()]
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        random.choice(_IDF_CHANGES)(random, objects, (*VALUES, *hostile_values(canary)))
    content = ";\n".join(",".join(fields) for fields in objects).encode("utf-8", "surrogateescape") + b";\n"
    return _break_bytes(random, content) if random.random() < 0.15 else content


def mutate_epjson(random: Random, document: dict[str, Any], canary: str) -> bytes:
    """Break an epJSON document one to four times."""
    document = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        random.choice(_EPJSON_CHANGES)(random, document, (*VALUES, *hostile_values(canary)))
    content = json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    return _break_bytes(random, content) if random.random() < 0.1 else content


def mutate_epw(random: Random, text: str) -> tuple[bytes, int]:
    """Break a weather file once to three times; also returns the data row, from 0, near which it is broken."""
    lines = text.splitlines()
    row = random.randrange(len(lines) - 8)
    for _ in range(random.randint(1, 3)):
        random.choice(_EPW_CHANGES)(random, lines, row)
    content = ("\r\n" if random.random() < 0.3 else "\n").join(lines).encode("utf-8", "surrogateescape") + b"\n"
    return (_break_bytes(random, content) if random.random() < 0.1 else content), row


def _without_comments(text: str) -> str:
    return "\n".join(line.partition("!")[0] for line in text.splitlines())


def _break_bytes(random: Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(data))
        kind = random.randrange(5)
        if kind == 0:
            data[at] = random.randrange(256)
        elif kind == 1:
            data[at:at] = random.choice((b"\xff\xfe", b"\0", b",", b";", b"!", b'"', b"\r", b"{", b"9" * 40))
        elif kind == 2:
            del data[at : at + random.randint(1, 40)]
        elif kind == 3:
            data[at:at] = data[at : at + random.randint(1, 200)]
        elif random.random() < 0.2:
            del data[max(at, 1) :]
    return bytes(data)


Objects = list[list[str]]


def _set_field(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    fields = random.choice(objects)
    fields[random.randrange(len(fields)) if random.random() < 0.1 else -random.randrange(len(fields))] = random.choice(
        values
    )


def _take_other_value(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    fields, other = random.choice(objects), random.choice(objects)
    fields[random.randrange(1, len(fields)) if len(fields) > 1 else 0] = random.choice(other)


def _scale_number(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    fields = random.choice(objects)
    numbers = [n for n, field in enumerate(fields) if _is_number(field)]
    if numbers:
        fields[random.choice(numbers)] = random.choice(SMALL_CHANGES)


def _drop_field(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    fields = random.choice(objects)
    del fields[random.randrange(len(fields)) :]
    fields[:] = fields or ["Zone"]


def _repeat_fields(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    fields = random.choice(objects)
    at = random.randrange(len(fields))
    fields[at:at] = fields[at : at + 3] * random.choice((1, 1, 40))


def _drop_object(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    if len(objects) > 2:
        del objects[random.randrange(1, len(objects))]


def _repeat_object(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    chosen = random.choice(objects)
    for number in range(random.choice((1, 1, 30))):
        again = list(chosen)
        if len(again) > 1 and random.random() < 0.5:
            again[1] += f" {number}"
        objects.append(again)


def _add_object(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    known = SCHEMA.find_class(random.choice(SCHEMA.class_names))
    assert known is not None
    count = random.choice((len(known.fields), random.randint(1, max(1, len(known.fields)))))
    objects.append([known.name, *(_invent_value(random, known, index, values) for index in range(count))])


def _change_class(random: Random, objects: Objects, values: tuple[str, ...]) -> None:
    random.choice(objects)[0] = random.choice(SCHEMA.class_names)


def _invent_value(random: Random, known: ClassSchema, index: int, values: tuple[str, ...]) -> str:
    field = known.field_at(index)
    if field is None or random.random() < 0.1:
        return random.choice(values)
    if field.choices:
        return random.choice(field.choices)
    if field.type in ("real", "integer"):
        low = field.minimum if field.minimum is not None else 0
        return str(random.choice((low, low + 1, field.maximum if field.maximum is not None else 10, 0.5)))
    return random.choice(("Hall", "Always", "South", "Wall", f"{known.name} {index}", "Hall supply", ""))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_IDF_CHANGES: tuple[Callable[[Random, Objects, tuple[str, ...]], None], ...] = (
    _set_field, _set_field, _take_other_value, _scale_number, _scale_number, _drop_field, _repeat_fields,
    _drop_object, _repeat_object, _add_object, _add_object, _change_class,
)  # fmt: skip


def _choose_object(random: Random, document: dict[str, Any]) -> dict[str, Any]:
    objects = document[random.choice(list(document))]
    if not isinstance(objects, dict) or not objects:
        return {}
    fields = objects[random.choice(list(objects))]
    return fields if isinstance(fields, dict) else {}


def _set_json(random: Random, document: dict[str, Any], values: tuple[str, ...]) -> None:
    fields = _choose_object(random, document)
    odd = (None, True, [], {}, [[]], 1e308, -1, 0, 2**70, [{"a": 1}], *values)
    key = (
        random.choice(list(fields))
        if fields and random.random() < 0.9
        else random.choice(("name", "", "x", "idf_order"))
    )
    if isinstance(fields.get(key), list) and fields[key] and random.random() < 0.8:
        group = random.choice(fields[key])
        if isinstance(group, dict) and group:
            group[random.choice(list(group))] = random.choice(odd)
        return
    fields[key] = random.choice(odd)


def _drop_json(random: Random, document: dict[str, Any], values: tuple[str, ...]) -> None:
    fields = _choose_object(random, document)
    if fields:
        del fields[random.choice(list(fields))]


def _drop_class(random: Random, document: dict[str, Any], values: tuple[str, ...]) -> None:
    if len(document) > 2:
        del document[random.choice([name for name in document if name != "Version"])]


def _add_json(random: Random, document: dict[str, Any], values: tuple[str, ...]) -> None:
    known = SCHEMA.find_class(random.choice(SCHEMA.class_names))
    assert known is not None
    fields = {
        field.key: _invent_value(random, known, index, values)
        for index, field in enumerate(known.fields[: known.extensible_from])
        if field.key != "name" and random.random() < 0.7
    }
    numbers = {key: float(text) if _is_number(text) and len(text) < 20 else text for key, text in fields.items()}
    objects = document.setdefault(known.name, {})
    if isinstance(objects, dict):
        objects[random.choice(("Hall", "one", "", "a" * 200))] = numbers


def _rename_json(random: Random, document: dict[str, Any], values: tuple[str, ...]) -> None:
    objects = document[random.choice(list(document))]
    if isinstance(objects, dict) and objects:
        objects[random.choice(values)] = objects.pop(random.choice(list(objects)))


_EPJSON_CHANGES: tuple[Callable[[Random, dict[str, Any], tuple[str, ...]], None], ...] = (
    _set_json, _set_json, _set_json, _drop_json, _drop_class, _add_json, _add_json, _rename_json,
)  # fmt: skip

EPW_VALUES = (
    "", " ", "0", "-1", "9999", "999", "99.9", "99999", "-99", "1e5", "-60", "69", "nan", "inf", "1e308", "0x10", "1_0",
    "١", "a", "1,1", "*", "24", "25", "60", "13", "366", "Yes", "No", "Sunday", "Funday", "2/29", "2/30", "13/1", "1/1",
    "12/31", "12/31/2020", "x" * 300, "-", "3", "7", "1000000", "0.5", "é", "\t", "\x0c", "\x1c", "\x85",
)  # fmt: skip


ANY_EXTREMES = ("0", "-999999998", "999999999", "1e-300", "-0.0", ".5", "+3.", "1E+2", "9999", "99", "   7", "7   ")
EXTREMES = {
    6: ("-90", "70", "99.9", "999999999"),
    7: ("-90", "70", "99.9", "999999999"),
    8: ("0", "110", "999", "1e8"),
    9: ("31000", "120000", "999999", "1e8"),
    13: ("0", "2000", "9999", "1e8"),
    14: ("0", "2000", "9999", "1e8"),
    15: ("0", "2000", "9999", "1e8"),
    20: ("0", "360", "999", "1e8"),
    21: ("0", "40", "999", "1e8"),
}


def _set_header_part(random: Random, lines: list[str], row: int) -> None:
    at = random.randrange(min(8, len(lines)))
    parts = lines[at].split(",")
    parts[random.randrange(len(parts))] = random.choice(EPW_VALUES)
    lines[at] = ",".join(parts)


def _cut_header(random: Random, lines: list[str], row: int) -> None:
    at = random.randrange(min(8, len(lines)))
    parts = lines[at].split(",")
    keep = random.randrange(1, len(parts) + 1)
    lines[at] = ",".join(parts[:keep] if random.random() < 0.7 else parts + parts[-keep:])


def _move_header(random: Random, lines: list[str], row: int) -> None:
    one, two = random.randrange(8), random.randrange(8)
    lines[one], lines[two] = lines[two], lines[one]


def _drop_header(random: Random, lines: list[str], row: int) -> None:
    del lines[random.randrange(8)]


def _repeat_header(random: Random, lines: list[str], row: int) -> None:
    lines.insert(random.randrange(9), lines[random.randrange(8)])


def _set_row_part(random: Random, lines: list[str], row: int) -> None:
    at = min(8 + row + random.randrange(-2, 3), len(lines) - 1)
    parts = lines[at].split(",")
    for _ in range(random.choice((1, 1, 5))):
        parts[random.randrange(len(parts))] = random.choice(EPW_VALUES)
    lines[at] = ",".join(parts)


def _set_day_part(random: Random, lines: list[str], row: int) -> None:
    """The same odd value for a whole day: extremes that last."""
    column, value = random.randrange(5, 35), random.choice(EPW_VALUES)
    for at in range(8 + row, min(8 + row + 24, len(lines))):
        parts = lines[at].split(",")
        if column < len(parts):
            parts[column] = value
        lines[at] = ",".join(parts)


def _set_extreme(random: Random, lines: list[str], row: int) -> None:
    """The ends of what the check takes, for an hour, a day or a week, in one column or in all."""
    column, last = random.randrange(6, 35), random.choice((1, 24, 168))
    value = random.choice(EXTREMES.get(column, ANY_EXTREMES))
    whole = random.random() < 0.1
    for at in range(8 + row, min(8 + row + last, len(lines))):
        parts = lines[at].split(",")
        for each in range(6, len(parts)) if whole else (column,):
            if each < len(parts):
                parts[each] = random.choice(EXTREMES.get(each, ANY_EXTREMES)) if whole else value
        lines[at] = ",".join(parts)


def _cut_row(random: Random, lines: list[str], row: int) -> None:
    at = min(8 + row, len(lines) - 1)
    lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]


def _lengthen_row(random: Random, lines: list[str], row: int) -> None:
    at = min(8 + row, len(lines) - 1)
    lines[at] += random.choice((",", ",1" * 50, " ! a comment", ",,,,", "9" * 300))


def _drop_rows(random: Random, lines: list[str], row: int) -> None:
    del lines[8 + row : 8 + row + random.choice((1, 24, 24 * 30))]


def _repeat_rows(random: Random, lines: list[str], row: int) -> None:
    lines[8 + row : 8 + row] = lines[8 + row : 8 + row + random.choice((1, 24))]


def _add_blank_line(random: Random, lines: list[str], row: int) -> None:
    lines.insert(random.choice((0, 8, 8 + row)), random.choice(("", " ", "\x0c")))


def _break_off(random: Random, lines: list[str], row: int) -> None:
    if random.random() < 0.3:
        del lines[8 + row :]


_EPW_CHANGES: tuple[Callable[[Random, list[str], int], None], ...] = (
    *(_set_header_part,) * 4, *(_cut_header,) * 2, _move_header, _drop_header, _repeat_header,
    *(_set_row_part,) * 2, _set_day_part, *(_set_extreme,) * 5, _cut_row, _lengthen_row, _drop_rows, _repeat_rows,
    _add_blank_line, _break_off,
)  # fmt: skip
