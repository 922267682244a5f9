"""What verify says of a comparison: on a terminal and as a page of text."""

from __future__ import annotations

import io

import pytest

from converter.errors import CfgError
from converter.report.console import on
from converter.verify.rendering import as_text, show
from converter.verify.verification import (
    ACCEPTED,
    ANNOUNCED,
    SAME,
    UNANNOUNCED,
    Field,
    StageCheck,
    Verification,
)

ERROR = CfgError("X2P835", "[sam_consumer] x: fife_wrap has no such option", "leave it out")
LINES = tuple(f"line {number}" for number in range(9))
OTHER = Field("script", LINES, (), UNANNOUNCED)
ALIKE = Field("exe", ("lar",), ("lar",), SAME)
TOLD = Field("memory", "1", "2", ANNOUNCED, ("X2P407",), reordered=True)
AGREED = Field("disk", "1", "2", ACCEPTED, reason="it is enough")


def found(*checks: StageCheck, **more: object) -> Verification:
    return Verification("p.xml", "c.cfg", "c.ini", "p", checks, **more)  # type: ignore[arg-type]


def said(one: Verification, *, everything: bool = False) -> str:
    stream = io.StringIO()
    show(on(stream), one, everything=everything)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("one", "first"),
    [
        (found(StageCheck("gen", 0, (ALIKE,))), "no difference"),
        (found(StageCheck("gen", 0, (AGREED,))), "every difference is accepted"),
        (found(StageCheck("gen", 0, (OTHER, AGREED))), "differences that no finding announces"),
        (found(StageCheck("gen", 0, error=ERROR)), "differences that no finding announces"),
        (found(StageCheck("gen", 0, (ALIKE,)), missing=("reco",)), "stages are missing"),
    ],
)
def test_the_verdict_comes_first(one: Verification, first: str) -> None:
    for text in (said(one), as_text(one, "1").partition("\n\n")[2]):
        assert text.startswith(f"p.xml and c.cfg with c.ini: {first}")


@pytest.mark.parametrize(
    ("more", "remark"),
    [
        ({"missing": ("reco", "ana")}, "stages that the campaign does not have: reco, ana"),
        ({"extra": ("old",)}, "stages that the XML does not have: old"),
        ({"invented": ("my.list",)}, "my.list is not here: files were made up for the list"),
        (
            {"shortened": ("gen",)},
            "long lists of files: of a job the first and the last are compared: gen",
        ),
        (
            {"open": {"gen": ("script",)}},
            "not compared, it would take too long: gen: script",
        ),
        (
            {"open": {"gen": ("a", "b", "c", "d", "e")}},
            "not compared, it would take too long: gen: a, b, c and 2 more",
        ),
    ],
)
def test_what_was_not_compared_is_said(more: dict[str, object], remark: str) -> None:
    one = found(StageCheck("gen", 0, (ALIKE,)), **more)
    assert remark in said(one).splitlines()
    assert remark in as_text(one, "1").splitlines()


def test_a_stage_that_would_not_run_says_why_and_what_to_do() -> None:
    one = found(StageCheck("gen", 0, error=ERROR), StageCheck("gen", 1, error=ERROR))
    text = said(one)
    assert "gen, jobs 0, 1: would not run\n" in text
    assert str(ERROR) in text
    assert "  -> leave it out\n" in text
    assert f"gen, jobs 0, 1: would not run\n  {ERROR}\n" in as_text(one, "1")


def test_only_what_nothing_announces_is_shown_unless_all_is_asked_for() -> None:
    slots = {"limit": "1", "stage": "gen", "files": "2", "jobs": "2"}
    one = found(StageCheck("gen", 0, (TOLD, OTHER, ALIKE)), said={"X2P407": slots})
    few, all_of_it = said(one), said(one, everything=True)
    assert "line 4" in few
    assert "… and 4 more lines" in few
    assert "line 5" not in few
    assert "memory" not in few
    assert "  X2P407 1 field of 1 stage: files per job are limited to 1: <numjobs> is 2 in" in few
    assert all(word in all_of_it for word in ("line 8", "memory", "in another order", "exe"))


def test_nothing_is_counted_where_nothing_is_announced() -> None:
    assert "Announced" not in said(found(StageCheck("gen", 0, (AGREED,))))
