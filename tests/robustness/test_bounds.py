"""Whatever comes in below 1 MiB takes little time and memory, with all its reports.

The bounds here are generous, for a machine that does other things too: what they are to catch
took minutes, or gigabytes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from converter.conversion import convert_bytes
from converter.errors import XmlError
from converter.projectpy.limits import MAX_BYTES
from converter.projectpy.reader import read
from converter.report.html import as_html
from converter.report.model import Report
from tests.robustness.documents import BOMBS, EDGES, HUGE, document

SECONDS, MEMORY, TEXT = 15, 1 << 30, 80 << 20


def in_bounds(tmp_path: Path, data: bytes, work: str = "all_reports") -> None:
    """Convert in a process that ends where it takes too much."""
    assert len(data) <= MAX_BYTES
    file = tmp_path / "x.xml"
    file.write_bytes(data)
    code = (
        f"import sys, pathlib; from tests.robustness.reports import {work};"
        f"assert {work}(pathlib.Path(sys.argv[1]).read_bytes()) < {TEXT}"
    )

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    command = [sys.executable, "-c", code, str(file)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, preexec_fn=bounded, cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-500:]


@pytest.mark.parametrize("name", BOMBS)
def test_no_reference_in_a_comment_is_followed(name: str, tmp_path: Path) -> None:
    in_bounds(tmp_path, BOMBS[name])
    (project,) = read(BOMBS[name]).projects
    assert project.stages[0].memory.value in (1, 2)


@pytest.mark.parametrize("name", HUGE)
def test_what_is_far_too_much_is_refused(name: str, tmp_path: Path) -> None:
    in_bounds(tmp_path, HUGE[name])
    with pytest.raises(XmlError) as refused:
        read(HUGE[name])
    assert refused.value.code in ("X2P003", "X2P006")


@pytest.mark.parametrize("name", EDGES)
def test_what_is_just_not_too_much_is_converted(name: str, tmp_path: Path) -> None:
    in_bounds(tmp_path, EDGES[name])
    assert read(EDGES[name]).projects


@pytest.mark.parametrize(
    "name",
    ["file types", "fcl files", "fcl files of many stages", "stages", "stages with scripts"],
)
def test_what_was_written_of_it_is_verified(name: str, tmp_path: Path) -> None:
    in_bounds(tmp_path, EDGES[name], "all_comparisons")


def test_a_line_stands_on_the_page_once_however_much_is_said_about_it() -> None:
    def size(count: int) -> int:
        report = convert_bytes(document("<u>x</u>" * count), "x.xml", experiment="dune").report
        return len(as_html(Report((report,)), "1"))

    assert size(2_000) - size(1_000) < 1.5 * (size(1_000) - size(0))
