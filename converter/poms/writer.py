"""A factored campaign to the text of a campaign.cfg, proved by reading it back."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Union

from converter.poms.config import IDENTITY, OVERRIDE_ME, Key, stem
from converter.poms.factor import Layout, StageLayout
from converter.poms.readback import check
from converter.text import Text, one_line

__all__ = ["CONTINUED", "SECTIONS", "write_cfg"]

SECTIONS = (
    *("global", "env_pass", "prelaunch", "submit", "job_setup", "sam_consumer", "executable"),
    *("job_output", "job_output_1", "job_output_2"),
)
"""The sections, in the order of the file."""

_Line = Union[str, tuple[str, str]]
"""A line as it is, or a key with its value."""

CONTINUED = "#   "
"""The lines of a comment about the XML begin so, after the first one."""

_WIDTH = 100
_LONG_KEY = 20
"""Longer keys stand out of the column."""


def write_cfg(layout: Layout, *, comments: bool = True) -> str:
    """The text of the file.

    It is read back as fife_launch reads it, stage by stage, and compared with what each stage
    was to get: WriterError where they differ.
    """
    lines: list[_Line] = []
    if comments:
        lines += [f"# {one_line(line)}".rstrip() for line in layout.campaign.heading]
        lines += ["#", *_how_to_edit(layout)]
    for section in _in_order(layout):
        lines += ["", *_section(layout, section, comments)]
    for place in (*layout.parents, *layout.stages):
        lines += ["", *_stage(layout, place, comments)]
    text = "\n".join(_aligned(lines)).strip("\n") + "\n"
    check(text, layout.campaign)
    return text


def _in_order(layout: Layout) -> list[str]:
    there = {"global", *layout.base}
    return [s for s in SECTIONS if s in there] + sorted(there - set(SECTIONS))


def _macro(text: Text) -> str:
    if text.is_plain:
        return text.string.replace("%", "%%")
    return "".join(f"%({n})s" if n else s.replace("%", "%%") for s, n in text.parts)


def _global_macro(text: Text) -> str:
    """A percent sign in a macro is interpolated twice."""
    if text.is_plain:
        return text.string.replace("%", "%%%%")
    return "".join(f"%({n})s" if n else s.replace("%", "%%%%") for s, n in text.parts)


def _section(layout: Layout, section: str, comments: bool) -> Iterator[_Line]:
    values = layout.base.get(section, {})
    if comments:
        yield from _provenance(layout, [(section, key) for key in values])
    if comments and not values:
        # fife_launch takes no key of a stage for a section that the file does not have.
        yield "# Set by stages, where they need it."
    yield f"[{section}]"
    if section == "global":
        yield from _globals(layout, comments)
        return
    explained = set() if comments else {stem(key)[0] for key in values}
    for key in _key_order(section, values):
        kind = stem(key)[0]
        if kind not in explained:
            explained.add(kind)
            yield from _explained(layout, section, kind)
        yield key, _macro(values[key])


def _explained(layout: Layout, section: str, kind: str) -> Iterator[str]:
    """What somebody who adds a line has to know."""
    first = layout.own.get((section, kind))
    if kind == "prescript":
        yield "# All prescripts are lines of one shell: here-documents may span them."
    if first is not None:
        yield f"# For all stages; what a stage adds begins with {kind}_{first}."


def _how_to_edit(layout: Layout) -> Iterator[str]:
    """Which lines are for the next campaign, and how a line is added."""
    campaign = layout.campaign
    known = list(_to_change(layout))
    if known:
        yield from _filled(f"For the next campaign change {', '.join(known)}.", "# ")
    setup = layout.base.get("job_setup", {})
    lines = iter([key for key in setup if stem(key)[0] == "prescript"])
    if any(_FCL.match(setup[key].string) for key in lines):
        end = next(key for key in lines if setup[key].string == "EOF")
        kept = layout.own.get(("job_setup", "prescript"))
        room = f", up to prescript_{kept - 1}" if kept else ""
        advice = f"A line of fcl goes before the EOF of {end}; number anew what follows{room}."
        yield from _filled(advice, "# ")
    for name, text in campaign.scripts.items():
        if any(map(_FCL.match, text.splitlines())):
            yield from _filled(f"A line of fcl goes before the first EOF of {name}.", "# ")
    if campaign.scripts:
        beside = ", ".join(campaign.scripts)
        yield from _filled(f"Scripts beside this file, which go with the jobs: {beside}.", "# ")


def _to_change(layout: Layout) -> Iterator[str]:
    """The macros that make the next campaign, each with where a change of it has an effect.

    What a stage sets itself is not what [global] says; if it is made of other macros, it follows
    them.
    """
    there = {**layout.campaign.macros, **layout.base.get("global", {})}
    for name in (*layout.campaign.next, *_AMOUNTS):
        if name not in there or name not in layout.used:
            continue
        key = ("global", name)
        stages = [{k for p in layout.chain(stage) for k in p.values} for stage in layout.stages]
        shared = there[name].string != OVERRIDE_ME and any(key not in own for own in stages)
        own = [
            f"[stage_{place.name}]"
            for place in (*layout.parents, *layout.stages)
            if key in place.values and set(place.values[key].names) <= set(IDENTITY)
        ]
        where = ", ".join(own) if len(own) <= _NAMED else f"{len(own)} stages"
        if shared:
            yield f"{name} (in {where} too)" if own else name
        elif own:
            yield f"{name} (in {where})"


_AMOUNTS = ("numevents", "eventsperjob", "numjobs", "sam_dataset")
"""What a campaign makes, and of what."""

_NAMED = 3
"""More stages than so many are counted, not named."""


_FCL = re.compile(r"(cat > wrapper\w*\.fcl|wrapper\(\) \{ cat) <<")
"""The beginning of a wrapper fcl."""


_JOB_SETUP = {"ifdh_art": 0, "source": 1, "setup": 2, "prescript": 3, "postscript": 4}


def _key_order(section: str, values: dict[str, Text]) -> list[str]:
    if section != "job_setup":
        return list(values)
    return sorted(values, key=lambda key: _JOB_SETUP.get(stem(key)[0], -1))


def _globals(layout: Layout, comments: bool) -> Iterator[_Line]:
    campaign = layout.campaign
    values = layout.base.get("global", {})
    used = layout.used
    own = [name for name in campaign.macros if name not in campaign.entities and name in used]
    entities = [name for name in campaign.macros if name in campaign.entities and name in used]
    identity = [name for name in IDENTITY if name in values and (name in used or name == "stage")]
    rest = [name for name in values if name not in identity]
    by_poms = "; POMS gives the dataset" if "sam_dataset" in identity else ""
    groups = (
        ("", own[:3]),
        (f"The entities of {campaign.source}.", entities),
        ("", own[3:] + rest),
        (f"Set by the stages{by_poms}.", identity),
    )
    for number, (remark, names) in enumerate(groups):
        if names and number:
            yield ""
        if names and remark and comments:
            yield f"# {one_line(remark)}"
        for name in names:
            text = campaign.macros[name] if name in campaign.macros else values[name]
            yield name, _global_macro(text)


def _provenance(layout: Layout, keys: Iterable[Key]) -> list[str]:
    """One comment that says where a section's keys come from."""
    sources: dict[str, None] = {}
    for key in keys:
        base = layout.base[key[0]][key[1]]
        for config in layout.campaign.stages:
            if base.alike(config.values.get(key)):
                for source in config.sources.get(key, ()):
                    sources[source] = None
                break
    return _wrapped(layout.campaign.source, sources)


def _wrapped(file: str, sources: Iterable[str]) -> list[str]:
    listed = ", ".join(f":{source}" for source in sources)
    if not listed or not file:
        return []
    return _filled(file + listed, CONTINUED)


def _filled(text: str, then: str) -> list[str]:
    """A comment, in lines that begin with `then` after the first one."""
    text = one_line(text)
    line = f"# {text}"
    if len(line) <= _WIDTH and line.isprintable():
        return [line]
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _stage(layout: Layout, place: StageLayout, comments: bool) -> Iterator[_Line]:
    if comments and place.config is None:
        members = [s.name for s in layout.stages if place.name in s.parents]
        together = f"No stage of its own: what {', '.join(members)} have in common."
        yield from _filled(together, "# ")
    elif comments and place.config is not None:
        known = place.config.sources
        yield from _wrapped(
            layout.campaign.source,
            dict.fromkeys(source for key in place.values for source in known.get(key, ())),
        )
        yield from (f"# not converted: {one_line(text)}" for text in place.config.remarks)
    yield f"[stage_{place.name}]"
    if place.parents:
        yield "parent", ",".join(place.parents)
    ordered = sorted(place.values.items(), key=lambda item: _rank(item[0]))
    for (where, key), value in ordered:
        yield f"{where}.{key}", _global_macro(value) if where == "global" else _macro(value)


def _rank(key: Key) -> tuple[int, int]:
    """Sections in the order of the file, first of all what says which stage it is."""
    section, name = key
    return _ORDER.get(section, len(_ORDER)), _IDENTITY.get(name, len(_IDENTITY))


_ORDER = {section: number for number, section in enumerate(SECTIONS)}
_IDENTITY = {name: number for number, name in enumerate(IDENTITY)}


def _aligned(lines: Iterable[_Line]) -> Iterator[str]:
    """The equal signs of keys that follow each other in one column."""
    block: list[tuple[str, str]] = []
    for line in (*lines, ""):
        if not isinstance(line, str):
            block.append(line)
            continue
        if block:
            lengths = [len(key) for key, _ in block if len(key) <= _LONG_KEY]
            width = max(lengths, default=0)
            yield from [f"{key.ljust(width)} = {value}".rstrip() for key, value in block]
            block = []
        yield line
