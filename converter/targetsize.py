"""`<targetsize>`: how many jobs, and how many files for each, when the size of files is known.

project.py works it out when it submits, stagedef.py's `checkinput` (larbatch v01_61_04); here it
is worked out before anything else looks at the stages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec.structs import replace

from converter.feeding import sources
from converter.model import Project, Resized, Stage, Value
from converter.profiles.sizes import FileSize, size_of
from converter.text import Text

__all__ = ["ignores_targetsize", "input_dataset", "with_sizes"]


def with_sizes(projects: tuple[Project, ...], sizes: Mapping[str, FileSize]) -> tuple[Project, ...]:
    """The projects with the numbers of jobs and of files for a job that follow from the sizes.

    sizes  pattern of a dataset's name → size of its files; the first one counts
    """
    if not sizes:
        return projects
    feeding, _ = sources(projects)
    resized: dict[str, Stage] = {}
    for stage in (stage for project in projects for stage in project.stages):
        if stage.targetsize and not ignores_targetsize(stage):
            source = feeding.get(stage.origin.path)
            if source is not None:
                # By now it may have another number of jobs.
                source = resized.get(source.origin.path, source)
            size = size_of(input_dataset(stage, source), sizes)
            if size is not None:
                resized[stage.origin.path] = _resized(stage, source, size)
    return tuple(
        replace(project, stages=tuple(resized.get(s.origin.path, s) for s in project.stages))
        for project in projects
    )


def ignores_targetsize(stage: Stage) -> bool:
    """Whether project.py does nothing with it: no list and no dataset, or one file for a job."""
    if stage.input.kind == "dataset":
        return stage.maxfilesperjob.value == 1
    return stage.input.kind not in ("list", "stage")


def input_dataset(stage: Stage, source: Stage | None) -> str:
    """The dataset that a stage reads; '' where it has no name."""
    if stage.input.kind == "dataset":
        return stage.input.value.value.strip()
    return source.defname.value.strip() if source is not None else ""


def _resized(stage: Stage, source: Stage | None, size: FileSize) -> Stage:
    target, most = stage.targetsize.value, stage.numjobs.value
    if target < 1 or most < 1:
        return stage
    if stage.input.kind == "dataset":
        return _of_dataset(stage, size, target, most)
    # What a stage of the campaign will make is not what somebody has counted: a file for a job.
    count = size.count if source is None else max(source.numjobs.value, 1)
    if count is None:
        return stage
    jobs = min(max(int(count * size.mean / target), 1), most)
    return _with(stage, jobs, None, size, at_launch=source is not None and jobs < most)


def _of_dataset(stage: Stage, size: FileSize, target: int, most: int) -> Stage:
    limit = stage.maxfilesperjob.value
    share = math.ceil(target / size.mean)
    limited = 0 < limit < share
    if limited:
        share = limit
    count = size.count
    if count is None:
        return _with(stage, most, share, size, at_launch=True)
    if 0 < limit * most < count:
        count = limit * most
    jobs = math.ceil(count / share) if limited else math.ceil(count * size.mean / target)
    return _with(stage, min(max(jobs, 1), most), share, size, at_launch=False)


def _with(stage: Stage, jobs: int, share: int | None, size: FileSize, *, at_launch: bool) -> Stage:
    limit = stage.maxfilesperjob if share is None else _number(stage.maxfilesperjob, share)
    return replace(
        stage,
        numjobs=_number(stage.numjobs, jobs),
        maxfilesperjob=limit,
        resized=Resized(round(size.mean), stage.numjobs.value, at_launch),
    )


def _number(value: Value[int], number: int) -> Value[int]:
    if value.value == number:
        return value
    return Value(number, Text(str(number)), value.origin)
