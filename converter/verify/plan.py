"""What one job of a stage would do, as plain data that knows neither XML nor .cfg."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from typing import Union

from msgspec import Struct

from converter.shell import UNIQUE

__all__ = [
    "CLUSTER",
    "FAILS",
    "FIELDS",
    "FROM_SAM",
    "LEFT_OUT",
    "MOST_JOBS",
    "NO_SHARE",
    "OPTION_NAMES",
    "OTHERS",
    "TOO_LONG",
    "UNPACKED",
    "UPLOADS",
    "Circumstances",
    "Plan",
    "Value",
    "kind",
    "lines",
    "plain_name",
    "widest",
]

Value = Union[str, tuple[str, ...]]
"""A field's value: one text, or lines of which the order counts where it says so."""

CLUSTER = "CLUSTER"

FROM_SAM = "what SAM delivers"
"""The input files of a consumer."""

NO_SHARE = "no file is there for this job: it fails"
"""What a job reads that has no share of the list."""

MOST_JOBS = 10_000
"""The events of more jobs are not added up."""

OPTION_NAMES = {
    "-o": "output file",
    "-T": "histogram file",
    "-n": "events",
    "--nthreads": "threads",
    "--nschedules": "schedules",
}
"""Options of art that have a field of their own."""

LEFT_OUT = " "
"""A line of a long list that stands for one that is not followed."""

TOO_LONG = "not followed: it would take too long"
"""A field that the bounds of this program leave open."""

FAILS = re.compile(r"when .* fails", re.DOTALL)
"""Fields that tell what becomes of the job when a program fails."""

OTHERS = "when others fail"
"""The same of programs that have no field of their own."""

UPLOADS = "$UPLOADS"
"""The folder of the campaign.cfg and of what lies beside it, where the launch happens."""

UNPACKED = "what is in "
"""Before the name of a tarball whose files lie in the folder where the executable runs."""


def lines(value: Value | None) -> tuple[str, ...]:
    """A field's value as lines; none where it is empty or not there."""
    if isinstance(value, str):
        return (value,) if value else ()
    return value or ()


class Circumstances(Struct, frozen=True):
    """What is not written in any file: which job it is, and what it meets.

    process   the job's number, from 0
    files     the lines of its input list, or the files of its dataset
    user      who launches
    cluster   the number of the batch cluster; its name stands in
    launch    further environment where the launch happens
    steps     that may be taken to follow what becomes of it when a program fails
    """

    process: int = 0
    files: tuple[str, ...] = ()
    user: str = "USER"
    cluster: str = CLUSTER
    launch: Mapping[str, str] = {}
    steps: int = 20_000


class Plan(Struct, frozen=True):
    """Field → value; a field that is not there is empty, for a comparison.

    stage    as it is launched
    process  the job that the plan is of
    """

    stage: str
    process: int
    fields: Mapping[str, Value]


FIELDS: Mapping[str, str] = {
    # what is submitted
    "refused": "why jobsub_lite rejects the submission",
    "group": "experiment that the jobs run for",
    "role": "role in the experiment",
    "subgroup": "subgroup for priorities and accounting",
    "jobs": "number of jobs",
    "jobs at a time": "how many of them may run at the same time",
    "bytes per job": "size of the input of one job",
    "memory": "requested for each job",
    "disk": "requested for each job",
    "cores": "requested for each job",
    "gpus": "requested for each job",
    "expected lifetime": "requested for each job",
    "time limit": "after which a job is killed",
    "site": "where jobs may run",
    "blocklist": "where they may not",
    "usage model": "kinds of resources",
    "provides": "further requirements on the resources",
    "operating system": "of the worker node",
    "container": "image that the job runs in",
    "requirements": "of condor",
    "condor lines": "further lines for condor",
    "mail": "when jobsub sends mail",
    "option": "another option of jobsub_lite",
    "environment": "environment variables of the job",
    "tarballs": "unpacked for the job, and the variable that names the folder",
    "files shipped": "that the job finds in $CONDOR_DIR_INPUT",
    "job name": "name of the script that runs",
    "worker script": "used instead of condor_lar.sh",
    "before the launch": "commands that run on the login node before the launch",
    "start and stop": "options and scripts of the jobs that start and stop the SAM project",
    # input
    "SAM dataset": "that the jobs share out",
    "SAM project": "its name, if given",
    "prestaged share": "percent of the dataset that has to be on disk first",
    "SAM strategy": "how project.py chooses files of the dataset",
    "second SAM input": "dataset of the files that are mixed in",
    "files per job": "at most, from SAM",
    "delivery": "SAM's delivery schema",
    "SAM application": "family, name and version that a consumer registers with SAM",
    "input files": "of this job",
    "events in all": "of all jobs together",
    # software
    "setup": "scripts that are sourced, variables that are set",
    "products": "ups products that are set up",
    # what runs
    "files at hand": "shipped files in the directory where the executable runs",
    "visible to the next stage": "whether the next stage finds the output files",
    "files fetched": "that the job copies from storage before it runs",
    "order": "scripts and substages in the order in which they run",
    "substage": "one run of lar: program, options, fcl",
    "when": "what happens to the job when something fails",
    # output
    "data files": "patterns of files that are kept, and where",
    "log files": "what else is kept, and where",
    "names": "names of the files that the job stores",
    "folders": "directories that the job creates in storage",
    "declared to SAM": "patterns of files that the job declares",
    "declared though no art file": "patterns of other files that the job declares",
    "SAM location": "patterns of files that get a location in SAM",
    "parents in SAM": "parents that files are declared with",
    "output dataset": "to which the job adds its files",
    "declaration": "how files are declared",
    "merging": "program that merges histograms",
    "worker": "further options of fife_wrap",
    "fife_launch": "command lines of the real program, and those that verify works with",
    # the campaign in POMS
    "waits for": "stages that have to be complete before",
    "dataset in POMS": "that the stage starts from",
    "split": "how POMS splits the dataset",
    "version in POMS": "by which POMS knows the stage's output",
    "role in POMS": "that it is launched with",
    "launches": "stage and file that POMS launches",
}
"""Every field, or what its name begins with, and what it says."""


def kind(name: str) -> str:
    """The row of FIELDS that a field belongs to: of `substage 0 events` it is `substage`."""
    return name if name in FIELDS else name.split(" ")[0]


def plain_name(name: str) -> tuple[str, bool]:
    """A file's name without what makes it unique, and whether something does."""
    plain = re.sub(rf"[-_]?{UNIQUE}-?", "", name)
    return plain, plain != name


def widest(patterns: Sequence[str]) -> list[str]:
    """Patterns without those of which another one matches every file."""
    kept = dict.fromkeys(patterns)
    # Those that say how a name ends, of which there may be thousands, are looked up.
    ends = {p for p in kept if re.fullmatch(r"\*[^][*?]+", p)}
    lengths = {len(p) - 1 for p in ends}
    others = [p for p in kept if p not in ends]

    def is_covered(pattern: str) -> bool:
        sample = re.sub(r"[*?]", "x*x", pattern)
        wide = {f"*{sample[-length:]}" for length in lengths} & ends
        wide.update(p for p in others if fnmatch.fnmatchcase(sample, p))
        return not wide <= {pattern}

    return sorted(p for p in kept if not is_covered(p))
