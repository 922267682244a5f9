"""Getting a value through the readers of a campaign.cfg unchanged: one function per place.

A value goes through up to five readers: ConfigParser, the shell at launch, jobsub_lite (which
takes away one backslash and pairs of single quotes), the shell of the job, and fife_wrap.
Each function takes what must arrive and gives what must be written, before ConfigParser's own
`%` (which the writer doubles).  Macros in the text stay macros: their values are SAFE.
"""

from __future__ import annotations

import re
from functools import lru_cache

from converter.text import Text

__all__ = [
    "SAFE",
    "env_value",
    "executable_word",
    "heredoc_line",
    "is_executable_word",
    "job_value",
    "script_word",
    "submit_value",
]

SAFE = re.compile(r"[A-Za-z0-9_./:,+=@-]+")
"""What means itself to every one of the readers."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:,+=@%-]*")
_JOB_SPECIAL = re.compile(r"[^A-Za-z0-9_./:,+=@%-]")
_JOB_SPECIAL_BUT_VARIABLES = re.compile(r"[^A-Za-z0-9_./:,+=@%${}-]")
_EXECUTABLE = re.compile(r"(?:[A-Za-z0-9_./:,+=@%-]|\$\w+|\$\{\w+\})+")


def _protected(string: str) -> str:
    """For jobsub_lite: what is left of this after its backslash layer is `string`."""
    return re.sub(r"([\\'])", r"\\\1", string)


def _single_quoted(text: Text) -> Text:
    return "'" + text.map(lambda s: s.replace("'", "'\\''")) + "'"


@lru_cache(maxsize=512)
def submit_value(text: Text) -> Text:
    """A value of [submit]: the launch shell reads it unquoted, then jobsub_lite."""
    if _PLAIN.fullmatch(text.string):
        return text
    return _single_quoted(text.map(_protected))


def env_value(text: Text) -> Text:
    """A value of [env_pass]: fife_launch puts double quotes around it."""
    if _PLAIN.fullmatch(text.string):
        return text
    return text.map(lambda s: re.sub(r'([\\$"`])', r"\\\1", s))


@lru_cache(maxsize=512)
def job_value(text: Text, *, variables: bool = False) -> Text:
    """A value of [job_output], [sam_consumer] and most of [job_setup].

    fife_launch puts single quotes around it, jobsub_lite has its way, the shell of the job
    expands it.  With `variables` the job's `$X` and `${X}` are left to expand.
    """
    if _PLAIN.fullmatch(text.string):
        return text
    special = _JOB_SPECIAL_BUT_VARIABLES if variables else _JOB_SPECIAL

    def written(string: str) -> str:
        for_the_job = special.sub(lambda m: "\\" + m.group(), string)
        return _protected(for_the_job).replace("'", "'\\''")

    return text.map(written)


@lru_cache(maxsize=512)
def is_executable_word(string: str) -> bool:
    """Whether an argument can stand in [executable]; others belong into a script.

    The words of an executable are also repeated between double quotes in jobsub_lite's job
    script, so that nothing but plain characters and variables is safe there.
    """
    return bool(_EXECUTABLE.fullmatch(string))


def executable_word(text: Text) -> Text:
    """An argument in [executable]: its variables expand when the job starts."""
    if not is_executable_word(text.string):
        raise ValueError(f"{text.string!r} cannot stand in [executable]")
    if "$" not in text.string:
        return text
    return text.map(lambda s: s.replace("$", "\\$"))


def heredoc_line(text: Text) -> Text:
    """A line of a here-document whose delimiter is not quoted."""
    return text.map(lambda s: re.sub(r"([\\$`])", r"\\\1", s))


def script_word(text: Text) -> Text:
    """One literal word of a shell script."""
    if text and _PLAIN.fullmatch(text.string):
        return text
    return _single_quoted(text)
