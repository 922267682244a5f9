"""`xml2poms explain`: tags, codes, fates, and the list of them all."""

from __future__ import annotations

import pytest

from converter.cli import main
from converter.findings.catalogue import CATALOGUE
from converter.findings.explanation import explanations
from converter.findings.fates import Fate
from converter.findings.settings import LEGACY, TABLE


def explain(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[object, str]:
    """Exit code, and what was said on both streams, its line breaks as blanks."""
    with pytest.raises(SystemExit) as ended:
        main(["explain", *args])
    said = capsys.readouterr()
    return ended.value.code, " ".join((said.out + said.err).split())


@pytest.mark.parametrize("args", [(), ("--list",)])
def test_the_list_has_all_tags_codes_and_fates(
    args: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = explain(capsys, *args)
    assert code == 0
    for name in (*CATALOGUE, *(fate.value for fate in Fate), *(f"<{tag}>" for tag in LEGACY)):
        assert f" {name} " in said
    for tag in TABLE:
        assert "<" + tag.replace("/@", " ") + ">" in said


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_finding_is_explained_in_full(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    told, said = explain(capsys, code.lower())
    assert told == 0
    one = explanations()[code]
    for text in (one.meaning, one.why, one.otherwise, one.accept, one.do):
        assert text in said
    for example in (one.before, one.after):
        assert " ".join(example.text.split()) in said
    accepts = f"xml2poms review accept {code}" in said
    assert accepts == (CATALOGUE[code].level != "error")


@pytest.mark.parametrize("tag", LEGACY)
def test_tags_of_former_times_are_found(tag: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = explain(capsys, f"<{tag}>")
    assert (code, LEGACY[tag] in said) == (0, True)


@pytest.mark.parametrize(
    ("asked", "found"), [("blocked", "X2P432"), ("block", "X2P432"), ("optional", "X2P802")]
)
def test_what_a_finding_asks_for_names_the_findings(
    asked: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = explain(capsys, asked)
    assert code == 0
    assert found in said
    assert "X2P202" not in said


@pytest.mark.parametrize("fate", Fate)
def test_a_fate_names_its_tags(fate: Fate, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = explain(capsys, fate.value)
    assert code == 0
    assert fate.meaning in said
    usual, rare = said.split("Sometimes of ")
    for row in TABLE.values():
        shown = "<" + row.tag.replace("/@", " ") + ">"
        assert (shown in usual) == (row.fates[0] is fate)
        assert (shown in rare) == (fate in row.fates[1:])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("memroy", "memory"),
        ("tagretsize", "targetsize"),
        ("invlid", "invalid"),
        ("grop", "group"),
        ("TFILENAME", "TFileName"),
    ],
)
def test_what_is_misspelt_is_asked_back(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = explain(capsys, typed)
    assert code == 2
    assert f"did you mean {meant}" in said


def test_what_is_like_nothing_leads_to_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = explain(capsys, "qqqqqqqq")
    assert (code, "xml2poms explain --list" in said) == (2, True)
