"""`model.diff`: exact – what it says, applied to the unmodified model, gives the case – and readable."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energyplus.models.building_model import BuildingModel, FieldEdit, RunPeriod
from energyplus.models.patch import Piece, render_patch
from tests.engine.cases import THREE_DAYS, ask_for

HUNK = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@ (.+)")


def apply(patch: str, text: str) -> str:
    """Apply a unified diff to the letter: every line of context and every removed line must be there."""
    lines, result, position = text.split("\n"), [], 0
    rows = patch.rstrip("\n").split("\n")
    rows = rows[next((n for n, row in enumerate(rows) if row.startswith("@@")), len(rows)) :]
    for row in rows:
        found = HUNK.fullmatch(row)
        if found:
            start = int(found[1]) - 1
            result += lines[position:start]
            position = start
            assert int(found[3]) == len(result) + 1
        elif row[0] == "+":
            result.append(row[1:])
        else:
            assert lines[position] == row[1:]
            position += 1
            result += [row[1:]] if row[0] == " " else []
    return "\n".join(result + lines[position:])


def check(model: BuildingModel, edits: Sequence[FieldEdit], run_period: RunPeriod = THREE_DAYS) -> str:
    patch = model.patch(ask_for(edits, run_period))
    assert apply(patch, model.render(ask_for((), run_period))) == model.render(ask_for(edits, run_period))
    return patch


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [FieldEdit("Lights", 0, 5, 5.0)],
        [FieldEdit("Lights", n, 5, 5.0) for n in range(5)],
        [FieldEdit("Lights", 0, 15, "a node")],
        [FieldEdit("SimulationControl", 0, 0, "No"), FieldEdit("RunPeriod", 0, 8, "No"), FieldEdit("Zone", 0, 1, 5.0)],
        [FieldEdit("BuildingSurface:Detailed", 4, 22, 3.25), FieldEdit("BuildingSurface:Detailed", 5, 22, 3.25)],
    ],
)
def test_applied_to_the_unmodified_model_it_gives_the_case(small_office: BuildingModel, edits: list[FieldEdit]) -> None:
    check(small_office, edits)


def test_it_names_the_object_and_the_field(small_office: BuildingModel) -> None:
    patch = check(small_office, [FieldEdit("Lights", 0, 5, 5.25)])
    name = small_office.describe().classes["Lights"][0].values[0]
    assert f"@@ Lights {name}\n" in patch
    assert [line for line in patch.splitlines() if line.startswith("+ ")] == [
        "+  5.25,  !- Watts per Floor Area {W/m2}"
    ]


def test_what_is_simulated_and_written_is_told_in_a_line(small_office: BuildingModel) -> None:
    patch = check(small_office, [])
    assert "\n# SimulationControl: " in patch
    assert "RunPeriod: 01-01 to 12-31 → 01-14 to 01-16" in patch
    assert "@@" not in patch


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=12)
texts = lines.map(lambda found: "\n".join(found) + "\n")


pairs_of_texts = st.one_of(
    st.tuples(texts, texts), st.tuples(st.none(), texts), st.tuples(texts, st.none()), st.tuples(st.none(), st.none())
)


@settings(max_examples=300, deadline=None)
@given(pairs=st.lists(pairs_of_texts, max_size=5), last=st.tuples(texts, texts))
def test_any_two_texts_in_pieces_are_patched_exactly(
    pairs: list[tuple[str | None, str | None]], last: tuple[str, str]
) -> None:
    pieces = [Piece(f"piece {n}", *pair) for n, pair in enumerate([*pairs, last])]
    patch = render_patch(pieces, ["note"])
    before, after = ("\n".join(text for pair in [*pairs, last] if (text := pair[side]) is not None) for side in (0, 1))
    assert apply(patch, before) == after
