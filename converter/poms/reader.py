"""Reading a campaign.cfg as fife_launch does (bin/fife_launch of fife-utils)."""

from __future__ import annotations

import configparser

__all__ = ["load", "resolve"]


def load(text: str) -> configparser.ConfigParser:
    """The file as fife_launch loads it: basic interpolation, case-sensitive keys, strict.

    Raises configparser.Error where fife_launch would, an undefined macro in [global] included.
    """
    config = configparser.ConfigParser()
    config.optionxform = str  # type: ignore[assignment,method-assign]
    config.read_string(text)
    if config.has_section("global"):
        dict(config.items("global"))
    return config


def resolve(text: str, stage: str) -> dict[str, dict[str, str]]:
    """Every section as it stands after `--stage STAGE`: key → value, macros expanded.

    Keys are in the order in which fife_launch writes them out; arguments are numbered anew.
    """
    config = load(text)
    for name in _with_parents(config, stage):
        section = f"stage_{name}"
        if not config.has_section(section):
            continue
        for key, value in config.items(section, raw=True):
            if key == "parent":
                continue
            where, option = key.split(".", 1)
            config.set(where, option, value)
    _renumber(config)
    config.set("global", "_process", r"\${JOBSUBJOBSECTION:-\$PROCESS}")
    macros = dict(config.items("global"))
    return {
        section: {key: config.get(section, key, vars=macros) for key in config.options(section)}
        for section in config.sections()
        if not section.startswith("stage_")
    }


def _with_parents(config: configparser.ConfigParser, stage: str) -> list[str]:
    parent = config.get(f"stage_{stage}", "parent", fallback=None)
    before = [] if not parent else [s for p in parent.split(",") for s in _with_parents(config, p)]
    return [*before, stage]


def _renumber(config: configparser.ConfigParser) -> None:
    if not config.has_section("executable"):
        return
    values = [
        config.get("executable", f"arg_{n}", raw=True)
        for n in range(1, 100)
        if config.has_option("executable", f"arg_{n}")
    ]
    for number in range(1, 100):
        if number <= len(values):
            config.set("executable", f"arg_{number}", values[number - 1])
        else:
            config.remove_option("executable", f"arg_{number}")
