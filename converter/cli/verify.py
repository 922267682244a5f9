"""`xml2poms verify`: what project.py and the campaign would launch, side by side."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from converter.conversion import profile_for
from converter.errors import CfgError, ConversionError
from converter.files import check_apart, check_reports, put_reports, read_input, shown
from converter.projectpy.reader import read
from converter.version import version

__all__ = ["verify"]


@click.command(short_help="Compare an XML file with a campaign.cfg, job by job.")
@click.argument("xml", type=click.Path(path_type=str, allow_dash=True))
@click.argument("cfg", type=click.Path(path_type=str))
@click.option(
    "--ini",
    metavar="INI",
    help="The campaign.ini: stages are compared as POMS launches them, with what they wait for, "
    "their datasets and how those are split.",
)
@click.option(
    "--stage", "stages", multiple=True, metavar="STAGE", help="Only this one. Repeatable."
)
@click.option(
    "--process",
    "processes",
    multiple=True,
    type=click.IntRange(min=0),
    metavar="P",
    help="The number of a job, from 0; without it the first and the last. Repeatable.",
)
@click.option("--project", metavar="NAME", help="Which of several projects CFG is of.")
@click.option("--experiment", metavar="EXP", help="Whose file it is, as for convert.")
@click.option("--profile", metavar="FILE", help="Your own profile, as for convert.")
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
@click.option("--all", "everything", is_flag=True, help="Show the fields that are the same too.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Write the comparison, in the format of FILE's ending (.json, .txt). Repeatable.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def verify(
    xml: str,
    cfg: str,
    ini: str | None,
    stages: tuple[str, ...],
    processes: tuple[int, ...],
    project: str | None,
    experiment: str | None,
    profile: str | None,
    overrides: tuple[str, ...],
    with_fife_launch: bool,
    everything: bool,
    reports: tuple[str, ...],
    quiet: bool,
) -> int:
    """Show what project.py would launch from XML and what fife_launch would from CFG.

    For each stage, and its first and last job: the submission, the products, the fcl text, the
    executables with their arguments, the files read, the hooks in order, the files kept and
    where, what SAM is told, and what becomes of a job that fails.  A difference is announced if
    a finding of the conversion says so, and CFG does in that what the conversion would; any
    other one makes the exit code 1.  Nothing is submitted, and no command of either file runs.

    \b
    Examples:
      xml2poms verify project.xml campaign.cfg
      xml2poms verify project.xml campaign.cfg --ini campaign.ini --stage reco --all
      xml2poms verify project.xml campaign.cfg --process 17 --report differences.json
    """
    # The shells and plans are imported only where they are used.
    from converter.report.verification import FORMATS, show
    from converter.verification import UNANNOUNCED
    from converter.verification import verify as compare

    check_reports(reports, FORMATS)
    check_apart(reports, (xml, cfg, ini, profile))
    source = "standard input" if xml == "-" else shown(xml)
    data = read_input(xml)
    try:
        reading = read(data, source)
        found = compare(
            reading.projects,
            profile_for(reading, experiment, profile),
            _text(cfg),
            source=source,
            cfg=cfg,
            ini=(ini, _text(ini)) if ini else None,
            project=project,
            stages=stages,
            processes=processes,
            find=lambda name: _included(name, cfg),
            overrides=overrides,
            real=Path(cfg).absolute() if with_fife_launch else None,
        )
    except ConversionError as error:
        if error.file is None:
            error.file = cfg if isinstance(error, CfgError) else source
        raise
    put_reports(reports, lambda ending: FORMATS[ending](found, version()))
    if not quiet:
        from converter.report.console import Console

        show(Console(soft_wrap=not sys.stdout.isatty()), found, everything=everything)
    return int(found.verdict == UNANNOUNCED)


def _text(name: str) -> str:
    try:
        return read_input(name).decode("utf-8")
    except UnicodeDecodeError:
        raise CfgError(
            "X2P830", "is no text in UTF-8", "check that it is the right file", file=name
        ) from None


def _included(name: str, cfg: str) -> str | None:
    """An included file: beside CFG, or where fife_launch looks too."""
    folders = [str(Path(cfg).parent), ".", *os.environ.get("FIFE_LAUNCH_PATH", "").split(":")]
    for folder in folders:
        path = Path(folder, name)
        if path.is_file():
            return _text(str(path))
    return None
