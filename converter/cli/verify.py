"""`xml2poms verify`: what project.py and the campaign would launch, side by side."""

from __future__ import annotations

import datetime
import os
import sys
from functools import partial
from pathlib import Path

import click

from converter.cli.filesize import FILE_SIZE
from converter.cli.progress import MOST_JOBS, cores, progress_for
from converter.conversion import profile_for
from converter.errors import CfgError, ConversionError, UsageError
from converter.files import (
    beside,
    called,
    check_apart,
    check_reports,
    in_utf8,
    included,
    put_reports,
    read_campaign,
    read_input,
)
from converter.pasted import file_word
from converter.profiles import EXPERIMENTS
from converter.profiles.sizes import FileSize
from converter.profiles.user import facts
from converter.projectpy.reader import read
from converter.targetsize import with_sizes
from converter.text import one_line
from converter.version import version

__all__ = ["verify"]

_INPUT, _INTERNAL = 3, 70


@click.command(short_help="Compare XML files with their campaigns, job by job.")
@click.argument("xml")
@click.argument("cfg", required=False)
@click.option(
    "--ini",
    multiple=True,
    metavar="INI",
    help="The campaign.ini: stages are compared as POMS launches them, with what they wait for, "
    "their datasets and how those are split. Repeatable, where each chain is a campaign.",
)
@click.option(
    "--stage",
    "stages",
    multiple=True,
    metavar="STAGE",
    help="Only this one. Repeatable.",
)
@click.option(
    "--process",
    "processes",
    multiple=True,
    type=click.IntRange(min=0),
    metavar="P",
    help="The number of a job, from 0; without it the first and the last. Repeatable.",
)
@click.option(
    "--project",
    metavar="NAME",
    help="The project that CFG was made from, if XML has several.",
)
@click.option("--experiment", metavar="EXP", help="The experiment of the file, as for convert.")
@click.option(
    "--role",
    type=click.Choice(["production", "analysis"]),
    help="Who launches the campaign, as for convert.",
)
@click.option("--profile", metavar="FILE", help="Your own profile, as for convert.")
@FILE_SIZE
@click.option(
    "-O",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Launch with this override, as with fife_launch -O. Repeatable.",
)
@click.option(
    "--with-fife-launch",
    is_flag=True,
    help="Ask the real fife_launch of $FIFE_UTILS_DIR for a dry run too; that one gives CFG's "
    "words to a real shell.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    metavar="N",
    help="With OUT: processes that work at the same time; without it one for each core.",
)
@click.option("--all", "everything", is_flag=True, help="Also show the fields that do not differ.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Write the comparison, in the format of FILE's extension (.json, .txt). Repeatable.",
)
@click.option(
    "--accepted",
    metavar="FILE",
    help="Differences that are accepted, with the reason; default: differences.cfg next to XML.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only errors.")
def verify(
    xml: str,
    cfg: str | None,
    ini: tuple[str, ...],
    stages: tuple[str, ...],
    processes: tuple[int, ...],
    project: str | None,
    experiment: str | None,
    role: str | None,
    profile: str | None,
    file_size: FileSize | None,
    overrides: tuple[str, ...],
    with_fife_launch: bool,
    jobs: int | None,
    everything: bool,
    reports: tuple[str, ...],
    accepted: str | None,
    quiet: bool,
) -> int:
    """Compare the jobs that project.py makes from XML with those that fife_launch makes from CFG.

    In place of XML and CFG a directory that migrate has written: each of its campaigns, with its
    .ini, against the XML that it was made from.

    Compared are, for the first and last job of each stage (of more than 150 jobs only the first,
    unless --stage or --process names others): the submission, the products, the fcl text, the
    executables with their arguments, the input files, the scripts in order, the output files and
    where they go, what is declared to SAM, and what happens when something fails. A difference is
    announced if a finding of the conversion says so and CFG has what the conversion would write;
    any other difference gives exit code 1, unless it is accepted. Nothing is submitted, and no
    command of either file is run.

    \b
    Examples:
      xml2poms verify project.xml campaign.cfg
      xml2poms verify project.xml campaign.cfg --ini campaign.ini --stage reco --all
      xml2poms verify project.xml campaign.cfg --process 17 --report differences.json
      xml2poms verify campaigns
    """
    if cfg is not None and cfg.endswith(".xml") and not xml.endswith(".xml"):
        line = f"xml2poms verify {file_word(cfg)} {file_word(xml)}"
        raise UsageError("X2P915", "the XML comes first, and the campaign.cfg after it", line)
    if cfg is None:
        alone = {
            "--ini": ini, "--stage": stages, "--process": processes, "--project": project,
            "-O": overrides, "--with-fife-launch": with_fife_launch, "--all": everything,
        }  # fmt: skip
        given = ", ".join(name for name, value in alone.items() if value)
        if given:
            raise UsageError(
                "X2P915", f"{given} is for one campaign, and no CFG is given", "name XML and CFG"
            )
        return _verify_migration(
            xml, experiment, profile, file_size, accepted, jobs, reports, quiet
        )
    # The shells and plans are imported only where they are used.
    from converter.expected import as_converted
    from converter.verify.accepted import accept, read_accepted
    from converter.verify.accepted import beside as beside_of
    from converter.verify.rendering import FORMATS, show
    from converter.verify.verification import UNANNOUNCED
    from converter.verify.verification import verify as compare

    check_reports(reports, FORMATS)
    check_apart(reports, (xml, cfg, *ini, profile))
    source = "standard input" if xml == "-" else called(xml)
    folder = os.path.dirname(xml)
    known_differences = read_accepted(accepted) if accepted else beside_of(folder)
    data = read_input(xml)
    try:
        reading = read(data, source)
        known = profile_for(reading, experiment, profile, role, file_size)
        projects = with_sizes(reading.projects, known.file_sizes)
        found = compare(
            projects,
            known,
            read_campaign(cfg),
            partial(as_converted, projects, known, source, in_utf8(os.path.basename(cfg))),
            source=source,
            cfg=called(cfg),
            inis=[(name, read_campaign(name)) for name in ini],
            project=project,
            stages=stages,
            processes=processes,
            find=partial(included, cfg=cfg),
            beside=partial(beside, cfg=cfg),
            overrides=overrides,
            real=Path(cfg).absolute() if with_fife_launch else None,
        )
    except ConversionError as error:
        raise error.at(cfg if isinstance(error, CfgError) else source) from None
    found = accept(found, known_differences, datetime.date.today())
    put_reports(reports, lambda ending: FORMATS[ending](found, version()))
    if not quiet:
        from converter.report.console import on

        show(on(sys.stdout), found, everything=everything)
    return int(found.verdict == UNANNOUNCED)


def _verify_migration(
    out: str,
    experiment: str | None,
    profile: str | None,
    file_size: FileSize | None,
    accepted: str | None,
    jobs: int | None,
    reports: tuple[str, ...],
    quiet: bool,
) -> int:
    """Every campaign of a migration; the exit code."""
    from converter.migration.compared import FORMATS, show
    from converter.migration.comparison import compare, is_migration
    from converter.verify.accepted import read_accepted
    from converter.verify.verification import UNANNOUNCED

    if not is_migration(out):
        raise UsageError(
            "X2P915",
            f"no CFG is given, and {out} is no directory that migrate has written",
            "xml2poms verify XML CFG, or xml2poms verify OUT",
        )
    check_reports(reports, FORMATS)
    # A mistake in these would fail every file.
    facts(experiment or EXPERIMENTS[0], profile)
    found = compare(
        out,
        experiment=experiment,
        profile=profile,
        size=file_size,
        accepted=read_accepted(accepted) if accepted else (),
        processes=jobs or cores(),
        progress=progress_for(quiet=quiet),
    )
    put_reports(reports, lambda ending: FORMATS[ending](found, version()))
    if quiet:
        for file in found.failed:
            click.echo(one_line(f"xml2poms: {file.told}"), err=True)
    else:
        from converter.report.console import on

        show(on(sys.stdout), found)
    if any(file.defect for file in found.files):
        return _INTERNAL
    if found.failed:
        return _INPUT
    return int(UNANNOUNCED in found.verdicts)
