"""What one job of a stage would do, as plain data that knows neither XML nor .cfg."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from converter.launch.bash.texttools import UNIQUE

__all__ = [
    "CLUSTER",
    "FIELDS",
    "UNPACKED",
    "Circumstances",
    "Plan",
    "Value",
    "kind",
    "lines",
    "plain_name",
]

Value = str | tuple[str, ...]
"""A field's value: one text, or lines of which the order counts where it says so."""

CLUSTER = "CLUSTER"

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
    """

    process: int = 0
    files: tuple[str, ...] = ()
    user: str = "USER"
    cluster: str = CLUSTER
    launch: Mapping[str, str] = {}


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
    "refused": "why jobsub_lite would not take the submission",
    "group": "experiment that the jobs run for",
    "role": "role in the experiment",
    "subgroup": "subgroup for priorities and accounting",
    "jobs": "number of jobs",
    "jobs at a time": "how many of them may run together",
    "bytes per job": "input by which jobs are sized",
    "memory": "requested for a job",
    "disk": "requested for a job",
    "cores": "requested for a job",
    "gpus": "requested for a job",
    "expected lifetime": "requested for a job",
    "time limit": "after which a job is killed",
    "site": "where jobs may run",
    "blocklist": "where they may not",
    "usage model": "kinds of resources",
    "provides": "what else resources must provide",
    "operating system": "of the worker node",
    "container": "image that the job runs in",
    "requirements": "of condor",
    "condor lines": "further lines for condor",
    "mail": "when jobsub sends mail",
    "option": "another option of jobsub_lite",
    "environment": "variables that the job is given",
    "tarballs": "unpacked for the job, and the variable that names the folder",
    "files sent along": "that the job finds in $CONDOR_DIR_INPUT",
    "job name": "name of the script that runs",
    "worker script": "another one than the usual",
    "before the launch": "commands that run where the launch happens",
    "start and stop": "options and scripts of the jobs that start and stop the SAM project",
    # input
    "SAM dataset": "that the jobs share out",
    "SAM project": "its name, where it is given",
    "prestaged share": "percent of the dataset to be on disk first",
    "SAM strategy": "further wishes about the dataset",
    "second SAM input": "dataset that is mixed in",
    "files per job": "at most, from SAM",
    "delivery": "SAM's delivery schema",
    "SAM application": "family, name and version that a consumer gives to SAM",
    "input files": "of this job",
    "events in all": "that the jobs make together",
    # software
    "setup": "scripts that are sourced, variables that are set",
    "products": "ups products that are set up",
    # what runs
    "files at hand": "of those sent along, in the folder where the executable runs",
    "handed over": "files that the next stage finds",
    "files fetched": "that the job takes from elsewhere before it runs",
    "order": "scripts, hooks and substages of the job",
    "substage": "one run of art: program, options, fcl",
    "when": "what becomes of the job when something fails",
    # output
    "data files": "patterns of files that are kept, and where",
    "log files": "what else is kept, and where",
    "names": "files that the job leaves, and under which names",
    "folders": "that the job makes in storage",
    "declared to SAM": "patterns of files that the job declares",
    "declared though no art file": "patterns of other files that the job declares",
    "SAM location": "patterns of files that get a location in SAM",
    "parents in SAM": "what files are declared to come from",
    "output dataset": "that the job puts its files into",
    "declaration": "how files are declared",
    "merging": "program that merges histograms",
    "worker": "further ways of fife_wrap",
    "fife_launch": "words of the real program, against those that are followed here",
    # the campaign in POMS
    "waits for": "stages that must be complete before",
    "dataset in POMS": "that the stage starts from",
    "split": "how POMS hands out the dataset",
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
