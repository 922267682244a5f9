"""Reading a campaign.cfg as fife_launch does (bin/fife_launch of fife-utils).

Nothing here changes what it is given: a stage, or -O, makes sections of its own.
"""

from __future__ import annotations

import configparser
from collections.abc import Callable, Iterator, Mapping, Sequence

from converter.errors import CfgError, UsageError
from converter.poms.document import Document, Section, merge, parse
from converter.poms.interpolation import Macros, is_storable
from converter.poms.refusals import locate, refused

__all__ = [
    "PROCESS",
    "StageSections",
    "read_cfg",
    "resolve",
    "stage_names",
    "stage_sections",
]

_NEEDED = ("global", "submit", "executable")
"""Sections that fife_launch adds where they are missing."""

_MOST_PARENTS = 500
"""Far more than any file has; counted as often as they are named."""

_ARGUMENTS = {f"arg_{number}": number for number in range(1, 100)}

PROCESS = r"\${JOBSUBJOBSECTION:-\$PROCESS}"
"""What fife_launch puts for %(_process)s."""

_IN_THE_JOB = {
    "_nthfile": r"\\\\${nthfile}",
    "_fname": r"\\\\${fname}",
    "_furi": r"\\\\${furi}",
    "_uuid": r"\\\\${UUID}",
    "_process": PROCESS,
}
"""fife_launch's own macros; all but the last have a backslash too many to work."""


def stage_names(config: Document) -> list[str]:
    """The stages of a file, parents that serve others only included."""
    return [s.removeprefix("stage_") for s in config.sections if s.startswith("stage_")]


def read_cfg(
    text: str,
    name: str,
    *,
    overrides: Sequence[str] = (),
    find: Callable[[str], str | None] = lambda name: None,
) -> Document:
    """A campaign.cfg with the files that it includes.

    overrides  `section.key=value`, as after -O: those of [global] count for includes too
    find       the text of an included file, or None where there is none

    Raises CfgError where fife_launch would stop, with the line and what to do.
    """
    config = Document({})
    given = {key: value for _, section, key, value in _parsed(overrides) if section == "global"}
    included: set[str] = set()

    def include(text: str, name: str) -> None:
        nonlocal config
        included.add(name)
        try:
            config = merge(config, parse(text, name))
            _check_globals(config)
            wanted = _includes(config, given)
        except configparser.Error as error:
            raise refused(error, text, name) from None
        except CfgError as error:
            raise locate(error, text, name) from None
        for other in wanted.split(" "):
            if other and other not in included:
                found = find(other)
                if found is None:
                    raise CfgError(
                        "X2P832",
                        f"the included file {other!r} is not found",
                        "put it beside the file, or set $FIFE_LAUNCH_PATH",
                        file=name,
                    )
                include(found, other)

    include(text, name)
    if "global_eval" in config.sections:
        error = CfgError(
            "X2P833",
            "[global_eval] runs Python at launch, which is not followed here",
            "put the values into [global] with -O",
        )
        raise locate(error, text, name)
    return _complete(config)


def _includes(config: Document, given: Section) -> str:
    """The files that a file includes, by macros that -O may have changed."""
    known = {**config.items("global"), **given}
    if "includes" not in known:
        return ""
    expanded = _all_expanded(known)
    return Macros(expanded).expand("global", "includes", expanded["includes"])


def _check_globals(config: Document) -> None:
    """What fife_launch asks of every file: a section [global], and no macro in it undefined.

    Raises CfgError or configparser.Error.
    """
    if "global" not in config.sections:
        raise CfgError("X2P831", "the file has no section [global]", "add [global]")
    _all_expanded(config.items("global"))


def _all_expanded(macros: Mapping[str, str]) -> dict[str, str]:
    """[global] as the other sections see it: each macro expanded by the others."""
    known = Macros(macros)
    return {
        key: known.expand("global", key, raw) if "%" in raw else raw for key, raw in macros.items()
    }


def _complete(config: Document) -> Document:
    missing: dict[str, Section] = {name: {} for name in _NEEDED if name not in config.sections}
    return merge(config, Document(missing)) if missing else config


def resolve(
    text: str | Document, stage: str, overrides: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """Every section as it stands after `--stage STAGE` and -O: key → value, macros expanded.

    Keys are in the order in which fife_launch writes them out; arguments are numbered anew.
    Raises configparser.Error or CfgError where fife_launch would stop, UsageError for an
    override that is none.
    """
    config = read_cfg(text, "campaign.cfg") if isinstance(text, str) else text
    found = stage_sections(config, stage, overrides)
    return {
        section: {key: found.value(section, key) for key in (*config.defaults, *keys)}
        for section, keys in found.sections.items()
    }


class StageSections:
    """The sections for one stage, and the values in them.

    sections  section → its own keys, as they stand in the file
    defaults  keys that every section has
    macros    [global], expanded
    """

    def __init__(self, sections: Mapping[str, Section], defaults: Section) -> None:
        self.sections, self.defaults = sections, defaults
        macros = sections["global"]
        self.macros = _all_expanded({**defaults, **macros} if defaults else macros)
        self._known: dict[str, Macros] = {}

    def value(self, section: str, key: str) -> str:
        """A value; a macro hides the key of its name, and is expanded once more."""
        own = self.sections[section]
        raw = own[key] if key in own else self.defaults[key]
        text = self.macros.get(key, raw)
        if "%" in text:
            known = self._known.get(section)
            if known is None:
                others = {**self.defaults, **own} if self.defaults else own
                known = self._known[section] = Macros(self.macros, others)
            text = known.expand(section, key, text)
        if raw and not text and section != "global":
            raise CfgError(
                "X2P831",
                f"[{section}] {key} expands to nothing, which fife_launch takes for a mistake",
                "give its macro a value, or remove the key",
            )
        return text


def stage_sections(
    config: Document,
    stage: str,
    overrides: Sequence[str] = (),
) -> StageSections:
    """The sections after `--stage STAGE` and -O, as fife_launch puts them.

    A section that nothing changes is the document's own.
    """
    sections = dict(config.unstaged)
    changed: dict[str, dict[str, str]] = {}

    def keys_of(section: str) -> dict[str, str]:
        sections[section] = changed[section] = dict(sections.get(section, {}))
        return changed[section]

    for name in _with_parents(config, stage):
        own = config.sections.get(f"stage_{name}")
        if own is None:
            continue
        if config.defaults:
            own = {**config.defaults, **own}
        for key, value in own.items():
            section, dot, option = key.partition(".")
            if section in changed and dot:
                keys = changed[section]
            elif key == "parent":
                continue
            elif not dot or section not in sections:
                raise _misplaced(f"[stage_{name}] {key}", section, dot)
            else:
                keys = keys_of(section)
            if "%" in value and not is_storable(value):
                raise _percent(f"[stage_{name}] {key}")
            keys[option] = value
    for override, section, key, value in _parsed(overrides):
        if not is_storable(value):
            raise _percent(f"-O {override}")
        # Too late for what a stage sets: that is in place.
        if not section.startswith("stage_"):
            (changed.get(section) or keys_of(section))[key] = value
    executable = sections["executable"]
    if config.defaults:
        executable = {**config.defaults, **executable}
    arguments = _arguments(executable)
    if arguments is not None:
        kept = {
            k: v for k, v in sections["executable"].items() if k not in _ARGUMENTS or k in arguments
        }
        sections["executable"] = kept | arguments
    (changed.get("global") or keys_of("global")).update(_IN_THE_JOB)
    return StageSections(sections, config.defaults)


def _arguments(executable: Section) -> dict[str, str] | None:
    """Arguments numbered anew, or None where they have no gaps."""
    given = sorted(executable.keys() & _ARGUMENTS.keys(), key=_ARGUMENTS.__getitem__)
    for key in given:
        if "%" in executable[key] and not is_storable(executable[key]):
            raise _percent(f"[executable] {key}")
    if not given or given[-1] == f"arg_{len(given)}":
        return None
    return {f"arg_{number}": executable[key] for number, key in enumerate(given, 1)}


def _percent(place: str) -> CfgError:
    return CfgError("X2P831", f"{place}: a percent sign alone", "write %% for a plain %")


def _misplaced(place: str, section: str, dot: str) -> CfgError:
    if not dot:
        return CfgError(
            "X2P831",
            f"{place}: a stage sets section.key",
            "name the section; keys of [DEFAULT] count in every stage too",
        )
    return CfgError(
        "X2P831",
        f"{place}: the file has no section [{section}]",
        f"add [{section}], empty if need be",
    )


def _parsed(overrides: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    for override in overrides:
        place, equals, value = override.partition("=")
        section, dot, key = place.partition(".")
        if not (equals and dot and section) or section == "DEFAULT":
            raise UsageError(
                "X2P834",
                f"-O {override} is not of the form section.key=value",
                "write it as -Osection.key=value",
            )
        yield override, section, key, value


def _with_parents(config: Document, stage: str, below: tuple[str, ...] = ()) -> list[str]:
    """A stage after its parents, in the order in which they count.

    A parent that cannot be expanded is none for fife_launch.
    """
    if stage in below:
        raise CfgError(
            "X2P831",
            f"[stage_{stage}] is its own parent: {' → '.join([*below, stage])}",
            "correct the parents",
        )
    below = (*below, stage)
    found: list[str] = []
    parent = _parent(config, stage)
    for name in parent.split(",") if parent and len(below) <= _MOST_PARENTS else ():
        found += _with_parents(config, name, below)
    if len(found) + len(below) > _MOST_PARENTS:
        raise CfgError(
            "X2P831",
            f"[stage_{stage}] has more than {_MOST_PARENTS} parents",
            "correct the parents",
        )
    return [*found, stage]


def _parent(config: Document, stage: str) -> str:
    keys = config.sections.get(f"stage_{stage}")
    if keys is None:
        return ""
    raw = keys.get("parent", config.defaults.get("parent", ""))
    if "%" not in raw:
        return raw
    try:
        return Macros(keys, config.defaults).expand(f"stage_{stage}", "parent", raw)
    except configparser.Error:
        return ""
