"""Deciding where each setting stands: once for all, once for a kind of stages, or in a stage.

By rule, the same for any file, and without changing what a stage gets:
- a key that all stages have stands in its base section with its commonest value, and again in
  the stages in which it differs; if no two stages agree, it stands in the stages alone;
- a key that all stages with one trait have (all that read from SAM, say) stands in a section
  that they name as their `parent`, with its commonest value;
- all else stands in the stage.
Numbered keys (prescript_7) keep their order, since a key that a stage adds comes after those
of the base section.
"""

from __future__ import annotations

from msgspec import Struct

from converter.poms.config import (
    IDENTITY,
    OVERRIDE_ME,
    CampaignConfig,
    Key,
    StageConfig,
    commonest,
    stem,
)
from converter.text import Text

__all__ = ["Layout", "StageLayout", "factor"]


class StageLayout(Struct):
    """One `[stage_X]` section: its parents, its own keys, and the stage it is for, if any."""

    name: str
    parents: tuple[str, ...] = ()
    values: dict[Key, Text] = {}
    config: StageConfig | None = None


class Layout(Struct):
    """A factored campaign: `base` section → key → value, the parents, the stages."""

    campaign: CampaignConfig
    base: dict[str, dict[str, Text]]
    parents: list[StageLayout]
    stages: list[StageLayout]

    def places(self, stage: StageConfig) -> dict[Key, str]:
        """Where in the file each of a stage's keys stands, as the report names it."""
        layout = next(s for s in self.stages if s.config is stage)
        parents = [parent for parent in self.parents if parent.name in layout.parents]
        found = {}
        for key in stage.values:
            dotted = f"{key[0]}.{key[1]}"
            if key in layout.values:
                found[key] = f"cfg:stage_{layout.name}.{dotted}"
                continue
            shared = next((parent for parent in parents if key in parent.values), None)
            found[key] = f"cfg:stage_{shared.name}.{dotted}" if shared else f"cfg:{dotted}"
        return found


def factor(campaign: CampaignConfig) -> Layout:
    """Lay out a campaign's stages."""
    _number_arguments(campaign.stages)
    base = _base(campaign.stages)
    parents = _parents(campaign.stages, base)
    everywhere = {(section, name): text for section in base for name, text in base[section].items()}
    stages = []
    for config in campaign.stages:
        mine = [parents[trait] for trait in config.traits if trait in parents]
        shared = dict(everywhere)
        for parent in mine:
            shared.update(parent.values)
        own = {
            key: value for key, value in config.values.items() if not _alike(shared.get(key), value)
        }
        stages.append(StageLayout(config.name, tuple(p.name for p in mine), own, config))
    return Layout(campaign, base, list(parents.values()), stages)


def _alike(one: Text | None, other: Text | None) -> bool:
    """Whether two values are written in the same way."""
    return one is other or (
        one is not None and other is not None and one.template == other.template
    )


def _number_arguments(stages: list[StageConfig]) -> None:
    """Arguments to arg_N: first those that all stages have, so that they can be shared."""
    arguments = [dict(config.args) for config in stages]
    everywhere = [slot for slot in arguments[0] if all(slot in words for words in arguments)]
    for config, words in zip(stages, arguments, strict=True):
        order = everywhere + [slot for slot in words if slot not in everywhere]
        for number, slot in enumerate(order, 1):
            config.set("executable", f"arg_{number}", words[slot])


def _base(stages: list[StageConfig]) -> dict[str, dict[str, Text]]:
    base: dict[str, dict[str, Text]] = {}
    for (section, name), values in _columns(stages).items():
        # A section must stand in the file if any stage has keys in it.
        there = base.setdefault(section, {})
        if section == "global" and (name in IDENTITY or len(values) < len(stages)):
            there[name] = _OVERRIDE_ME
            continue
        if len(values) < len(stages):
            continue
        value, count = _commonest(values)
        if count > 1 or len(stages) == 1 or stem(name)[1]:
            there[name] = value
        elif section == "global":
            there[name] = _OVERRIDE_ME
    return base


def _columns(stages: list[StageConfig]) -> dict[Key, list[Text]]:
    """Every key of every stage with its values; those with a stem in the order of their numbers."""
    columns: dict[Key, list[Text]] = {}
    for config in stages:
        for key, value in config.values.items():
            if key in columns:
                columns[key].append(value)
            else:
                columns[key] = [value]
    series: dict[Key, list[Key]] = {}
    for key in columns:
        series.setdefault((key[0], stem(key[1])[0]), []).append(key)
    return {
        key: columns[key]
        for keys in series.values()
        for key in (sorted(keys, key=lambda k: stem(k[1])[1]) if len(keys) > 1 else keys)
    }


def _commonest(values: list[Text]) -> tuple[Text, int]:
    """The first of the texts that are most often written in one way, and how many they are."""
    first = values[0]
    template = first.template
    count = 0
    for value in values:
        count += value is first or value.template == template
    if count == len(values):
        return first, count
    template = commonest([value.template for value in values])
    alike = [value for value in values if value.template == template]
    return alike[0], len(alike)


def _parents(stages: list[StageConfig], base: dict[str, dict[str, Text]]) -> dict[str, StageLayout]:
    """For each trait that several stages have, but not all: what these have in common.

    A key stands with the first trait whose stages all have it.
    """
    parents: dict[str, StageLayout] = {}
    names = {config.name for config in stages}
    taken: dict[str, set[Key]] = {config.name: set() for config in stages}
    for trait in dict.fromkeys(trait for config in stages for trait in config.traits):
        members = [config for config in stages if trait in config.traits]
        if not 1 < len(members) < len(stages):
            continue
        shared = _common(members, base, set().union(*(taken[m.name] for m in members)))
        if shared:
            for config in members:
                taken[config.name] |= set(shared)
            name = trait
            while name in names:
                name += "_"
            parents[trait] = StageLayout(name, (), shared)
    return parents


def _common(
    members: list[StageConfig], base: dict[str, dict[str, Text]], taken: set[Key]
) -> dict[Key, Text]:
    """What several stages all have, with the value that most of them agree on."""
    shared: dict[Key, Text] = {}
    broken: set[tuple[str, str]] = set()
    for key, values in _columns(members).items():
        section, name = key
        base_stem, number = stem(name)
        in_base = name in base.get(section, {})
        value, count = _commonest(values)
        agreed = len(values) == len(members) and count > 1
        if number and not in_base and count < len(members):
            agreed = False
        if not agreed or key in taken or (section, base_stem) in broken:
            # A stage's own numbered key must not come before one of its parent.
            if number and not in_base:
                broken.add((section, base_stem))
            continue
        if (section, name) not in _IDENTITY and not _alike(base.get(section, {}).get(name), value):
            shared[key] = value
    return shared


_IDENTITY = {("global", name) for name in IDENTITY}
_OVERRIDE_ME = Text(OVERRIDE_ME)
