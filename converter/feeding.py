"""Which stage of a document makes what another one reads."""

from __future__ import annotations

from converter.model import Project, Stage

__all__ = ["source_of", "sources"]


def source_of(projects: tuple[Project, ...], project: int, stage: Stage) -> Stage | None:
    """The stage of this document that makes what `stage` reads, or None.

    Besides project.py's own rule: an earlier stage of which the `defname` or the files.list is
    given explicitly.
    """
    if stage.input.source is not None:
        wanted = stage.input.source
        stages = projects[wanted.project].stages
        return next((s for s in stages if s.name.value == wanted.stage), None)
    earlier: list[Stage] = []
    for index, other in enumerate(projects[: project + 1]):
        for candidate in other.stages:
            if index == project and candidate is stage:
                break
            earlier.append(candidate)
    value = stage.input.value.value
    for candidate in reversed(earlier):
        made = {
            "dataset": candidate.defname.value,
            "list": candidate.bookdir.value.rstrip("/") + "/files.list",
        }
        if value and value == made.get(stage.input.kind):
            return candidate
    return None


def sources(
    projects: tuple[Project, ...],
) -> tuple[dict[str, Stage | None], frozenset[str]]:
    """For each stage, by its path, the stage that it reads, and the paths of all that are read."""
    found: dict[str, Stage | None] = {}
    for index, project in enumerate(projects):
        for stage in project.reachable:
            found[stage.origin.path] = source_of(projects, index, stage)
    return found, frozenset(s.origin.path for s in found.values() if s is not None)
