"""What jobs ask for, held against what jobsub_lite and the schedds take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from converter.findings.fates import Fate
from converter.mapping.context import StageContext
from converter.model import Value
from converter.poms.request import (
    MOST_JOBS,
    in_dag,
    kilobytes,
    refused_places,
    seconds,
    shown_size,
    shown_time,
)

__all__ = ["resources", "submitted"]

_GB = 1024.0**2

_SIZES = {"memory": (0.25 * _GB, 512 * _GB), "disk": (1.0 * _GB, 1024 * _GB)}
"""The least and the most that a job of art can mean, in KB."""

_TIMES = (600.0, 4 * 86400.0)
"""The same for the time that a job runs, in seconds; slots are not longer than four days."""

_FEW, _MANY = 1000, 6000
"""Fewer than so many are gigabytes or hours, not megabytes or minutes."""

_TAGS = {"memory": "memory", "disk": "disk", "cpu": "cpu", "site": "site", "blocklist": "blacklist"}


def submitted(ctx: StageContext) -> dict[str, str]:
    """The section [submit] of the stage, so far, as words."""
    return {k: str(text) for (section, k), text in ctx.config.values.items() if section == "submit"}


def resources(ctx: StageContext, from_jobsub: Mapping[str, object]) -> None:
    """Findings about units, limits and combinations, wherever a request is given.

    from_jobsub  options that `<jobsub>` sets
    """
    submit = submitted(ctx)

    def source(option: str) -> Value[Any] | None:
        """The setting that a request comes from; None for the profile."""
        if option in ctx.profile.submit:
            return None
        if option in from_jobsub:
            return ctx.stage.jobsub
        tag = _TAGS.get(option)
        return getattr(ctx.stage, tag) if tag else ctx.stage.jobsub

    for option, (least, most) in _SIZES.items():
        text = submit.get(option, "")
        size = kilobytes(option, text) if text else None
        if size is None:
            continue
        bare = text.replace(".", "", 1).isdigit()
        setting = source(option)
        if option == "disk" and bare:
            meant = f"{text}GB" if float(text) < _FEW else f"{text}MB"
            ctx.about("X2P221", setting, disk=text, plain=shown_size(size), meant=meant)
        elif not least <= size <= most:
            _odd(ctx, option, text, shown_size(size), setting)
    for option in ("expected-lifetime", "timeout"):
        text = submit.get(option, "")
        time = seconds(text) if text else None
        if time is None:
            continue
        if text.replace(".", "", 1).isdigit():
            meant = text + ("h" if time < _FEW else "m" if time < _MANY else "s")
            plain = shown_time(time)
            ctx.about("X2P241", source(option), option=option, value=text, plain=plain, meant=meant)
        elif not _TIMES[0] <= time <= _TIMES[1]:
            _odd(ctx, option, text, shown_time(time), source(option))
    _cores(ctx, submit, source)
    _places(ctx, submit, source)
    _number(ctx, submit)


def _odd(
    ctx: StageContext, option: str, value: str, plain: str, setting: Value[Any] | None
) -> None:
    ctx.about("X2P240", setting, option=option, value=value, plain=plain)


def _cores(
    ctx: StageContext, submit: Mapping[str, str], source: Callable[[str], Value[Any] | None]
) -> None:
    cores, threads = submit.get("cpu", "1"), ctx.stage.nthreads.value
    if cores.lstrip("+-").isdigit() and int(cores) < 1:
        ctx.finding(Fate.INVALID, "X2P242", source("cpu"), cores=cores)
    elif cores.isdigit() and threads > int(cores):
        ctx.about("X2P243", ctx.stage.nthreads, threads=str(threads), cores=cores)
    gpus = submit.get("gpu", "")
    if gpus.lstrip("+-").isdigit() and int(gpus) < 1:
        ctx.about("X2P240", source("gpu"), option="gpu", value=gpus, plain=gpus)


def _places(
    ctx: StageContext, submit: Mapping[str, str], source: Callable[[str], Value[Any] | None]
) -> None:
    provided = [v for k, v in submit.items() if k.startswith("resource-provides")]
    models = [v.partition("usage_model=")[2] for v in provided if "usage_model=" in v]
    problem = refused_places(submit, models[0] if models else "")
    if problem:
        setting = source("blocklist") if submit.get("blocklist") else source("site")
        ctx.finding(Fate.INVALID, "X2P244", setting, problem=problem)


def _number(ctx: StageContext, submit: Mapping[str, str]) -> None:
    jobs = ctx.stage.numjobs
    if jobs.value <= MOST_JOBS:
        return
    launches = -(-jobs.value // MOST_JOBS)
    number, most = f"{jobs.value:,}", f"{MOST_JOBS:,}"
    if ctx.reads_sam:
        splits = ctx.stage.input.kind == "dataset" and ctx.stage.maxfilesperjob
        how = "and takes the next files of the dataset" if splits else "for all files"
        again = f"launch the stage {launches} times" if splits else "launch it once"
        then = f"{again} in POMS; without POMS add -Osubmit.N={MOST_JOBS} to fife_launch"
        ctx.about("X2P245", jobs, jobs=number, most=most, how=how, then=then)
    elif not in_dag(submit):
        each = -(-jobs.value // launches)
        events = -(-ctx.stage.numevents.value // launches)
        what = (
            f"<numevents>{events}</numevents> and another run number in each"
            if ctx.is_generator
            else "its part of the input list in each"
        )
        ctx.finding(
            Fate.MANUAL,
            "X2P246",
            jobs,
            jobs=number,
            most=most,
            launches=str(launches),
            stage=ctx.config.name,
            each=str(each),
            what=what,
        )
