"""What project.py submits for a stage (dojobsub of larbatch's project.py).

Written from there, not from the mapping, which it is there to check.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator

from msgspec import Struct

from converter.model import Project, Stage
from converter.profiles import Profile
from converter.profiles.images import IMAGES
from converter.profiles.roles import decide
from converter.targetsize import ignores_targetsize
from converter.verify.plan import UNPACKED, Circumstances, Value, lines
from converter.verify.submission import TAR, TAR_FILE, submission

__all__ = ["Submitted"]

_DEFAULT_WORKER = "condor_lar.sh"
_DEFAULT_START, _DEFAULT_STOP = "condor_start_project.sh", "condor_stop_project.sh"

_IMAGE_NAMES = ("{}", "fnal-wn-{}", "fnal-wn-{}:latest")


class Submitted(Struct, frozen=True):
    """A stage as project.py sees it, and a job of it."""

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

    @property
    def has_metadata(self) -> bool:
        """Whether the XML asks for SAM metadata."""
        return bool(self.project.filetype or self.project.runtype)

    def submitted(self) -> dict[str, Value]:
        """project.py's words, as jobsub_lite takes them."""
        problems: list[str] = []
        words = self._submit_words(problems)
        fields: dict[str, Value] = dict(submission(words, self.job.launch))
        # What the worker sets for itself, unless it is given.
        experiment = self.profile.experiment
        own = {
            "SAM_EXPERIMENT": self.profile.sam,
            "SAM_GROUP": experiment,
            "SAM_STATION": self.profile.station,
        }
        own["IFDH_CP_MAXRETRIES"] = "5"
        own |= dict(word.partition("=")[::2] for word in lines(fields.get("environment")))
        fields["environment"] = tuple(sorted(f"{name}={value}" for name, value in own.items()))
        if problems:
            fields["refused"] = (*tuple(fields.get("refused", ())), *problems)
        along = {*lines(fields.get("files shipped")), *self._sent_along()}
        fields["files shipped"] = tuple(sorted(along))
        # condor_lar.sh copies everything that came along to where lar runs.
        at_hand = {posixpath.basename(name) for name in along}
        at_hand |= {f"{UNPACKED}{name}" for name in at_hand if name.endswith(".tar")}
        tarballs = lines(fields.get("tarballs"))
        users = tarballs[:-1] if self.project.release.local else tarballs
        at_hand |= {f"{UNPACKED}{posixpath.basename(name)}" for name in users}
        fields["files at hand"] = tuple(sorted(at_hand))
        if tarballs:
            # The first tarball is the one that project.py makes of its own files.
            first = [f"project.py's own files in ${variable}" for variable in (TAR, TAR_FILE)]
            named = [
                f"{tarball} in ${variable}_{number}"
                for number, tarball in enumerate(tarballs, 1)
                for variable in (TAR, TAR_FILE)
            ]
            fields["tarballs"] = (*first, *named)
        fields["files fetched"] = tuple(sorted(self._looked_for()))
        if self.from_sam:
            fields["SAM dataset"] = self.stage.input.value.value.strip()
            fraction = self.stage.prestagefraction.value
            whole = 1 <= fraction * 100 <= 100
            percent = str(round(fraction * 100)) if whole else f"{fraction * 100:g}"
            fields["prestaged share"] = percent if fraction > 0 else ""
        stage, script = self.stage, self.stage.script.value
        fields["job name"] = stage.batchname.value.strip() or "-".join(
            (stage.name.value, self.project.name.value, self.project.release.tag.value.strip())
        )
        counts = bool(stage.targetsize) and not ignores_targetsize(stage)
        fields["bytes per job"] = str(stage.targetsize) if counts else ""
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
        role = self.profile.role or decide(project, self.profile).role
        # One of blanks alone is a role too.
        yield f"--role={project.role.value.strip() if project.role else role}"
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
        image = self._image(name)
        if image is None:
            problems.append(f"project.py finds no container image for {name}")
        else:
            yield f"--lines=+SingularityImage={image}"

    def _image(self, name: str) -> str | None:
        """As get_singularity finds it: a path, or a file of the images' folder by three names."""
        own = {alias.lower(): image for alias, image in self.profile.containers.items()}
        if name.startswith("/"):
            return name
        if name.lower() in own:
            return own[name.lower()]
        there = {posixpath.basename(image): image for image in IMAGES.values()}
        spellings = [form.format(name.lower()) for form in _IMAGE_NAMES]
        return next((there[one] for one in spellings if one in there), None)

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
        usual = ("hadd -T", "", "1") if self.has_metadata else ("hadd -T", "")
        programs = (self.stage.merge.value, self.stage.anamerge.value)
        return ", ".join(p for p in programs if p not in usual)


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _is_directory(path: str) -> bool:
    """As it is on disk, else by its name."""
    if os.path.exists(path):
        return os.path.isdir(path)
    return not re.search(r"\.(tar|tgz|tar\.\w+|tbz2?|txz)$", path)
