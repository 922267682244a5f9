"""`xml2poms review`, step by step: looking closer, going back, taking back, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from converter.cli import main
from converter.report.waivers import read_waivers
from tests.projects import LOST, xml

CAMPAIGN = xml(f"<numjobs>0</numjobs>\n{LOST}\n<zzz>1</zzz>", "<ups>dunesw</ups>")
"""A file with X2P201, which is invalid, X2P202, X2P111, in this order."""

Answer = Callable[..., str]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("in/a.xml", "in/sub/b.xml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(CAMPAIGN)
    assert run("migrate", "in", "-o", "out", "-q", "-j", "1") == 0


def run(*args: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return ended.value.code


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answer:
    """Reviews with these answers, and gives what was said."""

    def review(*given: str, target: str = "out") -> str:
        left = list(given)

        def prompted(asked: str) -> str:
            print(asked)
            return left.pop(0)

        monkeypatch.setattr("click.termui.visible_prompt_func", prompted)
        assert run("review", target) == 0
        assert left == []
        return capsys.readouterr().out

    return review


def accepted() -> list[tuple[str, str]]:
    path = Path("in/waivers.cfg")
    return [(w.code, w.files) for w in read_waivers(str(path))] if path.exists() else []


def test_the_keys_are_told(answer: Answer) -> None:
    said = answer("?", "q")
    for words in ("e  accept it everywhere", "u  undo the last acceptance", "x  explain it"):
        assert words in said


def test_a_finding_is_explained(answer: Answer) -> None:
    assert "The stage asks for no job at all" in answer("x", "q")


def test_the_xml_around_the_line_is_shown(answer: Answer) -> None:
    said = answer("l", "q")
    assert ">    1  <project" in said
    assert "     2  <inputdef>raw</inputdef>" in said


def test_real_values_are_shown_and_no_slots(answer: Answer) -> None:
    said = answer("s", "q")
    assert "0 jobs: nothing would be submitted" in said
    assert "VALUE" not in said
    assert "JOBS" not in said


def test_the_advice_of_a_report_has_its_values(answer: Answer) -> None:
    run("in/a.xml", "-o", "c.cfg", "-q", "--report", "r.json")
    said = answer("s", "q", target="r.json")
    assert "samweb list-files --summary 'defname: raw'" in said


def test_the_advice_of_a_migration_is_general(answer: Answer) -> None:
    """Its rows do not have the values of each: what to do about all of them is said."""
    assert "-> Tell the mean size of an input file, by --file-size" in answer("s", "q")


def test_a_file_of_no_family_cannot_be_accepted_with_its_family(answer: Answer) -> None:
    said = answer("s", "m", "q")
    assert "its campaign is of no family" in said
    assert "fa[m]ily" not in said
    assert accepted() == []


def test_a_finding_is_accepted_in_all_of_a_family_that_have_it(answer: Answer) -> None:
    """There is a file of no family, and one of the family has it accepted already."""
    for name in ("in/sub/c.xml", "in/d.xml"):
        Path(name).write_bytes(CAMPAIGN)
    alone = xml(LOST, "<ups>dunesw</ups><disk>8GB</disk>")
    Path("in/alone.xml").write_bytes(alone)
    run("review", "accept", "X2P202", "--files", "d.xml", "--reason", "so", "--waivers", "w.cfg")
    run("migrate", "in", "-o", "out", "-q", "-j", "1", "--families", "--waivers", "w.cfg")
    said = answer("s", "m", "as agreed", "q")
    assert "in this fa[m]ily, " in said
    assert [w.files for w in read_waivers("w.cfg")] == [
        "d.xml",
        "/a.xml",
        "/sub/b.xml",
        "/sub/c.xml",
    ]
    assert [w.code for w in read_waivers("w.cfg")] == ["X2P202"] * 4


def test_the_acceptance_of_a_family_is_taken_back_at_once(answer: Answer) -> None:
    run("migrate", "in", "-o", "out", "-q", "-j", "1", "--families")
    answer("s", "m", "as agreed", "u", "q")
    assert accepted() == []


def test_one_goes_back(answer: Answer) -> None:
    said = answer("b", "s", "b", "q")
    assert [line[0] for line in said.splitlines() if " of " in line[:6]] == ["1", "1", "2", "1"]


def test_an_acceptance_is_taken_back(answer: Answer) -> None:
    said = answer("s", "e", "why not", "u", "f", "agreed", "q")
    assert "taken back" in said
    assert accepted() == [("X2P202", "/a.xml")]


def test_a_reason_that_says_nothing_is_asked_for_again(answer: Answer) -> None:
    said = answer("s", "e", " ", "\x01", "why not", "q")
    assert said.count("it says nothing") == 2
    assert len(accepted()) == 1


def test_the_first_acceptance_taken_back_leaves_no_file(answer: Answer) -> None:
    said = answer("u", "s", "e", "why not", "u", "q")
    assert "nothing is accepted yet" in said
    assert not Path("in/waivers.cfg").exists()
    assert "run the same migrate again" not in said


@pytest.mark.parametrize(
    ("given", "there"),
    [
        (("e", "", "q"), []),
        (("e", "yes", "q"), []),
        (("e", "x2p201", "as agreed", "q"), [("X2P201", "*")]),
        (("f", "as agreed", "q"), [("X2P201", "/a.xml")]),
    ],
)
def test_what_is_invalid_is_not_accepted_everywhere_by_one_key(
    given: tuple[str, ...], there: list[tuple[str, str]], answer: Answer
) -> None:
    answer(*given)
    assert accepted() == there
