"""Public suites of XML documents, well-formed or not: none breaks anything.

$XML2POMS_SUITES names a folder with any of them (W3C's xmlconf, libxml2's test); every file
that looks like XML is taken, as it is and with its root element inside of a project.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest

from converter.conversion import convert_bytes
from converter.errors import ConversionError, XmlError
from converter.projectpy.document import parse
from converter.projectpy.limits import MAX_BYTES
from tests.robustness.documents import document

SUITES = os.environ.get("XML2POMS_SUITES", "")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not SUITES, reason="$XML2POMS_SUITES names no folder of suites"),
]


def files() -> Iterator[Path]:
    for path in sorted(Path(SUITES).rglob("*")):
        if path.is_file() and path.suffix in ("", ".xml", ".ent", ".html", ".svg", ".rng", ".xsd"):
            yield path


def refused_by_expat(data: bytes) -> bool:
    try:
        parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return True
    return False


@pytest.fixture(autouse=True)
def _nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*args: Any, **more: Any) -> Any:
        raise AssertionError("a document led out")

    monkeypatch.setattr(socket, "socket", no)


def test_no_document_breaks_anything() -> None:
    count = 0
    for path in files():
        data = path.read_bytes()
        with contextlib.suppress(ConversionError):
            convert_bytes(data, path.name, experiment="dune")
        count += 1
    assert count


def test_what_expat_refuses_is_refused() -> None:
    wrong = []
    for path in files():
        data = path.read_bytes()
        if len(data) <= MAX_BYTES and refused_by_expat(data):
            try:
                parse(data)
            except XmlError:
                continue
            wrong.append(path)
    assert wrong == []


def test_any_document_within_a_project() -> None:
    for path in files():
        text = path.read_bytes().decode("utf-8", "replace")
        before, doctype, rest = text.partition("<!DOCTYPE")
        start = rest.rfind("]>") + 2 if doctype else 0
        root = (rest if doctype else before)[start:]
        declared = rest[rest.find("[") + 1 : start - 2] if doctype and start > 1 else ""
        try:
            conversion = convert_bytes(document(root, declared), path.name, experiment="dune")
        except ConversionError:
            continue
        report = conversion.report
        assert sum(report.fates.values()) == len(report.settings), path
