"""The ledger: every leaf of the XML with exactly one fate, the leftovers computed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from itertools import chain

from converter.findings.fates import Fate, Record
from converter.findings.finding import Finding, finding
from converter.findings.settings import (
    LEGACY,
    PROJECT,
    STAGE,
    SUBSTAGE,
    TABLE,
    TAGS,
    allows,
    row_of,
)
from converter.mapping.campaign import Mapped
from converter.mapping.flow import PROJECT_PY
from converter.poms.config import Key, Place, Slot
from converter.poms.factor import Layout, StageLayout
from converter.projectpy.document import Document, Element, Leaf
from converter.report.model import ImpliedSetting, Setting, severity, worst_first
from converter.text import visible

__all__ = ["ledger"]

_TAGS = sorted(TAGS)


def ledger(
    document: Document, mapped: Sequence[tuple[Mapped, Layout]]
) -> tuple[list[Setting], list[ImpliedSetting], list[Finding]]:
    """Settings in document order, what is implied, and the findings, worst first."""
    records: dict[str | None, list[Record]] = {}
    for one, _ in mapped:
        for record in one.records.records:
            records.setdefault(record.path, []).append(record)
    places = _Places(mapped)
    bridged = {one.index for one, _ in mapped if one.launcher == PROJECT_PY}
    known = _Known(mapped)
    settings: list[Setting] = []
    findings: list[Finding] = []
    for leaf in document.leaves:
        given = records.get(leaf.path)
        own = [_lawful(leaf, r, bridged) for r in given] if given else [_leftover(leaf, known)]
        fate = own[0].fate if len(own) == 1 else max([record.fate for record in own], key=_rank)
        coded = [record for record in own if record.code]
        coded += _reading(leaf, fate)
        project, stage = places.owner(leaf.element)
        said = [_finding(record, leaf, project, places) for record in _distinct(coded)]
        findings += said
        told = max(said, key=severity) if said else None
        settings.append(
            Setting(
                leaf.path,
                leaf.line,
                leaf.value,
                leaf.entities,
                project,
                stage,
                fate,
                places.of_all(own),
                told.code if told else None,
                told.message if told else None,
                told.advice if told else None,
            )
        )
    for record in _distinct(records.get(None, [])):
        findings.append(_finding(record, None, places.project(record.project), places))
    for name in document.undeclared_use:
        findings.append(finding("X2P118", Fate.INERT, {"name": name}))
    implied = [
        ImpliedSetting(
            item.what,
            places.project(item.project),
            item.stage,
            places.all_of(item.project, item.stage, item.keys),
            item.message,
        )
        for one, _ in mapped
        for item in one.records.implied
    ]
    return settings, implied, list(worst_first(findings))


class _Places:
    """Where in the files the results stand, and what projects and stages are called."""

    def __init__(self, mapped: Sequence[tuple[Mapped, Layout]]) -> None:
        self.names: dict[int, str] = {}
        self.by_path: dict[str, tuple[str | None, str | None]] = {}
        self.targets: dict[tuple[int, str | None], _Targets | _CampaignTargets] = {}
        for one, layout in mapped:
            index = one.index
            self.names[index] = one.project.name.value
            ini, base = _IniTargets(one.places), _BaseTargets()
            stages = [_Targets(ini, base, layout, section) for section in layout.stages]
            for targets in stages:
                self.targets[index, targets.config.name] = targets
            self.targets[index, None] = _CampaignTargets(ini, stages)
            self.by_path[one.project.origin.path] = (one.project.name.value, None)
            for stage in one.project.stages:
                self.by_path[stage.origin.path] = (
                    one.project.name.value,
                    one.names.get(stage.origin.path, stage.name.value),
                )

    def project(self, index: int) -> str:
        return self.names[index]

    def owner(self, element: Element) -> tuple[str | None, str | None]:
        """The project and the stage that an element stands in."""
        found = self.by_path.get(element.path)
        if found is None:
            found = self.owner(element.parent) if element.parent is not None else (None, None)
            self.by_path[element.path] = found
        return found

    def of(self, record: Record) -> tuple[str, ...]:
        return self.all_of(record.project, record.stage, record.keys)

    def of_all(self, records: Sequence[Record]) -> tuple[str, ...]:
        """Where the results of several records stand, each place once."""
        if len(records) == 1:
            return self.of(records[0])
        return tuple(dict.fromkeys([t for r in records for t in self.of(r)]))

    def all_of(self, project: int, stage: str | None, keys: tuple[Place, ...]) -> tuple[str, ...]:
        """Where the keys stand, each place once."""
        if not keys:
            return ()
        targets = self.targets[project, stage]
        if len(keys) == 1:
            return targets[keys[0]]
        return tuple(dict.fromkeys([target for key in keys for target in targets[key]]))


class _IniTargets(dict[Key, tuple[str, ...]]):
    """Where something stands in the campaign.ini: `places` has the section by stage and key."""

    def __init__(self, places: Mapping[tuple[str, str], str]) -> None:
        self.places = places

    def __missing__(self, key: Key) -> tuple[str, ...]:
        section, name = key
        kind, _, stage = section[4:].partition(" ")
        if kind == "campaign_stage":
            section = f"ini:{self.places[stage, name]}"
        found = self[key] = (f"{section}.{name}",)
        return found


class _BaseTargets(dict[Key, tuple[str, ...]]):
    """Where something stands in the base sections of the campaign.cfg."""

    def __missing__(self, key: Key) -> tuple[str, ...]:
        found = self[key] = (f"cfg:{key[0]}.{key[1]}",)
        return found


class _Targets(dict[Place, tuple[str, ...]]):
    """Where the settings of one stage stand in the files.

    What its own section and its parents' have is there from the start, the nearest counts;
    the rest is found when it is asked for.
    """

    def __init__(
        self, ini: _IniTargets, base: _BaseTargets, layout: Layout, stage: StageLayout
    ) -> None:
        assert stage.config is not None
        self.ini, self.base = ini, base
        self.layout, self.config = layout, stage.config
        for one in reversed(layout.chain(stage)):
            for key in one.values:
                self[key] = (f"cfg:stage_{one.name}.{key[0]}.{key[1]}",)

    def __missing__(self, place: Place) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        if isinstance(place, Slot):
            keys = self.config.slots.get(place, ())
            found = tuple(dict.fromkeys([target for key in keys for target in self[key]]))
        elif place[0][:4] == "ini:":
            found = self.ini[place]
        elif place[0][:7] == "script:":
            found = (":".join(place),)
        elif place in self.config.values or self._is_macro(place):
            found = self.base[place]
        self[place] = found
        return found

    def _is_macro(self, key: Key) -> bool:
        """Whether it is one of the campaign's macros that are written."""
        return key[0] == "global" and key[1] in self.layout.used


class _CampaignTargets(dict[Place, tuple[str, ...]]):
    """Where something stands that all stages have, each in its own place."""

    def __init__(self, ini: _IniTargets, stages: Sequence[_Targets]) -> None:
        self.ini = ini
        self.stages = stages

    def __missing__(self, place: Place) -> tuple[str, ...]:
        if not isinstance(place, Slot) and place[0][:4] == "ini:":
            found = self.ini[place]
        else:
            each = [stage[place] for stage in self.stages]
            found = tuple(dict.fromkeys(chain.from_iterable(each)))
        self[place] = found
        return found


def _distinct(records: Sequence[Record]) -> Sequence[Record]:
    """One finding for all stages that have it for the same setting."""
    if len(records) < 2:
        return records
    seen: dict[object, Record] = {}
    for record in records:
        key = (record.path, record.code, tuple(sorted(record.slots.items())))
        if record.path is None:
            key = (*key, record.stage)  # type: ignore[assignment]
        seen.setdefault(key, record)
    return list(seen.values())


def _finding(record: Record, leaf: Leaf | None, project: str | None, places: _Places) -> Finding:
    return finding(
        record.code,
        record.fate,
        record.slots,
        path=leaf.path if leaf else None,
        line=leaf.line if leaf else None,
        project=project,
        stage=record.stage,
        targets=places.of(record),
    )


def _lawful(leaf: Leaf, record: Record, bridged: Set[int]) -> Record:
    """The record, or a defect in place of one that the settings table does not have.

    Where project.py itself is launched, every setting that it reads is mapped.
    """
    row = row_of(leaf.tag, leaf.element.tag if leaf.is_attribute else None)
    fate, code = record.fate, record.code
    if allows(row, fate, code) or (fate is Fate.MAPPED and not code and record.project in bridged):
        return record
    return defect(leaf, f"a rule says {fate.value} {code}".rstrip() + ", the table does not")


def defect(leaf: Leaf, problem: str) -> Record:
    """What is said where rules and table do not agree."""
    name = f"{leaf.element.tag} {leaf.tag}" if leaf.is_attribute else leaf.tag
    return _said(leaf, Fate.UNSUPPORTED, "X2P119", tag=name, problem=problem)


def _rank(fate: Fate) -> int:
    return fate.rank


def _reading(leaf: Leaf, fate: Fate) -> Iterator[Record]:
    """What project.py reads otherwise than a person would."""
    element = leaf.element
    if fate is not Fate.INERT and visible(leaf.value) != leaf.value:
        unseen = [sign for sign in dict.fromkeys(leaf.value) if visible(sign) != sign]
        named = ", ".join([f"U+{ord(sign):04X}" for sign in unseen[:_FEW]])
        more = f" and {len(unseen) - _FEW} more" if unseen[_FEW:] else ""
        yield _said(leaf, fate, "X2P123", signs=named + more)
    if leaf.is_attribute or element.value is None or element.tag not in TAGS:
        return
    if element.first == "text" and str(element.value) == element.content:
        return
    read = " ".join(str(element.value).split())
    if element.first == "comment":
        yield _said(leaf, fate, "X2P117", read=read)
    elif " ".join(element.content.split()) != read and element.first == "text":
        yield _said(leaf, fate, "X2P116", read=read)


_FEW = 5
"""So many of the signs of a value that are not seen are named."""


def _said(leaf: Leaf, fate: Fate, code: str, **slots: str) -> Record:
    return Record(leaf.path, fate, 0, None, (), code, slots)


class _Known:
    """What is known about leaves that no rule has ticked off, worked out if there is one."""

    def __init__(self, mapped: Sequence[tuple[Mapped, Layout]]) -> None:
        self.mapped = [one for one, _ in mapped]

    @cached_property
    def projects(self) -> Set[str]:
        """The paths of the projects that were converted."""
        return {one.project.origin.path for one in self.mapped}

    @cached_property
    def unreachable(self) -> Set[str]:
        """The paths of the stages that project.py never finds."""
        return {
            stage.origin.path
            for one in self.mapped
            for stage in one.project.stages
            if stage.origin.path not in one.names
        }

    @cached_property
    def read(self) -> Set[str]:
        """The paths of all settings that the model holds."""
        paths = set()
        for project in (one.project for one in self.mapped):
            values = [*project.values(), *(v for s in project.reachable for v in s.values())]
            paths |= {value.origin.path for value in values if value.origin is not None}
        return paths


def _leftover(leaf: Leaf, known: _Known) -> Record:
    """The fate of a leaf that no rule of the mapping has ticked off."""
    element, tag = leaf.element, leaf.tag
    stage, project = _ancestor(element, "stage"), _ancestor(element, "project")
    if project is not None and project.path not in known.projects:
        return _said(leaf, Fate.INERT, "X2P121")
    if stage is not None and stage.path in known.unreachable:
        return Record(leaf.path, Fate.INERT, 0)
    if leaf.is_attribute:
        if row_of(tag, element.tag) is not None and project is not None:
            return _said(leaf, Fate.INERT, "X2P113", tag=element.tag, rule="the last one counts")
        return _said(leaf, Fate.INERT, "X2P110", name=tag, tag=element.tag)
    if tag not in TAGS:
        if element.children and leaf.value.strip():
            return _said(leaf, Fate.INERT, "X2P115", tag=tag)
        if tag in LEGACY:
            return _said(leaf, Fate.INERT, "X2P120", tag=tag)
        return _said(leaf, Fate.INERT, "X2P111", tag=tag, hint=_similar(tag))
    if tag in ("project", "stage", "larsoft"):
        return _said(leaf, Fate.INERT, "X2P115", tag=tag)
    if project is None:
        return _said(leaf, Fate.INERT, "X2P114", tag=tag, rule="it is outside any <project>")
    return _of_tag(leaf, project, stage, known.read)


@lru_cache(maxsize=1024)
def _similar(tag: str) -> str:
    near = difflib.get_close_matches(tag, _TAGS, 1, 0.75)
    return f"; did you mean <{near[0]}>?" if near else ""


def _of_tag(leaf: Leaf, project: Element, stage: Element | None, read: Set[str]) -> Record:
    """A tag of project.py's: read and not looked at, superseded, or at a place without effect."""
    element, tag = leaf.element, leaf.tag
    known, untouched = leaf.path in read, TABLE[tag].untouched
    if known and untouched is not None:
        return Record(leaf.path, untouched, 0)
    if not leaf.value.strip():
        return _said(leaf, Fate.INERT, "X2P122", tag=tag)
    if known:
        return defect(leaf, "no rule looks at it")
    in_stage = tag in STAGE or tag in SUBSTAGE
    if stage is not None and in_stage:
        rule = _RULES.get(STAGE[tag].pick, _RULES["special"]) if tag in STAGE else _RULES["special"]
        return _said(leaf, Fate.INERT, "X2P113", tag=tag, rule=rule)
    if tag not in PROJECT:
        rule = "it belongs inside a <fcl>" if tag in SUBSTAGE else "it belongs inside a <stage>"
        return _said(leaf, Fate.INERT, "X2P114", tag=tag, rule=rule)
    if PROJECT[tag].level == "larsoft":
        rule = "only the first one in the first <larsoft> counts"
        return _said(leaf, Fate.INERT, "X2P114", tag=tag, rule=rule)
    if PROJECT[tag].pick == "last child" and element.parent is not project:
        rule = "it has to be a direct child of <project>"
        return _said(leaf, Fate.INERT, "X2P114", tag=tag, rule=rule)
    last = [child for child in project.children if child.tag == tag][-1:] == [element]
    if PROJECT[tag].pick == "last child" and last and tag in STAGE:
        return _lawful(leaf, Record(leaf.path, Fate.OVERRIDDEN, 0), frozenset())
    return _said(leaf, Fate.INERT, "X2P113", tag=tag, rule=_RULES[PROJECT[tag].pick])


_RULES = {
    "first": "the first one counts",
    "last child": "the last one in the project counts",
    "all": "another one of the same name counts",
    "special": "another one for the same thing counts",
}


def _ancestor(element: Element, tag: str) -> Element | None:
    found: Element | None = element
    while found is not None and found.tag != tag:
        found = found.parent
    return found
