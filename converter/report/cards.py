"""Findings of one kind together: what they say once, and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.finding import Finding
from converter.report.lines import Line, SideBySide
from converter.report.model import HEADINGS

__all__ = ["Card", "Place", "cards"]

_WRITTEN = 6
"""Of one finding so many places in what was written are shown."""


class Place(Struct, frozen=True):
    """Where a finding is.

    message, advice  where not all of its kind have the same
    line             of the XML
    written          what stands in the outputs instead: the line, if it is on the page, and a text
    more             further places in the outputs
    """

    project: str
    stage: str
    message: str
    advice: str
    line: Line | None
    written: list[tuple[Line | None, str]]
    more: int = 0


class Card(Struct, frozen=True):
    """Findings of one kind, code, fate and reason to accept them.

    title   what all of them say, or what they say in general
    advice  what all of them advise; '' where they do not agree
    """

    code: str
    fate: Fate
    title: str
    advice: str
    waived: str | None
    places: list[Place]


def cards(
    findings: Iterable[Finding], texts: SideBySide, *, several: bool
) -> Mapping[str, list[Card]]:
    """The cards by kind, in the order of the headings, and in that of the findings.

    several  whether the file has several projects, so that places name theirs
    """
    alike: dict[tuple[str, str, Fate, str | None], list[Finding]] = {}
    for one in findings:
        alike.setdefault((one.kind, one.code, one.fate, one.waived), []).append(one)
    found: dict[str, list[Card]] = {kind: [] for kind in HEADINGS}
    for (kind, *_), together in alike.items():
        found[kind].append(_card(together, texts, several=several))
    return {kind: of_kind for kind, of_kind in found.items() if of_kind}


def _card(findings: list[Finding], texts: SideBySide, *, several: bool) -> Card:
    first = findings[0]
    message = all(one.message == first.message for one in findings)
    advice = all(one.advice == first.advice for one in findings)
    return Card(
        first.code,
        first.fate,
        first.message if message else CATALOGUE[first.code].title,
        (first.advice or "") if advice else "",
        first.waived,
        [
            Place(
                (one.project or "") if several else "",
                one.stage or "",
                "" if message else one.message,
                "" if advice or not one.advice else one.advice,
                texts.xml.line(one.line),
                _written(one, texts),
                max(0, len(one.targets) - _WRITTEN),
            )
            for one in findings
        ],
    )


def _written(finding: Finding, texts: SideBySide) -> list[tuple[Line | None, str]]:
    written = []
    for target in finding.targets[:_WRITTEN]:
        line = texts.place(finding.project, target)
        written.append((line, line.excerpt if line else target))
    return written
