"""A factored campaign to the text of a campaign.cfg, proved by reading it back."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from converter.poms.config import IDENTITY, CampaignConfig, Key, StageConfig, stem
from converter.poms.factor import Layout, StageLayout
from converter.poms.plain import sections
from converter.poms.reader import PROCESS
from converter.text import Text

__all__ = ["SECTIONS", "WriterError", "written"]

SECTIONS = (
    *("global", "env_pass", "prelaunch", "submit", "job_setup", "sam_consumer", "executable"),
    *("job_output", "job_output_1", "job_output_2"),
)
"""The sections, in the order of the file."""

_WIDTH = 100
_LONG_KEY = 20
"""Longer keys stand out of the column."""


class WriterError(Exception):
    """What was written does not read back as what was meant: a defect of this program."""


def written(layout: Layout, *, comments: bool = True) -> str:
    """The text of the file.

    It is read back as fife_launch reads it, stage by stage, and compared with what each stage
    was to get: WriterError where they differ.
    """
    lines: list[str] = []
    if comments:
        lines += [f"# {_one_line(line)}".rstrip() for line in layout.campaign.heading]
    for section in _in_order(layout):
        lines += ["", *_section(layout, section, comments)]
    for place in (*layout.parents, *layout.stages):
        lines += ["", *_stage(layout, place, comments)]
    text = "\n".join(_aligned(lines)).strip("\n") + "\n"
    document = _ReadBack(text)
    for config in layout.campaign.stages:
        _check(document, layout.campaign, config)
    return text


def _in_order(layout: Layout) -> list[str]:
    there = {"global", *layout.base}
    return [s for s in SECTIONS if s in there] + sorted(there - set(SECTIONS))


def _macro(text: Text) -> str:
    return "".join(f"%({n})s" if n else s.replace("%", "%%") for s, n in text.parts)


def _global_macro(text: Text) -> str:
    """A percent sign in a macro is interpolated twice."""
    return "".join(f"%({n})s" if n else s.replace("%", "%%%%") for s, n in text.parts)


def _section(layout: Layout, section: str, comments: bool) -> Iterator[str]:
    values = layout.base.get(section, {})
    if comments:
        yield from _provenance(layout, [(section, key) for key in values])
    yield f"[{section}]"
    if section == "global":
        yield from _globals(layout, comments)
        return
    explained = not comments
    for key in _key_order(section, values):
        if stem(key)[0] == "prescript" and not explained:
            explained = True
            yield "# All prescripts are lines of one shell: here-documents may span them."
        yield f"{key} = {_macro(values[key])}"


def _key_order(section: str, values: dict[str, Text]) -> list[str]:
    if section != "job_setup":
        return list(values)
    order = ("ifdh_art", "source", "setup", "prescript", "postscript")
    return sorted(
        values, key=lambda key: order.index(stem(key)[0]) if stem(key)[0] in order else -1
    )


def _globals(layout: Layout, comments: bool) -> Iterator[str]:
    campaign = layout.campaign
    values = layout.base.get("global", {})
    used = _used(layout)
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
            yield f"# {_one_line(remark)}"
        for name in names:
            text = campaign.macros[name] if name in campaign.macros else values[name]
            yield f"{name} = {_global_macro(text)}"


def _used(layout: Layout) -> set[str]:
    """The macros that something in the file needs, directly or through others."""
    texts = [text for section in layout.base.values() for text in section.values()]
    texts += [t for place in (*layout.parents, *layout.stages) for t in place.values.values()]
    used = {"experiment", "group", "wrapper"}
    while texts:
        text = texts.pop()
        for name in text.names:
            if name not in used:
                used.add(name)
                if name in layout.campaign.macros:
                    texts.append(layout.campaign.macros[name])
    for name in list(used):
        if name in layout.campaign.macros:
            used |= set(layout.campaign.macros[name].names)
    return used


def _provenance(layout: Layout, keys: Iterable[Key]) -> list[str]:
    """One comment that says where a section's keys come from."""
    sources: dict[str, None] = {}
    for key in keys:
        for config in layout.campaign.stages:
            base, own = layout.base.get(key[0], {}).get(key[1]), config.values.get(key)
            if base is not None and own is not None and base.template == own.template:
                sources.update(dict.fromkeys(config.sources.get(key, ())))
                break
    return _wrapped(layout.campaign.source, sources)


def _wrapped(file: str, sources: Iterable[str]) -> list[str]:
    listed = ", ".join(f":{source}" for source in sources)
    if not listed or not file:
        return []
    line = f"# {file}{listed}"
    if len(line) <= _WIDTH and line.isprintable():
        return [line]
    return textwrap.wrap(
        file + listed,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _stage(layout: Layout, place: StageLayout, comments: bool) -> Iterator[str]:
    if comments and place.config is None:
        members = [s.name for s in layout.stages if place.name in s.parents]
        together = f"No stage of its own: what {', '.join(members)} have in common."
        yield from textwrap.wrap(together, _WIDTH, initial_indent="# ", subsequent_indent="# ")
    elif comments and place.config is not None:
        known = place.config.sources
        yield from _wrapped(
            layout.campaign.source,
            dict.fromkeys(source for key in place.values for source in known.get(key, ())),
        )
        yield from (f"# not converted: {_one_line(text)}" for text in place.config.remarks)
    yield f"[stage_{place.name}]"
    if place.parents:
        yield f"parent = {','.join(place.parents)}"
    ordered = sorted(place.values.items(), key=lambda item: _rank(item[0]))
    for (where, key), value in ordered:
        yield f"{where}.{key} = {_global_macro(value) if where == 'global' else _macro(value)}"


def _rank(key: Key) -> tuple[int, int]:
    """Sections in the order of the file, first of all what says which stage it is."""
    section, name = key
    place = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
    return place, IDENTITY.index(name) if name in IDENTITY else len(IDENTITY)


def _one_line(text: str) -> str:
    return re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", text)


def _aligned(lines: Iterable[str]) -> Iterator[str]:
    """The equal signs of keys that follow each other in one column."""
    block: list[tuple[str, str]] = []
    for line in (*lines, ""):
        key, equals, value = line.partition(" = ")
        if equals and not line.startswith(("#", "[")):
            block.append((key, value))
            continue
        width = max((len(key) for key, _ in block if len(key) <= _LONG_KEY), default=0)
        yield from (f"{key:<{width}} = {value}".rstrip() for key, value in block)
        block = []
        yield line


class _ReadBack:
    """A file as fife_launch reads it, stage by stage: what `reader.resolve` finds, for files
    that are plain."""

    def __init__(self, text: str) -> None:
        found = sections(text)
        if found is None:
            raise WriterError("the file is not as plain as it was meant to be")
        self.sections = found

    def stage(self, name: str) -> dict[str, dict[str, str]]:
        """Section → key → raw value, with all that the stage and its parents set."""
        values = {name: keys for name, keys in self.sections.items() if name[:6] != "stage_"}
        changed = set()
        own = self.sections[f"stage_{name}"]
        parents = own.get("parent")
        for section in (*(parents.split(",") if parents else ()), name):
            for key, raw in self.sections[f"stage_{section}"].items():
                if key == "parent":
                    continue
                where, dot, option = key.partition(".")
                if where not in changed:
                    if not dot or where not in values:
                        raise WriterError(f"{name}: there is no place for {key}")
                    changed.add(where)
                    values[where] = dict(values[where])
                values[where][option] = raw
        return values


_REFERENCE = re.compile(r"%(?:%|\((\w+)\)s)")


class _Macros:
    """The macros of a stage, expanded when they are asked for."""

    def __init__(self, raw: dict[str, str]) -> None:
        self.raw = raw
        self.expanded = {"_process": PROCESS}

    def expand(self, value: str) -> str:
        """A value of any section."""
        return _REFERENCE.sub(self._once, value) if "%" in value else value

    def _once(self, match: re.Match[str]) -> str:
        # What stands for a macro is expanded once more.
        return "%" if match[1] is None else self.expand(self[match[1]])

    def __getitem__(self, name: str) -> str:
        found = self.expanded.get(name)
        if found is None:
            raw = self.raw.get(name)
            if raw is None:
                raise WriterError(f"%({name})s is not defined")
            self.expanded[name] = ""  # One that contains itself ends here, and differs.
            found = self.expanded[name] = _REFERENCE.sub(
                lambda match: "%" if match[1] is None else self[match[1]], raw
            )
        return found


def _check(document: _ReadBack, campaign: CampaignConfig, config: StageConfig) -> None:
    """Whether a stage gets what it was to get, and numbered keys stand in order."""
    name = config.name
    found = document.stage(name)
    macros = _Macros(found["global"])
    known = {**campaign.macros, **config.section("global")}
    for (section, key), text in config.values.items():
        raw = found[section].get(key, "")
        if key in macros.raw:
            # A macro hides the key of its name, and is expanded once more.
            raw = macros[key]
        got = macros.expand(raw)
        # fife_launch takes a value that expands to nothing for a mistake.
        if got != str(text).strip() or (raw and not got):
            raise WriterError(f"{name}: {section}.{key} reads back as {got!r}, not {text!r}")
        if text.is_plain:
            continue
        for string, macro in text.parts:
            if macro in known and str(known[macro]) != string:
                raise WriterError(f"{name}: {section}.{key} uses {macro} for {string!r}")
    for section, values in found.items():
        _in_order_of_numbers(name, section, values)


def _in_order_of_numbers(stage: str, section: str, keys: Iterable[str]) -> None:
    last: dict[str, int] = {}
    for key in keys:
        base, number = stem(key)
        if not number:
            continue
        # fife_launch numbers arguments anew, without gaps.
        if number < last.get(base, 0) or (base == "arg" and number != last.get(base, 0) + 1):
            raise WriterError(f"{stage}: {section}.{key} is out of order")
        last[base] = number
