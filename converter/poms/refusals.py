"""What is wrong with a campaign.cfg, with the line and what to do."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

from converter.errors import CfgError

__all__ = ["locate", "refused"]


def locate(error: CfgError, text: str, name: str) -> CfgError:
    """The error with the file, and the line of the [section] and key that its message begins with.

    text, name  of the file
    """
    match = re.match(r"\[([^\]]+)\](?: ([\w.-]+))?", error.message)
    line = error.line
    if match and line is None:
        found = list(_lines_of(text, match[1], match[2]))
        # A stage may give the key anew: that one counts which has what is complained of.
        guilty = re.search(r"%\(\w+\)s|percent", error.message)
        sign = guilty[0].replace("percent", "%") if guilty else ""
        begin = found[0][0] if found else None
        line = next((number for number, written in found if sign in written), begin)
    return error.at(name, line)


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
        message, advice = "a line that is no KEY = VALUE", "correct it, or make it a comment"
    return locate(CfgError("X2P830", message, advice, line=line), text, name)
