"""What is asked of the batch system."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.findings.settings.row import blankless, project, read_int, row, stage

__all__ = ["ROWS"]

_M, _D, _O, _B = Fate.MAPPED, Fate.DERIVED, Fate.OVERRIDDEN, Fate.BY_DESIGN
_H, _U, _X = Fate.MANUAL, Fate.UNSUPPORTED, Fate.INVALID

_SCRIPT = "nothing: jobsub starts and stops the SAM project itself"

ROWS = (
    row(
        "numjobs",
        (project(read_int, 1), stage(read_int, None)),
        (_M, _O, _X, _D),
        "macro `numjobs`, submit.N",
        "X2P201 X2P530",
        "<numjobs>300</numjobs>",
        "[global]\nnumjobs = 300\n[submit]\nN = %(numjobs)s",
    ),
    row(
        "resource",
        (project(blankless, "DEDICATED,OPPORTUNISTIC"), stage(blankless, None)),
        (_M, _O),
        "submit.resource-provides",
        "X2P219",
        "<resource>DEDICATED</resource>",
        "[submit]\nresource-provides = usage_model=DEDICATED",
    ),
    row(
        "memory",
        (project(read_int, 0), stage(read_int, None)),
        (_M, _O, _B, Fate.INVALID),
        "submit.memory, with its unit",
        "X2P214",
        "<memory>2500</memory>",
        "[submit]\nmemory = 2500MB",
    ),
    row(
        "disk",
        (project(blankless), stage(blankless, None)),
        (_M, _O, _X),
        "submit.disk",
        "X2P214 X2P221 X2P222",
        "<disk>15GB</disk>",
        "[submit]\ndisk = 15GB",
    ),
    row(
        "cpu",
        (project(read_int, 0), stage(read_int, None)),
        (_M, _O, _B),
        "submit.cpu",
        "X2P214",
    ),
    row(
        "site",
        (project(blankless), stage(blankless, None)),
        (_M, _O),
        "submit.site",
        "X2P214 X2P220",
    ),
    row(
        "blacklist",
        (project(blankless), stage(blankless, None)),
        (_M, _O),
        "submit.blocklist",
        "X2P214",
    ),
    row(
        "lines",
        (project(), stage(default=None)),
        (_M, _D, _O),
        "submit.lines_N, quoted for the shell; several conditions, one each",
        "",
        '<lines>+DUNE_Campaign="keepup"</lines>',
        "[submit]\nlines_1 = '+DUNE_Campaign=\"keepup\"'",
    ),
    row(
        "os",
        (project(blankless),),
        (_D, _O, _H),
        "submit.singularity-image, by the alias; submit.OS without singularity",
        "X2P214 X2P223 X2P224",
        "<os>sl7</os>",
        "[submit]\nsingularity-image = "
        "/cvmfs/singularity.opensciencegrid.org/fermilab/fnal-wn-sl7:latest",
    ),
    *(
        row(
            tag,
            (project(read_int, 1), stage(read_int, None)),
            (_D, _O, _B),
            "submit.append_condor_requirements_N, unless it is 0",
        )
        for tag in ("cvmfs", "stash", "singularity")
    ),
    row(
        "role",
        (project(),),
        (_M, _O, _H),
        "submit.role, and vo_role in the campaign.ini",
        "X2P214 X2P218 X2P227",
    ),
    row("server", (project(default="-"),), (_B,), "nothing: jobsub_lite has no server"),
    row(
        "jobsub_timeout",
        (stage(read_int, 0),),
        (_B,),
        "nothing: jobsub_lite has no time limit for this",
        untouched=_B,
    ),
    row(
        "jobsub",
        (stage(),),
        (_M, _U, _X, _D),
        "one [submit] key for each option of jobsub_lite; -e VAR=VALUE in [env_pass]",
        "X2P210 X2P211 X2P212 X2P213 X2P215 X2P216 X2P217 X2P249",
        "<jobsub>--expected-lifetime=8h -e XRD_TIMEOUT=60</jobsub>",
        "[env_pass]\nXRD_TIMEOUT = 60\n[submit]\nexpected-lifetime = 8h",
    ),
    row(
        "jobsub_start", (stage(),), (_U,), "nothing: jobsub starts the SAM project itself", "X2P203"
    ),
    row(
        "targetsize",
        (stage(read_int, 0),),
        (_U, _B, _D, Fate.INERT),
        "submit.N, sam_consumer.limit and submit.n_files_per_job, where the size of the input's "
        "files is known; else nothing",
        "X2P202 X2P204",
    ),
    row("batchname", (stage(),), (_M,), "global.jobname", "X2P228"),
    row(
        "script",
        (project(default="condor_lar.sh"), stage(default=None)),
        (_H, _B, _O),
        "a finding, unless it is condor_lar.sh",
        "X2P225",
    ),
    row(
        "startscript",
        (project(default="condor_start_project.sh"), stage(default=None)),
        (_U, _B, _O),
        _SCRIPT,
        "X2P226",
    ),
    row(
        "stopscript",
        (project(default="condor_stop_project.sh"), stage(default=None)),
        (_U, _B, _O),
        _SCRIPT,
        "X2P226",
    ),
)
