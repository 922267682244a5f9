"""The options of jobsub_submit: what jobsub_lite takes, and what the old client took.

Source: jobsub_lite's lib/get_parser.py (July 2025).  The option names that only the old
jobsub_client knew are listed with what became of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from converter.text import Text

__all__ = [
    "OPTIONS",
    "OPTIONS_BY_KEY",
    "REMOVED",
    "Given",
    "Option",
    "find",
    "is_misread_in_job",
    "parse",
    "unprotect",
]


class Option(Struct, frozen=True):
    """An option of jobsub_lite.

    key         its name in [submit]: without dashes
    kind        "value", "flag", "pair" (two words), "choice" (flags of which the last wins)
    repeats     each one counts, else the last one wins
    unit        "memory", "disk", "time", "int", or "" for any text
    """

    key: str
    kind: str = "value"
    repeats: bool = False
    unit: str = ""
    aliases: tuple[str, ...] = ()
    meaning: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        dashes = "-" if len(self.key) == 1 else "--"
        return (dashes + self.key, *self.aliases)


_ROWS = (
    Option("G", aliases=("--group",), meaning="experiment"),
    Option("role", meaning="role in the experiment"),
    Option("subgroup", meaning="subgroup for priorities and accounting"),
    Option("auth-methods", meaning="proxy, token"),
    Option("global-pool", meaning="another pool"),
    Option("verbose", unit="int"),
    Option("debug", "flag"),
    Option("devserver", "flag"),
    Option("version", "flag"),
    Option("support-email", "flag"),
    Option("schedd-for-testing"),
    Option("job-info", repeats=True),
    Option("need-storage-modify", repeats=True, meaning="directories to be written to"),
    Option("need-scope", repeats=True, meaning="scopes of the job's token"),
    Option(
        "append_condor_requirements",
        repeats=True,
        aliases=("-c", "--append-condor-requirements"),
        meaning="condor requirement, and-ed to the others",
    ),
    Option("blocklist", aliases=("--blacklist",), meaning="sites not to run at"),
    Option("r", meaning="release version"),
    Option("i", meaning="release directory"),
    Option("t", meaning="test release directory"),
    Option("cmtconfig"),
    Option("cpu", unit="int", meaning="cores"),
    Option("dag", "flag"),
    Option(
        "dataset-definition",
        aliases=("--dataset_definition", "--dataset"),
        meaning="SAM dataset of a dag",
    ),
    Option("dd-percentage", unit="int", meaning="share of the dataset to be staged first"),
    Option("dd-extra-dataset", repeats=True),
    Option("disk", unit="disk", meaning="scratch space; a number alone is in KB"),
    Option("d", "pair", repeats=True, meaning="tag and directory to copy back to"),
    Option("email-to"),
    Option("e", repeats=True, aliases=("--environment",), meaning="variable for the job"),
    Option("expected-lifetime", unit="time", meaning="run time; short, medium, long or a time"),
    Option("f", repeats=True, meaning="file to bring to $CONDOR_DIR_INPUT"),
    Option("generate-email-summary", "flag"),
    Option("gpu", unit="int"),
    Option("L", aliases=("--log-file", "--log_file")),
    Option("lines", repeats=True, aliases=("-l",), meaning="line for the condor job file"),
    Option("project-name", aliases=("--project_name",), meaning="SAM project name"),
    Option("mail_never", "choice", aliases=("-Q", "--mail-never")),
    Option("mail_on_error", "choice", aliases=("--mail-on-error",)),
    Option("mail_always", "choice", aliases=("--mail-always",)),
    Option("maxConcurrent", unit="int", meaning="jobs at one time, by a dag"),
    Option("managed-token", "flag"),
    Option("memory", unit="memory", meaning="a number alone is in MB"),
    Option("N", unit="int", meaning="number of jobs"),
    Option("no_submit", "flag", aliases=("-n", "--no-submit")),
    Option("no-env-cleanup", "flag"),
    Option("OS", meaning="operating system of the worker node"),
    Option("overwrite-condor-requirements", aliases=("--overwrite_condor_requirements",)),
    Option("resource-provides", repeats=True, meaning="usage_model=… and the like"),
    Option("skip-check", repeats=True),
    Option(
        "tar_file_name",
        repeats=True,
        aliases=("--tar-file-name",),
        meaning="dropbox://TARBALL or tardir://DIRECTORY, unpacked for the job",
    ),
    Option("tarball-exclusion-file"),
    Option("timeout", unit="time", meaning="kill the job after this time"),
    Option("use-cvmfs-dropbox", "flag"),
    Option("use-pnfs-dropbox", "flag"),
    Option("site", meaning="sites to run at"),
    Option("onsite", "flag", aliases=("--onsite-only",)),
    Option("offsite", "flag", aliases=("--offsite-only",)),
    Option("singularity-image", aliases=("--apptainer-image",), meaning="container image"),
    Option("no-singularity", "flag", aliases=("--no-apptainer",)),
)

OPTIONS_BY_KEY: dict[str, Option] = {option.key: option for option in _ROWS}

OPTIONS: dict[str, Option] = {name: option for option in _ROWS for name in option.names}
"""Every spelling of every option."""


class _Gone(Struct, frozen=True):
    takes_value: bool
    instead: str


REMOVED: dict[str, _Gone] = {
    "--jobsub-server": _Gone(True, "jobsub_lite has no server"),
    "-q": _Gone(False, "mail_on_error"),
    "-M": _Gone(False, "mail_always"),
    "--mail": _Gone(False, "mail_on_error"),
    "--nfile": _Gone(True, "sam_consumer.limit"),
    "--use_gftp": _Gone(False, "ifdh chooses the protocol"),
    "--use_gsiftp": _Gone(False, "ifdh chooses the protocol"),
    "--transfer_wrapfile": _Gone(False, "jobsub_lite always does"),
    "--no_log_buffer": _Gone(False, "jobsub_lite never buffers logs"),
    "--drain": _Gone(False, ""),
    "--forcenoreuse": _Gone(False, ""),
    "--always-run-on-the-same-host": _Gone(False, ""),
    "--compress-logs": _Gone(False, ""),
    "--msopt": _Gone(True, ""),
    "--os": _Gone(True, "--OS"),
}
"""Options of the old jobsub_client that jobsub_lite refuses."""


class Given(Struct, frozen=True):
    """One option as given: `option` is None where jobsub_lite does not know it."""

    word: str
    option: Option | None
    values: tuple[Text, ...] = ()
    problem: str = ""
    """Why jobsub_lite would refuse it, or ''."""


_ONE_WORD = re.compile(r"(?:[^\s'\"`\\;&|<>()$#]|(?<!^)#|\$\w+|\$\{\w+\})*")
"""What is one word to a shell, which may put variables of the job in."""

_VERBATIM = frozenset(("d", "f", "i", "L", "r", "role", "t", "tar_file_name"))
"""Options whose values its templates/simple/simple.sh has without quotes, as part of a command."""


def is_misread_in_job(option: Option, values: Sequence[str]) -> bool:
    """Whether the shell of the job fails at the values, or takes them for something else.

    jobsub_lite writes some as they are into the script that starts the job.
    """
    if option.key == "d" and not re.fullmatch(r"\w+", values[0], re.ASCII):
        # `export CONDOR_DIR_TAG=…`
        return True
    if option.key == "r":
        # Qualifiers may follow a version: `setup PRODUCT VALUE`.
        values = [word for value in values for word in value.split()]
    return option.key in _VERBATIM and not all(map(_ONE_WORD.fullmatch, values))


def find(name: str) -> Option | None:
    """The option of that spelling, or of which it is the only possible beginning."""
    if name in OPTIONS:
        return OPTIONS[name]
    if name.startswith("--"):
        found = {o.key: o for n, o in OPTIONS.items() if n.startswith(name)}
        if len(found) == 1:
            return next(iter(found.values()))
    return None


def unprotect(text: Text) -> Text:
    """A word after jobsub_lite's own layer: pairs of single quotes and one backslash gone."""
    string = text.string
    if "'" not in string and "\\" not in string:
        return text
    # jobsub_lite's regular expression: from the first quote to the last that follows a
    # character other than a backslash.
    match = re.search(r"'(.*[^\\])'", string)
    if match:
        text = text[: match.start()] + text[match.start(1) : match.end(1)] + text[match.end() :]
    string = text.string
    kept: list[tuple[int, int]] = []
    done = 0
    for escape in re.finditer(r"\\(.)", string):
        kept += [(done, escape.start()), escape.span(1)]
        done = escape.end()
    pieces = text.cut(
        [(start, stop) for start, stop in [*kept, (done, len(string))] if stop > start]
    )
    return Text.join("", pieces)


@lru_cache(maxsize=64)
def parse(words: tuple[Text, ...]) -> tuple[Given, ...]:
    """The options among the words of a command line, as argparse would take them.

    Remembered: stages ask for the same again and again.
    """
    return tuple(_parse(words))


def _parse(words: tuple[Text, ...]) -> Iterator[Given]:
    queue = [unprotect(word) for word in words]
    position = 0
    while position < len(queue):
        word = queue[position]
        string = word.string
        position += 1
        if not string.startswith("-") or string == "-":
            yield Given(string, None, (), "a word that belongs to no option")
            continue
        name, attached = string, None
        if "=" in string and string.startswith("--"):
            name = string[: string.index("=")]
            attached = word[len(name) + 1 :]
        elif not string.startswith("--") and len(string) > 2:
            name, attached = string[:2], word[2:]
            if attached.string.startswith("="):
                attached = attached[1:]
        option = find(name)
        if option is None:
            gone = REMOVED.get(name)
            values: tuple[Text, ...] = (attached,) if attached is not None else ()
            if gone and gone.takes_value and attached is None and position < len(queue):
                values = (queue[position],)
                position += 1
            elif gone is None and attached is None and not _next_is_option(queue, position):
                # An unknown option probably takes the word that follows as its value.
                values = (queue[position],)
                position += 1
            yield Given(name, None, values, "jobsub_lite does not know it")
            continue
        if option.kind in ("flag", "choice"):
            problem = "takes no value" if attached is not None else ""
            yield Given(name, option, (), problem)
            continue
        wanted = 2 if option.kind == "pair" else 1
        taken: list[Text] = [attached] if attached is not None else []
        while len(taken) < wanted and position < len(queue):
            if queue[position].string.startswith("-") and not _is_number(queue[position].string):
                break
            taken.append(queue[position])
            position += 1
        problem = "" if len(taken) == wanted else "its value is missing"
        if not problem and wanted == 1:
            problem = _unit_problem(option, taken[0].string)
        yield Given(name, option, tuple(taken), problem)


def _next_is_option(queue: list[Text], position: int) -> bool:
    return position >= len(queue) or queue[position].string.startswith("-")


def _is_number(string: str) -> bool:
    return bool(re.fullmatch(r"-\d+|-\d*\.\d+", string))


def _unit_problem(option: Option, value: str) -> str:
    if option.unit == "int" and not re.fullmatch(r"[+-]?\d+", value):
        return f"{value!r} is not an integer"
    if option.unit in ("memory", "disk") and not re.fullmatch(
        r"\d+(\.\d+)?([kmgtKMGT][bB])?", value
    ):
        return f"{value!r} is not a size: give a number with KB, MB, GB or TB"
    if option.unit == "time" and not re.fullmatch(r"short|medium|long|\d+(\.\d+)?[smhd]?", value):
        return f"{value!r} is not a time: give short, medium, long, or a number with s, m, h or d"
    return ""
