"""Scripts as shfmt, a real parser of bash, reads them, in a form that ours has too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from converter.shell import syntax

PROGRAM = Path(sys.executable).with_name("shfmt")

Tree = Any
"""Nested tuples and lists: commands, words as written."""


class RefusedError(Exception):
    """shfmt finds an error in the script."""


def real_tree(script: str) -> Tree:
    """Raises RefusedError."""
    done = subprocess.run(
        [PROGRAM, "--to-json", "-ln", "bash"], input=script.encode(), capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RefusedError(done.stderr.decode())
    return _Real(script.encode()).statements(json.loads(done.stdout).get("Stmts", []))


class _Real:
    def __init__(self, text: bytes) -> None:
        self.text = text

    def raw(self, node: dict[str, Any]) -> str:
        return self.text[node["Pos"].get("Offset", 0) : node["End"]["Offset"]].decode()

    def document(self, node: dict[str, Any]) -> str:
        """Of a here-document; where its text ends shfmt's places do not say."""
        parts = node["Parts"]
        return "".join(p["Value"] if p["Type"] == "Lit" else self.raw(p) for p in parts)

    def statements(self, nodes: list[dict[str, Any]] | None) -> Tree:
        return [self.and_or(node) for node in nodes or []]

    def and_or(self, node: dict[str, Any]) -> Tree:
        found = self.joined(node, ("&&", "||"))
        parts = [(operator, self.pipeline(one)) for operator, one in found]
        return _conditions(parts)

    def joined(self, node: dict[str, Any], operators: tuple[str, ...]) -> list[tuple[str, Any]]:
        """(operator before it, statement): the left side is flat, as written."""
        command = node.get("Cmd") or {}
        if command.get("Type") != "BinaryCmd" or command["Op"] not in operators:
            return [("", node)]
        left = self.joined(command["X"], operators)
        (_, first), *right = self.joined(command["Y"], operators)
        return [*left, (command["Op"], first), *right]

    def pipeline(self, node: dict[str, Any]) -> Tree:
        commands = [self.command(one) for _, one in self.joined(node, ("|",))]
        return bool(node.get("Negated")), commands

    def command(self, node: dict[str, Any]) -> Tree:
        if node.get("Background") or node.get("Coprocess"):
            return "in the background"
        command = node.get("Cmd") or {"Type": "CallExpr"}
        redirects = [self.redirect(one) for one in node.get("Redirs", [])]
        return (*getattr(self, command["Type"], self.unknown)(command), redirects)

    def unknown(self, command: dict[str, Any]) -> Tree:
        return ("unknown", command["Type"])

    def words(self, nodes: list[dict[str, Any]] | None) -> list[str]:
        return [self.raw(node) for node in nodes or []]

    def CallExpr(self, command: dict[str, Any]) -> Tree:  # noqa: N802  (shfmt's names)
        if any("Array" in one or "Index" in one for one in command.get("Assigns", [])):
            return ("unknown", "array")
        return "simple", self.words(command.get("Assigns")), self.words(command.get("Args"))

    def DeclClause(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        if any("Array" in one for one in command.get("Args", [])):
            return ("unknown", "array")
        return "simple", [], [command["Variant"]["Value"], *self.words(command.get("Args"))]

    def TestClause(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        return "condition", [], []

    LetClause = TestClause

    def Block(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        return "group", False, self.statements(command["Stmts"])

    def Subshell(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        return "group", True, self.statements(command["Stmts"])

    def IfClause(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        clauses, otherwise, one = [], None, command
        while one:
            if "Cond" in one:
                clauses.append((self.statements(one["Cond"]), self.statements(one["Then"])))
            else:
                otherwise = self.statements(one["Then"])
            one = one.get("Else")
        return "if", clauses, otherwise

    def ForClause(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        loop = command["Loop"]
        if loop["Type"] != "WordIter" or command.get("Select"):
            return ("unknown", "loop")
        words = self.words(loop.get("Items")) if "InPos" in loop else None
        return "for", loop["Name"]["Value"], words, self.statements(command["Do"])

    def WhileClause(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        until = bool(command.get("Until"))
        return "while", until, self.statements(command["Cond"]), self.statements(command["Do"])

    def CaseClause(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        items = [
            (self.words(one["Patterns"]), self.statements(one.get("Stmts")))
            for one in command.get("Items", [])
        ]
        return "case", self.raw(command["Word"]), items

    def FuncDecl(self, command: dict[str, Any]) -> Tree:  # noqa: N802
        return "function", command["Name"]["Value"], self.command(command["Body"])

    def redirect(self, node: dict[str, Any]) -> Tree:
        operator = node["Op"]
        if operator.startswith("<<") and operator != "<<<":
            lines = self.document(node["Hdoc"]).split("\n") if "Hdoc" in node else [""]
            stripped = [line.lstrip("\t") if operator == "<<-" else line for line in lines]
            return "<<", "\n".join(stripped).rstrip("\n")
        standard = "0" if operator[0] == "<" else "1"
        return node["N"]["Value"] if "N" in node else standard, operator, self.raw(node["Word"])


def _conditions(parts: list[Any]) -> Tree:
    """Lists with a `[[` or `let` are alike: ours looks at their words only when they run."""
    commands = [command for _, (_, some) in parts for command in some]
    return "condition" if any(command[0] == "condition" for command in commands) else parts


def our_tree(script: str) -> Tree:
    """Raises NotFollowedError."""
    return _sequence(syntax.parse(script))


def _sequence(body: syntax.Sequence) -> Tree:
    return [
        _conditions([(op, (p.negated, [_command(c) for c in p.commands])) for op, p in item.parts])
        for item in body.items
    ]


def _command(command: syntax.Command) -> Tree:
    redirects = [
        ("<<", one.target.rstrip("\n"))
        if one.operator == "<<"
        else (one.fd, one.operator, one.target)
        for one in command.redirects
    ]
    return (*_inner(command), redirects)


def _inner(command: syntax.Command) -> Tree:
    if isinstance(command, syntax.Simple):
        if command.words[:1] in (["[["], ["let"]):
            return "condition", [], []
        values = [f"{name}={value}" for name, value in command.assignments]
        return "simple", values, command.words
    if isinstance(command, syntax.Group):
        return "group", command.subshell, _sequence(command.body)
    if isinstance(command, syntax.If):
        otherwise = None if command.otherwise is None else _sequence(command.otherwise)
        return "if", [(_sequence(a), _sequence(b)) for a, b in command.clauses], otherwise
    if isinstance(command, syntax.For):
        return "for", command.name, command.words, _sequence(command.body)
    if isinstance(command, syntax.While):
        return "while", command.until, _sequence(command.condition), _sequence(command.body)
    if isinstance(command, syntax.Case):
        clauses = [(patterns, _sequence(body)) for patterns, body in command.clauses]
        return "case", command.word, clauses
    return "function", command.name, _command(command.body)
