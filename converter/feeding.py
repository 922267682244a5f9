"""Which stage of a document makes what another one reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converter.model import Project, Stage

__all__ = ["connected", "source_of", "sources"]


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


def connected(
    projects: tuple[Project, ...],
    chosen: Iterable[int],
    feeding: Mapping[str, Stage | None],
    kinds: Mapping[int, str],
) -> list[tuple[int, ...]]:
    """The projects that feed each other, group by group, each in the order of the document.

    chosen   the projects that count
    feeding  as `sources` gives it
    kinds    project → what all of a group have in common
    """
    owner = {s.origin.path: i for i in chosen for s in projects[i].reachable}
    group = {index: {index} for index in kinds}
    for path, source in feeding.items():
        one, other = owner.get(path), owner.get(source.origin.path) if source else None
        if one is None or other is None or kinds[one] != kinds[other]:
            continue
        both = group[one] | group[other]
        group.update(dict.fromkeys(both, both))
    return sorted({tuple(sorted(members)) for members in group.values()})
