"""How far the readers of a number count: the shell of the job, and lar."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.mapping.context import StageContext
from converter.model import Value

__all__ = ["MOST", "fits_shell", "left_out", "limits", "refused", "taken"]

MOST = 2**31 - 1
"""The largest number that lar takes; it reads an int."""

_SHELL = 2**63
"""bash has 64 bits: its `[` refuses larger numbers, its `$((…))` goes round."""

_MOST_RUN = 2**32 - 2
"""The largest number of a run in art."""


def fits_shell(number: int) -> bool:
    """Whether `[ NUMBER -gt 0 ]` is no error, in which case the test fails."""
    return -_SHELL <= number < _SHELL


def taken(number: int) -> int:
    """What `$((NUMBER))` is."""
    return (number + _SHELL) % (2 * _SHELL) - _SHELL


def limits(ctx: StageContext) -> None:
    """Settings of which the worker or lar does not take the number."""
    stage = ctx.stage
    for tag, option, setting in (
        ("nthreads", "--nthreads", stage.nthreads),
        ("nschedules", "--nschedules", stage.nschedules),
    ):
        if not fits_shell(setting.value):
            left_out(ctx, tag, f"lar's {option}", setting)
        elif setting.value > MOST:
            refused(ctx, option, str(setting), setting)
    if not fits_shell(stage.numjobs.value):
        ctx.finding(Fate.INVALID, "X2P530", stage.numjobs, jobs=str(stage.numjobs))
    if stage.memory.value < 0:
        ctx.finding(Fate.INVALID, "X2P529", stage.memory, memory=str(stage.memory))
    if not 0 <= stage.runnumber.value <= _MOST_RUN:
        ctx.finding(Fate.INVALID, "X2P523", stage.runnumber, run=str(stage.runnumber))
    for tag, flag, effect in (
        ("check", stage.check, "nothing is validated or declared"),
        ("copy", stage.copy, "files go to outdir"),
    ):
        if flag.value not in (0, 1):
            ctx.finding(Fate.BY_DESIGN, "X2P524", flag, tag=tag, value=str(flag), effect=effect)


def left_out(ctx: StageContext, tag: str, what: str, setting: Value[int]) -> None:
    """A number that project.py's worker does not even pass on."""
    ctx.finding(Fate.DERIVED, "X2P520", setting, tag=tag, number=str(setting), what=what)


def refused(ctx: StageContext, option: str, number: str, setting: Value[int]) -> None:
    """A number that lar does not take, on either side."""
    ctx.finding(Fate.INVALID, "X2P521", setting, option=option, number=number, most=str(MOST))
