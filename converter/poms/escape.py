"""Getting a value through the readers of a campaign.cfg unchanged: one function per place.

A value goes through up to five readers: ConfigParser, the shell at launch, jobsub_lite (which
takes away one backslash and pairs of single quotes), the shell of the job, and fife_wrap.
Each function takes what must arrive and gives what must be written, before ConfigParser's own
`%` (which the writer doubles).  Macros in the text stay macros: their values are SAFE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from converter.text import Text

__all__ = [
    "PLACES",
    "SAFE",
    "Place",
    "beside_cfg",
    "env_value",
    "executable_word",
    "heredoc_line",
    "is_command",
    "is_executable_word",
    "is_harmless",
    "job_pattern",
    "job_value",
    "place_of",
    "script_pattern",
    "script_word",
    "submit_value",
]

SAFE = re.compile(r"[A-Za-z0-9_./:,+=@-]+")
"""What means itself to every one of the readers."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:,+=@%-]*")
_JOB_SPECIAL = re.compile(r"([^A-Za-z0-9_./:,+=@%-]+)")
_SPECIAL_BUT_VARIABLES = re.compile(r"\$\w+|\$\{\w+\}|([^A-Za-z0-9_./:,+=@%$-]+|\$)")
_PATTERN_SPECIAL = re.compile(r"[^A-Za-z0-9_./:,+=@%*-]")
_EXECUTABLE = re.compile(r"(?:[A-Za-z0-9_./:,+=@%-]|\$\w+|\$\{\w+\})+")


def _protected(string: str) -> str:
    """For jobsub_lite: what is left of this after its backslash layer is `string`."""
    return _behind_backslashes(string, "\\'")


def _behind_backslashes(string: str, signs: str) -> str:
    """The string with a backslash before each of the signs, of which the first is one itself."""
    for sign in signs:
        string = string.replace(sign, "\\" + sign)
    return string


def _single_quoted(text: Text) -> Text:
    return "'" + text.map(lambda s: s.replace("'", "'\\''")) + "'"


@lru_cache(maxsize=512)
def submit_value(text: Text) -> Text:
    """A value of [submit]: the launch shell reads it unquoted, then jobsub_lite.

    A plain True would make a flag of the option.
    """
    if _PLAIN.fullmatch(text.string) and text.string != "True":
        return text
    return _single_quoted(text.map(_protected))


def beside_cfg(name: str) -> Text:
    """For [submit] f: a file that is where the campaign.cfg is, in POMS or where one launches."""
    return Text(f'"dropbox://${{UPLOADS:-$PWD}}/{name}"')


_BESIDE = re.compile(r'"dropbox://\$\{UPLOADS:-\$PWD\}/([\w.+-]+)"')


def files_beside(value: str) -> list[str]:
    """The names of such files in a value of [submit]."""
    return _BESIDE.findall(value)


def env_value(text: Text) -> Text:
    """A value of [env_pass]: fife_launch puts double quotes around it."""
    if _PLAIN.fullmatch(text.string):
        return text
    return text.map(lambda s: _behind_backslashes(s, '\\$"`'))


@lru_cache(maxsize=512)
def job_value(text: Text, *, variables: bool = False) -> Text:
    """A value of [job_output], [sam_consumer] and most of [job_setup].

    fife_launch puts single quotes around it, jobsub_lite has its way, the shell of the job
    expands it.  With `variables` the job's `$X` and `${X}` are left to expand.
    """
    if _PLAIN.fullmatch(text.string):
        return text
    special = _SPECIAL_BUT_VARIABLES if variables else _JOB_SPECIAL

    def escaped(match: re.Match[str]) -> str:
        return "\\" + "\\".join(match[1]) if match[1] else match[0]

    return text.map(lambda string: _for_the_job(special.sub(escaped, string)))


def job_pattern(text: Text) -> Text:
    """A pattern of [job_output] addoutput: of its signs only `*` is one to fife_wrap."""
    if _PATTERN_SPECIAL.search(text.string) is None:
        return text

    def escaped(match: re.Match[str]) -> str:
        sign = match.group()
        return rf"\[\{sign}\]" if sign in "[?" else "\\" + sign

    return text.map(lambda string: _for_the_job(_PATTERN_SPECIAL.sub(escaped, string)))


def _for_the_job(string: str) -> str:
    """What single quotes at launch, and then jobsub_lite, leave as it is."""
    return _protected(string).replace("'", "'\\''")


@lru_cache(maxsize=512)
def is_executable_word(string: str) -> bool:
    """Whether an argument can stand in [executable]; others belong into a script.

    The words of an executable are also repeated between double quotes in jobsub_lite's job
    script, so that nothing but plain characters and variables is safe there.  A lone `--` ends
    the words of an executable.
    """
    return bool(_EXECUTABLE.fullmatch(string)) and string != "--"


def executable_word(text: Text) -> Text:
    """An argument in [executable]: its variables expand when the job starts."""
    if not is_executable_word(text.string):
        raise ValueError(f"{text.string!r} cannot stand in [executable]")
    if "$" not in text.string:
        return text
    return text.map(lambda s: s.replace("$", "\\$"))


def heredoc_line(text: Text) -> Text:
    """A line of a here-document whose delimiter is not quoted."""
    return text.map(lambda s: _behind_backslashes(s, "\\$`"))


def is_command(string: str) -> bool:
    """Whether a shell takes a first word for the name of a program: no assignment, no syntax."""
    return "=" not in string and string not in _RESERVED


_RESERVED = {
    *("!", "{", "}", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi"),
    *("for", "function", "if", "in", "select", "then", "time", "until", "while"),
}


def script_word(text: Text, *, variables: bool = False, command: bool = False) -> Text:
    """One word of a shell script, literally, but that with `variables` one that has nothing
    else special keeps its variables.  As the name of a `command` it is nothing else.
    """
    if variables and is_executable_word(text.string):
        return text
    if text and _PLAIN.fullmatch(text.string) and (not command or is_command(text.string)):
        return text
    return _single_quoted(text)


def script_pattern(text: Text) -> Text:
    """A pattern in a shell script: of its signs only `*` is one."""
    return text.map(lambda s: _PATTERN_SPECIAL.sub(lambda m: "\\" + m.group(), s))


class Place(Struct, frozen=True):
    """Where values stand in a campaign.cfg, and who reads them there.

    section   its name, without the number of a further one
    keys      without their numbers; () is every other key of the section
    settings  tags whose text can get there; "" is what the profile or this program says
    written   the function that makes the text
    launch    how fife_launch hands the text to the shell of the launch: "bare", as words between
              other words; "double" or "single", in quotes of that kind; "encoded", percent by
              percent, so that it is the job that reads it; "command", as a command; "" not at all
    left      what is left to a shell on purpose, because project.py does so too
    """

    section: str
    keys: tuple[str, ...]
    settings: tuple[str, ...]
    written: str
    launch: str
    left: str = ""


PLACES = (
    Place(
        "global",
        ("jobname",),
        ("batchname", "@name", "tag"),
        "what is not SAFE becomes _",
        "bare",
    ),
    Place(
        "global",
        (),
        (
            *("@name", "tag", "qual", "local", "outdir", "logdir", "fcl", "inputdef", "defname"),
            *("inputstream", "numevents", "numjobs"),
        ),
        "SAFE only; other text is written out where it is used",
        "",
    ),
    Place(
        "env_pass",
        (),
        ("jobsub",),
        "env_value",
        "double",
        "$NAME alone, of `-e NAME`: the variable's value where the launch happens",
    ),
    Place(
        "prelaunch",
        ("script",),
        ("submitscript",),
        "shlex.quote, word by word",
        "command",
        "the command itself, which project.py runs where it submits",
    ),
    Place(
        "submit",
        (),
        (
            *("jobsub", "lines", "resource", "site", "blacklist", "os", "role", "disk", "memory"),
            *("cpu", "numjobs", "local", "inputdef", "defname", "inputlist", "fcldir", "fcl"),
            *("initscript", "initsource", "endscript", "finscript", "prestagefraction", "cvmfs"),
            *("stash", "singularity", "inputstream", "recurdef", "previousstage"),
        ),
        "submit_value, beside_cfg",
        "bare",
        "variables of the job, as $CONDOR_DIR_INPUT, in options that jobsub_lite hands on to it; "
        "$UPLOADS, or $PWD, where the scripts beside the campaign.cfg are",
    ),
    Place(
        "job_setup",
        ("source", "setup", "prescript", "postscript"),
        (
            *("tag", "qual", "ups", "local", "fcldir", "fcl", "inputfile", "inputlist", "exe"),
            *("args", "output", "TFileName", "initscript", "initsource", "endscript"),
            *("finscript", "processname", "projectname", "stagename", "version", "filetype"),
            *("runtype", "parameter", "runnumber", "maxfluxfilemb", "maxfilesperjob"),
            *("datafiletypes", "nthreads", "nschedules", "numevents", "outdir", "logdir"),
            *("@name", "inputmode", "anamerge", "merge", "schema"),
        ),
        "script_word, script_pattern, heredoc_line; as it is where the job's shell reads "
        "project.py's words in the same way",
        "encoded",
        "variables, and what the job's shell makes of arguments that are shell",
    ),
    Place("job_setup", (), ("",), "True", "single"),
    Place(
        "sam_consumer",
        (),
        ("processname", "tag", "schema", "maxfilesperjob"),
        "job_value",
        "single",
    ),
    Place("executable", ("name",), ("exe",), "executable_word, else a script", "bare", "$NAME"),
    Place(
        "executable",
        (),
        ("args", "output", "TFileName", "numevents", "numjobs", "nthreads", "nschedules", "fcl"),
        "executable_word, else a script",
        "bare",
        "$NAME, and the job's own arithmetic",
    ),
    Place(
        "job_output",
        (),
        (
            *("outdir", "logdir", "output", "TFileName", "datafiletypes", "defname", "copy"),
            *("filetype", "datatier", "check", "dirsize", "dirlevels", "ana"),
        ),
        "job_value, job_pattern",
        "single",
        "$NAME in a directory",
    ),
)
"""Every place of a campaign.cfg: who reads what stands there, and what a shell may do with it."""

_ROWS: Mapping[tuple[str, str], Place] = {
    (place.section, key): place for place in PLACES for key in place.keys or ("",)
}
_NUMBER = re.compile(r"_\d{1,2}$")


def place_of(section: str, key: str) -> Place:
    """The place of a key.  Raises KeyError where nothing of this program stands."""
    section = _NUMBER.sub("", section)
    place = _ROWS.get((section, _NUMBER.sub("", key)))
    return place if place is not None else _ROWS[section, ""]


_WORD = r"(?:[^\s'\"\\$`;&|<>()*?\[\]#!~]|'[^']*'|\\[^\n])"
_LAUNCH = {
    "bare": re.compile(rf"{_WORD}+(?: +{_WORD}+)*"),
    "double": re.compile(r'\$\w+|(?:[^"\\$`]|\\[\\$"`])+'),
    "single": re.compile(r"(?:[^']|'\\'')*"),
}
"""What gives the shell of a launch words, and nothing else to do."""


@lru_cache(maxsize=4096)
def is_harmless(section: str, key: str, value: str) -> bool:
    """Whether the shell of a launch finds nothing but words in a value as it is read.

    A command there, a redirection, a pattern, an expansion would be somebody's XML at work on
    the host of the one who launches.
    """
    shape = _LAUNCH.get(place_of(section, key).launch)
    if section == "submit":
        value = _BESIDE.sub("FILE", value)
    return shape is None or not value or shape.fullmatch(value) is not None
