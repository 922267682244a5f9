"""What the documentation says: its commands run, print what stands there, and its parts agree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from converter.findings.settings import TABLE
from tests import pages

sys.path.insert(0, str(pages.DOCS / "_ext"))


def _name(page: Path) -> str:
    return str(page.relative_to(pages.ROOT))


@pytest.mark.parametrize("page", pages.pages(), ids=_name)
def test_the_commands_of_a_page_print_what_stands_there(page: Path) -> None:
    assert pages.rewritten(page) == page.read_text(encoding="utf-8"), (
        "the output has changed; if that is meant: python -m tests.pages"
    )


@pytest.mark.parametrize("page", pages.pages(), ids=_name)
def test_what_runs_elsewhere_can_at_least_be_read(page: Path) -> None:
    for block in pages.blocks(page.read_text(encoding="utf-8")):
        if not block.runs:
            subprocess.run(["bash", "-n", "-c", block.text], check=True)


def test_blocks_are_found() -> None:
    text = "```console\n$ a\n> b\nc\n```\n\n```sh\n# at Fermilab\nd\n```\n"
    first, second = pages.blocks(text)
    assert (first.kind, first.line, first.runs) == ("console", 1, True)
    assert (second.kind, second.line, second.runs) == ("sh", 7, False)


def test_another_output_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo new\nold\n$ ls\n```\n")
    assert pages.rewritten(page) == "```console\n$ echo new\nnew\n$ ls\nsamples\n```\n"


def test_a_command_that_fails_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\nfalse\ntrue\n```\n")
    with pytest.raises(subprocess.CalledProcessError):
        pages.rewritten(page)


@pytest.mark.parametrize("tag", [tag for tag in TABLE if tag not in ("stage", "larsoft")])
def test_every_tag_has_an_example(tag: str) -> None:
    examples = pytest.importorskip("examples")
    text = "\n".join(examples.example(tag))
    fate = re.search(r"^is `([a-z-]+)`", text, re.MULTILINE)
    assert fate is not None
    assert fate[1] in {one.value for one in TABLE[tag].fates}


def test_the_picture_shows_what_the_program_says() -> None:
    pytest.importorskip("sphinx")
    pictures = pytest.importorskip("pictures")
    there = pictures.README.read_text(encoding="utf-8")
    assert pictures.shown(there) == pictures.shown(pictures.picture(pictures.FIRST)), (
        "if that is meant: python docs/_ext/pictures.py"
    )
