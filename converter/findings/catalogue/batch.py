"""Messages X2P2xx: batch requests."""

from __future__ import annotations

from converter.findings.catalogue.announced import SHELL_STOPS
from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P201",
        "look",
        "{value} jobs: nothing would be submitted",
        "give <numjobs>",
        announces=(
            *SHELL_STOPS,
            r"substage \d+ events",
            "events in all",
            "refused",
        ),
    ),
    Message(
        "X2P202",
        "look",
        "jobs are no longer sized by bytes of input: always {jobs} jobs",
        "set numjobs (and maxfilesperjob) to what the input needs",
        announces=("bytes per job",),
    ),
    Message(
        "X2P203",
        "look",
        "jobsub starts and stops the SAM project itself: its own options for that do not exist",
        "nothing, unless the SAM project needs special resources",
        announces=("start and stop",),
    ),
    Message(
        "X2P210",
        "look",
        "jobsub option {option!r}: {problem}",
        "look for its counterpart in `jobsub_submit --help`",
        announces=("refused",),
    ),
    Message(
        "X2P211",
        "look",
        "the old option {option} of jobsub is {instead} today",
        announces=(
            "refused",
            "mail",
        ),
    ),
    Message(
        "X2P212",
        "look",
        "jobsub option {option!r} is fife_launch's own business and was left out",
        announces=("jobs",),
    ),
    Message(
        "X2P213",
        "look",
        "{option!r} makes a dag in which PROCESS is 0 in every job: shares of events and subrun numbers are all the same, with project.py too",
        "remove it",
    ),
    Message(
        "X2P214",
        "note",
        "<{tag}> is given again in <jobsub> ({option}), which comes later and wins: {value}",
    ),
    Message(
        "X2P215",
        "look",
        "-e {variable}: no variable with a value",
        "correct it",
        announces=(
            "refused",
            "environment",
        ),
    ),
    Message(
        "X2P216",
        "look",
        "the variable {variable} is taken from the environment of whoever launches",
        "in POMS set it in the login setup, or give it a value",
        announces=(
            "refused",
            "environment",
        ),
    ),
    Message(
        "X2P217",
        "look",
        "--role={role} in <jobsub>: project.py drops it for SAM input; it was left out",
        "use <role>",
        announces=("role",),
    ),
    Message(
        "X2P218",
        "look",
        "role {role!r}: POMS knows Analysis and Production",
        "decide which of the two it is",
    ),
    Message(
        "X2P219",
        "look",
        "usage model {names} no longer exists in jobsub_lite",
        "remove it from <resource>",
    ),
    Message("X2P220", "note", "with a site, jobsub_lite ignores the usage model of <resource>"),
    Message(
        "X2P221",
        "look",
        "disk {disk} has no unit: jobsub_lite takes it as kilobytes",
        "write the unit: {disk}GB or {disk}MB",
    ),
    Message(
        "X2P222",
        "look",
        "disk {disk!r} is refused by jobsub_lite",
        "write a number with KB, MB, GB or TB",
        announces=("refused",),
    ),
    Message(
        "X2P223",
        "do",
        "no container image is known for <os> {os!r}: jobs run in jobsub_lite's default (el9)",
        "choose one of {known} and set submit.singularity-image",
        task=Task("edit"),
        announces=(
            "container",
            "refused",
        ),
    ),
    Message(
        "X2P224",
        "look",
        "of <os> {os!r} the image {image} was taken",
        announces=(
            "container",
            "refused",
        ),
    ),
    Message(
        "X2P225",
        "do",
        "the worker script {script!r} is not condor_lar.sh; what it does differently is not here",
        "compare it with condor_lar.sh, or run it as the executable",
        task=Task("check"),
        announces=("worker script",),
    ),
    Message(
        "X2P226",
        "look",
        "{script!r}: jobsub starts and stops the SAM project itself",
        "check that nothing else happens in the script",
        announces=("start and stop",),
    ),
    Message("X2P227", "note", "the role is {role}, as the profile says", announces=("role",)),
    Message(
        "X2P228",
        "note",
        "jobs are called {new!r}, not {old!r}: fife_launch writes the name into a shell command",
        announces=("job name",),
    ),
    Message(
        "X2P229",
        "note",
        "set as the profile says: {names}",
        announces=(
            "environment",
            "memory",
            "disk",
            "cores",
            "gpus",
            "expected lifetime",
            "time limit",
            "site",
            "blocklist",
            "usage model",
            "provides",
            "operating system",
            "container",
            "requirements",
            "condor lines",
            "subgroup",
            "mail",
            "option .*",
            "jobs at a time",
            "prestaged share",
        ),
    ),
    Message(
        "X2P230",
        "note",
        "what was below {old} is below {new} today, as the profile says",
        announces=(
            "data files",
            "log files",
            "folders",
            "tarballs",
            "files sent along",
            "input files",
            "setup",
        ),
    ),
)
