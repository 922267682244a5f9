"""The proof of a written campaign.cfg: every stage gets from it what it was meant to get."""

from __future__ import annotations

import configparser
from collections.abc import Iterable

from converter.errors import CfgError
from converter.poms.config import CampaignConfig, Key, StageConfig, stem
from converter.poms.document import Document
from converter.poms.escape import is_harmless
from converter.poms.reader import read_cfg, stage_sections
from converter.text import Text

__all__ = ["WriterError", "check"]


class WriterError(Exception):
    """What was written does not read back as what was meant: a defect of this program."""


def check(text: str, campaign: CampaignConfig) -> None:
    """Read the text back as fife_launch does.  Raises WriterError where a stage gets otherwise."""
    try:
        document = read_cfg(text, "campaign.cfg")
        for section, values in document.sections.items():
            if section in _ORDERED:
                _in_order_of_numbers(section, values)
        for config in campaign.stages:
            _check(document, campaign, config)
    except (CfgError, configparser.Error) as error:
        raise WriterError(f"fife_launch would stop: {error}") from error


def _check(
    document: Document,
    campaign: CampaignConfig,
    config: StageConfig,
) -> None:
    """Whether a stage gets what it was to get, and numbered keys stand in order."""
    name = config.name
    found = stage_sections(document, name)
    sections = found.sections
    for (section, key), text in _arguments_anew(config.values).items():
        own = sections[section]
        if not is_harmless(section, key, text.string):
            raise WriterError(f"{name}: a shell would read more than words in {section}.{key}")
        got = found.value(section, key) if key in own else ""
        if got != text.string.strip():
            raise WriterError(f"{name}: {section}.{key} reads back as {got!r}, not {text!r}")
        if text.is_plain:
            continue
        for string, macro in text.parts:
            if macro:
                meant = config.values.get(("global", macro), campaign.macros.get(macro))
                if meant is not None and meant.string != string:
                    raise WriterError(f"{name}: {section}.{key} uses {macro} for {string!r}")
    for section in _ORDERED:
        values = sections.get(section, {})
        if values is not document.sections.get(section, values):
            _in_order_of_numbers(f"{name}: {section}", values)


_ORDERED = ("job_setup", "executable")
"""Sections whose numbered keys are lines of one script, or words of one command.

Elsewhere a number only tells keys apart: of macros, of variables, of requests.
"""


def _arguments_anew(values: dict[Key, Text]) -> dict[Key, Text]:
    """A stage's values with its arguments numbered as fife_launch does: anew, without gaps."""
    given = sorted((stem(key)[1], key) for section, key in values if (section, key[:4]) == _ARG)
    names = {("executable", key): f"arg_{n}" for n, (_, key) in enumerate(given, 1) if key}
    if all(name == key for (_, key), name in names.items()):
        return values
    return {(key[0], names.get(key, key[1])): text for key, text in values.items()}


_ARG = "executable", "arg_"


def _in_order_of_numbers(section: str, keys: Iterable[str]) -> None:
    last: dict[str, int] = {}
    for key in keys:
        base, number = stem(key)
        if not number:
            continue
        if number < last.get(base, 0):
            raise WriterError(f"{section}.{key} is out of order")
        last[base] = number
