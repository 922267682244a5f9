"""What a job has done, as the fields of a plan."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from converter.verify.campaign.fife_wrap import Group, Job, JobRun, Ran
from converter.verify.plan import (
    FROM_SAM,
    OPTION_NAMES,
    OTHERS,
    TOO_LONG,
    UNPACKED,
    Value,
    plain_name,
    widest,
)

__all__ = ["LOG", "failures", "job_fields"]

LOG = "the job's log"
"""Where output goes that is not redirected."""


def job_fields(done: JobRun, along: Sequence[str]) -> dict[str, Value]:
    """Everything but the submission; `along` are the files that came with the job."""
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
    fields.update(_at_hand(done, along))
    fields.update(_outputs(done))
    fields["worker"] = tuple(f"{name}: {value}" for name, value in done.options.items())
    return fields


def _at_hand(done: JobRun, along: Sequence[str]) -> dict[str, Value]:
    """Files shipped, and fetched otherwise, that an executable finds in its folder."""
    names = {posixpath.basename(name) for name in along}
    read = {name for ran in done.ran for name in ran.reads}
    fetched = [e.words[0] for e in done.events if e.kind == "fetch" and e.words[0] not in read]
    there = [name for name in done.at_hand if name in names]
    unpacked = [e.words[0] for e in done.events if e.kind == "unpack"]
    there += {f"{UNPACKED}{posixpath.basename(name.rstrip('/'))}" for name in unpacked}
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
    art = [pattern for pattern in declared if pattern.endswith(".root")]
    fields["declared to SAM"] = tuple(widest(art))
    fields["declared though no art file"] = tuple(widest([p for p in declared if p not in art]))
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


_MOST_HOOKS = 200
"""Of more programs that are no substages it is not followed what becomes of each."""


def failures(done: JobRun, job: Job, most: int) -> dict[str, Value]:
    """What becomes of the job when one of its programs fails.

    Of programs of the same name the last one counts.  TOO_LONG where those before have taken
    `most` steps.  Where the scripts themselves are not followed to their end, one field says so.
    """
    if not done.to_the_end:
        return {OTHERS: TOO_LONG}
    named: dict[str, int] = {}
    substages = 0
    for number, place in enumerate(done.programs):
        event = done.events[place]
        if event.kind == "program":
            named[f"substage {substages}"] = number
            substages += 1
        elif event.kind != "source":
            named[posixpath.basename(event.words[0])] = number
    hooks = [what for what in named if not what.startswith("substage ")]
    for what in hooks[_MOST_HOOKS:]:
        del named[what]
    fields: dict[str, Value] = {}
    if hooks[_MOST_HOOKS:]:
        fields[OTHERS] = f"not followed: {len(hooks[_MOST_HOOKS:])} programs"
    for what, number in named.items():
        if job.steps >= most:
            fields[f"when {what} fails"] = TOO_LONG
            continue
        after = job.failing(number)
        later = after.timeline[len(done.timeline_to(done.programs[number])) + 1 :]
        goes_on = f"goes on with {later[0]}" if later else "ends"
        kept = "its files are kept" if after.groups else "nothing is kept"
        failed = "fails" if after.status else "does not fail"
        fields[f"when {what} fails"] = f"the job {goes_on}, {failed}, {kept}"
    return fields
