"""The typed expression language of `when`, `require` and `until`.

::

    expression := or            or  := and ("or" and)*        and := not ("and" not)*
    not := "not" not | comparison                comparison := operand (("<" | "<=" | ">" | ">=" | "==" |
    "!=") operand)? operand := true | false | number unit? | "text" | name "." name | "(" or ")"

A signal whose dimension its profile does not say has the type "quantity" and is compared with any number, in
SI. An expression is `true` or `false`; numbers carry units (`meter.power < 2 kW`) and are compared in SI.
There are no functions, no arithmetic and no truth values of numbers, so that every mistake can be found
before the cell runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from robocell.errors import ExpressionError, UnitError
from robocell.units import NUMBER_PATTERN, Dimension, convert, dimension_of

Value = bool | float | str
Type = Literal["bool", "number", "text", "quantity"] | Dimension
Comparator = Literal["<", "<=", ">", ">=", "==", "!="]

MAX_LENGTH = 500
MAX_DEPTH = 16


@dataclass(frozen=True)
class Constant:
    """A literal, numbers in SI."""

    value: Value
    type: Type
    column: int


@dataclass(frozen=True)
class Reference:
    """A signal or result, such as `guard.door_closed` or `verdict.passed`."""

    name: str
    column: int


@dataclass(frozen=True)
class Not:
    """The opposite of `operand`."""

    operand: Node
    column: int


@dataclass(frozen=True)
class Both:
    """`left and right`."""

    left: Node
    right: Node
    column: int


@dataclass(frozen=True)
class Either:
    """`left or right`."""

    left: Node
    right: Node
    column: int


@dataclass(frozen=True)
class Comparison:
    """Two values of one type, compared."""

    left: Node
    comparator: Comparator
    right: Node
    column: int


Node = Constant | Reference | Not | Both | Either | Comparison


@dataclass(frozen=True)
class Expression:
    """A parsed condition. `source` is its text; columns in nodes and errors count from 0 within it."""

    source: str
    tree: Node

    def __str__(self) -> str:
        return self.source

    def names(self) -> tuple[Reference, ...]:
        """Return the signals and results that the expression reads, in the order of their appearance."""
        return tuple(_references(self.tree))

    def evaluate(self, lookup: Callable[[str], Value]) -> bool:
        """Return whether the condition holds.

        Args:
            lookup: Gives the value of a dotted name: a bool, a number in SI or a text.

        Raises:
            ExpressionError: A value has a type that the expression does not fit (`check` finds that
            beforehand).

        """
        result = _evaluate(self.tree, lookup)
        if not isinstance(result, bool):
            raise ExpressionError(f"{self.source!r} is neither true nor false", self.tree.column)
        return result

    def check(self, type_of: Callable[[str], Type | None]) -> None:
        """Check all types.

        Args:
            type_of: Gives the type of a dotted name, None for an unknown one (which then fits everywhere:
                the caller reports it as unknown, once).

        Raises:
            ExpressionError: Something does not fit; `column` says where.

        """
        _expect_bool(self.tree, _check(self.tree, type_of), "a condition")

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Read `source`.

        Raises:
            ExpressionError: It does not parse, is longer than 500 characters or nests deeper than 16 levels.

        """
        if len(source) > MAX_LENGTH:
            raise ExpressionError(
                f"an expression has at most {MAX_LENGTH} characters, this one {len(source)}", MAX_LENGTH
            )
        return cls(source, _Parser(source).whole())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate text (or an Expression as it is); serialise as its text."""
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the text form."""
        return {
            "type": ["string", "boolean"],
            "maxLength": MAX_LENGTH,
            "description": "a condition over signals and results",
        }

    @classmethod
    def _validate(cls, value: object) -> Expression:
        if isinstance(value, Expression):
            return value
        if isinstance(value, bool):
            return cls("true" if value else "false", Constant(value, "bool", 0))
        if not isinstance(value, str):
            raise PydanticCustomError("expression", "{reason}", {"reason": "expected a condition", "column": 0})
        try:
            return cls.parse(value)
        except ExpressionError as error:
            raise PydanticCustomError(
                "expression", "{reason}", {"reason": str(error), "column": error.column}
            ) from None


_TOKEN = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    rf"|(?P<number>{NUMBER_PATTERN})[ ]?"
    r"(?P<unit>[%‰]|(?!(?:and|or|not|true|false)\b)[A-Za-zµ°/][A-Za-zµ°/0-9²³·]*)?"
    r"|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<symbol><=|>=|==|!=|<|>|\(|\))"
)
_WORDS = ("and", "or", "not", "true", "false")
_COMPARATORS: dict[str, Comparator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    unit: str
    column: int


def _tokens(source: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(source):
        if source[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(source, at)
        if match is None:
            extra = "; compare with '=='" if source[at] == "=" else ""
            raise ExpressionError(f"{source[at]!r} has no meaning in an expression{extra}", at)
        kind = next(name for name in ("name", "number", "text", "symbol") if match[name] is not None)
        text = match[kind]
        if kind == "name" and text in _WORDS:
            kind = "word"
        tokens.append(_Token(kind, text, match["unit"] or "", at))
        at = match.end()
    return [*tokens, _Token("end", "", "", len(source))]


class _Parser:
    """A recursive-descent parser with a bounded depth."""

    def __init__(self, source: str) -> None:
        self._tokens = _tokens(source)
        self._at = 0

    def whole(self) -> Node:
        node = self._either(0)
        token = self._tokens[self._at]
        if token.kind != "end":
            raise ExpressionError(
                f"did not expect '{token.text}' here; join conditions with 'and' or 'or'", token.column
            )
        return node

    def _take(self, *texts: str) -> _Token | None:
        token = self._tokens[self._at]
        if token.kind in ("word", "symbol") and token.text in texts:
            self._at += 1
            return token
        return None

    def _either(self, depth: int) -> Node:
        node = self._both(depth)
        while token := self._take("or"):
            node = Either(node, self._both(depth), token.column)
        return node

    def _both(self, depth: int) -> Node:
        node = self._not(depth)
        while token := self._take("and"):
            node = Both(node, self._not(depth), token.column)
        return node

    def _not(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", self._tokens[self._at].column)
        if token := self._take("not"):
            return Not(self._not(depth + 1), token.column)
        left = self._operand(depth)
        if token := self._take(*_COMPARATORS):
            node = Comparison(left, _COMPARATORS[token.text], self._operand(depth), token.column)
            if again := self._take(*_COMPARATORS):
                raise ExpressionError("comparisons do not chain; join two with 'and'", again.column)
            return node
        return left

    def _operand(self, depth: int) -> Node:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "number":
            return _number(token)
        if token.kind == "text":
            return Constant(token.text[1:-1], "text", token.column)
        if token.kind == "word" and token.text in ("true", "false"):
            return Constant(token.text == "true", "bool", token.column)
        if token.kind == "name":
            if token.text.count(".") != 1:
                raise ExpressionError(
                    f"'{token.text}' is no signal or result; write 'owner.signal', such as 'verdict.passed'",
                    token.column,
                )
            return Reference(token.text, token.column)
        if token.text == "(":
            node = self._either(depth + 1)
            if not self._take(")"):
                raise ExpressionError("a ')' is missing", self._tokens[self._at].column)
            return node
        self._at -= 1
        found = "the end" if token.kind == "end" else f"'{token.text}'"
        raise ExpressionError(f"expected a signal, a result or a value, found {found}", token.column)


def _number(token: _Token) -> Constant:
    if not token.unit:
        return Constant(float(token.text), "number", token.column)
    dimension = dimension_of(token.unit)
    if dimension is None:
        raise ExpressionError(f"no unit '{token.unit}'", token.column)
    try:
        return Constant(convert(float(token.text), token.unit, dimension), dimension, token.column)
    except UnitError as error:
        raise ExpressionError(str(error), token.column) from None


def _references(node: Node) -> list[Reference]:
    if isinstance(node, Reference):
        return [node]
    if isinstance(node, Not):
        return _references(node.operand)
    if isinstance(node, Both | Either | Comparison):
        return _references(node.left) + _references(node.right)
    return []


def _evaluate(node: Node, lookup: Callable[[str], Value]) -> Value:
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Reference):
        return lookup(node.name)
    if isinstance(node, Not):
        return not _truth(node.operand, lookup)
    if isinstance(node, Both):
        return _truth(node.left, lookup) and _truth(node.right, lookup)
    if isinstance(node, Either):
        return _truth(node.left, lookup) or _truth(node.right, lookup)
    return _compare(node, _evaluate(node.left, lookup), _evaluate(node.right, lookup))


def _truth(node: Node, lookup: Callable[[str], Value]) -> bool:
    value = _evaluate(node, lookup)
    if not isinstance(value, bool):
        raise ExpressionError(f"{value!r} is neither true nor false", node.column)
    return value


def _compare(node: Comparison, left: Value, right: Value) -> bool:
    if node.comparator == "==":
        return left == right
    if node.comparator == "!=":
        return left != right
    if isinstance(left, bool | str) or isinstance(right, bool | str):
        raise ExpressionError(f"'{node.comparator}' compares numbers", node.column)
    if node.comparator == "<":
        return left < right
    if node.comparator == "<=":
        return left <= right
    return left > right if node.comparator == ">" else left >= right


def _check(node: Node, type_of: Callable[[str], Type | None]) -> Type | None:
    if isinstance(node, Constant):
        return node.type
    if isinstance(node, Reference):
        return type_of(node.name)
    if isinstance(node, Comparison):
        left, right = _check(node.left, type_of), _check(node.right, type_of)
        _fit(node, left, right)
    elif isinstance(node, Not):
        _expect_bool(node.operand, _check(node.operand, type_of), "'not'")
    else:
        word = "'and'" if isinstance(node, Both) else "'or'"
        for side in (node.left, node.right):
            _expect_bool(side, _check(side, type_of), word)
    return "bool"


def _fit(node: Comparison, left: Type | None, right: Type | None) -> None:
    if left is None or right is None:
        return
    if "quantity" in (left, right) and "bool" not in (left, right) and "text" not in (left, right):
        return
    if left != right:
        raise ExpressionError(f"{_type_text(left)} cannot be compared with {_type_text(right)}", node.column)
    if node.comparator not in ("==", "!=") and left in ("bool", "text"):
        raise ExpressionError(f"'{node.comparator}' compares numbers, not {_type_text(left)}", node.column)


def _expect_bool(node: Node, found: Type | None, where: str) -> None:
    if found not in (None, "bool"):
        name = f"'{node.name}'" if isinstance(node, Reference) else "this"
        raise ExpressionError(f"{where} needs true or false; {name} is {_type_text(found)}", node.column)


def _type_text(kind: Type | None) -> str:
    special = {"bool": "true or false", "number": "a plain number", "text": "a text", "quantity": "a number"}
    return special.get(str(kind)) or ("an " if str(kind)[0] in "aeiou" else "a ") + str(kind)
