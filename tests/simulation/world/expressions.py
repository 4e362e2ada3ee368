"""DynamoDB's conditions, key conditions and updates, compiled once per text to functions of an item.

A value has the form of the API: {"S": "..."}; None stands for an attribute that is not there.
Parts of the language that our code never sends (nested paths) raise an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]
Names = dict[str, str]
Values = dict[str, Value]
Operand = Callable[[Item, Names, Values], "Value | None"]
Condition = Callable[[Item, Names, Values], bool]
Update = Callable[[Item, Names, Values], Item]
_TOKEN = re.compile(r"\s*(:\w+|#\w+|[A-Za-z_]\w*|<>|<=|>=|[=<>(),+\-])")
_EQUALS = re.compile(r"([#\w]+) = (:\w+)")
_FUNCTIONS = {"attribute_exists", "attribute_not_exists", "begins_with", "contains", "attribute_type"}


class BadExpression(Exception):
    """The service would return ValidationException."""


@cache
def condition(text: str) -> Condition:
    parser = _Parser(text)
    found = parser.disjunction()
    parser.end()
    return found


def equal_to(name: str, text: str, names: Names, values: Values) -> Value:
    """Returns the partition key that a key condition asks for."""
    for path, token in _EQUALS.findall(text):
        if _named(names, path) == name:
            return _bound(values, token)
    raise BadExpression(f"Query condition missed key schema element: {name}")


@cache
def update(text: str) -> Update:
    """Compiles an update that returns a new item. Every operand reads the item as it was before the update."""
    parser = _Parser(text)
    changes = parser.clauses()
    parser.end()

    def apply(item: Item, names: Names, values: Values) -> Item:
        new = dict(item)
        for change in changes:
            change(item, new, names, values)
        return new

    return apply


class _Parser:
    """A recursive descent parser over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str | None = None) -> str:
        token = self._peek()
        if not token or (wanted and token.upper() != wanted):
            raise BadExpression(f"{token!r} where {wanted or 'more'} was expected")
        self._at += 1
        return token

    def _word(self, word: str) -> bool:
        if self._peek().upper() == word:
            self._at += 1
            return True
        return False

    def end(self) -> None:
        if self._peek():
            raise BadExpression(f"{self._peek()!r} is too much")

    def disjunction(self) -> Condition:
        parts = [self._conjunction()]
        while self._word("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda i, n, v: any(part(i, n, v) for part in parts)

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self._word("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda i, n, v: all(part(i, n, v) for part in parts)

    def _negation(self) -> Condition:
        if self._word("NOT"):
            inner = self._negation()
            return lambda i, n, v: not inner(i, n, v)
        if self._word("("):
            inner = self.disjunction()
            self._next(")")
            return inner
        if self._peek() in _FUNCTIONS:
            return self._function()
        return self._comparison()

    def _function(self) -> Condition:
        name = self._next()
        first, *rest = self._arguments()
        match name:
            case "attribute_exists":
                return lambda i, n, v: first(i, n, v) is not None
            case "attribute_not_exists":
                return lambda i, n, v: first(i, n, v) is None
            case "begins_with":
                return lambda i, n, v: _begins(first(i, n, v), rest[0](i, n, v))
            case "contains":
                return lambda i, n, v: _contains(first(i, n, v), rest[0](i, n, v))
        return lambda i, n, v: _type_of(first(i, n, v)) == (rest[0](i, n, v) or {}).get("S")

    def _arguments(self) -> list[Operand]:
        self._next("(")
        found = [self._operand()]
        while self._word(","):
            found.append(self._operand())
        self._next(")")
        return found

    def _comparison(self) -> Condition:
        left = self._operand()
        if self._word("BETWEEN"):
            low = self._operand()
            self._next("AND")
            high = self._operand()
            return lambda i, n, v: _compare(">=", left(i, n, v), low(i, n, v)) and _compare("<=", left(i, n, v), high(i, n, v))
        if self._word("IN"):
            choices = self._arguments()
            return lambda i, n, v: any(_compare("=", left(i, n, v), choice(i, n, v)) for choice in choices)
        sign = self._next()
        if sign not in ("=", "<>", "<", "<=", ">", ">="):
            raise BadExpression(f"{sign!r} is no comparison")
        right = self._operand()
        return lambda i, n, v: _compare(sign, left(i, n, v), right(i, n, v))

    def _operand(self) -> Operand:
        token = self._next()
        if token == "size":
            (inner,) = self._arguments()
            return lambda i, n, v: _size(inner(i, n, v))
        if token.startswith(":"):
            return lambda i, n, v: _bound(v, token)
        return lambda i, n, v: i.get(_named(n, token))

    def clauses(self) -> list[Callable[[Item, Item, Names, Values], None]]:
        found: list[Callable[[Item, Item, Names, Values], None]] = []
        while self._peek():
            clause = {"SET": self._set, "REMOVE": self._remove, "ADD": self._add, "DELETE": self._delete}[self._next().upper()]
            found.append(clause())
            while self._word(","):
                found.append(clause())
        return found

    def _set(self) -> Callable[[Item, Item, Names, Values], None]:
        path = self._next()
        self._next("=")
        value = self._sum()

        def change(old: Item, new: Item, names: Names, values: Values) -> None:
            result = value(old, names, values)
            if result is None:
                raise BadExpression("The provided expression refers to an attribute that does not exist in the item")
            new[_named(names, path)] = result

        return change

    def _sum(self) -> Operand:
        left = self._term()
        if self._peek() not in ("+", "-"):
            return left
        sign, right = (1 if self._next() == "+" else -1), self._term()
        return lambda i, n, v: _plus(left(i, n, v), right(i, n, v), sign)

    def _term(self) -> Operand:
        if self._peek() == "if_not_exists":
            self._next()
            path, otherwise = self._arguments()
            return lambda i, n, v: found if (found := path(i, n, v)) is not None else otherwise(i, n, v)
        if self._peek() == "list_append":
            self._next()
            first, second = self._arguments()
            return lambda i, n, v: {"L": (first(i, n, v) or {})["L"] + (second(i, n, v) or {})["L"]}
        return self._operand()

    def _remove(self) -> Callable[[Item, Item, Names, Values], None]:
        path = self._next()

        def change(old: Item, new: Item, names: Names, values: Values) -> None:
            new.pop(_named(names, path), None)

        return change

    def _add(self) -> Callable[[Item, Item, Names, Values], None]:
        path, amount = self._next(), self._next()

        def change(old: Item, new: Item, names: Names, values: Values) -> None:
            name, more = _named(names, path), _bound(values, amount)
            if "N" in more:
                new[name] = _sum(old.get(name, {"N": "0"}), more, 1)
            else:
                ((kind, members),) = more.items()
                new[name] = {kind: sorted({*old.get(name, {}).get(kind, []), *members})}

        return change

    def _delete(self) -> Callable[[Item, Item, Names, Values], None]:
        path, less = self._next(), self._next()

        def change(old: Item, new: Item, names: Names, values: Values) -> None:
            name = _named(names, path)
            ((kind, members),) = _bound(values, less).items()
            left = sorted(set(old.get(name, {}).get(kind, [])) - set(members))
            new.pop(name, None)
            if left:
                new[name] = {kind: left}

        return change


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            raise BadExpression(f"{text[at:]!r} is not understood here")
        found.append(match[1])
        at = match.end()
    return found


def _named(names: Names, token: str) -> str:
    return names[token] if token.startswith("#") else token


def _bound(values: Values, token: str) -> Value:
    if token not in values:
        raise BadExpression(f"An expression attribute value used in expression is not defined; attribute value: {token}")
    return values[token]


def _type_of(value: Value | None) -> str | None:
    return next(iter(value)) if value else None


def comparable(value: Value) -> Any:
    """Compares numbers as numbers, everything else as it is."""
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


def _compare(sign: str, left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return sign == "<>" and left is not right
    if _type_of(left) != _type_of(right):
        return sign == "<>"
    a, b = comparable(left), comparable(right)
    match sign:
        case "=":
            return bool(a == b)
        case "<>":
            return bool(a != b)
        case "<":
            return bool(a < b)
        case "<=":
            return bool(a <= b)
        case ">":
            return bool(a > b)
    return bool(a >= b)


def _begins(value: Value | None, prefix: Value | None) -> bool:
    return bool(value and prefix and "S" in value and "S" in prefix and value["S"].startswith(prefix["S"]))


def _contains(value: Value | None, part: Value | None) -> bool:
    if not value or not part:
        return False
    ((kind, content),) = value.items()
    if kind == "S":
        return "S" in part and part["S"] in content
    return part in content if kind == "L" else next(iter(part.values())) in content


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    ((kind, content),) = value.items()
    return {"N": str(len(content.encode() if kind == "S" else content))}


def number(value: Decimal) -> Value:
    """Returns a number as the table does: without superfluous zeros."""
    text = format(value.normalize(), "f")
    return {"N": "0" if text in ("-0", "") else text}


def _plus(left: Value | None, right: Value | None, sign: int) -> Value | None:
    return None if left is None or right is None else _sum(left, right, sign)


def _sum(left: Value, right: Value, sign: int) -> Value:
    if "N" not in left or "N" not in right:
        raise BadExpression("An operand in the update expression has an incorrect data type")
    return number(Decimal(left["N"]) + sign * Decimal(right["N"]))
