"""The plan of a job from a campaign.cfg, through all five readers of what stands in it."""

from __future__ import annotations

import configparser
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from converter.errors import CfgError
from converter.launch.art import art_words
from converter.launch.bash.files import Files
from converter.launch.bash.shell import Shell, World
from converter.launch.bash.syntax import NotFollowedError
from converter.launch.bash.words import CommandError
from converter.launch.fields import failures, job_fields
from converter.launch.fife_launch import Launch, launch, split_words
from converter.launch.fife_wrap import JobRun, follow
from converter.launch.plan import Circumstances, Plan, Value, lines
from converter.launch.submission import TAR, TAR_FILE, Submission, submission, unpacked_at
from converter.poms.jobsub import unprotected
from converter.poms.reader import located, refused, resolve
from converter.text import Text

__all__ = ["MOST_JOBS", "campaign_plan", "launch_words"]

_INPUT, _SCRATCH = "/input", "/scratch"
_BRIEF = 160
"""Longer texts are cut in messages."""

MOST_JOBS = 10_000
"""The events of more jobs are not added up."""

_SYMBOLIC = ("PRODUCTS", "FHICL_FILE_PATH", "PATH")
"""Variables of the job that nobody knows here: they stand for themselves."""


def campaign_plan(
    config: configparser.ConfigParser,
    stage: str,
    job: Circumstances,
    *,
    name: str = "campaign.cfg",
    text: str = "",
    overrides: Sequence[str] = (),
) -> Plan:
    """What job `job.process` of a stage does.

    config     the file, by poms.reader.read_cfg()
    name       the file's name, and its text, for errors
    overrides  `section.key=value`, as after -O

    Raises CfgError where fife_launch, or fife_wrap in the job, would stop.
    """
    try:
        sections = resolve(config, stage, overrides)
        launched = launch(sections, _launch_environment(job), len(job.files))
        words, after = split_words(launched.words)
        submitted = submission(words, launched.environment)
        in_dag = bool(submitted.get("SAM dataset") or submitted.get("jobs at a time"))
        environment = _job_environment(submitted, job, in_dag)
        argv = _job_words(after, environment)
        fields: dict[str, Value] = dict(submitted)
        if launched.problems:
            fields["refused"] = (*lines(submitted.get("refused")), *launched.problems)
        fields.update(_launch_fields(launched))
        if not in_dag:
            fields["events in all"] = _events_in_all(after, submitted, environment)
        fields["worker script"] = _wrapper(sections.get("global", {}), job)

        def followed(fails: int | None = None) -> JobRun:
            world = World(_files(submitted, job))
            return follow(argv, environment, world, fails=fails)

        done = followed()
        fields.update(job_fields(done, lines(submitted.get("files sent along"))))
        fields["tarballs"] = tuple(_found(done, lines(submitted.get("tarballs"))))
        fields.update(failures(done, followed))
    except configparser.Error as error:
        raise refused(error, text, name) from None
    except CfgError as error:
        error.file = error.file or name
        raise located(error, text) from None
    return Plan(stage, job.process, {key: value for key, value in fields.items() if value})


def launch_words(
    config: configparser.ConfigParser, stage: str, job: Circumstances, overrides: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """The words that fife_launch gives to jobsub_submit, and to the job."""
    sections = resolve(config, stage, overrides)
    return split_words(launch(sections, _launch_environment(job), len(job.files)).words)


def _launch_environment(job: Circumstances) -> dict[str, str]:
    return {
        "USER": job.user,
        "HOME": f"/home/{job.user}",
        "FIFE_UTILS_DIR": "/fife_utils",
        **job.launch,
    }


def _found(done: JobRun, tarballs: Sequence[str]) -> Iterator[str]:
    """Tarballs, and the variables in which an executable finds each."""
    for tarball in tarballs:
        for name in done.variables.get(unpacked_at(tarball), ()):
            yield f"{tarball} in ${name}"


def _wrapper(macros: Mapping[str, str], job: Circumstances) -> str:
    """The script that fife_launch sends, if it is not fife_wrap itself."""
    environment = _launch_environment(job)
    usual = f"{environment['FIFE_UTILS_DIR']}/libexec/fife_wrap"
    given = re.sub(
        r"\$(?:\{(\w+)\}|(\w+))",
        lambda m: environment.get(m[1] or m[2], m[0]),
        macros.get("wrapper", usual),
    )
    path = re.sub(r"^(file://)?/+", "/", given)
    return "" if path == usual else given


def _launch_fields(launched: Launch) -> dict[str, Value]:
    commands = tuple(_plain_command(command) for command in launched.prelaunch)
    return {"job name": launched.name, "before the launch": commands}


def _plain_command(command: str) -> str:
    """A command without the quotes that its words do not need."""
    try:
        return " ".join(shlex.split(command))
    except ValueError:
        return command


def _job_environment(submitted: Submission, job: Circumstances, in_dag: bool) -> dict[str, str]:
    """A job's environment; in a dag each job is a cluster of its own, of process 0."""
    group = str(submitted.get("group", ""))
    environment = {
        "CLUSTER": job.cluster,
        "PROCESS": "0" if in_dag else str(job.process),
        "JOBSUBJOBSECTION": str(job.process),
        "JOBSUBJOBID": f"{job.cluster}.{job.process}",
        "EXPERIMENT": group,
        "USER": f"{group}ana",
        "GRID_USER": job.user,
        "HOME": "/home",
        "CONDOR_DIR_INPUT": _INPUT,
        "_CONDOR_SCRATCH_DIR": _SCRATCH,
        **{variable: f"${variable}" for variable in _SYMBOLIC},
    }
    for number, tarball in enumerate(lines(submitted.get("tarballs"))):
        suffix = f"_{number}" if number else ""
        environment[TAR + suffix] = unpacked_at(tarball)
        environment[TAR_FILE + suffix] = unpacked_at(tarball) + "/tarball.tar"
    if submitted.get("SAM dataset"):
        environment["SAM_PROJECT"] = environment["SAM_PROJECT_NAME"] = "SAM_PROJECT"
    for word in lines(submitted.get("environment")):
        name, _, value = word.partition("=")
        environment[name] = value
    return environment


def _events_in_all(
    words: Sequence[str], submitted: Submission, environment: Mapping[str, str]
) -> str:
    """The events of all jobs together, where they read no files of events."""
    if "--" not in words:
        return ""
    arguments = [str(unprotected(Text(word))) for word in words[words.index("--") + 1 :]]
    options, _ = art_words(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    jobs = str(submitted.get("jobs", ""))
    if "-n" not in options or {"-s", "-S"} & set(options) or not jobs.isdigit():
        return ""
    if int(jobs) > MOST_JOBS:
        return ""
    try:
        shares = [
            int(Shell(World(), {**environment, "PROCESS": str(p)}).value(options["-n"]))
            for p in range(int(jobs))
        ]
    except (ValueError, CommandError, NotFollowedError):
        return ""
    return str(sum(shares) or "")


def _job_words(words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The words that reach fife_wrap: jobsub_lite's layer, then the shell of the job."""
    line = " ".join(str(unprotected(Text(word))) for word in words)
    world = World(Files())
    Shell(world, environment).run(f"fife_wrap {line}")
    for event in world.events:
        if event.kind != "run" or event.words[0] != "fife_wrap":
            raise CfgError(
                "X2P836",
                f"the shell of the job stumbles over {_brief(event.words)}",
                "quote what stands in job_setup, job_output and executable",
            )
    if not world.events:
        raise CfgError("X2P836", "the shell of the job never comes to fife_wrap", "see the quotes")
    # fife_launch's command ends with a backslash: one more argument.
    return [word for word in world.events[0].words[1:] if word not in ("\\", "")]


def _brief(words: Sequence[str]) -> str:
    text = " ".join(words)
    return (
        repr(text)
        if len(text) < _BRIEF
        else repr(text[: _BRIEF // 2]) + " … " + repr(text[-_BRIEF // 2 :])
    )


def _files(submitted: Submission, job: Circumstances) -> Files:
    """The files that the job begins with."""
    files = Files()
    files.folders |= {_INPUT, _SCRATCH, *map(unpacked_at, lines(submitted.get("tarballs")))}
    for name in lines(submitted.get("files sent along")):
        text = "".join(f"{line}\n" for line in job.files) if _is_list(name) else None
        if posixpath.basename(name):
            files.write(f"{_INPUT}/{posixpath.basename(name)}", text)
    return files


def _is_list(name: str) -> bool:
    """Whether a file that goes along is taken for a list of files."""
    return not re.search(r"\.(sh|py|bash|csh|fcl|root|tar|tgz|gz|so|pl|C)$", name)
