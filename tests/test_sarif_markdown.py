"""The report for other tools and pages: SARIF, Markdown."""

from __future__ import annotations

import datetime
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from converter.conversion import convert_bytes, failed
from converter.errors import XmlError
from converter.findings.catalogue import CATALOGUE
from converter.report.markdown import as_markdown
from converter.report.model import Report
from converter.report.sarif import as_sarif
from converter.report.waivers import Waiver, apply
from tests.commandline import run
from tests.golden import SAMPLES
from tests.projects import LOST, xml

TODAY = datetime.date(2026, 11, 23)
ODD = "</style>`|*<b>"


def sample(name: str = "unsupported") -> Report:
    data = (SAMPLES / "xml" / f"{name}.xml").read_bytes()
    found = convert_bytes(data, f"in put/{name}.xml").report
    waived = apply(found, [Waiver("w", found.findings[0].code, "agreed | `so`")], TODAY)
    error = XmlError("X2P001", "not well-formed", "correct it", file="b.xml", line=3)
    return Report((waived, failed("b.xml", b"<", error)))


def only_run(report: Report) -> dict[str, Any]:
    data = json.loads(as_sarif(report, "1"))
    (only,) = data["runs"]
    assert isinstance(only, dict)
    return only


def test_every_finding_is_a_result_with_its_rule() -> None:
    report = sample()
    found = only_run(report)
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert len(found["results"]) == len(report.files[0].findings)
    for result, finding in zip(found["results"], report.files[0].findings):
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding.code
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "in%20put/unsupported.xml"
        assert place.get("region", {}).get("startLine") == finding.line
        justified = [s["justification"] for s in result["suppressions"]]
        assert justified == ([finding.waived] if finding.waived else [])
    levels = {r["properties"]["need"]: r["level"] for r in found["results"]}
    assert levels == {"block": "error", "agree": "warning", "optional": "note", "": "note"}


def test_fingerprints_do_not_know_lines() -> None:
    def fingerprints(data: bytes) -> list[str]:
        report = convert_bytes(data, "p.xml", experiment="dune").report
        found = [
            r["partialFingerprints"]["xml2poms/v1"] for r in only_run(Report((report,)))["results"]
        ]
        assert len(set(found)) == len(found)
        return found

    data = xml("<inputdef>raw</inputdef><targetsize>5</targetsize><zzz>1</zzz><zzz>1</zzz>")
    assert fingerprints(data) == fingerprints(data.replace(b"<larsoft>", b"\n\n<larsoft>"))


def test_a_failed_file_is_a_notification() -> None:
    (invocation,) = only_run(sample())["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["descriptor"]["id"] == "X2P001"
    assert notification["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


@pytest.mark.skipif(
    "SARIF_SCHEMA" not in os.environ, reason="$SARIF_SCHEMA does not name sarif-schema-2.1.0.json"
)
def test_it_is_valid_against_the_schema() -> None:
    import jsonschema

    schema = json.loads(Path(os.environ["SARIF_SCHEMA"]).read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    for path in sorted((SAMPLES / "xml").glob("*.xml")):
        errors = list(validator.iter_errors(json.loads(as_sarif(sample(path.stem), "0.1"))))
        assert errors == []


@pytest.mark.usefixtures("here")
def test_a_migration_has_all_findings_of_its_files() -> None:
    Path("in").mkdir()
    Path("in/a b.xml").write_bytes(xml(LOST))
    Path("in/broken.xml").write_bytes(b"<project><stage>")
    Path("in/waivers.cfg").write_text("[w]\ncode = X2P202\nreason = agreed\n")
    run("migrate", "in", "-o", "out", "-q", "-j", "1", "--sarif", "--experiment", "dune")
    (only,) = json.loads(Path("out/migration.sarif").read_text())["runs"]
    report = json.loads(Path("out/a_b.json").read_text())
    findings = report["files"][0]["findings"]
    assert [r["ruleId"] for r in only["results"]] == [f["code"] for f in findings]
    justified = {r["ruleId"]: r["suppressions"] for r in only["results"]}
    assert justified["X2P202"][0]["justification"] == "agreed"
    assert not only["invocations"][0]["executionSuccessful"]


def test_markdown() -> None:
    page = as_markdown(sample(), "1")
    for line in (
        "## in put/unsupported.xml: blocked",
        "### Differs, to agree on",
        "### Accepted",
        "### Checklist",
        "## b.xml: failed",
        "**To do:** correct it",
        "<sub>xml2poms 1</sub>",
    ):
        assert line in page
    assert "accepted: agreed | " not in page
    assert re.search(r"^- \[ \] upload the campaign: `upload_wf .*`$", page, re.MULTILINE)


def test_nothing_of_the_xml_is_markup() -> None:
    project = f"<zzz>{ODD.replace('<', '&lt;')}</zzz>"
    data = xml(LOST, project, name=ODD.replace("<", "&lt;"))
    report = convert_bytes(data, f"{ODD}.xml", experiment="dune").report
    page = as_markdown(Report((report,)), "1")
    assert ODD in page
    outside = re.sub(r"(`+).*?\1", "", page.replace("<sub>", "").replace("</sub>", ""))
    assert "<" not in outside


def test_an_address_in_the_xml_is_no_link() -> None:
    named = "<anadefname>see https://evil.example/x or WWW.evil.example</anadefname>"
    page = as_markdown(Report((convert_bytes(xml(named), "p.xml").report,)), "1")
    outside = re.sub(r"(`+).*?\1", "", page)
    assert "evil.example" in outside
    assert not re.search(r"://|www\.", outside, re.IGNORECASE)


def test_a_code_span_is_not_ended_by_its_text() -> None:
    report = convert_bytes(xml(), "a`b``.xml", experiment="dune").report
    shown = replace(report.projects[0], outputs=("a`b``.cfg",))
    page = as_markdown(Report((replace(report, projects=(shown,)),)), "")
    assert "```a`b``.cfg```" in page


def test_every_rule_has_words() -> None:
    for message in CATALOGUE.values():
        assert "{" not in message.title
