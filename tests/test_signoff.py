"""Sign-off: who signed which file, what was signed, and what has changed since."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.migration.signoff import (
    Content,
    Row,
    Signature,
    read_signatures,
    signatures_text,
)
from tests.commandline import here, run
from tests.projects import xml

__all__ = ["here"]

pytestmark = pytest.mark.usefixtures("here")


BROKEN = b"<project name='p'><stage>"


def put(**files: bytes) -> None:
    for name, data in files.items():
        path = Path("xml", *name.split("__")).with_suffix(".xml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def migrate() -> int:
    return run("migrate", "xml", "-o", "out", "--experiment", "dune", "-q", "-j", "1")


def signed() -> dict[str, dict[str, object]]:
    return {one["source"]: one for one in json.loads(Path("xml/signed.json").read_text())["signed"]}


def changes(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> list[str]:
    capsys.readouterr()
    assert run("review", "changes", "out", *words) == code
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def two(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(a__one=xml(name="one"), b__two=xml(name="two"))
    assert migrate() == 0
    assert run("review", "sign", "out", "--who", "jdoe", "--note", "as agreed") == 0


@pytest.mark.usefixtures("two")
def test_who_signed_what_is_kept_beside_the_waivers() -> None:
    found = signed()
    assert list(found) == ["a/one.xml", "b/two.xml"]
    assert found["a/one.xml"]["who"] == "jdoe"
    assert found["a/one.xml"]["note"] == "as agreed"
    content = found["a/one.xml"]["content"]
    assert isinstance(content, dict)
    assert set(content) == {"xml", "campaign", "findings"}


@pytest.mark.usefixtures("two")
def test_nothing_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate() == 0
    assert changes(capsys, 0) == ["2 signed, 0 changed since, 0 open"]


@pytest.mark.usefixtures("two")
def test_what_has_changed_since_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    put(a__one=xml("<nonsense>1</nonsense>", name="one"))
    assert migrate() == 0
    first, last = changes(capsys, 1)
    assert first.startswith("a/one.xml (signed by jdoe, ")
    assert first.endswith("): the XML; X2P111 is new")
    assert last == "1 signed, 1 changed since, 0 open"
    put(a__one=xml("<memory>4000</memory>", name="one"))
    assert migrate() == 0
    assert changes(capsys, 1)[0].endswith("): the XML; the campaign")
    assert changes(capsys, 0, "--files", "b/*") == ["1 signed, 0 changed since, 0 open"]


@pytest.mark.usefixtures("two")
def test_a_campaign_that_somebody_edited_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    """By the conversion that replaced it, though the XML is the same."""
    Path("own.profile").write_text("[campaign]\ncompletion_pct = 80\n")
    command = ["migrate", "xml", "-o", "out", "--experiment", "dune", "-q", "-j", "1"]
    assert run(*command, "--profile", "own.profile") == 0
    assert [line.partition("): ")[2] for line in changes(capsys, 1)[:2]] == ["the campaign"] * 2


@pytest.mark.usefixtures("two")
def test_what_is_signed_again_is_signed_by_who_did_it(capsys: pytest.CaptureFixture[str]) -> None:
    put(a__one=xml("<memory>4000</memory>", name="one"))
    assert migrate() == 0
    assert run("review", "sign", "out", "--who", "asmith") == 0
    assert (
        "signed by asmith: 1 of 2 files, 1 of them again, since they have changed"
        in capsys.readouterr().out
    )
    assert [one["who"] for one in signed().values()] == ["asmith", "jdoe"]


@pytest.mark.usefixtures("two")
def test_files_that_are_gone_or_fail_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("xml/a/one.xml").unlink()
    put(b__two=BROKEN)
    assert migrate() == 3
    told = changes(capsys, 1)
    assert [line.partition("): ")[2] for line in told[:2]] == [
        "it is not converted any more",
        "it is not there any more",
    ]


def test_only_some_files_are_signed(capsys: pytest.CaptureFixture[str]) -> None:
    put(a__one=xml(name="one"), b__two=xml(name="two"), c=BROKEN)
    assert migrate() == 3
    assert run("review", "sign", "out", "--files", "a/*") == 0
    assert list(signed()) == ["a/one.xml"]
    assert changes(capsys, 0) == ["1 signed, 0 changed since, 1 open"]
    assert run("review", "sign", "out", "--files", "c.xml") == 2
    assert "no campaign of out is of a file like 'c.xml'" in capsys.readouterr().err


@pytest.mark.parametrize("nothing", ["", " ", "\x01\t", "\u200b\ufeff", "\u00a0"])
@pytest.mark.parametrize("option", ["--who", "--reason", "--files", "--stage"])
def test_words_that_say_nothing_are_not_recorded(
    option: str, nothing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(one=xml())
    assert migrate() == 0
    asked = ["review", "accept", "X2P602", "--reason", "agreed", option, nothing]
    if option == "--who":
        assert run("review", "sign", "out", option, nothing) == 2
        assert run("review", "through", "out", option, nothing) == 2
    assert run(*asked, "--waivers", "w.cfg") == 2
    assert f"Invalid value for '{option}': it says nothing" in capsys.readouterr().err
    assert not Path("w.cfg").exists()
    assert not Path("xml/signed.json").exists()


def test_a_user_whose_name_says_nothing_is_asked_for_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(one=xml())
    assert migrate() == 0
    monkeypatch.setenv("LOGNAME", " ")
    assert run("review", "sign", "out") == 2
    assert "'--who': it says nothing" in capsys.readouterr().err


def test_a_page_to_print() -> None:
    put(a__one=xml(name="one"), b__two=xml(name="two"), b__three=xml(name="three"))
    Path("xml/waivers.cfg").write_text("[x]\ncode = X2P602\nreason = we <know>\nwho = jdoe\n")
    assert migrate() == 0
    assert run("review", "sign", "out", "--files", "b/*", "--who", "<b>jdoe</b>") == 0
    put(b__two=xml("<memory>4000</memory>", name="two"))
    assert migrate() == 0
    assert run("review", "page", "out", "-o", "signed.html") == 0
    text = Path("signed.html").read_text()
    assert "<script" not in text
    assert "<b>jdoe" not in text
    shown = _text(text)
    assert "1 files signed, 1 changed since they were signed, 1 open" in shown
    assert "the XML; the campaign" in shown
    assert "we <know>" in shown


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def _text(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return " ".join(" ".join(parser.found).split())


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1, "signed": [{"who": 1}]}'])
def test_a_file_of_signatures_that_is_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(one=xml())
    assert migrate() == 0
    Path("xml/signed.json").write_text(text)
    assert run("review", "changes", "out") == 2
    assert "no file of signatures" in capsys.readouterr().err
    assert run("review", "sign", "out") == 2
    assert Path("xml/signed.json").read_text() == text


def test_what_is_no_migration(capsys: pytest.CaptureFixture[str]) -> None:
    Path("nothing").mkdir()
    assert run("review", "changes", "nothing") == 3
    assert run("review", "sign", "nowhere", "--signed", "signed.json") == 3
    assert "is no directory that migrate has written" in capsys.readouterr().err


COUNTS = st.dictionaries(st.sampled_from(["X2P101", "X2P202"]), st.integers(1, 3))
CONTENT = st.builds(Content, st.sampled_from("ab"), st.sampled_from("ab"), COUNTS)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


@given(CONTENT, CONTENT)
def test_changes_are_told_where_there_are_any(one: Content, other: Content) -> None:
    assert (not one.changes(other)) == (one == other)


@given(
    st.lists(st.builds(Signature, TEXT, TEXT, TEXT, CONTENT, TEXT), unique_by=lambda s: s.source)
)
def test_signatures_are_read_as_they_are_written(signatures: list[Signature]) -> None:
    path = Path("signed.json")
    path.write_text(signatures_text(signatures), encoding="utf-8")
    assert read_signatures(str(path)) == tuple(sorted(signatures, key=lambda one: one.source))


def test_a_row_without_a_campaign_is_nothing_to_sign() -> None:
    assert Row("a", "failed", None).state == "nothing"
