"""What project.py's worker does in a job (condor_lar.sh of larbatch).

Written from there, not from the mapping, which it is there to check.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from converter.model import Stage, Substage
from converter.poms.jobsub import unprotect
from converter.shell import wrap
from converter.text import Text
from converter.verify.art import art_file, art_words
from converter.verify.node import what_runs
from converter.verify.plan import (
    FROM_SAM,
    LEFT_OUT,
    MOST_JOBS,
    NO_SHARE,
    OPTION_NAMES,
    UNPACKED,
    Value,
    widest,
)
from converter.verify.project.dojobsub import Submitted
from converter.verify.project.wrapperfcl import wrapper_fcl
from converter.verify.submission import unpacked_at

__all__ = ["Worker", "share"]

_SPECIAL = re.compile(r"[\\'\"$`*?\[;&|<>()~#]")
"""What a shell does not leave as it is."""

_UNKNOWN_NAME = "the process_name of"
_DOOR = "root://fndcadoor.fnal.gov:1094/pnfs/fnal.gov/usr/"
_MOST_LEVELS = 64
"""Of output folders; more are cut."""


def share(stage: Stage, process: int, total: int) -> range:
    """The places in a list of so many files of those that a job reads."""
    most, jobs = stage.maxfilesperjob.value, stage.numjobs.value
    if wrap(most * jobs) > 0:
        total = min(total, wrap(most * jobs))
    jobs = min(jobs, total)
    if jobs < 1:
        return range(0)
    skip, last = process * total // jobs, (process + 1) * total // jobs
    if last == skip or skip >= total:
        return range(0)
    if most < 0 or not _counts(most):
        # `[` refuses the number, and a count-down from there never comes to 0.
        return range(skip, total)
    return range(skip, min(last, skip + most) if most > 0 else last)


class Worker(Submitted, frozen=True):
    """The worker of one job."""

    def done(self, at_hand: Sequence[str]) -> dict[str, Value]:
        """What condor_lar.sh does; `at_hand` are the files that it finds in its folder."""
        fields: dict[str, Value] = {}
        fields["setup"] = tuple(self._setup())
        fields["products"] = tuple(self._products())
        if self.from_sam:
            fields.update(self._consumer())
        fields["order"] = tuple(self._order())
        files = self._input_files()
        fields["input files"] = tuple(sorted(files))
        jobs = self.stage.numjobs.value
        if self.makes_events and 0 < jobs <= MOST_JOBS:
            total = sum(self._events(process) for process in range(jobs))
            fields["events in all"] = str(total) if total else ""
        for k, substage in enumerate(self.stage.substages):
            fields.update(self._substage(k, substage, files))
        fields.update(self._outputs(at_hand))
        fields.update(self._failures())
        return fields

    def _setup(self) -> Iterator[str]:
        yield f"source {self.profile.setup}"
        folders = [d.value.strip() for d in self.project.fcldir]
        on_cvmfs = [d for d in folders if d.startswith("/cvmfs/")]
        if on_cvmfs:
            yield f"FHICL_FILE_PATH={':'.join(on_cvmfs)}:$FHICL_FILE_PATH"
        if self.project.release.local:
            local = unpacked_at(self.project.release.local.value.strip())
            yield f"PRODUCTS={local}:$PRODUCTS"

    def _products(self) -> Iterator[str]:
        release = self.project.release
        names = [n for ups in self.project.ups for n in re.split(r"[,\s]+", ups.value) if n]
        tag = release.tag.value.strip()
        quals = ":".join(sorted(filter(None, re.split(r"[:+]", release.qual.value.strip()))))
        for name in dict.fromkeys(names or [self.profile.product]):
            yield " ".join(filter(None, (name, tag, "-q", quals)))

    def _consumer(self) -> dict[str, Value]:
        first = self.stage.substages[0]
        fcl = posixpath.basename(first.fcl.value)
        name = first.processname.value.strip() or f"{_UNKNOWN_NAME} {fcl}"
        schema = self.stage.schema.value.strip()
        limit = self.stage.maxfilesperjob.value
        return {
            "SAM application": f"art {name} {self.project.release.tag.value.strip() or '1'}",
            "files per job": str(limit) if limit else "",
            "delivery": "root" if schema in ("xrootd", "xroot") else schema,
        }

    def _order(self) -> Iterator[str]:
        stage = self.stage
        yield from (f"run {self._called(s.value)}" for s in stage.initscript if s.value)
        yield from (f"source {self._called([s.value.strip()])}" for s in stage.initsource)
        for k, substage in enumerate(stage.substages):
            yield from (f"source {self._called([s.value.strip()])}" for s in substage.initsource)
            yield f"substage {k}"
            yield from (f"run {self._called(s.value)}" for s in substage.endscript if s.value)
        yield from (f"run {self._called(s.value)}" for s in stage.endscript if s.value)
        if stage.check.value == 1:
            yield from (f"run {self._called(s.value)}" for s in stage.finscript if s.value)

    def _called(self, words: Sequence[str]) -> str:
        """A hook as the wrapper script that project.py writes calls it."""
        line = " ".join(words)
        if _SPECIAL.search(line):
            events = what_runs(line, self._job_variables)
            words = events[0].words if events else words
        return " ".join((posixpath.basename(words[0]), *words[1:]))

    @property
    def _job_variables(self) -> dict[str, str]:
        return {
            "PROCESS": "0" if self.in_dag else str(self.job.process),
            "CLUSTER": self.job.cluster,
            "JOBSUBJOBSECTION": str(self.job.process),
            "GRID_USER": self.job.user,
            "HOME": "/home",
        }

    def _input_files(self) -> list[str]:
        """The files of this job: all of one, or its share of the list."""
        stage, process = self.stage, self.job.process
        if self.from_sam:
            return [FROM_SAM]
        if stage.input.kind == "file":
            name = self._arrived(stage.input.value.value)
            return [self._delivered(name) if re.match(r"/|\w+://", name) else NO_SHARE]
        if stage.input.kind not in ("list", "stage"):
            return []
        mine = share(stage, process, len(self.job.files))
        if not mine:
            return [NO_SHARE]
        names = (self.job.files[place] for place in mine)
        return [self._delivered(name) for name in names if name != LEFT_OUT]

    def _delivered(self, name: str) -> str:
        """By what name lar knows it: streamed with xrootd, else copied."""
        streamed = self.stage.schema.value.strip() in ("root", "xroot", "xrootd")
        if streamed and name.startswith("/pnfs/"):
            return _DOOR + name.removeprefix("/pnfs/")
        return name

    def _substage(self, k: int, substage: Substage, files: Sequence[str]) -> dict[str, Value]:
        start = f"substage {k}"
        fields: dict[str, Value] = {}
        fields[f"{start} program"] = self._arrived(substage.exe.value) or "lar"
        fields[f"{start} fcl"] = tuple(
            " ".join(line.split()) for line in wrapper_fcl(self, k, files)
        )
        options = self._options(k, substage)
        given, other = art_words(self._arguments())
        for option, name in OPTION_NAMES.items():
            fields[f"{start} {name}"] = given.pop(option, options.get(option, ""))
        given.pop("--rethrow-default", None)
        given |= {key: value for key, value in options.items() if key.startswith("--sam-")}
        listed = [f"{option} {value}".strip() for option, value in sorted(given.items())]
        fields[f"{start} other arguments"] = (*listed, *other)
        if k:
            fields[f"{start} reads"] = (f"output of substage {k - 1}",)
        fields[f"{start} output to"] = f"larStage{k}.out"
        fields[f"{start} errors to"] = f"larStage{k}.err"
        return fields

    def _options(self, k: int, substage: Substage) -> dict[str, str]:
        stage = self.stage
        found = {}
        if substage.output:
            found["-o"] = self._output_name(k, substage)
        if stage.TFileName:
            found["-T"] = self._arrived(stage.TFileName.value)
        events = self._events(self.job.process)
        if events:
            found["-n"] = str(events)
        for option, value in (("--nthreads", stage.nthreads), ("--nschedules", stage.nschedules)):
            if value.value > 1 and _counts(value.value):
                found[option] = str(value)
        if self.from_sam and k == 0:
            found |= {"--sam-web-uri": "PROJECT_URL", "--sam-process-id": "PROCESS_ID"}
        return found

    def _output_name(self, k: int, substage: Substage) -> str:
        name = self._arrived(substage.output.value)
        return f"{posixpath.basename(name).removesuffix('.root')}{k}.root"

    def _events(self, process: int) -> int:
        """For lar's -n in a job; 0: none is given."""
        total, jobs = self.stage.numevents.value, self.stage.numjobs.value
        if not self.makes_events or jobs < 1:
            return total if _counts(total) else 0
        total = wrap(total)
        after, before = (wrap(p * total) for p in (process + 1, process))
        return wrap(_quotient(after, jobs) - _quotient(before, jobs))

    def _arguments(self) -> list[str]:
        """`<args>` as lar gets them: through the shell of the job, then split again."""
        words = list(self.stage.args.value)
        return [part for word in self._through_the_job(words) for part in word.split()]

    def _arrived(self, text: str) -> str:
        return " ".join(self._through_the_job(text.split()))

    def _through_the_job(self, words: Sequence[str]) -> list[str]:
        """The worker's words after jobsub_lite and the shell of the job."""
        if not any(_SPECIAL.search(word) for word in words):
            return list(words)
        line = " ".join(str(unprotect(Text(word))) for word in words)
        events = what_runs(f"worker {line}", self._job_variables)
        return [w for e in events[:1] for w in e.words[1:]]

    def _outputs(self, at_hand: Sequence[str]) -> dict[str, Value]:
        stage = self.stage
        types = [t for t in stage.datafiletypes.value if t] or ["root"]
        own = self._own_folder()
        outdir, logdir = self._directory(stage.outdir.value), self._directory(stage.logdir.value)
        data = outdir + own
        declares = stage.check.value == 1
        if stage.copy.value == 1:
            data = "the dropbox, by each file's metadata" if declares else "nowhere"
        patterns = widest([f"*.{t}" for t in types])
        fields: dict[str, Value] = {
            "data files": tuple(sorted(f"{p} -> {data}" for p in patterns)),
            "log files": (f"log.tar {_all_but(patterns)} -> {logdir}{own}",),
            "names": tuple(sorted(self._names(types, at_hand))),
            "folders": tuple(
                sorted({d + own for d in (outdir, logdir) if not d.startswith("/pnfs/")})
            ),
        }
        if declares:
            fields["declaration"] = ("validated, by the experiment's own extractor",)
        if declares and "root" in types:
            # validate_in_job.py declares no other file, unless it brings its own metadata.
            fields["declared to SAM"] = ("art files",)
            if len(stage.substages) > 1:
                fields["parents in SAM"] = ("the job's input files",)
        return fields

    def _directory(self, text: str) -> str:
        return re.sub(r"(?<!:)/+", "/", self._arrived(text)).rstrip("/")

    def _own_folder(self) -> str:
        """OUTPUT_SUBDIR of condor_lar.sh."""
        number, parents = self.job.process, ""
        size, levels = self.stage.dirsize.value, self.stage.dirlevels.value
        if not (_counts(size) and _counts(levels)) or size <= 0:
            levels = 0
        levels = min(max(levels, 0), _MOST_LEVELS)
        for _ in range(levels):
            parents = f"/{number % size}{parents}"
            number //= size
        return f"{parents}/{self.job.cluster}_{self.job.process}"

    def _names(self, types: Sequence[str], at_hand: Sequence[str]) -> Iterator[str]:
        """Data files in the end: the last substage's, the histograms, and what came along."""
        k = len(self.stage.substages) - 1
        last = self.stage.substages[k]
        art = (
            self._output_name(k, last)
            if last.output
            else art_file(list(wrapper_fcl(self, k, ())), k)
        )
        histograms = self._arrived(self.stage.TFileName.value)
        # Histograms have metadata beside them, and get a name of their own for that.
        generator = self.stage.input.kind == "none"
        along = [name for name in at_hand if not name.startswith(UNPACKED)]
        found = {name: generator or f"{name}.json" in along for name in along}
        found[art] = generator
        if histograms:
            found[histograms] = True
        for name, unique in found.items():
            if any(name.endswith("." + t) for t in types):
                yield f"{name}{' (made unique)' if unique else ''}"

    def _failures(self) -> dict[str, Value]:
        """condor_lar.sh: a failing hook ends the job, a failing lar ends the chain."""
        stage = self.stage
        fields: dict[str, Value] = {}
        ends = [self._called(s.value) for s in stage.endscript if s.value]
        goes_on = f"goes on with run {ends[0]}" if ends else "ends"
        for k in range(len(stage.substages)):
            fields[f"when substage {k} fails"] = f"the job {goes_on}, fails, its files are kept"
        scripts = [*stage.initscript, *stage.endscript]
        scripts += [s for substage in stage.substages for s in substage.endscript]
        for script in scripts:
            if script.value:
                name = self._called(script.value[:1])
                fields[f"when {name} fails"] = "the job ends, fails, nothing is kept"
        for script in stage.finscript if stage.check.value == 1 else ():
            if script.value:
                name = self._called(script.value[:1])
                fields[f"when {name} fails"] = "the job ends, fails, its files are kept"
        return fields


def _counts(number: int) -> bool:
    """Whether `[` takes a number; else the test fails."""
    return wrap(number) == number


def _quotient(a: int, b: int) -> int:
    """bash rounds towards 0."""
    return abs(a) // b * (1 if a >= 0 else -1)


def _all_but(patterns: Sequence[str]) -> str:
    left = sorted(p for p in patterns if p != "*.json")
    return "of all" + (f" but {' '.join(left)}" if left else "")
