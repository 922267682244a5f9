"""The decision table: for every tag of project.py, what it becomes.

One row a tag, indexed with [], so that a gap raises.  `explain` and the documentation are made
from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from converter.mapping.fates import Fate

__all__ = ["TABLE", "Row"]

_M, _D, _O, _B = Fate.MAPPED, Fate.DERIVED, Fate.OVERRIDDEN, Fate.BY_DESIGN
_H, _U, _X = Fate.MANUAL, Fate.UNSUPPORTED, Fate.INVALID


class Row(Struct, frozen=True):
    """What becomes of one tag.

    fates     those that it can have, the usual one first
    becomes   what stands in the campaign.cfg, in words
    example   of the XML
    result    what the example becomes
    untouched the fate of a setting that project.py reads and no rule of the mapping looks at:
              None where that would be a defect
    """

    tag: str
    level: str
    fates: tuple[Fate, ...]
    becomes: str
    example: str = ""
    result: str = ""
    untouched: Fate | None = None


def _row(
    tag: str,
    level: str,
    fates: tuple[Fate, ...],
    becomes: str,
    example: str = "",
    result: str = "",
    untouched: Fate | None = None,
) -> tuple[str, Row]:
    return tag, Row(tag, level, fates, becomes, example, result, untouched)


TABLE: Mapping[str, Row] = dict(
    (
        # names
        _row(
            "@name",
            "project, stage, parameter",
            (_M,),
            "the macro `project`; the section [stage_NAME] and the macro `stage`",
            '<stage name="gen">',
            "[stage_gen]\nglobal.stage = gen",
        ),
        _row("@base", "stage", (_D,), "the stage has all that it inherits written out"),
        # batch
        _row(
            "numjobs",
            "project, stage",
            (_M, _O, _X),
            "macro `numjobs`, submit.N",
            "<numjobs>300</numjobs>",
            "[global]\nnumjobs = 300\n[submit]\nN = %(numjobs)s",
        ),
        _row(
            "resource",
            "project, stage",
            (_M, _O),
            "submit.resource-provides",
            "<resource>DEDICATED</resource>",
            "[submit]\nresource-provides = usage_model=DEDICATED",
        ),
        _row(
            "memory",
            "project, stage",
            (_M, _O, _B, _X),
            "submit.memory, with its unit",
            "<memory>2500</memory>",
            "[submit]\nmemory = 2500MB",
        ),
        _row(
            "disk",
            "project, stage",
            (_M, _O, _X),
            "submit.disk",
            "<disk>15GB</disk>",
            "[submit]\ndisk = 15GB",
        ),
        _row("cpu", "project, stage", (_M, _O, _B), "submit.cpu"),
        _row("site", "project, stage", (_M, _O), "submit.site"),
        _row("blacklist", "project, stage", (_M, _O), "submit.blocklist"),
        _row(
            "lines",
            "project, stage",
            (_M, _O),
            "submit.lines_N, quoted for the shell",
            '<lines>+DUNE_Campaign="keepup"</lines>',
            "[submit]\nlines_1 = '+DUNE_Campaign=\"keepup\"'",
        ),
        _row(
            "os",
            "project",
            (_D, _O, _H),
            "submit.singularity-image, by the alias; submit.OS without singularity",
            "<os>sl7</os>",
            "[submit]\nsingularity-image = "
            "/cvmfs/singularity.opensciencegrid.org/fermilab/fnal-wn-sl7:latest",
        ),
        *(
            _row(
                tag,
                "project, stage",
                (_D, _O, _B),
                "submit.append_condor_requirements_N, unless it is 0",
            )
            for tag in ("cvmfs", "stash", "singularity")
        ),
        _row("role", "project", (_M, _O, _H), "submit.role, and vo_role in the campaign.ini"),
        _row("server", "project", (_B,), "nothing: jobsub_lite has no server"),
        _row(
            "jobsub_timeout",
            "stage",
            (_B,),
            "nothing: jobsub_lite has no time limit for this",
            untouched=_B,
        ),
        _row(
            "jobsub",
            "stage",
            (_M, _U, _X, _D),
            "one [submit] key for each option of jobsub_lite; -e VAR=VALUE in [env_pass]",
            "<jobsub>--expected-lifetime=8h -e XRD_TIMEOUT=60</jobsub>",
            "[env_pass]\nXRD_TIMEOUT = 60\n[submit]\nexpected-lifetime = 8h",
        ),
        _row("jobsub_start", "stage", (_U,), "nothing: jobsub starts the SAM project itself"),
        _row("targetsize", "stage", (_U,), "nothing: the number of jobs stays what it is"),
        _row("batchname", "stage", (_M,), "global.jobname"),
        _row("script", "project, stage", (_H, _B, _O), "a finding, unless it is condor_lar.sh"),
        _row("startscript", "project, stage", (_U, _B, _O), "nothing: jobsub does it itself"),
        _row("stopscript", "project, stage", (_U, _B, _O), "nothing: jobsub does it itself"),
        # software
        _row("larsoft", "project", (_M,), "see tag, qual, local"),
        _row(
            "tag",
            "larsoft",
            (_M, _D),
            "macro `release`, job_setup.setup_N; software_version in the campaign.ini",
            "<tag>v09_81_00</tag>",
            "[job_setup]\nsetup_1 = dunesw %(release)s -q %(quals)s",
        ),
        _row("qual", "larsoft", (_M,), "macro `quals`, job_setup.setup_N"),
        _row(
            "local",
            "larsoft",
            (_D,),
            "submit.tar_file_name, and its place in front of $PRODUCTS in job_setup.source_1",
        ),
        _row("ups", "project", (_M,), "job_setup.setup_N"),
        _row(
            "version", "project, fcl", (_D, _B), "a line of the wrapper fcl, where metadata has it"
        ),
        _row(
            "fcldir",
            "project",
            (_D,),
            "FHICL_FILE_PATH for /cvmfs; else each fcl goes along as submit.f_N",
        ),
        _row("exe", "stage, fcl", (_M, _D), "executable.name, or its line in run_lar.sh"),
        _row("nthreads", "project, stage", (_M, _O, _D, _X), "an argument of lar, if more than 1"),
        _row(
            "nschedules", "project, stage", (_M, _O, _D, _X), "an argument of lar, if more than 1"
        ),
        _row("args", "project, stage", (_M, _D, _O), "arguments of lar"),
        # input
        _row(
            "inputdef",
            "stage",
            (_M, _D, _H),
            "macro `sam_dataset`, submit.dataset, job_setup.ifdh_art; the campaign.ini's dataset",
            "<inputdef>raw_2024</inputdef>",
            "[submit]\ndataset = %(sam_dataset)s\n[job_setup]\nifdh_art = True",
        ),
        _row("inputfile", "stage", (_D,), "a prescript that fetches it for each job"),
        _row(
            "inputlist",
            "stage",
            (_D, _H),
            "submit.f_N, and prescripts by which each job takes its share of the list",
        ),
        _row("inputmode", "stage", (_D, _X), "InputFileName in the wrapper fcl"),
        _row("inputstream", "stage", (_H, _B), "a dataset that holds the stream"),
        _row(
            "previousstage",
            "stage",
            (_D,),
            "macro `sam_dataset`: its dataset; a dependency in the campaign.ini",
        ),
        _row(
            "maxfilesperjob",
            "project, stage",
            (_M, _D, _B, _O, _X),
            "sam_consumer.limit, or the arithmetic of the list",
        ),
        _row("schema", "stage", (_M, _D, _B), "sam_consumer.schema", untouched=_B),
        _row("recurdef", "stage", (_M, _H), "macro `sam_dataset`; the definition is made by hand"),
        _row("recur", "stage", (_D, _B), "cs_split_type in the campaign.ini"),
        _row("recurtype", "stage", (_H,), "a samweb command that defines the dataset"),
        _row("recurlimit", "stage", (_D, _B, _X), "part of that definition", untouched=_B),
        _row("mixinputdef", "stage", (_U,), "nothing: there is no second SAM input"),
        _row("prestagefraction", "stage", (_D, _B, _X), "submit.dd-percentage"),
        _row("filelistdef", "stage", (_B,), "nothing: SAM projects are jobsub's own"),
        _row("prestart", "stage", (_B,), "nothing: SAM projects are jobsub's own"),
        _row("pubsinput", "stage", (_B,), "nothing: PUBS has no counterpart and needs none"),
        _row("singlerun", "stage", (_H, _B), "a dataset definition by hand"),
        _row("activebase", "stage", (_H, _B), "a dataset definition by hand", untouched=_B),
        _row("dropboxwait", "stage", (_H, _B), "a dataset definition by hand"),
        # what runs
        _row(
            "fcl",
            "stage",
            (_D,),
            "macro `fclfile`; the include of the wrapper fcl",
            "<fcl>reco.fcl</fcl>",
            "[executable]\narg_1 = -c wrapper.fcl\n[stage_X]\nglobal.fclfile = reco.fcl",
        ),
        _row("filetype", "project", (_D,), "a line of the wrapper fcl"),
        _row("runtype", "project", (_D,), "a line of the wrapper fcl"),
        _row("parameter", "project, stage", (_D, _B), "a line of the wrapper fcl (dune)"),
        _row("runnumber", "project, stage", (_D, _H, _B, _X), "source.firstRun in the wrapper fcl"),
        _row("maxfluxfilemb", "stage", (_D,), "two lines of the wrapper fcl"),
        _row("processname", "fcl", (_D,), "process_name in the wrapper fcl"),
        _row("projectname", "fcl", (_D,), "a line of the wrapper fcl"),
        _row("stagename", "fcl", (_D,), "a line of the wrapper fcl"),
        _row(
            "numevents",
            "project, stage",
            (_D, _O, _X),
            "-n of lar: for each job, or for a generator the job's share of all",
            "<numevents>10000</numevents>",
            "[executable]\narg_4 = -n %(numevents)s",
        ),
        _row(
            "output",
            "stage, fcl",
            (_D,),
            "-o of lar, with the substage's number before .root",
            "<output>%ifb_reco.root</output>",
            "[executable]\narg_3 = -o %%ifb_reco0.root",
        ),
        _row("TFileName", "stage", (_M,), "-T of lar"),
        # scripts
        *(
            _row(tag, level, (_D,), "a line of run_lar.sh; a script given by path goes along")
            for tag, level in (
                ("initscript", "stage"),
                ("initsource", "stage, fcl"),
                ("endscript", "stage, fcl"),
            )
        ),
        _row("finscript", "stage", (_D, Fate.INERT), "a line of run_lar.sh"),
        _row("submitscript", "stage", (_D,), "prelaunch.script"),
        # output
        _row(
            "outdir",
            "stage",
            (_M, _X),
            "macro `outdir`, job_output.dest",
            "<outdir>/pnfs/dune/x/gen</outdir>",
            "[job_output]\ndest = %(outdir)s/${CLUSTER}_%(_process)s",
        ),
        _row("logdir", "stage", (_D, _X), "macro `logdir`, where log.tar goes"),
        _row("dirsize", "stage", (_D, _B), "folders in job_output.dest"),
        _row("dirlevels", "stage", (_D, _B), "folders in job_output.dest"),
        _row("workdir", "stage", (_B,), "nothing: POMS needs none"),
        _row("bookdir", "stage", (_B,), "nothing: POMS needs none"),
        _row("datafiletypes", "stage", (_D, _X), "job_output.addoutput patterns"),
        _row(
            "check",
            "project, stage",
            (_D, _B, _O, _X),
            "metadata of art files declared in the job",
            untouched=_B,
        ),
        _row("copy", "project, stage", (_D, _B, _H, _X, _O), "the dropbox as job_output.dest"),
        _row("ana", "stage", (_D,), "no art file is declared"),
        _row("merge", "project, stage", (_B, _U, _D, _O), "nothing; 1: a metadata line (uboone)"),
        _row("anamerge", "project, stage", (_B, _U, _D, _O), "nothing; 1: a line (uboone)"),
        # datasets
        _row("defname", "stage", (_H, _D), "the next stage's dataset; a samweb command"),
        _row("anadefname", "stage", (_H,), "a samweb command"),
        *(
            _row(tag, "stage", (_D, _B), "part of the dataset's definition")
            for tag in ("datatier", "datastream", "anadatatier", "anadatastream")
        ),
    )
)
