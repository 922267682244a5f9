"""Which small mistakes the tests would not notice: a sample of mutants, the same for each seed.

    python -m tests.mutants [--sample 250] [--seed 1] [--lines FILE] [PACKAGE...]
    python -m tests.mutants --only MODULE:LINE:COLUMN:NUMBER

A mutant is one module with one change: a comparison, `and`/`or`, `not`, a condition, a number, a
truth value, `+`/`-`.  It is run against those fast tests that go through its line, found once by
coverage, the quickest first, until one fails.  A line of JSON for each that survives; the rate at
the end.  Without names the packages are mapping, poms, projectpy and findings.

mutmut has no samples, and cosmic-ray runs the same tests for every mutant: hours.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import hypothesis.configuration
import pytest

__all__ = ["main"]

ROOT = Path(__file__).parents[1]
PACKAGES = ("mapping", "poms", "projectpy", "findings")
SLOW = re.compile(
    r"test_(programs|corpus|browser|migrat|verify|shell|cli|html|plan|waivers|injection)"
)
PYTEST = ("-q", "-x", "-n0", "-pno:cacheprovider", "-Wignore", "--hypothesis-seed=1")
SECONDS = 120
"""Of processor time: a mutant that takes longer does not end."""
MEMORY = 2 << 30
"""Of address space: nor does one that asks for more."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip

KINDS = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Constant, ast.If, ast.IfExp)


class Mutant(NamedTuple):
    """A place, and which of the changes that are possible there."""

    module: str
    line: int
    column: int
    number: int

    def __str__(self) -> str:
        return ":".join(map(str, self))


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What the node may be instead."""
    if not isinstance(node, KINDS):
        return
    other = copy.deepcopy(node)
    if isinstance(other, ast.Compare):
        for index, operator in enumerate(other.ops):
            if type(operator) in COMPARISONS:
                one = copy.deepcopy(other)
                one.ops[index] = COMPARISONS[type(operator)]()
                yield one
    elif isinstance(other, ast.BoolOp):
        other.op = ast.Or() if isinstance(other.op, ast.And) else ast.And()
        yield other
    elif isinstance(other, ast.UnaryOp) and isinstance(other.op, ast.Not):
        yield other.operand
    elif isinstance(other, ast.BinOp) and isinstance(other.op, (ast.Add, ast.Sub)):
        other.op = ast.Sub() if isinstance(other.op, ast.Add) else ast.Add()
        yield other
    elif isinstance(other, ast.Constant) and type(other.value) in (bool, int):
        value = other.value
        other.value = (not value) if isinstance(value, bool) else value + 1
        yield other
    elif isinstance(other, (ast.If, ast.IfExp)) and not isinstance(
        other.test, (ast.Compare, ast.BoolOp, ast.UnaryOp)
    ):
        other.test = ast.UnaryOp(ast.Not(), other.test)
        yield other


class _Change(ast.NodeTransformer):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant, self.seen, self.done = mutant, 0, ""

    def visit(self, node: ast.AST) -> ast.AST:
        here = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        if here == (self.mutant.line, self.mutant.column):
            for other in changes(node):
                self.seen += 1
                if self.seen == self.mutant.number:
                    before = ast.unparse(getattr(node, "test", node))
                    self.done = f"{before} -> {ast.unparse(getattr(other, 'test', other))}"
                    return ast.copy_location(other, node)
        self.generic_visit(node)
        return node


def module_of(path: Path) -> str:
    """How a file, named from the root, is imported: a package by its folder."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def mutants(packages: Sequence[str]) -> Iterator[Mutant]:
    for package in packages:
        for path in sorted((ROOT / "converter" / package).rglob("*.py")):
            module = module_of(path.relative_to(ROOT))
            counts: dict[tuple[int, int], int] = {}
            for node in ast.walk(ast.parse(path.read_text())):
                place = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
                for _ in changes(node):
                    counts[place] = counts.get(place, 0) + 1
                    yield Mutant(module, *place, counts[place])


def changed(mutant: Mutant) -> tuple[ast.AST, str]:
    """The module's tree, and the change in words."""
    change = _Change(mutant)
    tree = change.visit(ast.parse(path_of(mutant.module).read_text()))
    return ast.fix_missing_locations(tree), change.done


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        file = path_of(fullname)
        folders = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, file, loader=self, submodule_search_locations=folders
        )

    def exec_module(self, module: ModuleType) -> None:
        tree, _ = changed(self.mutant)
        exec(compile(tree, str(path_of(self.mutant.module)), "exec"), module.__dict__)


def tests_of_lines(kept: Path | None) -> dict[str, list[str]]:
    """MODULE:LINE -> the tests that go through it, quickest first."""
    if kept is None or not kept.exists():
        found = _measured()
        if kept is None:
            return found
        kept.write_text(json.dumps(found))
    known: dict[str, list[str]] = json.loads(kept.read_text())
    return known


def _measured() -> dict[str, list[str]]:
    files = sorted(p for p in (ROOT / "tests").glob("test_*.py") if not SLOW.match(p.name))
    names = [str(p.relative_to(ROOT)) for p in files]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "rc")
        settings.write_text("[run]\ndynamic_context = test_function\nsource = converter\n")
        data, times = Path(folder, "data"), Path(folder, "times.xml")
        command = [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}"]
        command += [f"--data-file={data}", "-m", "pytest", *PYTEST, f"--junitxml={times}", *names]
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"the tests fail as it is:\n{done.stdout}")
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "coverage", "json", "--show-contexts", "-q"]
        command += [f"--rcfile={settings}", f"--data-file={data}", f"-o{report}"]
        subprocess.run(command, cwd=ROOT, check=True)
        found = json.loads(report.read_text())["files"]
        seconds: dict[str, float] = {}
        for case in re.findall(r"<testcase [^>]*>", times.read_text()):
            about = dict(re.findall(r'(\w+)="([^"]*)"', case))
            name = f"{about['classname']}.{about['name'].partition('[')[0]}"
            seconds[name] = seconds.get(name, 0) + float(about["time"])
    lines = {}
    for path, about in found.items():
        module = module_of(Path(path))
        for line, contexts in about["contexts"].items():
            tests = sorted((c for c in contexts if c in seconds), key=seconds.__getitem__)
            lines[f"{module}:{line}"] = [
                f"{ROOT.joinpath(*t.split('.')[:-1])}.py::{t.rpartition('.')[2]}" for t in tests
            ]
    return lines


def killed(mutant: Mutant, tests: Sequence[str]) -> bool:
    """In a process of its own, which has the libraries already, but no module of the program."""
    child = os.fork()
    if not child:
        code = 99
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            with tempfile.TemporaryDirectory() as folder:
                # What fails here is no example for later.
                hypothesis.configuration.set_hypothesis_home_dir(folder)
                sys.meta_path.insert(0, _Loader(mutant))
                code = pytest.main([*PYTEST, *tests])
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status != 0


def _parsed(text: str) -> Mutant:
    module, *numbers = text.split(":")
    return Mutant(module, *map(int, numbers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=PACKAGES)
    parser.add_argument("--sample", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=Path, help="keep here what tests go through which line")
    parser.add_argument("--only", action="append", type=_parsed, default=[])
    wanted = parser.parse_args()
    every = list(mutants(wanted.packages))
    lines = tests_of_lines(wanted.lines)
    reached = [m for m in every if lines.get(f"{m.module}:{m.line}")]
    print(
        f"{len(every)} mutants, {len(reached)} of them on lines that tests go through", flush=True
    )
    some = wanted.only or random.Random(wanted.seed).sample(
        reached, min(wanted.sample, len(reached))
    )
    dead = 0
    for mutant in some:
        gone = killed(mutant, lines.get(f"{mutant.module}:{mutant.line}", []))
        dead += gone
        if not gone:
            print(json.dumps([str(mutant), changed(mutant)[1]]), flush=True)
    print(f"{dead} of {len(some)} killed, {100 * dead / max(1, len(some)):.1f} %")


if __name__ == "__main__":
    main()
