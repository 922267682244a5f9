"""Messages X2P5xx: what runs."""

from __future__ import annotations

from converter.findings.catalogue.announced import SHELL_STOPS
from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    Message("X2P501", "note", "version {version}: nothing in this experiment's metadata takes it"),
    Message("X2P502", "note", "parameter {name}: nothing in this experiment's metadata takes it"),
    Message(
        "X2P503",
        "look",
        "line breaks in the value became blanks",
        "write it on one line",
        announces=(
            "condor lines",
            "order",
            "names",
            "substage .*",
            "when .*",
            "SAM application",
            "job name",
        ),
    ),
    Message(
        "X2P504",
        "look",
        "run number {run} of the project serves project.py's --define only, not the jobs",
        "use it in the definition of the output dataset",
    ),
    Message(
        "X2P505",
        "look",
        "merging with {program!r} is no part of a job",
        "add a stage that merges, or merge by hand",
        announces=("merging",),
    ),
    Message(
        "X2P506",
        "look",
        "arguments with special characters: {args}",
        "check run_lar.sh",
        announces=(
            "substage 0 other arguments",
            r"substage \d+ other arguments",
        ),
    ),
    Message(
        "X2P507",
        "look",
        "{events} events in {jobs} jobs: some jobs have none; project.py's lar then runs without -n, here with -n 0",
        "have at least as many events as jobs",
        announces=(
            r"substage \d+ events",
            "events in all",
        ),
    ),
    Message(
        "X2P508",
        "look",
        "the input of {fcl} is the newest .root file that looks like an art file; project.py looks into the files as well",
        "give <output> in each <fcl>",
        announces=(r"substage \d+ reads",),
    ),
    Message(
        "X2P509",
        "look",
        "{args!r}: quotes that do not match, or signs that end a command: project.py's job stops with a shell error",
        "correct the arguments",
        announces=(
            *SHELL_STOPS,
            "substage 0 other arguments",
            r"substage \d+ other arguments",
        ),
    ),
    Message(
        "X2P510",
        "look",
        "{events} events in {jobs} jobs: project.py gives -n -1 to some jobs and no -n to the others; here no job has -n",
        "give the number of events of all jobs together, or none",
        announces=(
            r"substage \d+ events",
            "events in all",
        ),
    ),
    Message(
        "X2P511",
        "look",
        "{name!r} has characters that the shell of the job takes for its own",
        "use letters, digits and _ . + - /",
        announces=SHELL_STOPS,
    ),
)
