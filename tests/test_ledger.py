"""Every leaf has one fate; what no rule ticked off surfaces by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from converter.conversion import Options, convert_bytes
from converter.errors import UsageError, XmlError
from converter.findings.fates import Fate, Record
from converter.findings.settings import TAGS
from converter.mapping import campaign
from converter.mapping.context import StageContext
from tests import golden
from tests.projects import GEN, Converted, convert, stage, xml


@pytest.mark.parametrize("source", golden.sources(), ids=lambda p: p.stem)
def test_fates_add_up(source) -> None:  # type: ignore[no-untyped-def]
    report = convert_bytes(source.read_bytes(), source.name).report
    assert sum(report.fates.values()) == len(report.settings)
    assert report.settings
    for setting in report.settings:
        assert setting.targets or setting.fate not in (Fate.MAPPED,), setting.path


@pytest.mark.parametrize(
    ("stage_xml", "project_xml", "path", "fate", "code"),
    [
        ("<numjob>1</numjob>", "", "stage/numjob", "inert", "X2P111"),
        ("<zzz>1</zzz>", "", "stage/zzz", "inert", "X2P111"),
        ("", "<group>dune</group>", "project/group", "inert", "X2P120"),
        ("<os>sl6</os>", "", "stage/os", "inert", "X2P114"),
        ("", "<jobsub>-Q</jobsub>", "project/jobsub", "inert", "X2P114"),
        ("<memory>1</memory><memory>2</memory>", "", "stage/memory[2]", "inert", "X2P113"),
        ("", "<cpu>1</cpu><cpu>2</cpu>", "project/cpu[1]", "inert", "X2P113"),
        ("<cpu>1</cpu>", "<cpu>2</cpu>", "project/cpu", "overridden", None),
        ('<memory unit="MB">1</memory>', "", "stage/memory/@unit", "inert", "X2P110"),
        ("<batchname>a<!-- x -->b</batchname>", "", "stage/batchname", "mapped", "X2P116"),
        ("<batchname><!--x-->b</batchname>", "", "stage/batchname", "mapped", "X2P117"),
        ("stray text", "", "project/stage", "inert", "X2P115"),
        ("<workdir>/again</workdir>", "", "stage/workdir[2]", "inert", "X2P113"),
    ],
)
def test_leftovers(
    stage_xml: str, project_xml: str, path: str, fate: str, code: str | None
) -> None:
    converted = convert(stage_xml, project_xml)
    assert converted.fate(path) == fate
    said = [s.code for s in converted.conversion.report.settings if s.path.endswith(path)]
    assert said == [code]


@pytest.mark.parametrize("blank", [" ", "\n\t", "\xa0", "\u2029"])
@pytest.mark.parametrize("tag", sorted(TAGS - {"project", "stage", "larsoft", "fcl"}))
def test_blanks_alone_have_a_fate(tag: str, blank: str) -> None:
    inside = f"<{tag}>{blank}</{tag}>"
    for places in ((inside, ""), ("", inside), (f"<fcl>a.fcl{inside}</fcl>{GEN}", "")):
        with suppress(XmlError):
            settings = convert(*places).conversion.report.settings
            codes = {one.code for one in settings if not one.value.strip()}
            assert not {"X2P113", "X2P119"} & codes, places


@pytest.mark.parametrize(
    ("tag", "fate", "code"),
    [
        *((tag, "inert", "X2P122") for tag in ("args", "jobsub", "lines", "site", "disk")),
        *((tag, "inert", "X2P122") for tag in ("endscript", "submitscript")),
        # What project.py takes for a script without a name it cannot submit.
        *((tag, "invalid", "X2P707") for tag in ("initscript", "finscript")),
    ],
)
def test_blanks_alone_ask_for_nothing(tag: str, fate: str, code: str) -> None:
    converted = convert(f"<check>1</check><{tag}> </{tag}>")
    assert converted.fate(f"stage/{tag}") == fate
    assert code in converted.codes
    assert converted.text == convert("<check>1</check>").text


@pytest.mark.parametrize(
    ("value", "signs"),
    [
        ("gen.fcl", ""),
        ("g\xe9n\xa0.fcl", ""),
        ("\n\tgen.fcl\n", ""),
        ("gen\u200b.fcl", "U+200B"),
        ("gen\u202e\U000e0001.fcl\u202e", "U+202E, U+E0001"),
        ("gen\x9b.fcl", "U+009B"),
        ("\x80\x81\x82\x83\x84\x86\x87", "U+0080, U+0081, U+0082, U+0083, U+0084 and 2 more"),
    ],
)
def test_signs_that_are_not_seen_are_told(value: str, signs: str) -> None:
    found = convert(f"<fcl>{value}</fcl>{GEN}").findings
    told = "the value holds signs that are not seen, or that turn what is seen around: "
    assert [f.message for f in found if f.code == "X2P123"] == ([told + signs] if signs else [])
    assert "X2P123" not in convert(f"<zzz>{value}</zzz>").codes


def test_did_you_mean() -> None:
    messages = [f.message for f in convert("<maxfileperjob>1</maxfileperjob>").findings]
    assert any("did you mean <maxfilesperjob>?" in message for message in messages)


def test_settings_of_a_stage_that_is_never_found_are_inert() -> None:
    converted = Converted(xml("", "", stage("s", "<memory>9</memory>")))
    assert converted.fate("stage[2]/memory") == "inert"
    assert converted.text.count("[stage_") == 1
    assert "X2P102" in converted.codes


_DEFECTS: list[Callable[[StageContext], None]] = [
    lambda ctx: None,
    lambda ctx: ctx.fate(Fate.BY_DESIGN, ctx.stage.submitscript),
    lambda ctx: ctx.finding(Fate.DERIVED, "X2P225", ctx.stage.submitscript, script="x"),
]
"""No rule for the setting; a fate, and a message, that its row does not have."""


@pytest.mark.parametrize("rule", _DEFECTS)
def test_what_the_table_does_not_have_is_refused(
    rule: Callable[[StageContext], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "submitscript", rule)
    with pytest.raises(AssertionError, match="submitscript"):
        convert("<submitscript>x.sh</submitscript>")


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("rule", _DEFECTS)
def test_users_are_told_of_a_defect(
    rule: Callable[[StageContext], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "submitscript", rule)
    converted = convert("<submitscript>x.sh</submitscript>")
    assert converted.fate("stage/submitscript") == "unsupported"
    assert "X2P119" in converted.codes


@pytest.mark.parametrize(
    ("code", "slots"),
    [("X2P407", {}), ("X2P221", {"disk": "5", "unit": "GB"}), ("X2P602", {"a": ""})],
)
def test_a_message_takes_its_slots_and_no_others(code: str, slots: dict[str, str]) -> None:
    with pytest.raises(TypeError, match=code):
        Record(None, Fate.DERIVED, 0, None, (), code, slots)


def test_a_setting_of_several_stages_has_the_fate_that_costs_most() -> None:
    data = xml("<inputdef>d</inputdef>", "<disk>5</disk>", stage("t", "<disk>1GB</disk>"))
    converted = Converted(data)
    assert converted.fate("project/disk") == "mapped"
    assert [f.stage for f in converted.findings if f.code == "X2P221"] == ["s"]


def test_targets_say_where_the_result_stands() -> None:
    data = xml("<memory>1</memory>", "<cpu>2</cpu>", stage("t", "<memory>2</memory>"))
    settings = {s.path: s for s in Converted(data).conversion.report.settings}
    assert settings["project/cpu"].targets == ("cfg:submit.cpu",)
    assert settings["project/stage[1]/memory"].targets == ("cfg:stage_s.submit.memory",)


def test_settings_of_projects_that_were_not_asked_for_are_said_to_be_so() -> None:
    both = b"<job>" + xml(name="a") + xml(name="b") + b"</job>"
    report = convert_bytes(both, "p.xml", experiment="dune", options=Options(project="a")).report
    codes = {s.code for s in report.settings if s.path.startswith("job/project[2]")}
    assert codes == {"X2P121"}
    assert sum(report.fates.values()) == len(report.settings)


def test_unused_external_entities_are_mentioned() -> None:
    data = b'<!DOCTYPE p [<!ENTITY e SYSTEM "file:///x">]>' + xml()
    assert "X2P118" in Converted(data).codes


def test_an_error_is_told_its_file_only_where_it_names_none() -> None:
    error = UsageError("X2P906", "no project", "name one", line=3)
    assert str(error.at("p.xml")) == "p.xml:3: no project [X2P906]"
    assert isinstance(error.at("p.xml"), UsageError)
    assert error.file is None
    assert error.at("p.xml").at("q.xml").file == "p.xml"
