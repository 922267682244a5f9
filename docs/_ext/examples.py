"""An example of each setting, converted when the documentation is built: before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from converter import convert, profile, read
from converter.findings.settings import TABLE
from converter.report.model import Setting

_DRAIN = "<inputdef>raw_2024</inputdef><recurdef>raw_2024_drain</recurdef>"

EXAMPLES: Mapping[str, str] = {
    "project/@name": '<project name="p">',
    "stage/@name": '<stage name="reco">',
    "stage/@base": '<stage name="reco" base="gen">',
    "parameter/@name": '<parameter name="MCGenerators">genie</parameter><filetype>mc</filetype>',
    "numjobs": "<numjobs>300</numjobs>",
    "resource": "<resource>DEDICATED</resource>",
    "memory": "<memory>4000</memory>",
    "disk": "<disk>15GB</disk>",
    "cpu": "<cpu>4</cpu>",
    "site": "<site>FermiGrid,BNL</site>",
    "blacklist": "<blacklist>Omaha</blacklist>",
    "lines": '<lines>+DUNE_Campaign="keepup"</lines>',
    "os": "<os>sl7</os>",
    "cvmfs": "<cvmfs>1</cvmfs>",
    "stash": "<stash>1</stash>",
    "singularity": "<singularity>1</singularity>",
    "role": "<role>Production</role>",
    "server": "<server>-</server>",
    "jobsub_timeout": "<jobsub_timeout>120</jobsub_timeout>",
    "jobsub": "<jobsub>--expected-lifetime=8h -e XRD_TIMEOUT=60</jobsub>",
    "jobsub_start": "<jobsub_start>--memory=1000MB</jobsub_start>",
    "targetsize": "<targetsize>8000000000</targetsize><inputdef>raw_2024</inputdef>",
    "batchname": "<batchname>reco_keepup</batchname>",
    "script": "<script>own_worker.sh</script>",
    "startscript": "<startscript>own_start.sh</startscript>",
    "stopscript": "<stopscript>own_stop.sh</stopscript>",
    "tag": "<tag>v09_81_00</tag>",
    "qual": "<qual>e26:prof</qual>",
    "local": "<local>/pnfs/dune/resilient/users/jdoe/local.tgz</local>",
    "ups": "<ups>dunesw</ups>",
    "version": "<fcl>reco.fcl<version>v2</version></fcl>",
    "fcldir": "<fcldir>/cvmfs/dune.opensciencegrid.org/fcl</fcldir>",
    "exe": "<exe>own_lar</exe>",
    "nthreads": "<nthreads>4</nthreads>",
    "nschedules": "<nschedules>4</nschedules>",
    "args": "<args>--timing</args>",
    "inputdef": "<inputdef>raw_2024</inputdef>",
    "inputfile": "<inputfile>/pnfs/dune/persistent/in.root</inputfile>",
    "inputlist": "<inputlist>/pnfs/dune/persistent/files.list</inputlist>",
    "inputmode": "<inputmode>textfile</inputmode><inputlist>/pnfs/dune/hepevt.list</inputlist>",
    "inputstream": "<inputstream>out2</inputstream>",
    "previousstage": "<previousstage>gen</previousstage>",
    "maxfilesperjob": "<maxfilesperjob>4</maxfilesperjob><inputdef>raw_2024</inputdef>",
    "schema": "<schema>root</schema><inputdef>raw_2024</inputdef>",
    "recurdef": "<recurdef>raw_2024_drain</recurdef><inputdef>raw_2024</inputdef>",
    "recur": "<recur>1</recur><inputdef>raw_2024</inputdef>",
    "recurtype": f"<recurtype>consumed</recurtype>{_DRAIN}",
    "recurlimit": f"<recurlimit>500</recurlimit>{_DRAIN}<recurtype>consumed</recurtype>",
    "mixinputdef": "<mixinputdef>cosmics_2024</mixinputdef><inputdef>raw_2024</inputdef>",
    "prestagefraction": "<prestagefraction>0.9</prestagefraction><inputdef>raw_2024</inputdef>",
    "filelistdef": "<filelistdef>1</filelistdef>",
    "prestart": "<prestart>1</prestart>",
    "pubsinput": "<pubsinput>1</pubsinput>",
    "singlerun": "<singlerun>1</singlerun><inputdef>raw_2024</inputdef>",
    "activebase": f"<activebase>raw_2024</activebase>{_DRAIN}",
    "dropboxwait": "<dropboxwait>7</dropboxwait><activebase>raw_2024</activebase>",
    "fcl": "<fcl>reco.fcl</fcl>",
    "filetype": "<filetype>mc</filetype>",
    "runtype": "<runtype>fardet-hd</runtype>",
    "parameter": '<parameter name="MCGenerators">genie</parameter><filetype>mc</filetype>',
    "runnumber": "<runnumber>20000001</runnumber>",
    "maxfluxfilemb": "<maxfluxfilemb>200</maxfluxfilemb>",
    "processname": "<fcl>reco.fcl<processname>Reco</processname></fcl>",
    "projectname": "<fcl>reco.fcl<projectname>other</projectname></fcl>",
    "stagename": "<fcl>reco.fcl<stagename>reco1</stagename></fcl>",
    "numevents": "<numevents>500</numevents>",
    "output": "<output>reco_%tc.root</output>",
    "TFileName": "<TFileName>hist.root</TFileName>",
    "merge": "<merge>hadd</merge>",
    "anamerge": "<anamerge>merge_anatrees.sh</anamerge>",
    "initscript": "<initscript>before.sh</initscript>",
    "initsource": "<initsource>setup.sh</initsource>",
    "endscript": "<endscript>after.sh</endscript>",
    "finscript": "<finscript>last.sh</finscript><check>1</check>",
    "submitscript": "<submitscript>make_list.sh</submitscript>",
    "outdir": "<outdir>/pnfs/dune/scratch/users/jdoe/p</outdir>",
    "logdir": "<logdir>/pnfs/dune/scratch/users/jdoe/p/log</logdir>",
    "dirsize": "<dirsize>100</dirsize><dirlevels>2</dirlevels>",
    "dirlevels": "<dirlevels>2</dirlevels><dirsize>100</dirsize>",
    "workdir": "<workdir>/exp/dune/data/users/jdoe/work</workdir>",
    "bookdir": "<bookdir>/exp/dune/data/users/jdoe/book</bookdir>",
    "datafiletypes": "<datafiletypes>root,txt</datafiletypes>",
    "check": "<check>1</check>",
    "copy": "<copy>1</copy><check>1</check>",
    "ana": "<ana>1</ana>",
    "defname": "<defname>p_reco</defname>",
    "anadefname": "<anadefname>p_reco_hist</anadefname>",
    "datatier": "<datatier>full-reconstructed</datatier><defname>p_reco</defname>",
    "datastream": "<datastream>physics</datastream><defname>p_reco</defname><datatier>f</datatier>",
    "anadatatier": "<anadatatier>root-tuple</anadatatier><anadefname>p_reco_hist</anadefname>",
    "anadatastream": "<anadatastream>physics</anadatastream><anadefname>p_reco_hist</anadefname>",
}
"""Setting → what is converted."""

_METADATA = "<filetype>mc</filetype>"
"""What makes project.py write metadata, without which names for them are not used."""

_PROJECT = {"numevents": "<numevents>100</numevents>", "os": "<os>sl7</os>"}
_LARSOFT = {"tag": "<tag>v09_81_00</tag>", "qual": "<qual>e26:prof</qual>"}
_STAGE = {
    "fcl": "<fcl>reco.fcl</fcl>",
    "outdir": "<outdir>/pnfs/dune/scratch/users/jdoe/p</outdir>",
    "workdir": "<workdir>/exp/dune/data/users/jdoe/work</workdir>",
}
"""What there must be at each level, where the example does not have it."""

_LINE = 2
"""The example stands on a line of its own."""


def example(tag: str) -> Iterator[str]:
    """A setting before, and what the conversion makes of it; nothing of a tag without a value."""
    if tag not in EXAMPLES:
        return
    document = _document(tag)
    conversion = convert(read(document), profile("dune"), source="project.xml", data=document)
    setting = next(s for s in conversion.report.settings if s.line == _LINE and _is(s, tag))
    yield from ("For example", "", "```xml", EXAMPLES[tag].replace("><", ">\n<"), "```", "")
    lines = list(_lines(conversion.campaigns[0].files, setting))
    yield f"is `{setting.fate.value}`{' and gives' if lines else ''}"
    yield ""
    if lines:
        yield from ("```cfg", *lines, "```", "")
    if setting.message:
        yield from ("```text", f"{setting.code} {setting.message}", "```", "")


def _is(setting: Setting, tag: str) -> bool:
    last = tag.rpartition("/")[2]
    return re.search(rf"/{last}(\[\d+\])?$", f"/{setting.path}") is not None


def _document(tag: str) -> bytes:
    """A project in which the example stands and counts."""
    shown = EXAMPLES[tag]
    at = TABLE[tag].levels
    level = next((one for one in ("stage", "fcl", "larsoft") if one in at), "project")
    project, stage = '<project name="p">', '<stage name="reco">'
    if shown.startswith("<project"):
        project, level = f"\n{shown}\n", ""
    elif shown.startswith("<stage"):
        stage, level = f"\n{shown}\n", ""
    if level == "fcl" or tag == "copy":
        project += _METADATA
    larsoft = _filled(_LARSOFT, shown if level == "larsoft" else "")
    inside = _filled(_STAGE, shown if level in ("stage", "fcl") else "")
    return (
        f"{project}{_filled(_PROJECT, shown if level == 'project' else '')}"
        f"<larsoft>{larsoft}</larsoft>"
        f'<stage name="gen">{"".join(_STAGE.values())}</stage>{stage}{inside}</stage></project>'
    ).encode()


def _filled(needed: Mapping[str, str], shown: str) -> str:
    rest = (text for name, text in needed.items() if f"<{name}>" not in shown)
    return f"{''.join(rest)}\n{shown}\n" if shown else "".join(rest)


def _lines(files: Mapping[str, str], setting: Setting) -> Iterator[str]:
    """The lines of the files in which the setting stands, below their sections."""
    for name, text in files.items():
        kind = "ini" if name.endswith(".ini") else "cfg"
        file, heading, section = f"# {name}", "", ""
        for line in text.splitlines():
            if line.startswith("["):
                heading, section = line, line.strip("[] ")
            elif f"{kind}:{section}.{line.partition('=')[0].rstrip()}" in setting.targets:
                yield from (one for one in (file, heading) if one)
                file = heading = ""
                yield line
