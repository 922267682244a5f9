"""The rows of a page's ledger: the settings, and what is implied; what stages share said once.

Made as text here, not by a template: most of the cells of a page are in these two tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from converter.report.model import ImpliedSetting, ProjectReport, Setting

__all__ = ["implied_rows", "setting_rows"]

_VALUE = 300
"""Characters of a value: the line itself is on the page too."""


def setting_rows(settings: Iterable[Setting], prefix: str) -> Markup:
    """A row for each setting; its line leads to the one whose anchor has that prefix."""
    rows = []
    for one in settings:
        value = one.value if len(one.value) <= _VALUE else f"{one.value[:_VALUE]} …"
        fate = f"{one.fate.value} (accepted)" if one.waived else one.fate.value
        cells = _cells(one.path, value, fate, ", ".join(one.targets))
        rows.append(f"<tr><td><a href=#{prefix}{one.line}>{one.line}</a><td>{cells}\n")
    return Markup("".join(rows))


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
