"""The tables are total: every tag has a row, every code a message, every message a use."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import converter
from converter.mapping.table import TABLE
from converter.projectpy.tags import PROJECT, STAGE, SUBSTAGE, TAGS
from converter.report.catalogue import CATALOGUE, FAMILIES
from tests import corpus

SOURCE = Path(converter.__file__).parent


def test_every_tag_has_a_row() -> None:
    containers = {"project", "stage"}
    assert set(TABLE) - {"@name", "@base"} == TAGS - containers


def test_every_row_says_where_its_tag_counts() -> None:
    for name, row in TABLE.items():
        if name.startswith("@") or name == "larsoft":
            continue
        levels = {
            level
            for level, table in (("project", PROJECT), ("stage", STAGE), ("fcl", SUBSTAGE))
            if name in table
        }
        if name in PROJECT and PROJECT[name].level == "larsoft":
            levels = {"larsoft"}
        assert levels <= set(row.level.split(", ")), name


def test_every_code_in_use_has_a_message_and_the_other_way_round() -> None:
    used = {
        code
        for path in SOURCE.rglob("*.py")
        if path.name != "catalogue.py"
        for code in re.findall(r"X2P\d{3}", path.read_text())
    }
    assert used == set(CATALOGUE)


def test_codes_belong_to_a_family_and_levels_are_known() -> None:
    for code, message in CATALOGUE.items():
        assert code == message.code
        assert code[3] in FAMILIES
        assert message.level in ("note", "look", "do", "error")
        assert message.level != "do" or message.advice, code


def test_advice_uses_only_slots_that_the_text_or_the_caller_has() -> None:
    for message in CATALOGUE.values():
        fields = {f for _, f, _, _ in string.Formatter().parse(message.advice) if f}
        known = {f for _, f, _, _ in string.Formatter().parse(message.text) if f}
        own = {"command", "known", "defname", "dataset", "name", "meant", "then", "options"}
        own |= {"each", "launches", "stage", "what", "os"}
        assert fields <= known | own, message.code


@pytest.mark.skipif(not corpus.SHARED.is_dir(), reason="no reference beside the project")
def test_the_tags_are_those_of_the_reference() -> None:
    text = (corpus.SHARED / "reference" / "project-xml.md").read_text()
    listed = set()
    for section in ("## 3.", "## 4."):
        part = text[text.index(section) :]
        part = part[: part.index("\n## ", 5)]
        for line in part.splitlines():
            if line.startswith("| `"):
                cell = line.split("|")[1]
                listed |= {
                    name.split("[")[0].lstrip("@")
                    for chunk in re.findall(r"`([^`]+)`", cell)
                    for name in chunk.split("/")
                    if name and not name.startswith("@")
                }
            elif line.startswith("Inside `<fcl>`"):
                listed |= set(re.findall(r"`(\w+)`", line.split(";")[0]))
    assert listed - {"name", "base"} == TAGS - {"project"}
