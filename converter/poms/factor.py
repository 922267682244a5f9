"""Deciding where each setting stands: once for all, once for a kind of stages, or in a stage.

By rule, the same for any file, and without changing what a stage gets:
- a key that all stages have stands in its base section with its commonest value, and again in
  the stages in which it differs; if no two stages agree, it stands in the stages alone;
- a key that all stages with one trait have (all that read from SAM, say) stands in a section
  that they name as their `parent`, with its commonest value;
- all else stands in the stage.
What repeats (prescript_7) is numbered first: see series.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from converter.poms.config import (
    IDENTITY,
    OVERRIDE_ME,
    CampaignConfig,
    Key,
    StageConfig,
    commonest,
    macros_in,
    stem,
)
from converter.poms.series import Series, number_scripts
from converter.text import Text

__all__ = ["Layout", "StageLayout", "factor"]


class StageLayout(Struct):
    """One `[stage_X]` section: its parents, its own keys, and the stage it is for, if any."""

    name: str
    parents: tuple[str, ...] = ()
    values: dict[Key, Text] = {}
    config: StageConfig | None = None


class Layout(Struct, dict=True):
    """A factored campaign: `base` section → key → value, the parents, the stages.

    campaign  as it was given, but with what repeats numbered
    own       (section, stem) → the first number of what one stage alone has
    """

    campaign: CampaignConfig
    base: dict[str, dict[str, Text]]
    parents: list[StageLayout]
    stages: list[StageLayout]
    own: dict[Key, int] = {}

    def chain(self, stage: StageLayout) -> list[StageLayout]:
        """The sections that a stage has before the base sections: its own, and its parents'."""
        return [stage, *(parent for parent in self.parents if parent.name in stage.parents)]

    @cached_property
    def used(self) -> set[str]:
        """The macros that something in the file needs, directly or through others."""
        macros = self.campaign.macros
        texts = [text for section in self.base.values() for text in section.values()]
        texts += [t for place in (*self.parents, *self.stages) for t in place.values.values()]
        used = {"experiment", "group", "wrapper"}
        return used | macros_in(texts, macros)


def factor(campaign: CampaignConfig) -> Layout:
    """Lay out a campaign's stages."""
    series = number_scripts(campaign.stages)
    campaign = replace(campaign, stages=series.stages)
    base = _base(campaign.stages, series)
    everywhere = {(section, name): text for section in base for name, text in base[section].items()}
    different = [_unlike(config.values, everywhere) for config in campaign.stages]
    parents = _parents(campaign.stages, everywhere, different, series)
    stages = []
    for config, own in zip(campaign.stages, different):
        mine = [parents[trait] for trait in config.traits if trait in parents]
        if mine:
            shared = dict(everywhere)
            for parent in mine:
                shared.update(parent.values)
            own = _unlike(config.values, shared)
        stages.append(StageLayout(config.name, tuple(p.name for p in mine), own, config))
    return Layout(campaign, base, list(parents.values()), stages, series.own)


def _unlike(values: dict[Key, Text], shared: dict[Key, Text]) -> dict[Key, Text]:
    """The values that are not shared, or are written in another way than the shared ones."""
    return {key: value for key, value in values.items() if not value.alike(shared.get(key))}


def _base(stages: list[StageConfig], series: Series) -> dict[str, dict[str, Text]]:
    base: dict[str, dict[str, Text]] = {}
    for key in _keys(stages):
        section, name = key
        values = _values(stages, key)
        # A section must stand in the file if any stage has keys in it.
        there = base.setdefault(section, {})
        if key in series.keys:
            if key in series.shared:
                there[name] = values[0]
            continue
        if section == "global" and (name in IDENTITY or len(values) < len(stages)):
            there[name] = _OVERRIDE_ME
            continue
        if len(values) < len(stages):
            continue
        value, count = _commonest(values)
        if count > 1 or len(stages) == 1 or (section == "executable" and stem(name)[1]):
            there[name] = value
        elif section == "global":
            there[name] = _OVERRIDE_ME
    return base


def _keys(stages: list[StageConfig]) -> Iterator[Key]:
    """Every key of every stage; those with a stem in the order of their numbers."""
    series: dict[Key, list[Key]] = {}
    for key in dict.fromkeys(chain.from_iterable([config.values for config in stages])):
        section, name = key
        series.setdefault((section, stem(name)[0]), []).append(key)
    for keys in series.values():
        yield from keys if len(keys) == 1 else sorted(keys, key=_number)


def _number(key: Key) -> int:
    return stem(key[1])[1]


def _values(stages: list[StageConfig], key: Key) -> list[Text]:
    return [config.values[key] for config in stages if key in config.values]


def _commonest(values: list[Text]) -> tuple[Text, int]:
    """The first of the texts that are most often written in one way, and how many they are."""
    first = values[0]
    if values.count(first) == len(values):
        return first, len(values)
    templates = [value.template for value in values]
    template = commonest(templates)
    return values[templates.index(template)], templates.count(template)


def _parents(
    stages: list[StageConfig],
    base: dict[Key, Text],
    different: list[dict[Key, Text]],
    series: Series,
) -> dict[str, StageLayout]:
    """For each trait that several stages have, but not all: what these have in common.

    A key stands with the first trait whose stages all have it.

    different  for each stage what it has otherwise than the base sections
    """
    parents: dict[str, StageLayout] = {}
    names = {config.name for config in stages}
    taken: dict[str, set[Key]] = {config.name: set() for config in stages}
    for trait in dict.fromkeys(trait for config in stages for trait in config.traits):
        found = [n for n, config in enumerate(stages) if trait in config.traits]
        if not 1 < len(found) < len(stages):
            continue
        members = [stages[n] for n in found]
        candidates = set().union(*(different[n] for n in found)) - series.keys
        taken_by = set().union(*(taken[m.name] for m in members))
        shared = _common(members, base, candidates, taken_by)
        shared.update(series.parents.get(trait, {}))
        if shared:
            for config in members:
                taken[config.name] |= set(shared)
            name = trait
            while name in names:
                name += "_"
            parents[trait] = StageLayout(name, (), shared)
    return parents


def _common(
    members: list[StageConfig], base: dict[Key, Text], candidates: set[Key], taken: set[Key]
) -> dict[Key, Text]:
    """What several stages all have, with the value that most of them agree on.

    candidates  what one of them has otherwise than the base sections; nothing else can be shared
    """
    shared: dict[Key, Text] = {}
    for key in _keys(members):
        if key not in candidates or key in taken or key in _IDENTITY:
            continue
        values = _values(members, key)
        value, count = _commonest(values)
        if len(values) == len(members) and count > 1 and not value.alike(base.get(key)):
            shared[key] = value
    return shared


_IDENTITY = {("global", name) for name in IDENTITY}
_OVERRIDE_ME = Text(OVERRIDE_ME)
