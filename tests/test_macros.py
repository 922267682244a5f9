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


def named(value: str, name: str = "prod_x", tag: str = "v09_81_00", more: str = "") -> str:
    """What `value` as an output directory's end becomes."""
    larsoft = f"<larsoft><tag>{tag}</tag></larsoft>{more}"
    text = cfg("", f"/pnfs/{value}", name, larsoft).text
    found = next(line for line in text.splitlines() if line.startswith(("outdir ", "dest ")))
    return found.partition("/pnfs/")[2].partition("/${CLUSTER}")[0]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("prod_x/o", "%(project)s/o"),
        ("prod_x_reco", "%(project)s_reco"),
        ("v09_81_00/prod_x", "%(release)s/%(project)s"),
        ("a_prod_x", "a_%(project)s"),
        ("prod_x_2", "prod_x_2"),
        ("prod_xy", "prod_xy"),
        ("myprod_x", "myprod_x"),
        ("v09_81_00_01", "v09_81_00_01"),
        ("v09_81_00d00/o", "v09_81_00d00/o"),
    ],
)
def test_what_is_literally_the_project_or_the_release_follows_it(value: str, written: str) -> None:
    assert named(value) == written


def test_a_mere_word_is_followed_only_where_it_stands_alone() -> None:
    word = '<filetype>mc</filetype><parameter name="MCName">cosmics</parameter>'
    text = cfg("", "/pnfs/cosmics/o", "cosmics", word).text
    assert 'MCName: "%(project)s"' in text
    assert "/pnfs/cosmics/o" in text


@pytest.mark.parametrize(
    "there_already",
    [
        "<inputdef>prod_x_raw</inputdef>",
        "<inputlist>/pnfs/dune/prod_x/files.list</inputlist>",
        "<inputfile>/pnfs/dune/prod_x/a.root</inputfile>",
        "<initscript>/pnfs/dune/prod_x/init.sh</initscript>",
        "<jobsub>-f /pnfs/dune/prod_x/a.txt</jobsub>",
    ],
)
def test_what_is_there_already_follows_nothing(there_already: str) -> None:
    data = (
        '<project name="prod_x"><numevents>1</numevents><stage name="s"><fcl>prod_x.fcl</fcl>'
        f"<outdir>/pnfs/o</outdir><workdir>/w</workdir>{there_already}</stage></project>"
    )
    text = Converted(data.encode()).text
    assert "%(project)s" not in text.replace("-%(project)s", "")
