"""Files in which people say what they accept: ConfigObj, a section for each, under any name."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from converter.errors import UsageError
from converter.reading import read_text
from converter.text import lines_of, one_line, says_something

if TYPE_CHECKING:
    from configobj import ConfigObj

__all__ = [
    "UNCUT",
    "config_lines",
    "cut",
    "last_day",
    "refusal",
    "section_lines",
    "section_name",
    "sections",
]


def sections(path: str, keys: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each section's name and values.

    Raises UsageError that names section, key and what is allowed, for a key that is none of them
    and for a section without a reason.
    """
    config = _config(path)
    if config.scalars:
        raise refusal(path, f"{config.scalars[0]} stands outside of a [section]", "name a section")
    for name in config.sections:
        for key, value in config[name].items():
            if key not in keys or not isinstance(value, str):
                near = difflib.get_close_matches(key, keys, 1, 0.6)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(keys)}"
                raise refusal(path, f"[{name}] {key} is not known", hint)
        given = {key: value.strip() for key, value in config[name].items()}
        if not says_something(given.get("reason", "")):
            raise refusal(path, f"[{name}] has no reason", "say why it is accepted: reason = …")
        yield name, given


def last_day(path: str, name: str, given: Mapping[str, str]) -> datetime.date | None:
    """The day that `until` names, if there is one.  Raises UsageError where it is no date."""
    text = given.get("until")
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        message = f"[{name}] until = {text}: not a date"
        raise refusal(path, message, "write it as 2027-06-30") from None


def config_lines(path: str) -> list[str]:
    """The lines of a file that ConfigObj is to read.

    Raises OSError, and ValueError where it is no text or ConfigObj would hardly come to an end:
    what its patterns are tried with grows with the power of blanks and brackets in a line.
    """
    lines = lines_of(read_text(path))
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST or _ENDLESS.search(line):
            raise ValueError(f"line {number} is too long, or has too many blanks or brackets")
    return lines


def cut(config: ConfigObj, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Section and key of values behind which, without blanks around it, a `#` begins a comment.

    To ConfigObj any `#` does; to a person `a#b` and `see #12` are values.
    """
    for section in ("", *config.sections):
        place = config[section] if section else config
        for key in place.scalars:
            comment = place.inline_comments.get(key)
            if not comment:
                continue
            apart = re.compile(rf"\s{re.escape(comment)}\s*$")
            if not re.match(r"#+(?:\s|$)", comment) or not any(
                key in line and apart.search(line) for line in lines
            ):
                yield section, key


UNCUT = 'write the value as """VALUE"""; a comment has blanks on both sides of its #'
"""What to do about such a value."""

_LONGEST = 10_000
_ENDLESS = re.compile(r"\s{100}|^\s*(\[\s*){4}|^\s*\[.*\]\s+\]")


def _config(path: str) -> ConfigObj:
    """Such a file.  Raises UsageError where it is none."""
    # Imported only where somebody has such a file.
    from configobj import ConfigObj, ConfigObjError

    try:
        lines = config_lines(path)
        config = ConfigObj(lines, list_values=False, interpolation=False, raise_errors=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(path, f"cannot be read: {reason}", "check the name") from None
    except ConfigObjError as error:
        raise refusal(path, str(error), "correct this line") from None
    for section, key in cut(config, lines):
        raise refusal(path, f"[{section}] {key} is cut at its #", UNCUT)
    return config


def section_name(text: str) -> str:
    """The text as the name of a section."""
    return " ".join(re.sub(r"""[\[\]'"#,]""", "_", one_line(text)).split())


def section_lines(name: str, values: Mapping[str, str]) -> list[str]:
    """A section of such a file, which reads back as these values, each on one line."""
    lines = [f"[{name}]"]
    for key, value in values.items():
        text = one_line(value)
        if "#" in text or text.lstrip().startswith(("'", '"')):
            # Else a comment begins there, or a quoted text.
            text = '"""' + text.replace('"""', '"') + '"""'
        lines.append(f"{key} = {text}")
    return lines


def refusal(path: str, message: str, advice: str) -> UsageError:
    return UsageError("X2P913", message, advice, file=path)
