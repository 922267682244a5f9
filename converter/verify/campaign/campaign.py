"""The plan of a job from a campaign.cfg, through all five readers of what stands in it."""

from __future__ import annotations

import configparser
import contextlib
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from msgspec import Struct

from converter.errors import CfgError
from converter.poms.document import Document
from converter.poms.jobsub import unprotect
from converter.poms.reader import resolve
from converter.poms.refusals import locate, refused
from converter.shell import MOST_STEPS, Files, Listing, NotFollowedError, Shell
from converter.text import Text
from converter.verify.art import art_words
from converter.verify.campaign.fields import failures, job_fields
from converter.verify.campaign.fife_launch import Launch, launch, split_words
from converter.verify.campaign.fife_wrap import Job, JobRun
from converter.verify.node import node, what_runs
from converter.verify.plan import MOST_JOBS, UPLOADS, Circumstances, Plan, Value, lines
from converter.verify.submission import TAR, TAR_FILE, Submission, submission, unpacked_at

__all__ = ["MOST_JOBS", "Campaign", "campaign_plan", "launch_words"]

_INPUT, _SCRATCH = "/input", "/scratch"
_IN_UPLOADS = re.compile(r"\$\{?UPLOADS[^/]*/([\w.+-]+)")
_BESIDE = "a file beside the campaign.cfg"
"""What the copy of a campaign.cfg under another name sends along, too."""

_STEPS_IN_ALL = 30_000
"""To follow the jobs of a campaign together; those of 878 real files take 90 each at most."""

_LEAST_STEPS = 250
"""That are followed of every job, whatever others took."""

_BRIEF = 160
"""Longer texts are cut in messages."""

_SYMBOLIC = ("PRODUCTS", "FHICL_FILE_PATH", "PATH")
"""Variables of the job that nobody knows here: they stand for themselves."""


class Campaign:
    """A campaign.cfg, by poms.reader.read_cfg(): what jobs of its stages do.

    name    the file's name, and its text, for errors
    beside  the text of a file beside it, which may go with the jobs; None where there is none
    """

    def __init__(
        self,
        config: Document,
        *,
        name: str = "campaign.cfg",
        text: str = "",
        beside: Callable[[str], str | None] = lambda name: None,
    ) -> None:
        self.config, self.name, self.text, self.beside = config, name, text, cache(beside)
        self._launched: dict[tuple[str, tuple[str, ...], str, int], _Launched] = {}
        self._events: dict[object, str] = {}
        self.steps = 0
        """That it took to follow what becomes of jobs when a program fails, in all."""
        self._left = _STEPS_IN_ALL

    def plan(self, stage: str, job: Circumstances, overrides: Sequence[str] = ()) -> Plan:
        """What job `job.process` of a stage does.

        overrides  `section.key=value`, as after -O

        Raises CfgError where fife_launch, or fife_wrap in the job, would stop.
        """
        try:
            fields = self._fields(stage, job, tuple(overrides))
        except configparser.Error as error:
            raise refused(error, self.text, self.name) from None
        except CfgError as error:
            raise locate(error, self.text, self.name) from None
        return Plan(stage, job.process, {key: value for key, value in fields.items() if value})

    def launches_as(self, other: Campaign, stage: str, overrides: Sequence[str] = ()) -> bool:
        """Whether fife_launch finds the same for a stage in both, and so does the same."""
        if self._scripts != other._scripts:
            return False
        try:
            sections = [resolve(one.config, stage, overrides) for one in (self, other)]
        except (configparser.Error, CfgError):
            return False
        # In the order of the keys the words are.
        first, second = ([(s, [*keys.items()]) for s, keys in one.items()] for one in sections)
        return first == second

    def reads_as(self, other: Campaign) -> bool:
        """Whether both files set the same, in the same order, and have the same scripts."""
        if self._scripts != other._scripts:
            return False
        first, second = (
            [(name, [*keys.items()]) for name, keys in one.config.sections.items()]
            for one in (self, other)
        )
        return first == second

    @cached_property
    def _scripts(self) -> dict[str, str | None]:
        """Name → text of the files beside it that are named in it."""
        values = (value for keys in self.config.sections.values() for value in keys.values())
        names = (name for value in values for name in _IN_UPLOADS.findall(value))
        return {name: self.beside(name) for name in names}

    def _fields(
        self, stage: str, job: Circumstances, overrides: tuple[str, ...]
    ) -> dict[str, Value]:
        launched = self._launch(stage, job, overrides)
        submitted = launched.submitted
        environment = _job_environment(submitted, job, launched.in_dag)
        argv = _job_words(launched.after, environment)
        fields = dict(launched.fields)
        if not launched.in_dag:
            fields["events in all"] = self._events_in_all(launched, environment)
        along = lines(submitted.get("files shipped"))
        beside = {
            name: self.beside(name.removeprefix(f"{UPLOADS}/"))
            for name in along
            if name.startswith(f"{UPLOADS}/")
        }
        elsewhere = tuple(name for name in along if name not in beside)
        fields["files shipped"] = (*(_BESIDE for _ in beside), *elsewhere)
        missing = [f"{name}: no such file" for name, text in beside.items() if text is None]
        fields["refused"] = (*lines(fields.get("refused")), *missing)
        most = max(min(MOST_STEPS, self._left), _LEAST_STEPS)
        wrapped = Job(argv, environment, _files(submitted, job, beside), most)
        done = wrapped.run()
        fields.update(job_fields(done, elsewhere))
        fields["tarballs"] = tuple(_found(done, lines(submitted.get("tarballs"))))
        fields.update(failures(done, wrapped, job.steps))
        self.steps += wrapped.steps
        self._left -= done.steps
        return fields

    def _launch(self, stage: str, job: Circumstances, overrides: tuple[str, ...]) -> _Launched:
        """What all jobs of a stage have in common."""
        key = (stage, overrides, job.user, len(job.files))
        if key not in self._launched:
            self._launched[key] = _launched(self.config, stage, job, overrides)
        return self._launched[key]

    def _events_in_all(self, launched: _Launched, environment: Mapping[str, str]) -> str:
        """The same for every job, and for stages that ask for them in the same words."""
        asked = _events_asked(launched)
        if asked is None:
            return ""
        common = {k: v for k, v in environment.items() if k not in _OF_A_JOB}
        key = (asked, frozenset(common.items()))
        if key not in self._events:
            self._events[key] = _total(*asked, common)
        return self._events[key]


def campaign_plan(
    config: Document,
    stage: str,
    job: Circumstances,
    *,
    name: str = "campaign.cfg",
    text: str = "",
    overrides: Sequence[str] = (),
    beside: Callable[[str], str | None] = lambda name: None,
) -> Plan:
    """The plan of one job, as Campaign has it."""
    return Campaign(config, name=name, text=text, beside=beside).plan(stage, job, overrides)


def _found(done: JobRun, tarballs: Sequence[str]) -> Iterator[str]:
    """Tarballs, and the variables in which an executable finds each."""
    for tarball in tarballs:
        for name in done.variables.get(unpacked_at(tarball), ()):
            yield f"{tarball} in ${name}"


class _Launched(Struct, frozen=True):
    """What fife_launch makes of a stage: the words for the job, and the fields of the plan."""

    after: list[str]
    submitted: Submission
    in_dag: bool
    fields: Mapping[str, Value]


def _launched(
    config: Document, stage: str, job: Circumstances, overrides: Sequence[str]
) -> _Launched:
    sections = resolve(config, stage, overrides)
    launched = launch(sections, _launch_environment(job), len(job.files))
    words, after = split_words(launched.words)
    submitted = submission(words, launched.environment)
    fields: dict[str, Value] = dict(submitted)
    if launched.problems:
        fields["refused"] = (*lines(submitted.get("refused")), *launched.problems)
    fields.update(_launch_fields(launched))
    fields["worker script"] = _wrapper(sections.get("global", {}), job)
    in_dag = bool(submitted.get("SAM dataset") or submitted.get("jobs at a time"))
    return _Launched(after, submitted, in_dag, fields)


def launch_words(
    config: Document, stage: str, job: Circumstances, overrides: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """The words that fife_launch gives to jobsub_submit, and to the job."""
    sections = resolve(config, stage, overrides)
    return split_words(launch(sections, _launch_environment(job), len(job.files)).words)


def _launch_environment(job: Circumstances) -> dict[str, str]:
    return {
        "USER": job.user,
        "HOME": f"/home/{job.user}",
        "FIFE_UTILS_DIR": "/fife_utils",
        "UPLOADS": UPLOADS,
        **job.launch,
    }


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


_OF_A_JOB = ("PROCESS", "JOBSUBJOBSECTION", "JOBSUBJOBID")


"""Variables that tell the jobs of a cluster apart."""


def _events_asked(launched: _Launched) -> tuple[str, int] | None:
    """lar's -n, not yet expanded, and for how many jobs, where they read no files of events."""
    words = launched.after
    if "--" not in words:
        return None
    arguments = [str(unprotect(Text(word))) for word in words[words.index("--") + 1 :]]
    options, _ = art_words(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    jobs = str(launched.submitted.get("jobs", ""))
    if "-n" not in options or {"-s", "-S"} & set(options) or not jobs.isdigit():
        return None
    return (options["-n"], int(jobs)) if int(jobs) <= MOST_JOBS else None


def _total(asked: str, jobs: int, environment: Mapping[str, str]) -> str:
    """The events of all jobs together."""
    shell = Shell(node(), environment)
    cluster = environment.get("CLUSTER", "")
    total = 0
    for process in map(str, range(jobs)):
        shell.variables |= {
            "PROCESS": process,
            "JOBSUBJOBSECTION": process,
            "JOBSUBJOBID": f"{cluster}.{process}",
        }
        try:
            total += int(shell.meant(asked) or "")
        except ValueError:
            return ""
    return str(total or "")


def _job_words(words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The words that reach fife_wrap: jobsub_lite's layer, then the shell of the job."""
    line = " ".join(str(unprotect(Text(word))) for word in words)
    events = what_runs(f"fife_wrap {line}", environment)
    for event in events:
        if event.kind != "run" or event.words[0] != "fife_wrap":
            raise CfgError(
                "X2P836",
                f"the job's shell fails at {_brief(event.words)}",
                "quote what stands in job_setup, job_output and executable",
            )
    if not events:
        raise CfgError("X2P836", "the shell of the job never comes to fife_wrap", "see the quotes")
    # fife_launch's command ends with a backslash: one more argument.
    return [word for word in events[0].words[1:] if word not in ("\\", "")]


def _brief(words: Sequence[str]) -> str:
    text = " ".join(words)
    return (
        repr(text)
        if len(text) < _BRIEF
        else repr(text[: _BRIEF // 2]) + " … " + repr(text[-_BRIEF // 2 :])
    )


def _files(submitted: Submission, job: Circumstances, known: Mapping[str, str | None]) -> Files:
    """The files that the job begins with; of some that go along the text is known."""
    files = Files()
    files.folders |= {_INPUT, _SCRATCH, *map(unpacked_at, lines(submitted.get("tarballs")))}
    listing = Listing("\n".join([*job.files, ""]))
    for name in lines(submitted.get("files shipped")):
        if posixpath.basename(name):
            text = listing if _is_list(name) else known.get(name)
            # A name that is too long, or none of a file: `..`.
            with contextlib.suppress(NotFollowedError, FileNotFoundError):
                files.write(f"{_INPUT}/{posixpath.basename(name)}", text)
    return files


def _is_list(name: str) -> bool:
    """Whether a file that goes along is taken for a list of files."""
    return not re.search(r"\.(sh|py|bash|csh|fcl|root|tar|tgz|gz|so|pl|C)$", name)
