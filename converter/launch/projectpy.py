"""The plan of a job from the model: what project.py submits and what its worker does.

Source: dojobsub of larbatch's project.py, and condor_lar.sh.  It is written from those, not from
the mapping, which it is there to check.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.launch.bash.files import Files
from converter.launch.bash.shell import Shell, World
from converter.launch.fields import FROM_SAM, OPTION_NAMES, widest
from converter.launch.fife_wrap import NO_SHARE, art_file, art_words
from converter.launch.plan import Circumstances, Plan, Value
from converter.launch.submission import submission
from converter.mapping.batch import IMAGES
from converter.model import Project, Stage, Substage
from converter.poms.jobsub import unprotected
from converter.profiles import Profile
from converter.text import Text

__all__ = ["project_plan"]

_SPECIAL = re.compile(r"[\\'\"$`*?\[;&|<>()~#]")
"""What a shell does not leave as it is."""

_UNKNOWN_NAME = "the process_name of"

_DOOR = "root://fndcadoor.fnal.gov:1094/pnfs/fnal.gov/usr/"
_DEFAULT_WORKER = "condor_lar.sh"
_DEFAULT_START, _DEFAULT_STOP = "condor_start_project.sh", "condor_stop_project.sh"
_TARBALL = "/tarball"


def project_plan(
    project: Project, stage: Stage, profile: Profile, job: Circumstances, *, name: str = ""
) -> Plan:
    """What job `job.process` of a stage does.

    name  what the stage is called in the campaign, if not as in the XML
    """
    side = _Side(project, stage, profile, job)
    fields: dict[str, Value] = {**side.submitted(), **side.worker()}
    return Plan(
        name or stage.name.value,
        job.process,
        {key: value for key, value in fields.items() if value},
    )


@dataclass(frozen=True)
class _Side:
    project: Project
    stage: Stage
    profile: Profile
    job: Circumstances

    @property
    def from_sam(self) -> bool:
        return self.stage.input.kind == "dataset"

    @property
    def in_dag(self) -> bool:
        """Whether start and stop jobs stand around the workers."""
        several = self.stage.numjobs.value > 1 or self.project.force_dag
        return several and bool(self.from_sam or self.stage.mixinputdef)

    @property
    def makes_events(self) -> bool:
        """Whether the jobs share out the events."""
        return self.stage.input.kind == "none" or self.textfile

    @property
    def textfile(self) -> bool:
        reads = self.stage.input.kind in ("file", "list", "stage")
        return self.stage.inputmode.value.strip() == "textfile" and reads

    # -- submission -------------------------------------------------------------------------

    def submitted(self) -> dict[str, Value]:
        """project.py's words, as jobsub_lite takes them."""
        problems: list[str] = []
        words = self._submit_words(problems)
        fields: dict[str, Value] = dict(submission(words, self.job.launch))
        if problems:
            fields["refused"] = (*tuple(fields.get("refused", ())), *problems)
        along = {*_tuple(fields.get("files sent along")), *self._sent_along()}
        fields["files sent along"] = tuple(sorted(along))
        # condor_lar.sh copies everything that came along to where lar runs.
        fields["files at hand"] = tuple(sorted({_base(name) for name in along}))
        fields["files fetched"] = tuple(sorted(self._looked_for()))
        if self.from_sam:
            fields["SAM dataset"] = self.stage.input.value.value.strip()
            fraction = self.stage.prestagefraction.value
            fields["prestaged share"] = str(round(fraction * 100)) if fraction else ""
        stage, script = self.stage, self.stage.script.value
        fields["job name"] = stage.batchname.value.strip() or "-".join(
            (stage.name.value, self.project.name.value, self.project.release.tag.value.strip())
        )
        fields["bytes per job"] = str(stage.targetsize) if stage.targetsize else ""
        fields["worker script"] = (
            script if script != _DEFAULT_WORKER and stage.script.origin else ""
        )
        fields["before the launch"] = (
            (" ".join(stage.submitscript.value),) if stage.submitscript else ()
        )
        fields["start and stop"] = tuple(self._start_and_stop())
        fields["second SAM input"] = stage.mixinputdef.value
        fields["SAM strategy"] = tuple(self._strategies())
        fields["merging"] = self._merging()
        return fields

    def _submit_words(self, problems: list[str]) -> list[str]:
        """The words of a worker's submission; in a dag a line of text, without --role."""
        words = list(self._words(problems))
        if not self.in_dag:
            return words
        role = [word for word in words[:2] if word.startswith("--role=")]
        kept = (word for word in words if not word.startswith("--role="))
        return role + [part for word in kept for part in word.split()]

    def _words(self, problems: list[str]) -> Iterator[str]:
        project, stage, experiment = self.project, self.stage, self.profile.experiment
        yield f"--group={experiment}"
        if project.role:
            yield f"--role={project.role.value.strip()}"
        if stage.resource:
            yield f"--resource-provides=usage_model={_unspaced(stage.resource.value)}"
        if stage.lines:
            yield f"--lines={stage.lines.value}"
        for option, text in (("site", stage.site), ("blacklist", stage.blacklist)):
            if text:
                yield f"--{option}={_unspaced(text.value)}"
        if stage.cpu:
            yield f"--cpu={stage.cpu}"
        if stage.disk:
            yield f"--disk={_unspaced(stage.disk.value)}"
        if stage.memory:
            yield f"--memory={stage.memory}"
        yield from self._container(problems)
        yield from ("-N", str(stage.numjobs))
        yield from stage.jobsub.value.split()
        for wanted, requirement in (
            (stage.cvmfs, f"(TARGET.HAS_CVMFS_{experiment}_opensciencegrid_org==true)"),
            (stage.stash, f"(TARGET.HAS_CVMFS_{experiment}_osgstorage_org==true)"),
            (stage.singularity, "(TARGET.HAS_SINGULARITY=?=true)"),
        ):
            if wanted:
                yield f"--append_condor_requirements='{requirement}'"
        if project.release.local:
            path = project.release.local.value.strip()
            kind = "tardir" if _is_directory(path) else "dropbox"
            yield from ("--tar-file-name", f"{kind}://{path}")

    def _container(self, problems: list[str]) -> Iterator[str]:
        name = self.project.os.value
        if not name:
            return
        if not self.stage.singularity:
            yield f"--OS={name}"
            return
        images = {**IMAGES, **{k.lower(): v for k, v in self.profile.containers.items()}}
        image = name if name.startswith("/") else images.get(name.lower())
        if image is None:
            problems.append(f"project.py finds no container image for {name}")
        else:
            yield f"--lines=+SingularityImage={image}"

    def _sent_along(self) -> Iterator[str]:
        """What project.py packs for the worker: the list, fcl files, scripts given by path."""
        stage = self.stage
        if stage.input.kind == "list" and stage.input.value:
            yield stage.input.value.value.strip()
        folders = [d.value.strip() for d in self.project.fcldir]
        own = [d for d in folders if not d.startswith("/cvmfs/")]
        for substage in stage.substages:
            fcl = substage.fcl.value
            if fcl.startswith("/"):
                yield fcl
            elif own:
                yield f"{own[0].rstrip('/')}/{fcl}"
        for script in self._scripts():
            if "/" in script:
                yield script

    def _looked_for(self) -> Iterator[str]:
        """fcl files below a folder of the search path: project.py packs what it finds there."""
        if all(d.value.strip().startswith("/cvmfs/") for d in self.project.fcldir):
            for substage in self.stage.substages:
                fcl = substage.fcl.value
                if "/" in fcl and not fcl.startswith("/"):
                    yield f"$FHICL_FILE_PATH/{fcl}"

    def _scripts(self) -> Iterator[str]:
        """Every hook of the stage that runs."""
        stage = self.stage
        lists = [stage.initscript, stage.endscript]
        if stage.check.value == 1:
            lists.append(stage.finscript)
        lists += [substage.endscript for substage in stage.substages]
        for scripts in lists:
            yield from (script.value[0] for script in scripts if script.value)
        for source in (*stage.initsource, *(s for sub in stage.substages for s in sub.initsource)):
            yield source.value.strip()

    def _start_and_stop(self) -> Iterator[str]:
        stage = self.stage
        if stage.jobsub_start:
            yield f"options {' '.join(stage.jobsub_start.value.split())}"
        for what, value, default in (
            ("start", stage.startscript, _DEFAULT_START),
            ("stop", stage.stopscript, _DEFAULT_STOP),
        ):
            if value.origin and value.value != default:
                yield f"{what} with {value}"

    def _strategies(self) -> Iterator[str]:
        stage = self.stage
        if stage.singlerun:
            yield "files of one run only"
        if stage.activebase:
            yield f"without files of running projects ({stage.activebase})"
        if stage.dropboxwait:
            yield f"waits {stage.dropboxwait} days for the dropbox"

    def _merging(self) -> str:
        usual = ("hadd -T", "", "1") if self._block else ("hadd -T", "")
        programs = (self.stage.merge.value, self.stage.anamerge.value)
        return ", ".join(p for p in programs if p not in usual)

    # -- worker -----------------------------------------------------------------------------

    def worker(self) -> dict[str, Value]:
        """What condor_lar.sh does."""
        fields: dict[str, Value] = {}
        experiment = self.profile.experiment
        own = {
            "SAM_EXPERIMENT": experiment,
            "SAM_GROUP": experiment,
            "SAM_STATION": experiment,
            "IFDH_CP_MAXRETRIES": "5",
        }
        given = dict(
            word.partition("=")[::2]
            for word in _tuple(
                submission(list(self._words([])), self.job.launch).get("environment")
            )
        )
        fields["environment"] = tuple(sorted(f"{k}={v}" for k, v in {**own, **given}.items()))
        fields["setup"] = tuple(self._setup())
        fields["products"] = tuple(self._products())
        if self.from_sam:
            fields.update(self._consumer())
        fields["order"] = tuple(self._order())
        files = self._input_files()
        fields["input files"] = tuple(sorted(files))
        for k, substage in enumerate(self.stage.substages):
            fields.update(self._substage(k, substage, files))
        fields.update(self._outputs())
        fields.update(self._failures())
        return fields

    def _setup(self) -> Iterator[str]:
        yield f"source {self.profile.setup}"
        folders = [d.value.strip() for d in self.project.fcldir]
        on_cvmfs = [d for d in folders if d.startswith("/cvmfs/")]
        if on_cvmfs:
            yield f"FHICL_FILE_PATH={':'.join(on_cvmfs)}:$FHICL_FILE_PATH"
        if self.project.release.local:
            yield f"PRODUCTS={_TARBALL}:$PRODUCTS"

    def _products(self) -> Iterator[str]:
        release = self.project.release
        names = [n for ups in self.project.ups for n in re.split(r"[,\s]+", ups.value) if n]
        tag = release.tag.value.strip()
        quals = ":".join(sorted(filter(None, re.split(r"[:+]", release.qual.value.strip()))))
        for name in dict.fromkeys(names or [self.profile.product]):
            yield " ".join(filter(None, (name, tag, "-q", quals)))

    def _consumer(self) -> dict[str, Value]:
        first = self.stage.substages[0]
        name = first.processname.value.strip() or f"{_UNKNOWN_NAME} {_base(first.fcl.value)}"
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
            world = World(Files())
            Shell(world, self._job_variables).run(line)
            words = world.events[0].words if world.events else words
        return " ".join((_base(words[0]), *words[1:]))

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
        most = stage.maxfilesperjob.value
        jobs = stage.numjobs.value
        total = len(self.job.files)
        if most > 0 and jobs > 0:
            total = min(total, most * jobs)
        jobs = min(jobs, total)
        if jobs < 1:
            return [NO_SHARE]
        skip, last = process * total // jobs, (process + 1) * total // jobs
        if last == skip or skip >= total:
            return [NO_SHARE]
        count = min(last - skip, most) if most > 0 else last - skip
        return [self._delivered(name) for name in self.job.files[skip : skip + count]]

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
        fields[f"{start} fcl"] = tuple(" ".join(line.split()) for line in self._fcl(k, files))
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
        events = self._events()
        if events:
            found["-n"] = str(events)
        for option, value in (("--nthreads", stage.nthreads), ("--nschedules", stage.nschedules)):
            if value.value > 1:
                found[option] = str(value)
        if self.from_sam and k == 0:
            found |= {"--sam-web-uri": "PROJECT_URL", "--sam-process-id": "PROCESS_ID"}
        return found

    def _output_name(self, k: int, substage: Substage) -> str:
        name = self._arrived(substage.output.value)
        return f"{_base(name).removesuffix('.root')}{k}.root"

    def _events(self) -> int:
        """For lar's -n; 0: none is given."""
        total, jobs, process = (
            self.stage.numevents.value,
            self.stage.numjobs.value,
            self.job.process,
        )
        if not self.makes_events or jobs < 1:
            return total
        return _quotient((process + 1) * total, jobs) - _quotient(process * total, jobs)

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
        line = " ".join(str(unprotected(Text(word))) for word in words)
        world = World(Files())
        Shell(world, self._job_variables).run(f"worker {line}")
        return [w for e in world.events[:1] for w in e.words[1:]]

    # -- fcl --------------------------------------------------------------------------------

    @property
    def _block(self) -> bool:
        """Whether the XML asks for SAM metadata."""
        return bool(self.project.filetype or self.project.runtype)

    def _fcl(self, k: int, files: Sequence[str]) -> Iterator[str]:
        project, stage, substage = self.project, self.stage, self.stage.substages[k]
        yield f'#include "{_base(substage.fcl.value)}"'
        if substage.processname:
            yield f"process_name: {substage.processname}"
        if self._block:
            catalogue = "services.FileCatalogMetadata"
            yield f'{catalogue}.applicationVersion: "{project.release.tag.value or "test"}"'
            if project.filetype:
                yield f'{catalogue}.fileType: "{project.filetype}"'
            if project.runtype:
                yield f'{catalogue}.runType: "{project.runtype}"'
            yield from _BLOCKS[self.profile.metadata](self, substage)
        if stage.runnumber:
            yield f"source.firstRun: {stage.runnumber}"
        if k == 0:
            yield from self._of_the_first(files)

    def _of_the_first(self, files: Sequence[str]) -> Iterator[str]:
        if self.stage.maxfluxfilemb:
            yield 'physics.producers.generator.FluxCopyMethod: "IFDH"'
            yield f"physics.producers.generator.MaxFluxFileMB: {self.stage.maxfluxfilemb}"
        if self.makes_events:
            yield f"source.firstSubRun: {self.job.process + 1}"
        if self.textfile:
            names = " ".join(files)
            yield f'physics.producers.generator.InputFileName: "{names}"'

    def dune_block(self, substage: Substage) -> Iterator[str]:
        yield "services.FileCatalogMetadataDUNE: {"
        for parameter in (*self.project.parameters, *self.stage.parameters):
            yield f'{parameter.name}: "{parameter.value}"'
        yield f'StageName: "{substage.stagename.value or self.stage.name.value}"'
        yield "}"
        yield "services.TFileMetadataDUNE: @local::dune_tfile_metadata"

    def names(self, substage: Substage, version: str) -> Iterator[str]:
        """What the blocks of the other experiments have in common."""
        tag = self.project.release.tag.value
        yield f'FCLName: "{"/".join(_base(s.fcl.value) for s in self.stage.substages)}"'
        yield f'FCLVersion: "{tag}"'
        yield f'ProjectName: "{substage.projectname.value or self.project.name.value}"'
        yield f'ProjectStage: "{substage.stagename.value or self.stage.name.value}"'
        yield f'ProjectVersion: "{version}"'

    def uboone_block(self, substage: Substage) -> Iterator[str]:
        yield "services.FileCatalogMetadataMicroBooNE: {"
        yield from self.names(substage, substage.version.value or self.project.version.value)
        if self.stage.merge.value == "1":
            yield "Merge: 1"
        yield "}"
        tfile = "services.TFileMetadataMicroBooNE"
        yield f"{tfile}: @local::microboone_tfile_metadata"
        if self.stage.anamerge.value == "1":
            yield f"{tfile}.Merge: @local::microboone_tfile_metadata.GenerateTFileMetadata"

    def plain_block(self, substage: Substage, service: str) -> Iterator[str]:
        yield f"services.FileCatalogMetadata{service}: {{"
        yield from self.names(substage, self.project.release.tag.value)
        yield "}"

    # -- output -----------------------------------------------------------------------------

    def _outputs(self) -> dict[str, Value]:
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
            "names": tuple(sorted(self._names(types))),
            "folders": tuple(
                sorted({d + own for d in (outdir, logdir) if not d.startswith("/pnfs/")})
            ),
        }
        if declares:
            fields["declared to SAM"] = ("art files",)
            fields["declaration"] = ("validated, by the experiment's own extractor",)
            if len(stage.substages) > 1:
                fields["parents in SAM"] = ("the job's input files",)
        return fields

    def _directory(self, text: str) -> str:
        return re.sub(r"(?<!:)/+", "/", self._arrived(text)).rstrip("/")

    def _own_folder(self) -> str:
        """OUTPUT_SUBDIR of condor_lar.sh."""
        number, parents = self.job.process, ""
        size = self.stage.dirsize.value
        for _ in range(max(self.stage.dirlevels.value, 0) if size > 0 else 0):
            parents = f"/{number % size}{parents}"
            number //= size
        return f"{parents}/{self.job.cluster}_{self.job.process}"

    def _names(self, types: Sequence[str]) -> Iterator[str]:
        """Data files in the end: the last substage's, and the histograms."""
        k = len(self.stage.substages) - 1
        last = self.stage.substages[k]
        art = self._output_name(k, last) if last.output else art_file(list(self._fcl(k, ())), k)
        histograms = self._arrived(self.stage.TFileName.value)
        # Histograms have metadata beside them, and get a name of their own for that.
        found = {art: self.stage.input.kind == "none"}
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


_BLOCKS: Mapping[str, Callable[[_Side, Substage], Iterator[str]]] = {
    "none": lambda side, substage: iter(()),
    "dune": _Side.dune_block,
    "uboone": _Side.uboone_block,
    "sbn": lambda side, substage: side.plain_block(substage, "SBN"),
    "lariat": lambda side, substage: side.plain_block(substage, "LArIAT"),
}
"""Each experiment's own block (get_sam_metadata of its experiment_utilities.py)."""


def _tuple(value: Value | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _base(path: str) -> str:
    return posixpath.basename(path)


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _quotient(a: int, b: int) -> int:
    """bash rounds towards 0."""
    return abs(a) // b * (1 if a >= 0 else -1)


def _all_but(patterns: Sequence[str]) -> str:
    left = sorted(p for p in patterns if p != "*.json")
    return "of all" + (f" but {' '.join(left)}" if left else "")


def _is_directory(path: str) -> bool:
    """As it is on disk, else by its name."""
    if os.path.exists(path):
        return os.path.isdir(path)
    return not re.search(r"\.(tar|tgz|tar\.\w+|tbz2?|txz)$", path)
