"""Entities live on as macros, under names that hide nothing."""

from __future__ import annotations

import pytest

from tests.projects import Converted


def cfg(doctype: str, outdir: str, name: str = "p", more: str = "") -> Converted:
    return Converted(
        (
            f'<!DOCTYPE p [{doctype}]><project name="{name}"><numevents>1</numevents>{more}'
            f'<stage name="s"><fcl>a.fcl</fcl><outdir>{outdir}</outdir><workdir>/w</workdir>'
            "</stage></project>"
        ).encode()
    )


@pytest.mark.parametrize(
    ("entity", "macro"),
    [
        ("user", "user"),
        ("memory", "memory_xml"),
        ("stage", "stage_xml"),
        ("lines_1", "lines_1_xml"),
        ("release", "release"),
        ("version", "version"),
        ("name", "name_xml"),
    ],
)
def test_an_entity_becomes_a_macro(entity: str, macro: str) -> None:
    converted = cfg(f'<!ENTITY {entity} "abc">', f"/pnfs/&{entity};/x")
    assert f"\n{macro} " in converted.text
    assert f"/pnfs/%({macro})s/x" in converted.text
    assert converted["job_output", "dest"] is not None


def test_the_entity_that_names_the_project_is_called_project() -> None:
    converted = cfg('<!ENTITY name "abc">', "/pnfs/&name;", "&name;")
    assert "project = abc" in converted.text.replace("  ", " ")
    assert "/pnfs/%(project)s" in converted.text


def test_entities_in_entities_are_macros_in_macros() -> None:
    converted = cfg('<!ENTITY a "x"> <!ENTITY b "/pnfs/&a;/y">', "&b;/z")
    assert "b = /pnfs/%(a)s/y" in converted.text
    assert converted["global", "outdir"] == "/pnfs/x/y/z"


@pytest.mark.parametrize("value", ["a b", "100&#37;", "it's", "", "$x", "a;b"])
def test_an_entity_that_no_macro_can_hold_is_written_out(value: str) -> None:
    converted = cfg(f'<!ENTITY e "{value}">', "/pnfs/o", more="<filetype>&e;x</filetype>")
    assert "%(e)s" not in converted.text


def test_entities_that_nothing_uses_are_left_out() -> None:
    assert "\nunused" not in cfg('<!ENTITY unused "x">', "/pnfs/o").text


def test_no_macro_hides_a_key() -> None:
    converted = cfg('<!ENTITY dest "d"> <!ENTITY N "5">', "/pnfs/&dest;/&N;")
    macros = set(converted.sections["global"])
    for section, keys in converted.sections.items():
        if section != "global":
            assert not macros & set(keys)
