"""Which products does `where` keep?

    category == 'mug' and colour != 'black'
    material in ['ceramic', 'stoneware'] and not ('gift' in tags or price >= 40)

Names are `sku`, `title`, `description`, `image`, the attributes, and the catalogue's other columns in lower case with
`_` for anything else (`Variant Price` is `variant_price`). Text compares without regard to case; an unknown attribute
is `''`. `'gift' in tags` looks inside a text. `<`, `<=`, `>`, `>=` compare numbers; an empty cell fails them, and other
words there are an error.
The expression is parsed, held against an allow-list and walked; nothing of it is ever run as code.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping

from prodimg_lab.errors import CatalogueError
from prodimg_lab.products._base import key_of
from prodimg_lab.records import ATTRIBUTES, Product
from prodimg_lab.suggest import nearest

LONGEST = 2000
"""Characters that an expression may have; longer lists of SKUs belong into a catalogue of their own."""

_FORMS = "allowed are names, 'text', numbers, lists, ==, !=, <, <=, >, >=, in, not in, and, or, not and ( )"
_NUMBER = re.compile(r"(?:[^\W\d]{3}\s|[^\w\s.,+-]\s?)?([+-]?\d+(?:\.\d+)?)(?:\s?[^\W\d]{1,4}|\s?[^\w\s.,+-])?")

_ORDERS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

_Value = str | float | tuple[str | float, ...]
_Keep = Callable[[Product], bool]
_Get = Callable[[Product], _Value]


def compile_where(where: str, columns: Iterable[str]) -> _Keep:
    """A test for one product. `columns` are the names that exist. Raises `CatalogueError`, with the nearest name."""
    if len(where) > LONGEST:
        raise CatalogueError(f"where has {len(where)} characters, more than {LONGEST}")
    try:
        tree = ast.parse(where.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "it cannot be read"
        raise CatalogueError(f"where: {where!r}: {reason}; {_FORMS}") from None
    try:
        return _Compiler(where, frozenset(columns)).test(tree.body)
    except RecursionError:
        raise CatalogueError(f"where: {where[:60]!r}… is nested too deeply") from None


def number_of(text: str) -> float | None:
    """The number that a cell holds, with at most a unit or currency beside it (`12.50 EUR`, `$40`, `350 ml`)."""
    match = _NUMBER.fullmatch(text.strip())
    return float(match[1]) if match else None


class _Compiler:
    """Turns a checked tree into closures; every refusal happens here, before the first product is looked at."""

    def __init__(self, where: str, columns: Collection[str]) -> None:
        self._where = where
        self._columns = columns

    def test(self, node: ast.expr) -> _Keep:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                parts = [self.test(value) for value in values]
                return lambda product: all(part(product) for part in parts)
            case ast.BoolOp(op=ast.Or(), values=values):
                parts = [self.test(value) for value in values]
                return lambda product: any(part(product) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.test(operand)
                return lambda product: not inner(product)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [left, *comparators]
                pairs = [self._compare(*pair) for pair in zip(sides, ops, sides[1:], strict=False)]
                return lambda product: all(pair(product) for pair in pairs)
            case ast.Name(id=name):
                get = self._column(name)
                return lambda product: bool(get(product))
        raise self._refused(node)

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> _Keep:
        one, other = self._value(left), self._value(right)
        match op:
            case ast.Eq():
                return lambda product: _equal(one(product), other(product))
            case ast.NotEq():
                return lambda product: not _equal(one(product), other(product))
            case ast.In():
                return lambda product: _within(one(product), other(product))
            case ast.NotIn():  # codespell:ignore
                return lambda product: not _within(one(product), other(product))
            case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
                return self._ordered(op, left, right)
        raise self._refused(op)

    def _ordered(self, op: ast.Lt | ast.LtE | ast.Gt | ast.GtE, left: ast.expr, right: ast.expr) -> _Keep:
        for side in (left, right):
            if isinstance(side, ast.Constant | ast.List | ast.Tuple | ast.Set) and not _is_number(side):
                raise CatalogueError(f"where: {ast.unparse(side)} is no number; < and > compare numbers only")
        one, other = self._amount(left), self._amount(right)

        def keep(product: Product) -> bool:
            low, high = one(product), other(product)
            return low is not None and high is not None and _ORDERS[type(op)](low, high)

        return keep

    def _amount(self, node: ast.expr) -> Callable[[Product], float | None]:
        get = self._value(node)

        def amount(product: Product) -> float | None:
            value = get(product)
            number = _number(value)
            if number is None and value:
                raise CatalogueError(
                    f"where: {ast.unparse(node)} of {product.sku} is {value!r}, not a number; leave it out first, "
                    "by an `and` to the left"
                )
            return number

        return amount

    def _value(self, node: ast.expr) -> _Get:
        if isinstance(node, ast.Name):
            return self._column(node.id)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            items = tuple(self._literal(each) for each in node.elts)
            return lambda product: items
        literal = self._literal(node)
        return lambda product: literal

    def _literal(self, node: ast.expr) -> str | float:
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -float(number)
        raise self._refused(node)

    def _column(self, name: str) -> Callable[[Product], str]:
        key = "colour" if name.lower() == "color" and "color" not in self._columns else key_of(name)
        if key not in self._columns:
            raise CatalogueError(f"where: no column is called {name!r}; {nearest(name, self._columns)}")
        if key in ("sku", "title", "description", "image"):
            return lambda product: str(getattr(product, key))
        if key in ATTRIBUTES:
            return lambda product: product.value(key)
        return lambda product: product.extra.get(key, "")

    def _refused(self, node: ast.AST) -> CatalogueError:
        kind = type(node).__name__
        words = ast.get_source_segment(self._where.strip(), node) if isinstance(node, ast.expr) else kind
        return CatalogueError(f"where: {words!r} ({kind}) cannot stand here; {_FORMS}")


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _number(value: _Value) -> float | None:
    if isinstance(value, tuple):
        return None
    return number_of(value) if isinstance(value, str) else value


def _equal(one: _Value, other: _Value) -> bool:
    """Equal as numbers where one side is written as a number, otherwise as text without regard to case."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        return one == other
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return _number(one) is not None and _number(one) == _number(other)


def _within(one: _Value, other: _Value) -> bool:
    if isinstance(other, tuple):
        return any(_equal(one, each) for each in other)
    return isinstance(one, str) and isinstance(other, str) and one.casefold() in other.casefold()
