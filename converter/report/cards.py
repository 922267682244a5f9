"""Findings of one kind together: what they say once, and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.finding import Finding
from converter.findings.message import slots_of
from converter.report.lines import Line, SideBySide
from converter.report.model import HEADINGS

__all__ = ["Card", "Place", "cards"]

_WRITTEN = 6
"""Of one finding so many places in what was written are shown."""


class Place(Struct, frozen=True):
    """Where a finding is.

    owner    project and stage, as far as they matter
    told     what it says otherwise than the others of its card: slot of the message → value
    advice   where not all of them have the same
    line     of the XML
    written          what stands in the outputs instead: the line, if it is on the page, and a text
    more             further places in the outputs
    """

    owner: str
    told: Mapping[str, str]
    advice: str
    line: Line | None
    written: list[tuple[Line | None, str]]
    more: int = 0


class Card(Struct, frozen=True):
    """Findings of one kind, code, fate and reason to accept them.

    count   how many findings there are
    title   what all of them say, or what they say in general
    advice  what all of them advise; '' where they do not agree
    """

    code: str
    fate: Fate
    title: str
    advice: str
    waived: str | None
    count: int
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
    title, differing = _title(findings)
    advice = all(one.advice == first.advice for one in findings)
    return Card(
        first.code,
        first.fate,
        title,
        (first.advice or "") if advice else "",
        first.waived,
        len(findings),
        [
            Place(
                _owner(one, several=several),
                {slot.upper(): one.slots[slot] for slot in differing},
                "" if advice or not one.advice else one.advice,
                texts.xml.line(one.line),
                _written(one, texts),
                max(0, len(one.targets) - _WRITTEN),
            )
            for one in findings
            if (several and one.project) or one.stage or one.line or one.targets
        ],
    )


def _owner(finding: Finding, *, several: bool) -> str:
    """The stage it is about, and the project where there are several."""
    stage = f"stage {finding.stage}" if finding.stage else ""
    if not several or not finding.project:
        return stage
    return f"{finding.project}, {stage}" if stage else finding.project


def _title(findings: list[Finding]) -> tuple[str, tuple[str, ...]]:
    """What all of them say, with the slots in which they differ as words in capitals, and these."""
    first = findings[0]
    if all(one.message == first.message for one in findings):
        return first.message, ()
    text = CATALOGUE[first.code].text
    slots = dict.fromkeys(slots_of(text))
    values = [tuple(one.slots[slot] for slot in slots) for one in findings]
    differing = tuple(
        slot for n, slot in enumerate(slots) if any(own[n] != values[0][n] for own in values)
    )
    return text.format_map({**first.slots, **{slot: slot.upper() for slot in differing}}), differing


def _written(finding: Finding, texts: SideBySide) -> list[tuple[Line | None, str]]:
    written = []
    for target in finding.targets[:_WRITTEN]:
        line = texts.place(finding.project, target)
        written.append((line, line.excerpt if line else target))
    return written
