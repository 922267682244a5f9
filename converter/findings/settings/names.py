"""Attributes: the names of things."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.findings.settings.row import attribute, project, row

__all__ = ["ROWS"]

_M, _D, _B, _I = Fate.MAPPED, Fate.DERIVED, Fate.BY_DESIGN, Fate.INERT

ROWS = (
    attribute(
        "project/@name",
        (_M, _D),
        "the macro `project`; the campaign's name in POMS, or only the names of its files",
        "X2P105",
    ),
    attribute(
        "stage/@name",
        (_M, _I),
        "the section [stage_NAME] and the macro `stage`",
        "X2P101 X2P102",
        '<stage name="gen">',
        "[stage_gen]\nglobal.stage = gen",
    ),
    attribute("stage/@base", (_D,), "the stage has all that it inherits written out"),
    attribute("parameter/@name", (_D, _B), "a line of the wrapper fcl (dune)", "X2P502"),
    row("stage", (project(pick="special"),), (_I,), "a section; see stage/@name"),
)
