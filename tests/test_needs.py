"""What a finding asks for before a launch, and the verdict that follows."""

from __future__ import annotations

import datetime
import json

import pytest

from converter.conversion import convert_bytes, failed
from converter.errors import ConversionError
from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import FAIL_ON, Fate
from converter.findings.message import NEEDS
from converter.report.model import FileReport, Report
from converter.report.rendering import as_json, findings_in
from converter.report.waivers import Waiver, apply
from tests.projects import LOST, xml

TODAY = datetime.date(2026, 7, 1)


PRODUCT = "<ups>dunesw</ups>"


def report(inside: str = "", *more: str) -> FileReport:
    return convert_bytes(xml(inside, PRODUCT, *more), "p.xml").report


def test_findings_that_ask_for_nothing_are_notes_and_errors() -> None:
    for code, message in CATALOGUE.items():
        assert message.need in NEEDS
        assert bool(message.need) == (message.level in ("look", "do")), code
        assert message.if_invalid in NEEDS


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [
        ("", "ready"),
        ("<defname>d</defname>", "ready"),
        (LOST, "agree"),
        ("<jobsub_start>--memory=1GB</jobsub_start>", "ready"),
        ("<zzz>1</zzz>", "ready"),
        ("<numjobs>0</numjobs>", "blocked"),
    ],
)
def test_the_verdict_is_that_of_what_asks_for_most(inside: str, verdict: str) -> None:
    found = report(inside)
    assert found.verdict == verdict
    assert found.projects[0].stages[0].verdict == verdict


def test_without_an_image_there_is_nothing_to_launch() -> None:
    data = xml("", PRODUCT).replace(b"<os>sl7</os>", b"")
    assert convert_bytes(data, "p.xml").report.verdict == "blocked"


def test_a_dataset_that_only_a_person_reads_is_optional() -> None:
    assert {f.code: f.need for f in report("<defname>d</defname>").findings}["X2P802"] == "optional"


def test_a_dataset_that_another_campaign_reads_is_not() -> None:
    reads = "<inputdef>raw</inputdef><defname>d</defname>"
    # Of another role: projects that can be one campaign are.
    other = f"<role>Production</role>{PRODUCT}"
    both = xml(reads, PRODUCT), xml("<inputdef>d</inputdef>", other, name="other")
    found = convert_bytes(b"<job>%s%s</job>" % both, "p.xml").report
    assert {f.code: f.need for f in found.findings}["X2P805"] == "block"


def test_what_is_accepted_does_not_count() -> None:
    found = report(LOST)
    assert found.needs == {"block": 0, "agree": 1, "optional": 0}
    accepted = apply(found, [Waiver("w", "X2P202", "agreed")], TODAY)
    assert (accepted.verdict, accepted.needs["agree"]) == ("ready", 0)
    assert accepted.projects[0].stages[0].verdict == "ready"


def test_a_failed_file_has_the_verdict_failed() -> None:
    assert failed("p.xml", b"", ConversionError("X2P001", "no", "yes")).verdict == "failed"


@pytest.mark.parametrize(
    ("limit", "fails"),
    [("optional", True), ("agree", True), ("block", False), ("unsupported", True)],
)
def test_fail_on(limit: str, fails: bool) -> None:
    assert limit in FAIL_ON
    assert report(LOST).fails(limit) is fails


def test_a_report_of_before_is_read_with_what_the_catalogue_says() -> None:
    data = json.loads(as_json(Report((report(LOST),)), "1"))
    (now,) = findings_in(data)
    assert now.verdict == "agree"
    for finding in data["files"][0]["findings"]:
        del finding["need"]
    for field in ("verdict", "needs"):
        del data["files"][0][field]
    assert next(findings_in(data)) == now


def test_the_older_words_are_still_there() -> None:
    data = json.loads(as_json(Report((report(LOST),)), "1"))
    assert data["files"][0]["status"] == "partial"
    assert data["files"][0]["projects"][0]["stages"][0]["status"] == "partial"
    assert data["totals"]["verdicts"] == {"agree": 1}


def test_a_name_that_a_shell_only_expands_blocks_nothing() -> None:
    (message,) = [CATALOGUE["X2P706"]]
    assert (message.need, message.if_invalid) == ("agree", "block")
    codes = {
        script: {f.need for f in report(f"<initscript>{script}</initscript>").findings}
        for script in ("a.sh $X", "a.sh (x")
    }
    assert "block" not in codes["a.sh $X"]
    assert "block" in codes["a.sh (x"]
    assert Fate.INVALID.is_loss
