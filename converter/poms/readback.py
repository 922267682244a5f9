"""The proof of a written campaign.cfg: every stage gets from it what it was meant to get."""

from __future__ import annotations

import re
from collections.abc import Iterable

from converter.poms.config import CampaignConfig, StageConfig, stem
from converter.poms.escape import is_harmless
from converter.poms.plain import sections
from converter.poms.reader import PROCESS

__all__ = ["WriterError", "check"]


class WriterError(Exception):
    """What was written does not read back as what was meant: a defect of this program."""


def check(text: str, campaign: CampaignConfig) -> None:
    """Read the text back as fife_launch does.  Raises WriterError where a stage gets otherwise."""
    document = _ReadBack(text)
    for section, values in document.sections.items():
        if section in _ORDERED:
            _in_order_of_numbers(section, values)
    for config in campaign.stages:
        _check(document, campaign, config)


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
        self.twice: dict[str, str] = {}
        """What stands for a macro in a value: it is expanded once more."""

    def expand(self, value: str) -> str:
        """A value of any section."""
        return _REFERENCE.sub(self._once, value) if "%" in value else value

    def _once(self, match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "%"
        found = self.twice.get(name)
        if found is None:
            found = self.twice[name] = self.expand(self[name])
        return found

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
        if not is_harmless(section, key, text.string):
            raise WriterError(f"{name}: a shell would read more than words in {section}.{key}")
        if raw == text.string and raw and "%" not in raw and key not in macros.raw:
            continue  # as most are
        if key in macros.raw:
            # A macro hides the key of its name, and is expanded once more.
            raw = macros[key]
        got = macros.expand(raw)
        # fife_launch takes a value that expands to nothing for a mistake.
        if got != text.string.strip() or (raw and not got):
            raise WriterError(f"{name}: {section}.{key} reads back as {got!r}, not {text!r}")
        if text.is_plain:
            continue
        for string, macro in text.parts:
            if macro in known and known[macro].string != string:
                raise WriterError(f"{name}: {section}.{key} uses {macro} for {string!r}")
    for section in _ORDERED:
        values = found.get(section, {})
        if values is not document.sections.get(section, values):
            _in_order_of_numbers(f"{name}: {section}", values)


_ORDERED = ("job_setup", "executable")
"""Sections whose numbered keys are lines of one script, or words of one command.

Elsewhere a number only tells keys apart: of macros, of variables, of requests.
"""


def _in_order_of_numbers(section: str, keys: Iterable[str]) -> None:
    last: dict[str, int] = {}
    for key in keys:
        base, number = stem(key)
        if not number:
            continue
        # fife_launch numbers arguments anew, without gaps.
        if number < last.get(base, 0) or (base == "arg" and number != last.get(base, 0) + 1):
            raise WriterError(f"{section}.{key} is out of order")
        last[base] = number
