"""Every message is explained, and the examples of the explanations are real."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from converter.conversion import convert_bytes
from converter.errors import ConversionError
from converter.findings.catalogue import CATALOGUE
from converter.findings.explanation import Example, Explanation, explanations, waiver
from tests.projects import stage, xml

LANGUAGES = ("xml", "cfg", "ini", "sh", "text")


def test_every_message_is_explained_and_nothing_else() -> None:
    assert list(explanations()) == list(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_an_explanation_is_whole(code: str) -> None:
    one = explanations()[code]
    error = CATALOGUE[code].level == "error"
    assert bool(one.accept) != error, "nobody can accept an error, anything else they may"
    assert bool(waiver(CATALOGUE[code])) != error
    for text in (one.meaning, one.why, one.otherwise, one.do, *([] if error else [one.accept])):
        assert re.search(r"[.:`)]$", text), text
        assert text == " ".join(text.split())
    assert one.before.language in LANGUAGES
    assert one.after.language in LANGUAGES


# -- examples ---------------------------------------------------------------------------------


def _documents(text: str) -> Iterator[bytes]:
    """The example as a whole file: it is one, or it belongs into a stage, or into a project."""
    if "<project" in text:
        yield text.encode()
        return
    if "<stage " in text:
        yield xml("", "", text)
        return
    yield xml(text)
    for os in (b"", b"<os>sl7</os>"):
        yield xml("", text).replace(b"<os>sl7</os>", os, 1)
    yield xml("", "", stage("t", text))
    yield re.sub(rb"<larsoft>.*?</larsoft>", b"", xml("", text))


def _codes(data: bytes) -> set[str]:
    try:
        found = convert_bytes(data, "p.xml", experiment="dune")
    except ConversionError as error:
        return {error.code}
    return {finding.code for finding in found.report.findings}


def _appears(code: str, example: Example) -> list[bool]:
    """Whether the example makes the message appear, for each place where it can stand."""
    return [code in _codes(data) for data in _documents(example.text)]


_XML = [one for one in explanations().values() if one.before.language == "xml"]


@pytest.mark.parametrize("one", _XML, ids=lambda one: one.code)
def test_an_example_makes_the_message_appear_before_and_not_after(one: Explanation) -> None:
    before = _appears(one.code, one.before)
    assert any(before)
    if one.after.language == "xml":
        after = _appears(one.code, one.after)
        assert (False, True) in zip(after, before)
