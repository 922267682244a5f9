"""Reading a campaign.cfg as fife_launch does (bin/fife_launch of fife-utils)."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from contextlib import contextmanager

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


def resolve(text: str | configparser.ConfigParser, stage: str) -> dict[str, dict[str, str]]:
    """Every section as it stands after `--stage STAGE`: key → value, macros expanded.

    Keys are in the order in which fife_launch writes them out; arguments are numbered anew.
    """
    config = load(text) if isinstance(text, str) else text
    with _applied(config, stage):
        macros = dict(config.items("global"))
        return {
            section: {key: config.get(section, key, vars=macros) for key in config.options(section)}
            for section in config.sections()
            if not section.startswith("stage_")
        }


@contextmanager
def _applied(config: configparser.ConfigParser, stage: str) -> Iterator[None]:
    """The stage's overrides in place, as fife_launch puts them; taken back afterwards."""
    before: dict[tuple[str, str], str | None] = {}

    def put(section: str, option: str, value: str | None) -> None:
        was = config.get(section, option, raw=True, fallback=None)
        before.setdefault((section, option), was)
        if value is None:
            config.remove_option(section, option)
        else:
            config.set(section, option, value)

    for name in _with_parents(config, stage):
        section = f"stage_{name}"
        if config.has_section(section):
            for key, value in config.items(section, raw=True):
                if key != "parent":
                    where, option = key.split(".", 1)
                    put(where, option, value)
    if config.has_section("executable"):
        numbered = [f"arg_{n}" for n in range(1, 100)]
        given = [a for a in numbered if config.has_option("executable", a)]
        values = [config.get("executable", a, raw=True) for a in given]
        for option, value in zip(numbered, values, strict=False):
            put("executable", option, value)
        for option in given:
            if option not in numbered[: len(values)]:
                put("executable", option, None)
    put("global", "_process", r"\${JOBSUBJOBSECTION:-\$PROCESS}")
    try:
        yield
    finally:
        for (section, option), was in before.items():
            if was is None:
                config.remove_option(section, option)
            else:
                config.set(section, option, was)


def _with_parents(config: configparser.ConfigParser, stage: str) -> list[str]:
    parent = config.get(f"stage_{stage}", "parent", fallback=None)
    before = [] if not parent else [s for p in parent.split(",") for s in _with_parents(config, p)]
    return [*before, stage]
