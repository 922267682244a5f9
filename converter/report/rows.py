"""The rows of a page's ledger: the settings, and what is implied; what stages share said once.

Made as text here, not by a template: most of the cells of a page are in these two tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from markupsafe import Markup

from converter.report.model import ImpliedSetting, ProjectReport, Setting

__all__ = ["implied_rows", "setting_rows", "shared"]

_VALUE = 300
"""Characters of a value: the line itself is on the page too."""

_STAGED = ("cfg:stage_", "ini:campaign_stage ")
"""How a place begins that is a stage's own."""


def setting_rows(
    settings: Iterable[Setting], projects: Sequence[ProjectReport], prefix: str
) -> Markup:
    """A row for each setting; its line leads to the one whose anchor has that prefix."""
    stages = {project.name: {s.name for s in project.stages} for project in projects}
    rows = []
    for one in settings:
        value = one.value if len(one.value) <= _VALUE else f"{one.value[:_VALUE]} …"
        became = ", ".join(shared(one.targets, stages.get(one.project or "", ())))
        cells = (
            f"{one.path}\0{value}\0{one.fate.value}{' (accepted)' if one.waived else ''}\0{became}"
        )
        cells = cells.replace("&", "&amp;").replace("<", "&lt;").replace("\0", "<td>")
        rows.append(f"<tr><td><a href=#{prefix}{one.line}>{one.line}</a><td>{cells}\n")
    return Markup("".join(rows))


def shared(targets: Sequence[str], stages: Collection[str]) -> Sequence[str]:
    """The places, those that every stage has of its own as one, with * for the stage's name."""
    if len(targets) < len(stages) or len(stages) < 2:
        return targets
    named = [_in_general(target, stages) for target in targets]
    times: dict[str, int] = {}
    for general in named:
        times[general] = times.get(general, 0) + 1
    return list(
        dict.fromkeys(
            general if times[general] == len(stages) else target
            for target, general in zip(targets, named, strict=True)
        )
    )


def _in_general(target: str, stages: Collection[str]) -> str:
    """A stage's own place with * for its name; any other as it is."""
    for start in _STAGED:
        if target.startswith(start):
            end = target.find(".", len(start))
            # A name may have dots of its own.
            while end > 0:
                if target[len(start) : end] in stages:
                    return f"{start}*{target[end:]}"
                end = target.find(".", end + 1)
    return target


def implied_rows(
    settings: Iterable[ImpliedSetting], projects: Sequence[ProjectReport]
) -> list[Markup]:
    """A row for each thing that project.py does unasked, with the stages in which it does."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in settings:
        found.setdefault((one.project, one.what, one.message), []).append(one.stage or "")
    number = {project.name: len(project.stages) for project in projects}
    return [
        Markup(f"<tr><td>{_cells(what, _named(stages, number.get(project, 0)), message)}\n")
        for (project, what, message), stages in found.items()
    ]


def _named(stages: list[str], number: int) -> str:
    return f"all {number} stages" if len(stages) == number > 1 else ", ".join(stages)


def _cells(*texts: str) -> str:
    """Cells of a row, all escaped at once."""
    return "\0".join(texts).replace("&", "&amp;").replace("<", "&lt;").replace("\0", "<td>")
