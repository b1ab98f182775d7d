"""What of a module's syntax tree can decide a result: all but its documentation and messages."""

from __future__ import annotations

import ast
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.AST)

#: Calls whose arguments are only read by people.
_MESSAGES = {"JetlineError", "print"}
#: Objects whose methods write to a log.
_LOGS = {"log", "logger", "logging", "warnings"}
#: What a function returns, or never does, that only makes errors.
_ERRORS = {"JetlineError", "NoReturn", "list[JetlineError]"}
#: Of what a text is made; an assignment of anything else may fail, and so decide.
_TEXT = (
    ast.Constant,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.BinOp,
    ast.Add,
    ast.IfExp,
    ast.Tuple,
    ast.Name,
    ast.Load,
    ast.Attribute,
)


def decisive(tree: ast.Module) -> ast.Module:
    """Drop from a syntax tree what cannot decide a result.

    That is: docstrings; descriptions of settings; what is passed to an exception that is raised,
    to `JetlineError`, `print` or a log; functions that only make errors, and what is passed to
    them; and texts that are assigned to a name which nothing but such a message reads. Conditions
    always count.

    Parameters
    ----------
    tree : ast.Module
        Overwritten.
    """
    makers = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and ast.unparse(node.returns).strip("'\"") in _ERRORS
    }
    tree = _Messages(makers).visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_unread_texts(node)
    return tree


class _Messages(ast.NodeTransformer):
    """Drop documentation, and what is passed to messages."""

    def __init__(self, makers: set[str]) -> None:
        self._makers = makers

    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self.generic_visit(_without_docstring(node))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self.generic_visit(_without_docstring(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in self._makers:
            node.body = [ast.Pass()]
        return self.generic_visit(_without_docstring(node))

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc.args, node.exc.keywords = [], []
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self._is_message(node.func):
            node.args, node.keywords = [], []
        node.keywords = [word for word in node.keywords if word.arg != "description"]
        return self.generic_visit(node)

    def _is_message(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Name):
            return function.id in _MESSAGES | self._makers
        return (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id in _LOGS
        )


def _without_docstring(node: _Node) -> _Node:
    body = node.body  # type: ignore[attr-defined]
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return node


def _drop_unread_texts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Drop the texts that a function assigns to names which it does not read (any more)."""
    read = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _is_text(node.value):
            names = [name for target in node.targets for name in _names(target)]
            if names and not read & {name for name in names if name} and None not in names:
                node.value = ast.Constant(None)


def _is_text(value: ast.expr) -> bool:
    return all(isinstance(node, _TEXT) for node in ast.walk(value))


def _names(target: ast.expr) -> list[str | None]:
    """Names that are assigned to; None for what is no plain name."""
    if isinstance(target, ast.Tuple):
        return [name for element in target.elts for name in _names(element)]
    return [target.id] if isinstance(target, ast.Name) else [None]
