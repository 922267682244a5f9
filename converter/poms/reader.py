"""Reading a campaign.cfg as fife_launch does (bin/fife_launch of fife-utils)."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from converter.errors import CfgError, UsageError

__all__ = ["PROCESS", "load", "located", "read_cfg", "refused", "resolve", "stage_names"]

PROCESS = r"\${JOBSUBJOBSECTION:-\$PROCESS}"
"""What fife_launch puts for %(_process)s."""

_MOST_PARENTS = 500
"""Far more than any file has; counted as often as they are named."""

_IN_THE_JOB = {
    "nthfile": r"\\\\${nthfile}",
    "fname": r"\\\\${fname}",
    "furi": r"\\\\${furi}",
    "uuid": r"\\\\${UUID}",
}
"""The other macros of fife_launch, which have a backslash too many to work."""


def load(text: str) -> configparser.ConfigParser:
    """The file as fife_launch loads it: basic interpolation, case-sensitive keys, strict.

    Raises configparser.Error where fife_launch would, an undefined macro in [global] included.
    """
    config = _parser()
    config.read_string(text)
    if config.has_section("global"):
        dict(config.items("global"))
    return config


def _parser() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.optionxform = str  # type: ignore[assignment,method-assign]
    return config


def stage_names(config: configparser.ConfigParser) -> list[str]:
    """The stages of a file, parents that serve others only included."""
    return [s.removeprefix("stage_") for s in config.sections() if s.startswith("stage_")]


def read_cfg(
    text: str,
    name: str,
    *,
    overrides: Sequence[str] = (),
    find: Callable[[str], str | None] = lambda name: None,
) -> configparser.ConfigParser:
    """A campaign.cfg with the files that it includes.

    overrides  `section.key=value`, as after -O: those of [global] count for includes too
    find       the text of an included file, or None where there is none

    Raises CfgError where fife_launch would stop, with the line and what to do.
    """
    config = _parser()
    included: set[str] = set()

    def include(text: str, name: str) -> None:
        included.add(name)
        try:
            config.read_string(text, name)
            macros = dict(config.items("global")) if config.has_section("global") else {}
            for _, section, key, value in _parsed(overrides):
                if section == "global" and config.has_section("global"):
                    config.set(section, key, value)
            wanted = config.get("global", "includes", vars=macros, fallback="")
        except configparser.Error as error:
            raise refused(error, text, name) from None
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
    for section in ("global", "submit", "executable"):
        if not config.has_section(section):
            config.add_section(section)
    if config.has_section("global_eval"):
        error = CfgError(
            "X2P833",
            "[global_eval] runs Python at launch, which is not followed here",
            "put the values into [global] with -O",
            file=name,
        )
        raise located(error, text)
    return config


def resolve(
    text: str | configparser.ConfigParser, stage: str, overrides: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """Every section as it stands after `--stage STAGE` and -O: key → value, macros expanded.

    Keys are in the order in which fife_launch writes them out; arguments are numbered anew.
    Raises configparser.Error or CfgError where fife_launch would stop, UsageError for an
    override that is none.
    """
    config = load(text) if isinstance(text, str) else text
    with _applied(config, stage, overrides):
        macros = dict(config.items("global"))
        return {
            section: _expanded(config, section, macros)
            for section in config.sections()
            if not section.startswith("stage_")
        }


def _expanded(
    config: configparser.ConfigParser, section: str, macros: dict[str, str]
) -> dict[str, str]:
    """A section's values; a macro hides the key of its name, and is expanded once more."""
    found = {}
    for key, raw in config.items(section, raw=True):
        plain = "%" not in raw and key not in macros
        found[key] = raw if plain else config.get(section, key, vars=macros)
        if raw and not found[key] and section != "global":
            raise CfgError(
                "X2P831",
                f"[{section}] {key} expands to nothing, which fife_launch takes for a mistake",
                "give its macro a value, or remove the key",
            )
    return found


def _parsed(overrides: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    for override in overrides:
        place, equals, value = override.partition("=")
        section, dot, key = place.partition(".")
        if not (equals and dot):
            raise UsageError(
                "X2P834",
                f"-O {override} is not of the form section.key=value",
                "write it as -Osection.key=value",
            )
        yield override, section, key, value


@contextmanager
def _applied(
    config: configparser.ConfigParser, stage: str, overrides: Sequence[str]
) -> Iterator[None]:
    """The stage's overrides in place, as fife_launch puts them; taken back afterwards."""
    before: dict[tuple[str, str], str | None] = {}
    added: list[str] = []

    def put(section: str, option: str, value: str | None) -> None:
        was = config.get(section, option, raw=True, fallback=None)
        before.setdefault((section, option), was)
        if value is None:
            config.remove_option(section, option)
            return
        try:
            config.set(section, option, value)
        except ValueError:
            raise CfgError(
                "X2P831",
                f"[stage_{stage}] {section}.{option}: a percent sign alone",
                "write %% for a plain %",
            ) from None

    try:
        for name in _with_parents(config, stage):
            section = f"stage_{name}"
            if config.has_section(section):
                for key, value in config.items(section, raw=True):
                    if key != "parent":
                        where, option = _place(config, section, key)
                        put(where, option, value)
        for _, section, key, value in _parsed(overrides):
            if not config.has_section(section):
                config.add_section(section)
                added.append(section)
            put(section, key, value)
        if config.has_section("executable"):
            numbered = [f"arg_{n}" for n in range(1, 100)]
            given = [a for a in numbered if config.has_option("executable", a)]
            values = [config.get("executable", a, raw=True) for a in given]
            for option, value in zip(numbered, values, strict=False):
                put("executable", option, value)
            for option in given:
                if option not in numbered[: len(values)]:
                    put("executable", option, None)
        for variable, text in _IN_THE_JOB.items():
            put("global", f"_{variable}", text)
        put("global", "_process", PROCESS)
        yield
    finally:
        for (section, option), was in before.items():
            if was is None:
                config.remove_option(section, option)
                continue
            try:
                config.set(section, option, was)
            except ValueError:
                # What was there has a percent sign alone: only reading puts it there.
                indented = was.replace("\n", "\n ")
                config.read_string(f"[{section}]\n{option} = {indented}\n")
        for section in added:
            config.remove_section(section)


def _place(config: configparser.ConfigParser, section: str, key: str) -> tuple[str, str]:
    where, dot, option = key.partition(".")
    if not dot:
        raise CfgError(
            "X2P831",
            f"[{section}] {key}: a stage sets section.key",
            "name the section; keys of [DEFAULT] count in every stage too",
        )
    if not config.has_section(where):
        raise CfgError(
            "X2P831",
            f"[{section}] {key}: the file has no section [{where}]",
            f"add [{where}], empty if need be",
        )
    return where, option


def _with_parents(
    config: configparser.ConfigParser, stage: str, below: tuple[str, ...] = ()
) -> list[str]:
    if stage in below:
        raise CfgError(
            "X2P831",
            f"[stage_{stage}] is its own parent: {' → '.join([*below, stage])}",
            "correct the parents",
        )
    below = (*below, stage)
    found: list[str] = []
    parent = config.get(f"stage_{stage}", "parent", fallback=None)
    for name in parent.split(",") if parent and len(below) <= _MOST_PARENTS else ():
        found += _with_parents(config, name, below)
    if len(found) + len(below) > _MOST_PARENTS:
        raise CfgError(
            "X2P831",
            f"[stage_{stage}] has more than {_MOST_PARENTS} parents",
            "correct the parents",
        )
    return [*found, stage]


def located(error: CfgError, text: str) -> CfgError:
    """The error with the line of the [section] and key that its message begins with."""
    match = re.match(r"\[([^\]]+)\](?: ([\w.-]+))?", error.message)
    if match and error.line is None:
        found = list(_lines_of(text, match[1], match[2]))
        # A stage may give the key anew: that one counts which has what is complained of.
        guilty = re.search(r"%\(\w+\)s|percent", error.message)
        sign = guilty[0].replace("percent", "%") if guilty else ""
        error.line = next((n for n, line in found if sign in line), found[0][0] if found else None)
    return error


def _lines_of(text: str, section: str, key: str | None) -> Iterator[tuple[int, str]]:
    """Where a key stands, in its section or in stages; where the section begins."""
    begins: list[tuple[int, str]] = []
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\[([^\]]+)\]", line)
        if header:
            inside = header[1]
            begins += [(number, line)] if inside == section else []
        name = re.match(r"([^\s=:]+)\s*[=:]", line)
        if name and ((name[1] == key and inside == section) or name[1] == f"{section}.{key}"):
            yield number, line
    yield from begins


def refused(error: configparser.Error, text: str, name: str) -> CfgError:
    """What ConfigParser says, with place and remedy."""
    line = getattr(error, "lineno", None)
    message, advice = str(error).split("\n")[0], "correct the line"
    if isinstance(error, configparser.DuplicateSectionError):
        message, advice = f"a second section [{error.section}]", "make one of the two"
    elif isinstance(error, configparser.DuplicateOptionError):
        message = f"[{error.section}] {error.option} is given twice"
        advice = "remove one, or number them: KEY_1, KEY_2"
    elif isinstance(error, configparser.InterpolationError):
        place = f"[{error.section}] {error.option}"
        if isinstance(error, configparser.InterpolationMissingOptionError):
            message = f"{place} uses %({error.reference})s, which is not defined"
            advice = f"define {error.reference} in [global]"
        elif isinstance(error, configparser.InterpolationDepthError):
            message, advice = f"{place} goes round in circles", "correct its macros"
        else:
            message, advice = f"{place}: a percent sign alone", "write %% for a plain %"
    elif isinstance(error, configparser.MissingSectionHeaderError):
        message, advice = "text before the first [section]", "put a section before it"
    elif isinstance(error, configparser.ParsingError):
        line = error.errors[0][0] if error.errors else None
        message, advice = "a line that is not KEY = VALUE", "correct it, or make it a comment"
    return located(CfgError("X2P830", message, advice, file=name, line=line), text)
