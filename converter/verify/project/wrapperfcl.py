"""The wrapper fcl that project.py writes for each substage.

Source: dojobsub of larbatch's project.py, get_sam_metadata of each experiment_utilities.py, and,
for what the first substage gets, condor_lar.sh.  Not the mapping's, which it is there to check.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from converter.model import Substage
from converter.shell import wrap
from converter.verify.project.dojobsub import Submitted

__all__ = ["wrapper_fcl"]


def wrapper_fcl(side: Submitted, k: int, files: Sequence[str]) -> Iterator[str]:
    """The lines of the fcl that substage k runs with; `files` are those that it reads."""
    project, stage, substage = side.project, side.stage, side.stage.substages[k]
    yield f'#include "{posixpath.basename(substage.fcl.value)}"'
    if substage.processname:
        yield f"process_name: {substage.processname}"
    if side.has_metadata:
        catalogue = "services.FileCatalogMetadata"
        yield f'{catalogue}.applicationVersion: "{project.release.tag.value or "test"}"'
        if project.filetype:
            yield f'{catalogue}.fileType: "{project.filetype}"'
        if project.runtype:
            yield f'{catalogue}.runType: "{project.runtype}"'
        yield from _BLOCKS[side.profile.metadata](side, substage)
    if stage.runnumber:
        yield f"source.firstRun: {stage.runnumber}"
    if k == 0:
        yield from _of_the_first(side, files)


def _of_the_first(side: Submitted, files: Sequence[str]) -> Iterator[str]:
    if side.stage.maxfluxfilemb:
        yield 'physics.producers.generator.FluxCopyMethod: "IFDH"'
        yield f"physics.producers.generator.MaxFluxFileMB: {side.stage.maxfluxfilemb}"
    if side.makes_events:
        yield f"source.firstSubRun: {wrap(side.job.process + 1)}"
    if side.textfile:
        names = " ".join(files)
        yield f'physics.producers.generator.InputFileName: "{names}"'


def _dune(side: Submitted, substage: Substage) -> Iterator[str]:
    yield "services.FileCatalogMetadataDUNE: {"
    for parameter in (*side.project.parameters, *side.stage.parameters):
        yield f'{parameter.name}: "{parameter.value}"'
    yield f'StageName: "{substage.stagename.value or side.stage.name.value}"'
    yield "}"
    yield "services.TFileMetadataDUNE: @local::dune_tfile_metadata"


def _names(side: Submitted, substage: Substage, version: str) -> Iterator[str]:
    """What the blocks of the other experiments have in common."""
    tag = side.project.release.tag.value
    yield f'FCLName: "{"/".join(posixpath.basename(s.fcl.value) for s in side.stage.substages)}"'
    yield f'FCLVersion: "{tag}"'
    yield f'ProjectName: "{substage.projectname.value or side.project.name.value}"'
    yield f'ProjectStage: "{substage.stagename.value or side.stage.name.value}"'
    yield f'ProjectVersion: "{version}"'


def _uboone(side: Submitted, substage: Substage) -> Iterator[str]:
    yield "services.FileCatalogMetadataMicroBooNE: {"
    yield from _names(side, substage, substage.version.value or side.project.version.value)
    if side.stage.merge.value == "1":
        yield "Merge: 1"
    yield "}"
    tfile = "services.TFileMetadataMicroBooNE"
    yield f"{tfile}: @local::microboone_tfile_metadata"
    if side.stage.anamerge.value == "1":
        yield f"{tfile}.Merge: @local::microboone_tfile_metadata.GenerateTFileMetadata"


def _plain(side: Submitted, substage: Substage, service: str) -> Iterator[str]:
    yield f"services.FileCatalogMetadata{service}: {{"
    yield from _names(side, substage, side.project.release.tag.value)
    yield "}"


_BLOCKS: Mapping[str, Callable[[Submitted, Substage], Iterator[str]]] = {
    "none": lambda side, substage: iter(()),
    "dune": _dune,
    "uboone": _uboone,
    "sbn": lambda side, substage: _plain(side, substage, "SBN"),
    "lariat": lambda side, substage: _plain(side, substage, "LArIAT"),
}
"""Each experiment's own block."""
