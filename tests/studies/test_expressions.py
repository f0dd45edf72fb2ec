import ast
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.definition import MAX_EXPRESSION
from studies.designs.expressions import Expression, ExpressionError

COLUMNS = {
    "a": np.array([1.0, 2.0, 3.0]),
    "b": np.array([0.0, 0.5, -2.0]),
    "lambda": np.array([0.03, 0.04, 0.05]),
    "glazing": np.array(["Double", "triple", "double"], dtype=object),
    "mixed": np.array([0.1, "Autosize", 3], dtype=object),
}


def evaluate(text: str, columns: dict[str, Any] | None = None) -> list[Any]:
    values: list[Any] = Expression.parse(text).evaluate(COLUMNS if columns is None else columns).tolist()
    return values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a + 2 * b", [1, 3, -1]),
        ("(a + 2) * b", [0, 2, -10]),
        ("a - b - 1", [0, 0.5, 4]),
        ("a / 2 / 2", [0.25, 0.5, 0.75]),
        ("2 ** 3 ** 2", [512, 512, 512]),
        ("-2 ** 2", [-4, -4, -4]),
        ("2 ** -a", [0.5, 0.25, 0.125]),
        ("--a", [1, 2, 3]),
        ("+a - -b", [1, 2.5, 1]),
        ("b % 2", [0, 0.5, 0]),
        ("-1 % 3", [2, 2, 2]),
        ("min(a, b, 0.25)", [0, 0.25, -2]),
        ("max(a, b)", [1, 2, 3]),
        ("abs(b)", [0, 0.5, 2]),
        ("sqrt(a * a)", [1, 2, 3]),
        ("log(exp(a))", [1, 2, 3]),
        ("log10(10 ** a)", [1, 2, 3]),
        ("round(b * 1.25, 1)", [0, 0.6, -2.5]),
        ("round(b + 0.6)", [1, 1, -1]),
        ("floor(b / 0.6)", [0, 0, -4]),
        ("ceil(b / 0.6)", [0, 1, -3]),
        ("100 * lambda", [3, 4, 5]),
        (".5e1 + 1.", [6, 6, 6]),
        ("a > 1", [False, True, True]),
        ("1 < a <= 2", [False, True, False]),
        ("a == 2 or b == -2", [False, True, True]),
        ("a >= 2 and b >= 0", [False, True, False]),
        ("a >= 2 and b < 0 or a == 1", [True, False, True]),
        ("not a >= 2", [True, False, False]),
        ("not not a >= 2", [False, True, True]),
        ("not (a >= 2 and b < 0)", [True, True, False]),
        ("glazing == 'double'", [True, False, True]),
        ('glazing != "DOUBLE "', [False, True, False]),
        ("mixed == 'autosize'", [False, True, False]),
        ("mixed == 3", [False, False, True]),
        ("b != 0 and 1 / b > 1", [False, True, False]),
        ("b == 0 or 1 / b > 1", [True, True, False]),
    ],
)
def test_an_expression_means_what_it_means_in_mathematics(text: str, values: list[Any]) -> None:
    assert evaluate(text) == pytest.approx(values)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "Write an expression.", 1),
        ("a +", "It ends too early.", 4),
        ("(a + b", "Close the bracket.", 1),
        ("a) + b", "There is a `)` too many.", 2),
        ("a b", "Put an operator before `b`.", 3),
        ("2a", "Put an operator between the number and what follows.", 2),
        ("a = 2", "`=` means nothing here. Write == to compare.", 3),
        ("a ^ 2", "`^` means nothing here. Write ** for a power.", 3),
        ("a ≤ 2", "`≤` means nothing here. Write <=.", 3),
        ("a & b", "`&` means nothing here. Write `and`.", 3),
        ("a > 'x'", "Write a number here; this is a text.", 5),
        ("'x' + 1", "Write a number here; this is a text.", 1),
        ("(a > 1) + 1", "Write a number here; this is a comparison.", 1),
        ("a and b > 1", "Write a comparison here; this is a number.", 1),
        ("not a", "Write a comparison here; this is a number.", 5),
        ("3 == 'x'", "A number never equals a text.", 6),
        ("a * * b", "Write a number or a name in place of `*`.", 5),
        ("and", "Write a number or a name in place of `and`.", 1),
        ("eval(a)", "There is no function `eval`; there are min, max,", 1),
        ("min(a)", "`min` takes 2 to 100 arguments.", 1),
        ("sqrt(a, b)", "`sqrt` takes 1 argument.", 1),
        ("sqrt()", "Write a number or a name in place of `)`.", 6),
        ("1e999", "The number is too large.", 1),
        ("'open", "`'` means nothing here. Close the quotes.", 1),
        ("a.b", "`.` means nothing here.", 2),
        ("__import__('os')", "There is no function `__import__`", 1),
        ("a[0]", "`[` means nothing here.", 2),
        ("a\\b", "`\\` means nothing here.", 2),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionError) as refusal:
        Expression.parse(text)
    assert refusal.value.message.startswith(message)
    assert refusal.value.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / b", "It has no finite value where b = 0."),
        ("1 / b < 3", "It has no finite value where b = 0."),
        ("b % b", "It has no finite value where b = 0."),
        ("sqrt(b) < 1", "It has no finite value where b = -2."),
        ("log(b)", "It has no finite value where b = 0."),
        ("10 ** 10 ** 10 > a", "It has no finite value."),
        ("exp(1000 * a)", "It has no finite value where a = 1."),
        ("a + c", "There is no `c`."),
        ("glazing > a", "`Double` is a text: compare it with == or != only."),
        ("2 * glazing", "`Double` is a text: compare it with == or != only."),
        ("a == 'double'", "It compares `a`, a number, with a text."),
        ("a > 1 and 1 / (b - 0.5) > 0", "It has no finite value where b = 0.5."),
    ],
)
def test_what_has_no_value_is_an_error_and_never_quietly_false(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        evaluate(text)
    assert refusal.value.message == message


@pytest.mark.parametrize("missing", [np.array([1.0, np.nan]), np.array([1.0, None], dtype=object)])
def test_a_missing_value_is_an_error(missing: Any) -> None:
    with pytest.raises(ExpressionError, match="no finite value"):
        evaluate("x < 3", {"x": missing})


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000, "(" * 900, "-" * 1000, "not " * 249 + "a", "2 ** " * 199 + "2", "min(1, " * 140, "1" * 1001,
        "a" * 5000, "((((((((((" * 90 + "a",
    ],
)  # fmt: skip
def test_no_text_is_too_wicked_to_be_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Expression.parse(text)


def test_long_chains_do_not_nest() -> None:
    ones = "+".join(["1"] * (MAX_EXPRESSION // 2))
    assert evaluate(ones)[0] == MAX_EXPRESSION // 2
    assert evaluate("-" * (MAX_EXPRESSION - 2) + "1")[0] == 1.0


def test_names_and_kinds_are_known_without_any_values() -> None:
    condition = Expression.parse("a + 2 * b < lambda and glazing == 'a'")
    assert condition.names == {"a", "b", "lambda", "glazing"}
    assert condition.is_condition
    assert not Expression.parse("a + 1").is_condition


def test_single_values_give_a_single_answer() -> None:
    assert Expression.parse("x > 1 and y < 2").evaluate({"x": 2.0, "y": 1.0}).item() is True
    assert Expression.parse("x + 1").evaluate({"x": 2.0}).item() == 3.0


NUMBERS = st.floats(-100, 100, allow_nan=False).map(lambda value: round(value, 3))
LEAVES = st.one_of(st.sampled_from(["a", "b"]), NUMBERS.map(lambda value: f"({value!r})"))
SUMS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(lambda x, sign, y: f"({x} {sign} {y})", inner, st.sampled_from("+-*/%"), inner)
        | st.builds(lambda x: f"-{x}", inner)
    ),
    max_leaves=12,
)


@given(text=SUMS, a=NUMBERS, b=NUMBERS)
@settings(deadline=None)
def test_arithmetic_gives_what_python_gives(text: str, a: float, b: float) -> None:
    try:
        expected = eval(compile(ast.parse(text, mode="eval"), "", "eval"), {}, {"a": a, "b": b})
    except (ZeroDivisionError, OverflowError):
        expected = math.nan
    if math.isfinite(expected):
        assert evaluate(text, {"a": np.array([a]), "b": np.array([b])})[0] == pytest.approx(expected, rel=1e-9)
    else:
        with pytest.raises(ExpressionError):
            evaluate(text, {"a": np.array([a]), "b": np.array([b])})
