"""The plan of a job from a campaign.cfg, through all five readers of what stands in it."""

from __future__ import annotations

import configparser
import fnmatch
import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence

from converter.errors import CfgError
from converter.launch.fife_launch import Launch, launch, split_words
from converter.launch.fife_wrap import Group, JobRun, Ran, follow
from converter.launch.files import Files
from converter.launch.plan import Circumstances, Plan, Value, plain_name
from converter.launch.shell import Shell, World
from converter.launch.submission import Submission, submission
from converter.poms.jobsub import unprotected
from converter.poms.reader import refused, resolve
from converter.text import Text

__all__ = ["FROM_SAM", "LOG", "OPTION_NAMES", "campaign_plan", "launch_words", "widest"]

LOG = "the job's log"
"""Where output goes that is not redirected."""

FROM_SAM = "what SAM delivers"
"""The input files of a consumer."""

_INPUT, _SCRATCH, _TARBALL = "/input", "/scratch", "/tarball"
_BRIEF = 160
"""Longer texts are cut in messages."""

_SYMBOLIC = ("PRODUCTS", "FHICL_FILE_PATH", "PATH")
"""Variables of the job that nobody knows here: they stand for themselves."""


def campaign_plan(
    config: configparser.ConfigParser,
    stage: str,
    job: Circumstances,
    *,
    name: str = "campaign.cfg",
    overrides: Sequence[str] = (),
) -> Plan:
    """What job `job.process` of a stage does.

    config     the file, by poms.reader.read_cfg()
    name       the file's name, for errors
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
            fields["refused"] = (*_lines(submitted.get("refused")), *launched.problems)
        fields.update(_launch_fields(launched))
        fields["worker script"] = _wrapper(sections.get("global", {}), job)

        def followed(fails: int | None = None) -> JobRun:
            world = World(_files(submitted, job))
            return follow(argv, environment, world, fails=fails)

        done = followed()
        fields.update(_job_fields(done, job))
        fields.update(_at_hand(submitted, done))
        fields.update(_failures(done, followed))
    except configparser.Error as error:
        raise refused(error, "", name) from None
    except CfgError as error:
        error.file = error.file or name
        raise
    return Plan(stage, job.process, {key: value for key, value in fields.items() if value})


def launch_words(
    config: configparser.ConfigParser, stage: str, job: Circumstances, overrides: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """The words that fife_launch gives to jobsub_submit, and to the job."""
    sections = resolve(config, stage, overrides)
    return split_words(launch(sections, _launch_environment(job), len(job.files)).words)


def _lines(value: Value | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _launch_environment(job: Circumstances) -> dict[str, str]:
    return {
        "USER": job.user,
        "HOME": f"/home/{job.user}",
        "FIFE_UTILS_DIR": "/fife_utils",
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
    if submitted.get("tarballs"):
        environment |= {
            "INPUT_TAR_DIR_LOCAL": _TARBALL,
            "INPUT_TAR_FILE": f"{_TARBALL}/tarball.tar",
        }
    if submitted.get("SAM dataset"):
        environment["SAM_PROJECT"] = environment["SAM_PROJECT_NAME"] = "SAM_PROJECT"
    for word in _lines(submitted.get("environment")):
        name, _, value = word.partition("=")
        environment[name] = value
    return environment


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
    files.folders |= {_INPUT, _SCRATCH, _TARBALL}
    for name in _lines(submitted.get("files sent along")):
        text = "".join(f"{line}\n" for line in job.files) if _is_list(name) else None
        if posixpath.basename(name):
            files.write(f"{_INPUT}/{posixpath.basename(name)}", text)
    return files


def _is_list(name: str) -> bool:
    """Whether a file that goes along is taken for a list of files."""
    return not re.search(r"\.(sh|py|bash|csh|fcl|root|tar|tgz|gz|so|pl|C)$", name)


def _job_fields(done: JobRun, job: Circumstances) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    setup = [f"source {' '.join(e.words)}" for e in done.setup if e.kind == "source"]
    setup += [f"{name}={value}" for name, value in sorted(done.changed.items())]
    setup += [f"not followed: {e.words[0]}" for e in done.setup if e.kind in ("shell", "run")]
    fields["setup"] = tuple(setup)
    products = [_product(e.words[1:]) for e in done.setup if e.kind == "setup"]
    fields["products"] = tuple(dict.fromkeys(p for p in products if p))
    if done.consumer:
        consumer = done.consumer
        fields["SAM application"] = " ".join(
            consumer[name] for name in ("appfamily", "appname", "appvers")
        )
        fields["files per job"] = "" if int(consumer["limit"]) == 0 else consumer["limit"]
        fields["delivery"] = consumer["schema"]
    fields["order"] = tuple(done.timeline)
    read: list[str] = []
    for number, ran in enumerate(done.ran):
        fields.update(_substage(number, ran))
        read += [name for name in ran.reads if number == 0]
    if done.consumer and not read:
        read = [FROM_SAM]
    fields["input files"] = tuple(sorted(read))
    fields.update(_outputs(done))
    fields["worker"] = tuple(f"{name}: {value}" for name, value in done.options.items())
    return fields


def _at_hand(submitted: Submission, done: JobRun) -> dict[str, Value]:
    """Files sent along, and fetched otherwise, that an executable finds in its folder."""
    along = {posixpath.basename(n) for n in _lines(submitted.get("files sent along"))}
    read = {name for ran in done.ran for name in ran.reads}
    fetched = [e.words[0] for e in done.events if e.kind == "fetch" and e.words[0] not in read]
    there = [name for name in done.at_hand if name in along]
    return {"files at hand": tuple(sorted(there)), "files fetched": tuple(sorted(fetched))}


def _product(words: Sequence[str]) -> str:
    """A product as it is set up, its qualifiers in one order."""
    if not words:
        return ""
    found, quals = [], ""
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "-q" and queue:
            quals = queue.pop(0)
        elif word.startswith("-q") and len(word) > 2:
            quals = word[2:]
        else:
            found.append(word)
    ordered = ":".join(sorted(filter(None, re.split(r"[:+]", quals))))
    return " ".join(found) + (f" -q {ordered}" if ordered else "")


OPTION_NAMES = {
    "-o": "output file",
    "-T": "histogram file",
    "-n": "events",
    "--nthreads": "threads",
    "--nschedules": "schedules",
}
"""Options of art that have a field of their own."""

_OWN = ("-c", "-s", "-S", "--rethrow-default", *OPTION_NAMES)


def _substage(number: int, ran: Ran) -> dict[str, Value]:
    start = f"substage {number}"
    fields: dict[str, Value] = {f"{start} program": ran.program}
    fields[f"{start} fcl"] = tuple(_settings(ran.fcl))
    if number:
        fields[f"{start} reads"] = tuple(ran.reads)
    for option, name in OPTION_NAMES.items():
        fields[f"{start} {name}"] = ran.options.get(option, "")
    others = [
        f"{option} {value}".strip()
        for option, value in sorted(ran.options.items())
        if option not in _OWN
    ]
    flags = [] if "--rethrow-default" in ran.options else ["without --rethrow-default"]
    fields[f"{start} other arguments"] = (*flags, *others, *ran.other)
    streams = dict(ran.streams)
    for fd, name in (("1", "output to"), ("2", "errors to")):
        fields[f"{start} {name}"] = posixpath.basename(streams.get(fd, "")) or LOG
    return fields


def _settings(lines: Sequence[str]) -> list[str]:
    """fcl as lines without blanks that mean nothing."""
    return [" ".join(line.split()) for line in lines]


def _outputs(done: JobRun) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    data: dict[str, list[str]] = {}
    logs: list[str] = []
    names: list[str] = []
    declared: list[str] = []
    located: list[str] = []
    datasets: list[str] = []
    how: list[str] = []
    parents: list[str] = []
    for group in done.groups:
        dest = _folder(group.dest)
        tars = {p: _packed(done, p) for p in group.patterns}
        for pattern in group.patterns:
            if tars[pattern]:
                logs.append(f"{pattern} {tars[pattern]} -> {dest}")
            else:
                data.setdefault(dest, []).append(pattern)
        names += _kept(group, tars)
        if group.declared:
            declared += group.patterns
            parts = [f"by {group.extractor}" if group.extractor else "", *_filtered(group, parents)]
            how += [part for part in parts if part]
        if group.location:
            located += group.patterns
        if group.dataset:
            datasets.append(group.dataset)
        how += [f"rename {r}" for r in group.rename if r not in ("unique", "u")]
    fields["data files"] = tuple(
        sorted(f"{p} -> {dest}" for dest, patterns in data.items() for p in widest(patterns))
    )
    fields["log files"] = tuple(sorted(logs))
    fields["names"] = tuple(sorted(names))
    fields["folders"] = tuple(
        sorted({_folder(e.words[-1]) for e in done.events if e.kind == "make folder"})
    )
    fields["declared to SAM"] = tuple(widest(declared))
    fields["SAM location"] = tuple(widest(located))
    fields["output dataset"] = tuple(dict.fromkeys(datasets))
    fields["parents in SAM"] = tuple(dict.fromkeys(parents))
    fields["declaration"] = tuple(dict.fromkeys(how))
    return fields


def _folder(path: str) -> str:
    return re.sub(r"(?<!:)/+", "/", path.strip()).rstrip("/")


def _filtered(group: Group, parents: list[str]) -> list[str]:
    """Further settings of a group; parents have a field of their own."""
    left = []
    for option in group.options:
        name, _, value = option.partition("=")
        if name == "filter_metadata" and "parents" in value.split(","):
            parents.append("none")
            rest = ",".join(v for v in value.split(",") if v != "parents")
            left += [f"filter_metadata={rest}"] if rest else []
        else:
            left.append(option)
    return left


def _kept(group: Group, tars: Mapping[str, str]) -> list[str]:
    """The data files of a group as they are stored."""
    unique = any(rename.startswith("u") for rename in group.rename)
    found = []
    for name in group.files:
        if tars.get(name):
            continue
        plain, made = plain_name(posixpath.basename(name))
        found.append(f"{plain}{' (made unique)' if unique or made else ''}")
    return found


def _packed(done: JobRun, pattern: str) -> str:
    """What is in the file, if a tar of the job's own made it."""
    for event in done.events:
        if event.kind == "pack" and event.words[0] == pattern:
            return _contents(event.words[1:])
    return ""


def _contents(words: Sequence[str]) -> str:
    """The contents of a tar file in words: `of all but *.root`."""
    queue = list(words)
    members, left = [], []
    while queue:
        word = queue.pop(0)
        if word == "--exclude" and queue:
            left.append(queue.pop(0))
        elif word.startswith("--exclude="):
            left.append(word.partition("=")[2])
        elif not word.startswith("-"):
            members.append(word)
    # Credentials are no part of a log on either side.
    left = sorted(p for p in left if not p.startswith("x509"))
    what = "all" if set(members) & {"*", "."} else " ".join(members)
    return f"of {what}" + (f" but {' '.join(left)}" if left else "")


def widest(patterns: Sequence[str]) -> list[str]:
    """Patterns without those of which another one matches every file."""
    kept = dict.fromkeys(patterns)
    return sorted(p for p in kept if not any(p != o and _covers(o, p) for o in kept))


def _covers(wide: str, narrow: str) -> bool:
    sample = re.sub(r"[*?]", "x*x", narrow)
    return fnmatch.fnmatchcase(sample, wide) and wide != narrow


def _failures(done: JobRun, followed: object) -> dict[str, Value]:
    """What becomes of the job when one of its programs fails."""
    assert callable(followed)
    fields: dict[str, Value] = {}
    programs = [e for e in done.events if e.kind in ("run", "source", "program")]
    number = 0
    for index, event in enumerate(programs):
        if event.kind == "program":
            what = f"substage {number}"
            number += 1
        elif event.kind == "source":
            continue
        else:
            what = posixpath.basename(event.words[0])
        after: JobRun = followed(index)
        later = after.timeline[len(_before(done, event)) + 1 :]
        goes_on = f"goes on with {later[0]}" if later else "ends"
        kept = "its files are kept" if after.groups else "nothing is kept"
        failed = "fails" if after.status else "does not fail"
        fields[f"when {what} fails"] = f"the job {goes_on}, {failed}, {kept}"
    return fields


def _before(done: JobRun, event: object) -> list[str]:
    """The part of the timeline that comes before an event."""
    index = next(i for i, e in enumerate(done.events) if e is event)
    return JobRun(events=done.events[:index]).timeline
