"""What a stage costs does not depend on how many others there are.

Told by the instructions of Python that run, so that neither the machine nor its load counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from converter.conversion import convert_bytes
from converter.report.html import as_html
from converter.report.model import Report
from tests.commandline import run
from tests.projects import stage, xml

MOST = 1.1
"""How much more a stage may cost among four times as many."""


def instructions(work: Callable[[], object]) -> int:
    """How many of Python's own run; what a built-in function does is not seen."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def many(number: int, kind: str) -> bytes:
    """A project of so many stages: a chain, or each with a dataset."""

    def body(n: int) -> str:
        reads = {
            "chain": "",
            "datasets": f"<inputdef>set_{n}</inputdef>",
        }[kind]
        return f"{reads}<memory>{2000 + 500 * (n % 4)}</memory><defname>d_{n}</defname>"

    return xml("", "", *(stage(f"s{n}", body(n)) for n in range(number)))


KINDS = pytest.mark.parametrize("kind", ["chain", "datasets"])


@KINDS
def test_converting(kind: str) -> None:
    def cost(number: int) -> float:
        data = many(number, kind)
        return instructions(lambda: convert_bytes(data, "p.xml", experiment="dune")) / number

    cost(5)
    assert cost(240) <= MOST * cost(60)


@KINDS
def test_a_page(kind: str) -> None:
    def cost(number: int) -> float:
        found = Report((convert_bytes(many(number, kind), "p.xml", experiment="dune").report,))
        return instructions(lambda: as_html(found, "1")) / number

    cost(5)
    assert cost(240) <= MOST * cost(60)


@pytest.mark.usefixtures("here")
def test_verifying(capsys: pytest.CaptureFixture[str]) -> None:
    def cost(number: int) -> float:
        Path("p.xml").write_bytes(many(number, "chain"))
        run("convert", "p.xml", "-o", "p.cfg", "--experiment", "dune", "--force", "-q")
        of = ("p.xml", "p.cfg", "--ini", "p.ini", "--experiment", "dune")
        found = instructions(lambda: run("verify", *of)) / number
        capsys.readouterr()
        return found

    cost(2)
    assert cost(60) <= MOST * cost(20)


@pytest.mark.usefixtures("here")
def test_a_family_of_the_projects_of_one_file() -> None:
    def cost(number: int) -> float:
        stages = [stage(f"t{n}") for n in range(6)]
        some = (xml("", "", *stages, name=f"p{n}") for n in range(number))
        folder = Path(f"of{number}")
        folder.mkdir(exist_ok=True)
        (folder / "x.xml").write_bytes(b"<a>" + b"".join(some) + b"</a>")
        of = (str(folder), "-o", f"out{number}", "-j", "1", "--experiment", "dune", "-q")
        return instructions(lambda: run("migrate", *of, "--families")) / number

    cost(2)
    assert cost(40) <= MOST * cost(10)
