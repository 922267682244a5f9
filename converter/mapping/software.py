"""The software that is set up: release, products, local release, fcl search path."""

from __future__ import annotations

import os
import re

from converter.findings.fates import Fate
from converter.mapping.context import StageContext, in_script, line, macro_of
from converter.model import Value
from converter.poms.config import Place, Slot
from converter.poms.escape import SAFE, script_word, submit_value
from converter.text import Text

__all__ = ["software"]


def software(ctx: StageContext) -> None:
    """[job_setup] source and setup, tarball, and the fcl files that are no part of a release."""
    project, profile = ctx.project, ctx.profile
    local = project.release.local
    source = Text(profile.setup)
    if local:
        # As condor_lar.sh does it: the local release comes first in $PRODUCTS.
        here = f"_{len(ctx.tarballs)}" if ctx.tarballs else ""
        source += f"; export PRODUCTS=$INPUT_TAR_DIR_LOCAL{here}:$PRODUCTS"
    directories = [d for d in project.fcldir if d.value.startswith("/cvmfs/")]
    if directories:
        path = Text.join(":", [script_word(ctx.outside(d), variables=True) for d in directories])
        source += "; export FHICL_FILE_PATH=" + path + ":$FHICL_FILE_PATH"
    key = ctx.set("job_setup", "source_1", source, local, *directories)
    ctx.implied("setup script", f"the experiment's set-up script: {profile.setup}", key)
    for directory in directories:
        ctx.derived(directory, key)
    _products(ctx)
    if local:
        _local(ctx)
    _tarballs(ctx)
    _fcl_files(ctx, [d for d in project.fcldir if d not in directories])


def _products(ctx: StageContext) -> None:
    release = ctx.project.release
    macros = ctx.campaign.macros
    tag = macros.define("release", ctx.word(release.tag))
    qual = macros.define("quals", ctx.word(release.qual))
    texts = [ctx.text(ups) for ups in ctx.project.ups]
    names = [
        text[m.start() : m.end()] for text in texts for m in re.finditer(r"[^,\s]+", text.string)
    ]
    given = bool(names)
    if not given:
        names = [Text(ctx.profile.product_of(tag.string))]
    keys = []
    for name in names:
        if not SAFE.fullmatch(name.string):
            ctx.finding(Fate.INVALID, "X2P309", ctx.project.ups[0], product=name.string)
        version = " " + script_word(tag, variables=True) if tag else Text()
        product = (
            script_word(name, variables=True)
            + version
            + " -q "
            + (script_word(qual, variables=True) if qual else qual)
        )
        keys.append(
            ctx.add("job_setup", "setup", product, *ctx.project.ups, release.tag, release.qual)
        )
    for ups in ctx.project.ups:
        ctx.mapped(ups, *keys)
    if not given:
        ctx.implied("ups", f"no <ups>: the experiment's product {names[0]}", *keys)
        if ctx.profile.product_then and names[0].string == ctx.profile.product_then:
            ctx.finding(
                Fate.DERIVED,
                "X2P301",
                release.tag,
                keys=(*macro_of(tag), *keys),
                old=ctx.profile.product,
                new=names[0].string,
                release=tag.string,
            )
    ctx.mapped(release.tag, *macro_of(tag), *keys)
    ctx.mapped(release.qual, *macro_of(qual), *keys)
    if not tag:
        ctx.finding(Fate.DERIVED, "X2P302", release.tag, keys=keys)


def _local(ctx: StageContext) -> None:
    """A directory is packed by jobsub, anything else is a tarball."""
    local = ctx.project.release.local
    path = ctx.campaign.macros.define("localrelease", ctx.outside(local))
    if os.path.isdir(local.value):
        kind, sure = "tardir", True
    elif os.path.exists(local.value):
        kind, sure = "dropbox", True
    else:
        looks = re.search(r"\.(tar|tgz|tar\.\w+|tbz2?|txz)$", local.value.strip())
        kind, sure = ("dropbox" if looks else "tardir"), bool(looks)
    value = submit_value(f"{kind}://" + path)
    # After those of <jobsub>, as project.py has it: the order gives the variables' numbers.
    tarball: Place
    if ctx.tarballs:
        tarball = ctx.add("submit", "tar_file_name", value, local)
    else:
        tarball = ctx.set("submit", "tar_file_name", value, local)
    keys: tuple[Place, ...] = (*macro_of(path), tarball)
    if re.search(r"\s", path.string.strip()):
        ctx.finding(Fate.DERIVED, "X2P308", local, keys=keys, path=local.value)
    elif sure:
        ctx.derived(local, *keys)
    else:
        ctx.finding(Fate.DERIVED, "X2P303", local, keys=keys, path=local.value)


_TARBALLS = "tarballs"
"""What project.py's worker does unasked with tarballs, as the report calls it."""


def _tarballs(ctx: StageContext) -> None:
    """Tarballs under the names, and their files in the place, that project.py's job has.

    There the first one is project.py's own, with the stage's scripts and fcl files, so that the
    others count from 1; condor_lar.sh copies all files of all but the local release.
    """
    local = ctx.project.release.local
    everything = [*ctx.tarballs, *([ctx.outside(local)] if local else [])]
    if not everything:
        return
    names = []
    for stem in ("INPUT_TAR_DIR_LOCAL", "INPUT_TAR_FILE"):
        for number in range(len(everything), 0, -1):
            names.append(f"{_variable(stem, number)}=${_variable(stem, number - 1)}")
    ctx.prescripts.append(line("export " + " ".join(names), _TARBALLS))
    for number, tarball in enumerate(everything):
        here = _variable("INPUT_TAR_DIR_LOCAL", number)
        there = _variable("INPUT_TAR_DIR_LOCAL", number + 1)
        own = ctx.stage.jobsub if number < len(ctx.tarballs) else local
        file = tarball.basename().string
        ctx.finding(
            Fate.DERIVED,
            "X2P330",
            own,
            tarball=file,
            here=here,
            there=there,
        )
    for number, tarball in enumerate(ctx.tarballs, 1):
        folder = "$" + _variable("INPUT_TAR_DIR_LOCAL", number)
        copied = line(f"find {folder}/ -follow -type f -exec cp {{}} . \\;", _TARBALLS)
        ctx.prescripts.append(copied)
        file = tarball.basename().string
        ctx.finding(Fate.DERIVED, "X2P331", ctx.stage.jobsub, tarball=file)


def _variable(stem: str, number: int) -> str:
    """jobsub_lite's name for a tarball, counted from 0."""
    return f"{stem}_{number}" if number else stem


def _fcl_files(ctx: StageContext, directories: list[Value[str]]) -> None:
    """fcl files that project.py would pack: given by path, or found in an <fcldir>.

    The first directory that has the file counts there; here nobody can look, so it is the
    first one of all.
    """
    found: list[Slot] = []
    for substage in ctx.stage.substages:
        name = ctx.outside(substage.fcl)
        if name.string.startswith("/"):
            slot = ctx.ship("dropbox://" + name)
            ctx.finding(Fate.DERIVED, "X2P304", substage.fcl, keys=(slot,), fcl=name.string)
        elif "/" in name.string and not directories:
            keys: tuple[Place, ...] = (in_script(substage.fcl),)
            if substage is ctx.stage.substages[0]:
                name = ctx.macro("fclpath", name, substage.fcl)
                keys = (*macro_of(name), *keys)
            _from_search_path(ctx, name, substage.fcl)
            ctx.finding(Fate.DERIVED, "X2P307", substage.fcl, keys=keys, fcl=name.string)
            continue
        elif directories:
            folder = ctx.outside(directories[0])
            slash = "" if folder.string.endswith("/") else "/"
            found.append(ctx.ship("dropbox://" + folder + slash + name))
            ctx.derived(substage.fcl, found[-1])
        else:
            continue
        ctx.copies_shipped = True
    for position, directory in enumerate(directories):
        if position:
            ctx.finding(Fate.DERIVED, "X2P306", directory, directory=directory.value)
        else:
            ctx.finding(Fate.DERIVED, "X2P305", directory, keys=found, directory=directory.value)


def _from_search_path(ctx: StageContext, name: Text, setting: Value[str]) -> None:
    """A file below a folder of the fcl search path.

    project.py copies it from there when it submits, and includes it by its base name.
    """
    file = "$d/" + script_word(name)
    search = (
        "for d in ${FHICL_FILE_PATH//:/ }; do if [ -f "
        + file
        + " ]; then cp "
        + file
        + " .; break; fi; done"
    )
    ctx.prescripts.append(line(search, setting))
