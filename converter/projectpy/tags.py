"""Every tag of project.py: where it counts, which of several wins, how it is read.

The rules are those of larbatch's projectdef.py and stagedef.py (v01_61_04), by what the code
does, not by its help text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from converter.text import Text

__all__ = ["PROJECT", "STAGE", "SUBSTAGE", "TAGS", "Tag", "read_float", "read_int"]


def _text(text: Text) -> str:
    return text.string


def read_int(text: Text) -> int:
    return int(text.string)


def read_float(text: Text) -> float:
    return float(text.string)


def _blankless(text: Text) -> str:
    return "".join(text.string.split())


def _words(text: Text) -> tuple[str, ...]:
    return tuple(text.string.split())


def _comma_list(text: Text) -> tuple[str, ...]:
    return tuple(_blankless(text).split(","))


class Tag(Struct, frozen=True):
    """One tag at one level.

    level   "project", "larsoft", "stage" or "fcl"
    pick    "last child": direct children, the last wins; "first": the first descendant wins;
            "all": every descendant counts; "special": rules of its own in the reader
    read    text to value; raises ValueError as project.py does
    default value without the tag; None: the project's value, or no default
    """

    name: str
    level: str
    pick: str
    read: Callable[[Text], Any] = _text
    default: Any = ""


def _rows(level: str, pick: str, *rows: tuple[str, Callable[[Text], Any], Any]) -> dict[str, Tag]:
    return {name: Tag(name, level, pick, read, default) for name, read, default in rows}


PROJECT: Mapping[str, Tag] = {
    **_rows(
        "project",
        "last child",
        ("numevents", read_int, 0),
        ("numjobs", read_int, 1),
        ("maxfilesperjob", read_int, 0),
        ("os", _blankless, ""),
        ("resource", _blankless, "DEDICATED,OPPORTUNISTIC"),
        ("role", _text, ""),
        ("lines", _text, ""),
        ("server", _text, "-"),
        ("site", _blankless, ""),
        ("blacklist", _blankless, ""),
        ("cpu", read_int, 0),
        ("disk", _blankless, ""),
        ("memory", read_int, 0),
        ("nthreads", read_int, 1),
        ("nschedules", read_int, 1),
        ("args", _words, ()),
        ("merge", _text, "hadd -T"),
        ("anamerge", _text, ""),
        ("script", _text, "condor_lar.sh"),
        ("check", read_int, 0),
        ("copy", read_int, 0),
        ("cvmfs", read_int, 1),
        ("stash", read_int, 1),
        ("singularity", read_int, 1),
        ("startscript", _text, "condor_start_project.sh"),
        ("stopscript", _text, "condor_stop_project.sh"),
    ),
    **_rows("project", "all", ("ups", _text, ""), ("fcldir", _text, "")),
    **_rows("project", "special", ("parameter", _text, "")),
    **_rows(
        "project",
        "first",
        ("version", _text, None),
        ("filetype", _text, ""),
        ("runtype", _text, ""),
        ("runnumber", read_int, 0),
    ),
    **_rows("project", "special", ("larsoft", _text, ""), ("stage", _text, "")),
    **_rows("larsoft", "first", ("tag", _text, ""), ("qual", _text, "debug"), ("local", _text, "")),
}

STAGE: Mapping[str, Tag] = {
    **_rows(
        "stage",
        "first",
        ("batchname", _text, ""),
        ("outdir", _text, ""),
        ("logdir", _text, ""),
        ("workdir", _text, ""),
        ("bookdir", _text, ""),
        ("dirsize", read_int, 0),
        ("dirlevels", read_int, 0),
        ("inputfile", _text, ""),
        ("inputlist", _text, ""),
        ("inputmode", _text, ""),
        ("inputdef", _text, ""),
        ("ana", read_int, 0),
        ("recur", read_int, 0),
        ("recurtype", _text, ""),
        ("recurlimit", read_int, 0),
        ("singlerun", read_int, 0),
        ("filelistdef", read_int, 0),
        ("prestart", read_int, 0),
        ("activebase", _text, ""),
        ("dropboxwait", read_float, 0.0),
        ("prestagefraction", read_float, 0.0),
        ("inputstream", _text, ""),
        ("mixinputdef", _text, ""),
        ("pubsinput", read_int, 1),
        ("numjobs", read_int, None),
        ("numevents", read_int, None),
        ("maxfilesperjob", read_int, None),
        ("runnumber", read_int, 0),
        ("targetsize", read_int, 0),
        ("defname", _text, ""),
        ("anadefname", _text, ""),
        ("datatier", _text, ""),
        ("anadatatier", _text, ""),
        ("submitscript", _words, ()),
        ("merge", _text, None),
        ("anamerge", _text, None),
        ("resource", _blankless, None),
        ("lines", _text, None),
        ("site", _blankless, None),
        ("blacklist", _blankless, None),
        ("cpu", read_int, None),
        ("disk", _blankless, None),
        ("datafiletypes", _comma_list, ("root",)),
        ("memory", read_int, None),
        ("nthreads", read_int, None),
        ("nschedules", read_int, None),
        ("args", _words, None),
        ("TFileName", _text, ""),
        ("jobsub", _text, ""),
        ("jobsub_start", _text, ""),
        ("jobsub_timeout", read_int, 0),
        ("schema", _text, ""),
        ("check", read_int, None),
        ("copy", read_int, None),
        ("cvmfs", read_int, None),
        ("stash", read_int, None),
        ("singularity", read_int, None),
        ("script", _text, None),
        ("startscript", _text, None),
        ("stopscript", _text, None),
    ),
    **_rows("stage", "all", ("datastream", _text, ""), ("anadatastream", _text, "")),
    **_rows(
        "stage",
        "special",
        ("fcl", _text, ""),
        ("recurdef", _text, ""),
        ("previousstage", _text, ""),
        ("maxfluxfilemb", read_int, 0),
        ("initscript", _words, ()),
        ("initsource", _text, ""),
        ("endscript", _words, ()),
        ("finscript", _words, ()),
        ("parameter", _text, ""),
        ("output", _text, ""),
        ("exe", _text, ""),
    ),
}

SUBSTAGE: Mapping[str, Tag] = _rows(
    "fcl",
    "special",
    ("processname", _text, ""),
    ("projectname", _text, ""),
    ("stagename", _text, ""),
    ("version", _text, ""),
)

TAGS: frozenset[str] = frozenset({"project", *PROJECT, *STAGE, *SUBSTAGE})
"""Every element that means something to project.py somewhere."""
