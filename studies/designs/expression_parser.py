"""A text in, an expression's parts out: a reader of its own, as to Python `lambda` is no name for a parameter.

The precedence is Python's. Nothing is ever executed; length and depth are bounded, so every text is read at once.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from studies.definition import MAX_EXPRESSION
from studies.designs.expression_nodes import (
    COMPARISONS,
    FUNCTIONS,
    AllOf,
    AnyOf,
    Call,
    Chain,
    Comparison,
    Constant,
    ExpressionError,
    Kind,
    Name,
    Node,
    Not,
)

MAX_DEPTH = 40
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<sign>\*\*|<=|>=|==|!=|[-+*/%()<>,])
      | (?P<end>$)
    )""",
    re.VERBOSE,
)
_HINTS = {
    "=": "Write == to compare.", "^": "Write ** for a power.", "&": "Write `and`.", "|": "Write `or`.",
    "!": "Write `not`, or != to compare.", "≤": "Write <=.", "≥": "Write >=.", "'": "Close the quotes.",
    '"': "Close the quotes.", "≠": "Write !=.", "·": "Write *.", "×": "Write *.", "–": "Write -.", "−": "Write -.",
}  # fmt: skip
_WANTED: dict[Kind, str] = {"number": "a number", "condition": "a comparison", "text": "a text", "name": "a name"}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int

    def is_sign(self, *signs: str) -> bool:
        return self.kind in ("sign", "word") and self.text in signs


def parse(text: str) -> Node:
    """Read an expression.

    Args:
        text: At most `MAX_EXPRESSION` signs.

    Raises:
        ExpressionError: It cannot be read; the message says what to write instead, and at which sign.
    """
    if len(text) > MAX_EXPRESSION:
        message = f"Write at most {MAX_EXPRESSION:,} signs."
        raise ExpressionError(message)
    return _Parser(_split(text)).parse()


def _split(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while not tokens or tokens[-1].kind != "end":
        found = _TOKEN.match(text, position)
        if found is None:
            position += len(text[position:]) - len(text[position:].lstrip())
            sign = text[position]
            message = f"`{sign}` means nothing here. {_HINTS.get(sign, '')}".strip()
            raise ExpressionError(message, position + 1)
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found[kind], found.start(kind) + 1))
        if kind == "number" and re.match(r"[A-Za-z_.\d]", text[found.end() :]):
            message = "Put an operator between the number and what follows."
            raise ExpressionError(message, found.end() + 1)
        position = found.end()
    return tokens


class _Parser:
    """Recursive descent, a method for each level of precedence; chains of one level do not nest."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._position]

    def _take(self) -> _Token:
        token = self._next
        self._position += token.kind != "end"
        return token

    def _refuse(self, message: str, token: _Token) -> ExpressionError:
        return ExpressionError(message, token.column)

    def parse(self) -> Node:
        node = self._disjunction()
        if self._next.kind != "end":
            if self._next.is_sign(")"):
                raise self._refuse("There is a `)` too many.", self._next)
            raise self._refuse(f"Put an operator before `{self._next.text}`.", self._next)
        return node

    def _disjunction(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse("It is nested too deeply.", self._next)
        parts = self._several("or", lambda: self._several("and", self._negation, AllOf), AnyOf)
        self._depth -= 1
        return parts

    def _several(self, word: str, read: Callable[[], Node], make: type[AllOf] | type[AnyOf]) -> Node:
        start = self._next
        parts = [read()]
        while self._next.is_sign(word):
            self._expect("condition", parts[-1], start)
            self._take()
            start = self._next
            parts.append(read())
            self._expect("condition", parts[-1], start)
        return parts[0] if len(parts) == 1 else make(tuple(parts))

    def _negation(self) -> Node:
        turns = 0
        while self._next.is_sign("not"):
            self._take()
            turns += 1
        start = self._next
        node = self._comparison()
        if turns:
            self._expect("condition", node, start)
        return Not((node,)) if turns % 2 else node

    def _comparison(self) -> Node:
        starts, signs = [self._next], []
        parts = [self._sum()]
        while self._next.is_sign(*COMPARISONS):
            signs.append(self._take().text)
            starts.append(self._next)
            parts.append(self._sum())
        if not signs:
            return parts[0]
        for i, sign in enumerate(signs):
            self._check_sides(sign, parts[i : i + 2], starts[i : i + 2])
        return Comparison(tuple(parts), tuple(signs))

    def _check_sides(self, sign: str, sides: list[Node], starts: list[_Token]) -> None:
        for side, start in zip(sides, starts, strict=True):
            if side.kind == "text" and sign in ("==", "!="):
                continue
            self._expect("number", side, start)
        if {side.kind for side in sides} == {"text", "number"}:
            raise self._refuse("A number never equals a text.", starts[1])

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._signed))

    def _chain(self, signs: tuple[str, ...], read: Callable[[], Node]) -> Node:
        start = self._next
        parts, operators = [read()], []
        while self._next.is_sign(*signs):
            self._expect("number", parts[-1], start)
            operators.append(self._take().text)
            start = self._next
            parts.append(read())
            self._expect("number", parts[-1], start)
        return Chain(tuple(parts), tuple(operators)) if operators else parts[0]

    def _signed(self) -> Node:
        minus, signed = False, False
        while self._next.is_sign("+", "-"):
            minus ^= self._take().text == "-"
            signed = True
        start = self._next
        node = self._power()
        if signed:
            self._expect("number", node, start)
        return Chain((Constant(-1.0), node), ("*",)) if minus else node

    def _power(self) -> Node:
        start = self._next
        base = self._atom()
        if not self._next.is_sign("**"):
            return base
        self._expect("number", base, start)
        self._take()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse("It is nested too deeply.", self._next)
        start = self._next
        exponent = self._signed()  # binds to the right, as in Python: 2 ** 3 ** 2 is 512
        self._expect("number", exponent, start)
        self._depth -= 1
        return Chain((base, exponent), ("**",))

    def _atom(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "text":
            return Constant(token.text[1:-1].strip())
        if token.is_sign("("):
            node = self._disjunction()
            self._close(token)
            return node
        if token.kind == "word" and token.text not in ("and", "or", "not"):
            return self._call(token) if self._next.is_sign("(") else Name(token.text)
        if token.kind == "end":
            raise self._refuse("It ends too early." if len(self._tokens) > 1 else "Write an expression.", token)
        raise self._refuse(f"Write a number or a name in place of `{token.text}`.", token)

    def _number(self, token: _Token) -> Node:
        value = float(token.text)
        if not math.isfinite(value):
            raise self._refuse("The number is too large.", token)
        return Constant(value)

    def _call(self, name: _Token) -> Node:
        if name.text not in FUNCTIONS:
            raise self._refuse(f"There is no function `{name.text}`; there are {', '.join(FUNCTIONS)}.", name)
        opening = self._take()
        arguments: list[Node] = []
        while not arguments or self._next.is_sign(","):
            if arguments:
                self._take()
            start = self._next
            arguments.append(self._disjunction())
            self._expect("number", arguments[-1], start)
        self._close(opening)
        _, least, most = FUNCTIONS[name.text]
        if not least <= len(arguments) <= most:
            wanted = f"{least} argument{'s' if least > 1 else ''}" if least == most else f"{least} to {most} arguments"
            raise self._refuse(f"`{name.text}` takes {wanted}.", name)
        return Call(name.text, tuple(arguments))

    def _close(self, opening: _Token) -> None:
        if not self._next.is_sign(")"):
            raise self._refuse("Close the bracket.", opening)
        self._take()

    def _expect(self, wanted: Kind, node: Node, start: _Token) -> None:
        if node.kind == wanted or (node.kind == "name" and wanted == "number"):
            return
        found = _WANTED["number" if node.kind == "name" else node.kind]
        raise self._refuse(f"Write {_WANTED[wanted]} here; this is {found}.", start)
