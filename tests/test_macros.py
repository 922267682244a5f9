"""Entities live on as macros, under names that hide nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.conversion import convert_bytes
from converter.mapping.macros import HIDING, RESERVED
from converter.poms.reader import resolve
from converter.verify.campaign.fife_launch import KNOWN
from tests.projects import Converted, convert, xml


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


NUMBERED = st.builds(
    "{}_{}".format,
    st.sampled_from(["fcl", "step", "lines", "prescript", "arg", "addoutput", "f", "outdir", "x"]),
    st.sampled_from(["0", "1", "2", "3", "03", "10", "99", "100"]),
)
KEYS = sorted(
    RESERVED | KNOWN | {"arg", "script", "EOF", "DEFAULT", "global", "submit", "stage_s", "x"}
)
NAMES = NUMBERED | st.sampled_from(KEYS).filter(lambda name: re.fullmatch(r"[A-Za-z]\w*", name))
PLACES = (
    *(
        "<fcl>{}</fcl>",
        "<args>-a {}</args>",
        "<output>{}.root</output>",
        "<jobsub>-e V={}</jobsub>",
    ),
    *("<jobsub>-e V_2={0} -e V_1={0}</jobsub>", "<exe>{}</exe>", "<inputdef>{}</inputdef>"),
    *("<jobname>{}</jobname>", "<TFileName>{}</TFileName>", "<initsource>{}</initsource>"),
    *("<site>{}</site>", "<lines>+A={}</lines>", "<defname>{}</defname>"),
)
STAGES = st.lists(
    st.lists(st.tuples(st.sampled_from(PLACES), st.integers(0, 5))), min_size=1, max_size=4
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NAMES, min_size=6, max_size=6, unique=True), STAGES)
def test_no_name_of_an_entity_is_in_the_way(
    names: list[str], stages: list[list[tuple[str, int]]]
) -> None:
    declared = "".join(f'<!ENTITY {name} "value{n}">' for n, name in enumerate(names))
    inside = "".join(
        f'<stage name="s{n or ""}"><fcl>a.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>'
        + "".join(place.format(f"&{names[k]};") for place, k in places)
        + "</stage>"
        for n, places in enumerate(stages)
    )
    plain = inside
    for n, name in enumerate(names):
        plain = plain.replace(f"&{name};", f"value{n}")
    with_entities = Converted(document(declared, inside))
    without = Converted(document("", plain))
    for n in range(len(stages)):
        mine, other = (resolve(c.text, f"s{n or ''}") for c in (with_entities, without))
        del mine["global"], other["global"]
        assert mine == other


def document(doctype: str, stages: str) -> bytes:
    return (
        f"<!DOCTYPE p [{doctype}]><project name='p'><numevents>1</numevents>{stages}</project>"
    ).encode()


def test_numbered_entities_may_have_a_gap_in_a_stage() -> None:
    entities = "".join(f'<!ENTITY step_0{n} "w{n}.fcl">' for n in range(5))
    steps = ("0134", "01234", "43210")
    stages = "".join(
        f'<stage name="s{n or ""}"><outdir>/pnfs/o</outdir><workdir>/w</workdir>'
        + "".join(f"<fcl>&step_0{k};</fcl>" for k in numbers)
        + "</stage>"
        for n, numbers in enumerate(steps)
    )
    text = Converted(document(entities, stages)).text
    for n, numbers in enumerate(steps):
        found = resolve(text, f"s{n or ''}")
        written = " ".join([*found["job_setup"].values(), *found["executable"].values()])
        assert all(f"w{k}.fcl" in written for k in numbers)


READS = "<inputdef>prod_raw</inputdef>"


@pytest.mark.parametrize(
    ("bodies", "told"),
    [
        (("", "", ""), "numjobs."),
        (("", "", "<numjobs>7</numjobs>"), "numjobs (in [stage_s2] too)."),
        (
            ("<numjobs>5</numjobs>", "<numjobs>6</numjobs>", "<numjobs>7</numjobs>"),
            "numjobs (in [stage_s0], [stage_s1], [stage_s2]).",
        ),
        (
            tuple(f"<numjobs>{n}</numjobs>" for n in range(5, 9)),
            "numjobs (in 4 stages).",
        ),
        ((READS, ""), "sam_dataset (in [stage_s0])."),
        (("<defname>raw_gen</defname>", ""), "sam_dataset (in [stage_s1])."),
    ],
)
def test_the_heading_names_macros_where_a_change_has_an_effect(
    bodies: tuple[str, ...], told: str
) -> None:
    stages = "".join(
        f'<stage name="s{n}"><fcl>a.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>{body}'
        "</stage>"
        for n, body in enumerate(bodies)
    )
    lines = Converted(document("", stages)).text.splitlines()
    first = next(n for n, line in enumerate(lines) if "next campaign" in line)
    text = " ".join(line.removeprefix("#").strip() for line in lines[first : first + 2])
    assert told in text


def test_a_stage_that_is_called_like_its_project_keeps_its_name() -> None:
    """The section is called so: another project must not change where the stage writes."""
    body = "<fcl>a.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>"
    stage = f'<stage name="LArG4">{body}</stage>'
    text = f'<project name="LArG4"><numevents>1</numevents>{stage}</project>'
    assert "global.stage   = LArG4" in Converted(text.encode()).text


@pytest.mark.parametrize("name", sorted(HIDING))
def test_a_variable_of_the_jobs_may_be_called_as_a_macro(name: str) -> None:
    """fife_launch would see the macro in place of the key of [env_pass]."""
    converted = convert(f"<jobsub>-e {name}=a;b -e OTHER=c</jobsub>")
    assert converted["submit", "e_1"] == f"'{name}=a;b'"
    assert converted["env_pass", "OTHER"] == "c"
    assert convert(f"<jobsub>-e {name}</jobsub>")["submit", "e_1"] == name


def test_a_variable_of_a_profile_may_be_called_as_a_macro(here: Path) -> None:
    Path("own.profile").write_text("[env_pass]\nstage = x y\nOTHER = z\n")
    found = convert_bytes(xml(), "p.xml", experiment="dune", own="own.profile")
    stage = resolve(found.campaigns[0].cfg, "s")
    assert stage["submit"]["e_1"] == "'stage=x y'"
    assert stage["env_pass"]["OTHER"] == "z"
    (told,) = [f.message for f in found.report.findings if f.code == "X2P229"]
    assert "stage, OTHER" in told
