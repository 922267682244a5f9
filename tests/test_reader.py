"""project.py's own rules: where a tag counts, which of several wins, what is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.errors import XmlError
from converter.model import Project, Stage
from converter.projectpy.reader import read
from tests.projects import GEN, stage, xml


def project(data: bytes) -> Project:
    return read(data).projects[0]


def first(data: bytes) -> Stage:
    return project(data).stages[0]


def test_of_repeated_project_tags_the_last_direct_child_counts() -> None:
    data = xml("<cpu>9</cpu>", "<cpu>1</cpu><cpu>2</cpu>", stage("t"))
    assert project(data).stages[1].cpu.value == 2
    assert project(data).stages[0].cpu.value == 9


def test_of_repeated_stage_tags_the_first_counts_wherever_it_stands() -> None:
    body = f"{GEN.replace('gen.fcl', 'gen.fcl <memory>7</memory>')}<memory>8</memory>"
    assert first(xml(body)).memory.value == 7


@pytest.mark.parametrize(
    ("tag", "attribute"), [("filetype", "filetype"), ("runtype", "runtype"), ("version", "version")]
)
def test_some_project_tags_count_anywhere(tag: str, attribute: str) -> None:
    inside = GEN.replace("gen.fcl", f"gen.fcl <{tag}>inside</{tag}>")
    assert getattr(project(xml(inside)), attribute).value == "inside"


def test_a_parameter_of_a_stage_is_also_one_of_the_project() -> None:
    found = project(xml('<parameter name="A">1</parameter>', '<parameter name="B">2</parameter>'))
    assert [p.name.value for p in found.parameters] == ["B", "A"]
    assert [p.name.value for p in found.stages[0].parameters] == ["A"]


def test_the_runnumber_of_a_stage_is_also_the_projects() -> None:
    assert project(xml("<runnumber>5</runnumber>")).runnumber.value == 5


def test_the_version_is_the_release_unless_it_is_given() -> None:
    assert project(xml()).version.value == "v09_81_00"
    assert project(xml("", "<version>v2</version>")).version.value == "v2"


@pytest.mark.parametrize(
    ("settings", "kind", "value"),
    [
        ("", "none", ""),
        ("<inputfile>f</inputfile>", "file", "f"),
        ("<inputlist>l</inputlist>", "list", "l"),
        ("<inputdef>d</inputdef>", "dataset", "d"),
        ("<inputdef>d</inputdef><recurdef>r</recurdef>", "dataset", "r"),
        ("<previousstage>nobody</previousstage>", "none", ""),
    ],
)
def test_the_input_of_a_first_stage(settings: str, kind: str, value: str) -> None:
    found = first(xml(settings)).input
    assert (found.kind, found.value.value) == (kind, value)


def test_the_input_of_a_later_stage_is_the_list_of_the_one_before() -> None:
    later = project(xml("<bookdir>/book</bookdir>", "", stage("t"))).stages[1]
    assert later.input.kind == "stage"
    assert later.input.value.value == "/book/files.list"
    assert later.input.source is not None
    assert later.input.source.stage == "s"


def test_a_stream_goes_into_the_name_of_the_list() -> None:
    later = project(xml("", "", stage("t", "<inputstream>beam</inputstream>"))).stages[1]
    assert later.input.value.value == "/pnfs/dune/o/files_beam.list"


def test_a_base_stage_gives_all_it_has() -> None:
    data = xml(
        "<memory>5</memory><cpu>2</cpu>", "", '<stage name="t" base="s"><cpu>3</cpu></stage>'
    )
    based = project(data).stages[1]
    assert (based.memory.value, based.cpu.value) == (5, 3)
    assert based.outdir.value == "/pnfs/dune/o"
    assert based.input.kind == "stage", "the default input is found anew"


def test_what_a_based_stage_appends_its_base_gets_too() -> None:
    data = xml("", "", '<stage name="t" base="s"><endscript>late.sh</endscript></stage>')
    assert [s.value for s in project(data).stages[0].endscript] == [("late.sh",)]


def test_substage_tags_go_to_the_first_fcl_of_that_name() -> None:
    body = (
        "<fcl>a.fcl</fcl><fcl>b.fcl<output>b.root</output></fcl>"
        "<fcl>a.fcl<output>a.root</output></fcl><outdir>/o</outdir><workdir>/w</workdir>"
    )
    assert [s.output.value for s in first(xml(body)).substages] == ["a.root", "b.root", ""]


def test_a_stages_output_is_that_of_all_substages() -> None:
    body = "<fcl>a.fcl</fcl><fcl>b.fcl</fcl><outdir>/o</outdir><workdir>/w</workdir>"
    stage_ = first(xml(body + "<output>x.root</output>"))
    assert [s.output.value for s in stage_.substages] == ["x.root", "x.root"]


def test_values_know_where_they_stand() -> None:
    data = xml("\n\n<memory>5</memory>")
    origin = first(data).memory.origin
    assert origin is not None
    assert (origin.line, origin.path) == (3, "project/stage/memory")
    assert first(data).cpu.origin is None


def test_several_projects_below_another_element() -> None:
    data = b"<all><job>" + xml(name="a") + b"</job>" + xml(name="b") + b"</all>"
    assert [p.name.value for p in read(data).projects] == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html/>", "X2P010"),
        (b"<project><numevents>1</numevents></project>", "X2P011"),
        (xml().replace(b'<stage name="s">', b"<stage>"), "X2P011"),
        (b'<project name="p"/>', "X2P012"),
        (xml("", "<numevents>0</numevents>"), "X2P012"),
        (xml("<inputdef></inputdef>"), "X2P013"),
        (xml("<inputdef><b/></inputdef>"), "X2P013"),
        (xml("<parameter>x</parameter>"), "X2P014"),
        (xml("", "", '<stage name="t" base="nobody"/>'), "X2P015"),
        (b'<project name="p"><numevents>1</numevents><stage name="s"/></project>', "X2P016"),
        (xml("<fcl>a</fcl><workdir>/w</workdir>"), "X2P017"),
        (xml("<fcl>a</fcl><outdir>/w</outdir>"), "X2P017"),
        (xml("<inputdef>a</inputdef><inputlist>b</inputlist>"), "X2P018"),
        (xml("<inputfile>a</inputfile><inputlist>b</inputlist>"), "X2P018"),
        (xml("<inputdef>a</inputdef><previousstage>b</previousstage>"), "X2P018"),
        (xml("<inputmode>textfile</inputmode>"), "X2P018"),
        (xml("<processname>a</processname>"), "X2P019"),
        (xml("<version>a</version>"), "X2P019"),
        (xml("<memory>2GB</memory>"), "X2P020"),
        (xml("<prestagefraction>most</prestagefraction>"), "X2P020"),
    ],
)
def test_what_project_py_refuses_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(XmlError) as caught:
        read(data, "p.xml")
    assert caught.value.code == code
    assert caught.value.line
    assert caught.value.advice


@pytest.mark.parametrize(
    ("written", "said"),
    [("", "is empty"), ("<b/>", "begins with an element"), ("<b/>x", "begins with an element")],
)
def test_what_is_wrong_with_a_setting_without_text_is_said(written: str, said: str) -> None:
    with pytest.raises(XmlError, match=f"<inputdef> {said}; project.py stops"):
        read(xml(f"<inputdef>{written}</inputdef>"), "p.xml")


def test_an_empty_merge_and_tag_are_the_two_that_may_be_empty() -> None:
    found = project(xml("", "<merge/>").replace(b"<tag>v09_81_00</tag>", b"<tag></tag>"))
    assert found.stages[0].merge.value == ""
    assert found.release.tag.value == ""


def test_an_error_names_the_file_that_was_read(tmp_path: Path) -> None:
    file = tmp_path / "p.xml"
    file.write_bytes(b"<project>")
    for source, name, named in (
        (file, None, str(file)),
        (str(file), None, str(file)),
        (file, "as it is called", "as it is called"),
        (file.read_bytes(), None, None),
        (file.read_bytes(), "as it is called", "as it is called"),
    ):
        with pytest.raises(XmlError) as refused:
            read(source, name)
        assert refused.value.file == named
