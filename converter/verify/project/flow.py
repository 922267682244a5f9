"""The flow between stages that project.py has: what a stage waits for, and how it reads it.

Written from larbatch's project.py and POMS's split types, not from the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.model import Project, Stage
from converter.verify.plan import Value

__all__ = ["project_flow"]


def project_flow(
    project: Project, stage: Stage, source: Stage | None, names: Mapping[str, str], role: str
) -> dict[str, Value]:
    """What a stage waits for and reads with project.py, as POMS would say it.

    source  the stage that it reads
    names   path of a stage in the document → its name in the campaign
    role    as the jobs have it
    """
    found = names.get(source.origin.path) if source is not None else None
    waits = (found,) if found is not None else ()
    dataset = split = ""
    if not waits and stage.input.kind == "dataset":
        dataset, split = stage.input.value.value.strip(), _split(stage)
        if _drains(stage):
            dataset = stage.basedef.value.strip()
    elif not waits and source is not None:
        dataset = source.defname.value.strip()
    return {
        "waits for": waits,
        "dataset in POMS": dataset,
        "split": split,
        "version in POMS": project.release.tag.value.strip() or "test",
        "role in POMS": role if role == "Production" else "Analysis",
    }


def _split(stage: Stage) -> str:
    """How project.py limits a dataset: snapshots, a draining definition, jobs times files."""
    product = stage.numjobs.value * stage.maxfilesperjob.value
    if _drains(stage):
        return f"drainingn({stage.recurlimit})"
    if stage.recur:
        return "draining"
    return f"limitn({product})" if product > 0 else ""


def _drains(stage: Stage) -> bool:
    """Whether project.py makes a definition of files that no earlier snapshot has, so many a time.

    It does so (in main(), before it submits) for a recursive stage with a base definition; POMS
    gives the same files by drainingn(N) of the base definition.
    """
    if not stage.recur or not stage.basedef:
        return False
    return stage.recurtype.value.strip() == "snapshot" and stage.recurlimit.value != 0
