"""Numbering what repeats: script lines, options, arguments.

fife_launch takes the keys of a section in the order of the file, those that a stage adds after
the others, and strips their numbers.  What a file repeats is numbered so that people can edit it
for years: what all stages share begins with 1, what some or one of them add begins in a range
of its own, ten lines or more further on.  So no stage has a line of its own in the place of a
shared one, and a line added to what is shared reaches every stage.  Arguments are known by what
they are for: a stage gives -o another value in its place, as experts do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from converter.poms.config import MAX_NUMBER, Entry, Key, Slot, StageConfig
from converter.text import Text

__all__ = ["Series", "number_scripts"]

_ARGUMENTS = "executable", "arg"
_SETS = (
    _ARGUMENTS,
    ("submit", "f"),
    ("submit", "lines"),
    ("submit", "append_condor_requirements"),
)
"""Where the order of the entries means nothing: what all stages have stands first."""

_ROOM = 10


class Series(Struct, frozen=True):
    """What repeats in a campaign, numbered.

    stages   as they were given, with the numbered keys among their values
    keys     the numbered keys, but for arguments that all stages have with values of their own
    shared   those that are alike for all stages
    parents  trait → keys and values that the stages with that trait share
    own      (section, stem) → the first number that one stage's own entries have
    """

    stages: list[StageConfig]
    keys: set[Key]
    shared: set[Key]
    parents: dict[str, dict[Key, Text]]
    own: dict[Key, int]


def number_scripts(stages: Sequence[StageConfig]) -> Series:
    """Number the entries of all stages.  Raises OverflowError if a stage has more than 99."""
    values = [dict(config.values) for config in stages]
    slots = [{slot: list(keys) for slot, keys in config.slots.items()} for config in stages]
    sources = [dict(config.sources) for config in stages]
    every: set[Key] = set()
    shared: set[Key] = set()
    parents: dict[str, dict[Key, Text]] = {}
    own: dict[Key, int] = {}
    traits = shared_traits(stages)
    names = list(traits)
    for where in dict.fromkeys(key for config in stages for key in config.series):
        given = [_joined(where, config.series.get(where, [])) for config in stages]
        parts = divided(given, where, traits)
        starts = _starts(parts)
        if starts is None:
            # Without what only some of the stages share the numbers suffice.
            parts = divided(given, where, {})
            starts = _starts(parts)
        if starts is None:
            raise OverflowError(f"more than {MAX_NUMBER} {where[1]} lines")
        if any(rest for *_, rest in parts):
            own[where] = starts[-1]
        for stage, groups in enumerate(parts):
            for group, (entries, start) in enumerate(zip(groups, starts)):
                keys = _numbered(where, entries, start)
                for key, text, for_slots, labels in keys:
                    values[stage][key] = text
                    if labels:
                        sources[stage][key] = labels
                    for slot in for_slots:
                        slots[stage].setdefault(slot, []).append(key)
                if group == 0 and where == _ARGUMENTS:
                    continue
                every.update(key for key, *_ in keys)
                if group == 0:
                    shared.update(key for key, *_ in keys)
                elif group < len(groups) - 1 and keys:
                    parents.setdefault(names[group - 1], {}).update(
                        (key, text) for key, text, *_ in keys
                    )
    return Series(
        [
            replace(config, values=values[n], slots=slots[n], sources=sources[n])
            for n, config in enumerate(stages)
        ],
        every,
        shared,
        parents,
        own,
    )


def shared_traits(stages: Sequence[StageConfig]) -> dict[str, list[int]]:
    """The traits that several stages have, but not all, in order, and which stages."""
    members: dict[str, list[int]] = {}
    for n, config in enumerate(stages):
        for trait in config.traits:
            members.setdefault(trait, []).append(n)
    return {trait: found for trait, found in members.items() if 1 < len(found) < len(stages)}


_MOST = 60
"""Entries of one kind that a stage has under numbers of their own."""


def _joined(where: Key, entries: list[Entry]) -> list[Entry]:
    """At most so many entries: what comes after shares one key, as far as a reader allows it."""
    section, stem = where
    if len(entries) <= _MOST or stem in ("prescript", "postscript"):
        return entries
    lines = [line for entry in entries[_MOST - 1 :] for line in entry.lines]
    text = Text.join(_between(section, stem), [text for text, _ in lines])
    slots = tuple(slot for _, some in lines for slot in some)
    return [*entries[: _MOST - 1], Entry(((text, slots),), entries[-1].sources)]


def _between(section: str, stem: str) -> str:
    """What stands between two values of one key, for the reader that takes it apart.

    That of [submit] is the shell at launch, of [job_output] the shell of the job; a setup is a
    line of a script.
    """
    if section == "submit":
        return f" -{stem} " if len(stem) == 1 else f" --{stem}="
    if section.startswith("job_output"):
        return f" --{stem}{section.removeprefix('job_output').removeprefix('_')} "
    return f"; {stem} "


def divided(
    entries: list[list[Entry]], where: Key, traits: Mapping[str, list[int]]
) -> list[tuple[list[Entry], ...]]:
    """For each stage what all share, what it shares by each of the traits, and what is its own."""
    common = _common_set if where in _SETS else _common_prefix
    shared, rest = _common_arguments(entries) if where == _ARGUMENTS else common(entries)
    parts = [[part] for part in shared]
    taken: set[int] = set()
    for members in traits.values():
        alike: list[list[Entry]] = [[] for _ in entries]
        # Of several parents the order would be that of the stage's traits: one is enough.
        if not taken & set(members):
            found, left = common([rest[n] for n in members])
            if found[0]:
                taken |= set(members)
                for n, part, remains in zip(members, found, left):
                    alike[n], rest[n] = part, remains
        for n, part in enumerate(alike):
            parts[n].append(part)
    return [(*groups, rest[n]) for n, groups in enumerate(parts)]


_Common = tuple[list[list[Entry]], list[list[Entry]]]


def _common_prefix(entries: list[list[Entry]]) -> _Common:
    """What all begin with, and the rest of each."""
    length = 0
    first = entries[0]
    while length < min(map(len, entries)) and all(
        one[length].alike(first[length]) for one in entries
    ):
        length += 1
    return [one[:length] for one in entries], [one[length:] for one in entries]


def _common_set(entries: list[list[Entry]]) -> _Common:
    """What all have in the order of the first, and the rest of each."""
    shared: list[list[Entry]] = [[] for _ in entries]
    rest = [list(one) for one in entries]
    for entry in entries[0]:
        found = [next((e for e in one if e.alike(entry)), None) for one in rest]
        if None not in found:
            for part, one, e in zip(shared, rest, found):
                assert e is not None
                part.append(e)
                one.remove(e)
    return shared, rest


def _common_arguments(entries: list[list[Entry]]) -> _Common:
    """The arguments that are for the same thing in all stages, whatever their values."""
    by_slot = [{entry.lines[0][1]: entry for entry in one} for one in entries]
    everywhere = [slot for slot in by_slot[0] if all(slot in one for one in by_slot)]
    return (
        [[one[slot] for slot in everywhere] for one in by_slot],
        [[entry for slot, entry in one.items() if slot not in everywhere] for one in by_slot],
    )


def _starts(parts: list[tuple[list[Entry], ...]]) -> list[int] | None:
    """The first number of each group: with room for more lines where the numbers allow it.

    None where there are not as many numbers.
    """
    longest = [
        max(sum(len(entry.lines) for entry in groups[n]) for groups in parts)
        for n in range(len(parts[0]))
    ]
    for room in (_ROOM, 0):
        starts, end = [], 0
        for n, length in enumerate(longest):
            start = end + 1 if not n or not room else ((end + _ROOM - 1) // _ROOM + 1) * _ROOM + 1
            starts.append(start)
            # A group that no stage has needs no range.
            end = start + length - 1 if length or not n else end
        if end <= MAX_NUMBER:
            return starts
    return None


def _numbered(
    where: Key, entries: Sequence[Entry], start: int
) -> list[tuple[Key, Text, tuple[Slot, ...], tuple[str, ...]]]:
    section, stem = where
    lines = [(line, entry.sources) for entry in entries for line in entry.lines]
    return [
        ((section, f"{stem}_{number}"), text, slots, sources)
        for number, ((text, slots), sources) in enumerate(lines, start)
    ]
