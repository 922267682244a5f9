"""The JSON that this program writes is as its published schemas say, and has no field besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from converter.conversion import convert_bytes, failed
from converter.errors import ConversionError
from converter.report.model import Report
from converter.report.rendering import as_json
from converter.report.waivers import NAME
from tests import corpus, golden
from tests.commandline import run
from tests.strategies import documents

PUBLISHED = Path(__file__).parents[1] / "docs" / "reference"


def _strict(schema: Any) -> Any:
    """The schema with nothing but what it names: a reader allows more, the writer must not."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _strict(one) for name, one in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(_strict(schema))


REPORT, MIGRATION = _validator("report"), _validator("migration")


def _report(data: bytes) -> Any:
    try:
        report = convert_bytes(data, "p.xml", experiment="dune").report
    except ConversionError as error:
        report = failed("p.xml", data, error)
    return json.loads(as_json(Report((report,)), "0"))


@pytest.mark.parametrize("source", golden.sources(), ids=lambda path: path.stem)
def test_reports_of_the_samples(source: Path) -> None:
    REPORT.validate(_report(source.read_bytes()))


@given(documents())
def test_reports_of_any_document(data: bytes) -> None:
    REPORT.validate(_report(data))


@pytest.mark.skipif(not corpus.SHARED.is_dir(), reason="no corpus beside the project")
def test_reports_of_the_corpus() -> None:
    for path in sorted(corpus.CORPUS.rglob("*.xml"))[::20]:
        REPORT.validate(_report(path.read_bytes()))


def test_a_migration_and_what_becomes_of_it(here: Path) -> None:
    xml = here / "xml"
    xml.mkdir()
    for source in golden.sources():
        (xml / source.name).write_bytes(source.read_bytes())
    (xml / "broken.xml").write_text("<project><stage>")
    (xml / "other.xml").write_text("<html/>")
    (xml / NAME).write_text("[one]\ncode = X2P602\nfiles = *\nreason = agreed\n")

    def migrated() -> Any:
        run("migrate", "xml", "-o", "out", "-q", "-j", "1")
        found = json.loads((here / "out" / "migration.json").read_text(encoding="utf-8"))
        MIGRATION.validate(found)
        return found

    first = migrated()
    assert {"failed", "skipped", "agree"} <= {row.get("verdict") for row in first["files"]} | {
        row["status"] for row in first["files"]
    }
    assert first["waivers"]
    (xml / "chain.xml").unlink()
    assert migrated()["stale"]
    for path in (here / "out").glob("*.json"):
        if path.name != "migration.json":
            REPORT.validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("validator", "wrong"),
    [
        (REPORT, {"files": [{"source": 1}]}),
        (REPORT, {"more": 1}),
        (MIGRATION, {"totals": {}}),
        (MIGRATION, {"files": [{"source": "a", "new": 1}]}),
    ],
)
def test_what_is_not_so_is_found(validator: Draft202012Validator, wrong: Any) -> None:
    assert list(validator.iter_errors({"format": 1, **wrong}))
