"""Which stage of a document makes what another one reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converter.model import Project, Stage

__all__ = ["connected", "sources"]


def sources(
    projects: tuple[Project, ...],
) -> tuple[dict[str, Stage | None], frozenset[str]]:
    """For each stage, by its path, the stage that it reads, and the paths of all that are read.

    That is the one of project.py's own rule, or else the nearest earlier stage of which the
    `defname` or the files.list is given explicitly.
    """
    found: dict[str, Stage | None] = {}
    made: dict[tuple[str, str], Stage] = {}
    named = [{stage.name.value: stage for stage in reversed(p.stages)} for p in projects]
    for project in projects:
        reachable = {stage.origin.path for stage in project.reachable}
        for stage in project.stages:
            if stage.origin.path in reachable:
                wanted, value = stage.input.source, stage.input.value.value
                if wanted is not None:
                    source = named[wanted.project].get(wanted.stage)
                else:
                    source = made.get((stage.input.kind, value)) if value else None
                found[stage.origin.path] = source
            made["dataset", stage.defname.value] = stage
            made["list", stage.bookdir.value.rstrip("/") + "/files.list"] = stage
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
