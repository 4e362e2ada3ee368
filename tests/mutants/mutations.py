"""Lists the small changes of one module: one node of its syntax tree replaced at a time.

Comparisons are shifted or flipped, numbers raised and lowered, `and` and `or` exchanged, conditions negated, statements and
keyword arguments dropped, neighbouring arguments and elements swapped, elements of constant collections left out, and
results replaced. Types, `__all__`, docstrings, log lines and the texts themselves stay: golden tests hold the texts.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
}
_LONG, _AROUND = 120, 40
_DROPPED = (ast.Expr, ast.AugAssign, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True)
class Mutation:
    """One change: `container[key]`, or attribute `key` of `container`, becomes `value`."""

    name: str
    function: str
    container: Any
    key: Any
    value: Any
    constant: str = ""
    """The module's constant around the change, if any."""
    is_order: bool = False
    """Whether two neighbours of a collection change places."""

    def apply(self) -> None:
        """Changes the tree in place: for a process that ends after this mutant."""
        _put(self.container, self.key, self.value)


@dataclass(frozen=True)
class Mutant:
    """A mutation of a module. `where` is the module's path as its name has it."""

    module: str
    where: str
    path: Path
    tree: ast.Module
    mutation: Mutation

    @property
    def name(self) -> str:
        return f"{self.where} {self.mutation.name}"

    @property
    def order(self) -> str:
        """The name that all changes of the order within one constant share; empty for another change."""
        return f"{self.where} order of {self.mutation.constant}" if self.mutation.is_order and self.mutation.constant else ""


def mutations(tree: ast.Module) -> list[Mutation]:
    """Every mutation of a module; a description that occurs more than once gets a number."""
    found = list(_Walk().module(tree))
    seen: Counter[str] = Counter()
    numbered = []
    for mutation in found:
        seen[mutation.name] += 1
        repeated = seen[mutation.name]
        numbered.append(replace(mutation, name=f"{mutation.name} #{repeated}") if repeated > 1 else mutation)
    return numbered


def _get(container: Any, key: Any) -> Any:
    return container[key] if isinstance(container, list) else getattr(container, key)


def _put(container: Any, key: Any, value: Any) -> None:
    if isinstance(container, list):
        container[key] = value
    else:
        setattr(container, key, value)


class _Walk:
    """Walks a module with the names of the classes and functions around each node."""

    def __init__(self) -> None:
        self._scope: list[str] = []
        self._named = ""
        self._members: set[int] = set()

    def module(self, tree: ast.Module) -> Iterator[Mutation]:
        yield from self._statements(tree.body)

    def _statements(self, body: list[ast.stmt]) -> Iterator[Mutation]:
        for index, statement in enumerate(body):
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if isinstance(statement, ast.Import | ast.ImportFrom) or is_text or _is_log(statement):
                continue
            if not self._scope:
                self._named = _constant_of(statement)
                if self._named == "__all__":
                    continue
            if isinstance(statement, _DROPPED):
                yield self._change(statement, body, index, ast.Pass())
            yield from self._statement(statement)

    def _statement(self, node: ast.stmt) -> Iterator[Mutation]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self._scope.append(node.name)
            if isinstance(node, ast.FunctionDef):
                yield from self._list(node.args.defaults, node)
                yield from self._list(node.args.kw_defaults, node)
            yield from self._statements(node.body)
            self._scope.pop()
            return
        if isinstance(node, ast.Return) and node.value is not None:
            yield from self._result(node)
        if isinstance(node, ast.If | ast.While):
            yield self._change(node.test, node, "test", ast.UnaryOp(ast.Not(), node.test))
        yield from self._fields(node)

    def _result(self, node: ast.Return) -> Iterator[Mutation]:
        value = node.value
        is_test = isinstance(value, ast.Compare | ast.BoolOp) or (
            isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
        )
        if is_test:
            for result in (True, False):
                yield self._change(node, node, "value", ast.Constant(result))
        elif not (isinstance(value, ast.Constant) and value.value is None):
            yield self._change(node, node, "value", ast.Constant(None))

    def _fields(self, node: ast.AST) -> Iterator[Mutation]:
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "type_comment", "ctx", "decorator_list", "targets", "target"):
                continue
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    yield from self._statements(value)
                else:
                    yield from self._list(value, node)
            elif isinstance(value, ast.expr):
                yield from self._expression(value, node, field, node)

    def _list(self, values: list[Any], parent: ast.AST) -> Iterator[Mutation]:
        for index, value in enumerate(values):
            if isinstance(value, ast.expr):
                yield from self._expression(value, values, index, parent)
            elif isinstance(value, ast.keyword) and value.arg == "strict":
                continue  # `zip` only guards itself by it
            elif isinstance(value, ast.comprehension | ast.keyword | ast.ExceptHandler | ast.match_case):
                yield from self._fields(value)

    def _expression(self, node: ast.expr, container: Any, key: Any, parent: ast.AST) -> Iterator[Mutation]:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in ("Literal", "tuple", "dict"):
            return  # a type
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from self._expression(part.value, part, "value", part)
            return
        if isinstance(node, ast.Constant):
            yield from self._constant(node, container, key, parent)
        elif isinstance(node, ast.Compare):
            self._members.update(id(one) for one in node.comparators)  # membership ignores the order
            for index, operator in enumerate(node.ops):
                yield self._change(node, node.ops, index, _COMPARISONS[type(operator)]())
        elif isinstance(node, ast.BoolOp):
            yield self._change(node, node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield self._change(node, container, key, node.operand)
        elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            yield self._change(node, node, "op", _OPERATORS[type(node.op)]())
        elif isinstance(node, ast.IfExp):
            yield self._change(node, node, "test", ast.UnaryOp(ast.Not(), node.test))
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.Set | ast.Tuple | ast.List):
            yield from self._collection(node)
        yield from self._fields(node)

    def _constant(self, node: ast.Constant, container: Any, key: Any, parent: ast.AST) -> Iterator[Mutation]:
        around = parent if isinstance(parent, ast.expr | ast.Assign | ast.AnnAssign | ast.Return | ast.keyword) else node
        if isinstance(node.value, bool):
            yield self._change(around, container, key, ast.Constant(not node.value))
        elif isinstance(node.value, int | float):
            for changed in (node.value + 1, node.value - 1) if node.value else (1,):
                yield self._change(around, container, key, ast.Constant(changed))

    def _call(self, node: ast.Call) -> Iterator[Mutation]:
        commutes = isinstance(node.func, ast.Name) and node.func.id in ("min", "max")
        plain = not commutes and not any(isinstance(argument, ast.Starred) for argument in node.args)
        for index in range(len(node.args) - 1) if plain else ():
            swapped = list(node.args)
            swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]
            if ast.dump(swapped[index]) != ast.dump(swapped[index + 1]):
                yield self._change(node, node, "args", swapped)
        for index in (index for index, keyword in enumerate(node.keywords) if keyword.arg != "strict"):
            kept = node.keywords[:index] + node.keywords[index + 1 :]
            yield self._change(node, node, "keywords", kept)

    def _collection(self, node: ast.Set | ast.Tuple | ast.List) -> Iterator[Mutation]:
        if not isinstance(node, ast.Tuple | ast.List | ast.Set) or not getattr(node, "elts", None):
            return
        constant = all(isinstance(element, ast.Constant | ast.JoinedStr) for element in node.elts)
        for index in range(len(node.elts)) if constant and len(node.elts) > 1 else ():
            yield self._change(node, node, "elts", node.elts[:index] + node.elts[index + 1 :])
        ordered = not isinstance(node, ast.Set) and id(node) not in self._members and not _are_changes_of_an_item(node.elts)
        for index in range(len(node.elts) - 1) if ordered else ():
            swapped = list(node.elts)
            swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]
            if ast.dump(swapped[index]) != ast.dump(swapped[index + 1]):
                yield self._change(node, node, "elts", swapped, is_order=True)

    def _change(self, around: ast.AST, container: Any, key: Any, value: Any, *, is_order: bool = False) -> Mutation:
        """Describes a change by the source of the node around it, before and after."""
        before, kept = _source(around), _get(container, key)
        changed = copy.deepcopy(value) if isinstance(value, ast.AST) else value
        if (container is not around and isinstance(container, list) and kept is around) or kept is around:
            after = _source(value)
        else:
            _put(container, key, changed)
            after = _source(around)
            _put(container, key, kept)
        function = ".".join(self._scope)
        name = f"{function or '(module)'}: {_difference(before, after)}"
        return Mutation(name, function, container, key, value, "" if function else self._named, is_order)


def _are_changes_of_an_item(elements: list[ast.expr]) -> bool:
    """Whether they are actions of one update, such as `Item.status.set("sent")`: DynamoDB applies them together, in no order."""
    calls = [element.func for element in elements if isinstance(element, ast.Call)]
    attributes = [one for one in calls if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Attribute)]
    return len(attributes) == len(elements) and all(one.attr in ("set", "add", "remove") for one in attributes)


def _constant_of(statement: ast.stmt) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")


def _is_log(statement: ast.stmt) -> bool:
    """Whether it writes a line to the log."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    called = call.func if isinstance(call, ast.Call) else None
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log"


def _source(node: Any) -> str:
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))
    return " ".join(text.split())


def _difference(before: str, after: str) -> str:
    """ "before → after"; of long sources only the part that differs, with what stands around it."""
    if len(before) <= _LONG:
        return f"{before} → {after}"
    start = _common(before, after)
    end = min(_common(before[::-1], after[::-1]), min(len(before), len(after)) - start)
    first = max(0, start - _AROUND)
    cut = [f"…{text[first : len(text) - end + _AROUND]}…" for text in (before, after)]
    return " → ".join(cut)


def _common(one: str, other: str) -> int:
    """How many characters two texts share at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
