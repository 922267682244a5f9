"""Releases, products, and what runs with them."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.findings.settings.row import fcl, larsoft, project, read_int, row, stage, words

__all__ = ["ROWS"]

_M, _D, _O, _B = Fate.MAPPED, Fate.DERIVED, Fate.OVERRIDDEN, Fate.BY_DESIGN
_X = Fate.INVALID

ROWS = (
    row("larsoft", (project(pick="special"),), (_M,), "see tag, qual, local"),
    row(
        "tag",
        (larsoft(),),
        (_M, _D),
        "macro `release`, job_setup.setup_N; software_version in the campaign.ini",
        "X2P301 X2P302",
        "<tag>v09_81_00</tag>",
        "[job_setup]\nsetup_1 = dunesw %(release)s -q %(quals)s",
    ),
    row("qual", (larsoft("debug"),), (_M,), "macro `quals`, job_setup.setup_N"),
    row(
        "local",
        (larsoft(),),
        (_D,),
        "submit.tar_file_name, and its place in front of $PRODUCTS in job_setup.source_1",
        "X2P303 X2P308",
    ),
    row("ups", (project(pick="all"),), (_M, _X), "job_setup.setup_N", "X2P309"),
    row(
        "version",
        (project(default=None, pick="first"), fcl()),
        (_D, _B),
        "a line of the wrapper fcl, where metadata has it",
        "X2P501",
    ),
    row(
        "fcldir",
        (project(pick="all"),),
        (_D,),
        "FHICL_FILE_PATH for /cvmfs; else each fcl is shipped with the jobs as submit.f_N",
        "X2P305 X2P306",
    ),
    row(
        "exe",
        (stage(pick="special"), fcl()),
        (_M, _D, _X),
        "executable.name, or its line in run_lar.sh",
        "X2P511 X2P513",
    ),
    *(
        row(
            tag,
            (project(read_int, 1), stage(read_int, None)),
            (_M, _O, _B, _D, _X),
            "an argument of lar, if more than 1",
        )
        for tag in ("nthreads", "nschedules")
    ),
    row(
        "args",
        (project(words, ()), stage(words, None)),
        (_M, _D, _O, _X),
        "arguments of lar",
        "X2P506 X2P509",
    ),
)
