"""`xml2poms convert`: one XML file to a campaign.cfg for each of its projects."""

from __future__ import annotations

import datetime
import difflib
import os
import sys
from typing import TextIO

import click

from converter.cli.filesize import FILE_SIZE
from converter.cli.hints import check_output, only_file
from converter.conversion import Conversion, Options, convert_bytes, failed
from converter.errors import ConversionError, OutputError, UsageError
from converter.files import (
    called,
    campaigns_beside,
    check_apart,
    check_reports,
    in_utf8,
    of_system,
    plain,
    put_reports,
    put_together,
    read_input,
    shown,
    state,
)
from converter.findings.fates import FAIL_ON, Fate
from converter.findings.finding import finding
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY
from converter.profiles import EXPERIMENTS
from converter.profiles.sizes import FileSize
from converter.reading import read_bytes
from converter.report.formats import FORMATS
from converter.report.model import FileReport, Report, with_findings, with_outputs, worst_first
from converter.report.waivers import NAME, apply, beside, read_waivers, states
from converter.text import visible
from converter.version import version

__all__ = ["convert"]


@click.command(short_help="Convert one XML file (the default command).")
@click.argument("files", nargs=-1, metavar="XML")
@click.option(
    "-o",
    "--output",
    metavar="CFG",
    help="The campaign.cfg to write; the .ini for POMS is written next to it. - writes the .cfg to "
    "standard output. Of a file with several projects each gets both, with -PROJECT in the name.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help=f"Also write the report, in the format of FILE's extension ({', '.join(FORMATS)}). "
    "Repeatable.",
)
@click.option(
    "--todo",
    metavar="FILE.sh",
    help="Also write what is left to do until the campaign runs as a script.",
)
@click.option(
    "--table",
    is_flag=True,
    help="Also start a table of campaigns beside CFG, .csv, of which `xml2poms campaigns` makes "
    "the next ones, with CFG as their template.",
)
@click.option("--project", metavar="NAME", help="Convert only this project of the file.")
@click.option(
    "--experiment",
    metavar="EXP",
    help=f"The experiment of the file: {', '.join(EXPERIMENTS)}, or one that your own profile "
    "defines. Without it: $EXPERIMENT, or what paths and products in the file tell.",
)
@click.option(
    "--role",
    type=click.Choice(["production", "analysis"]),
    help="Who launches the campaign. Without it the profile tells, else the file's own signs: "
    "<role>, and whether it writes to areas of the production account.",
)
@click.option(
    "--profile",
    metavar="FILE",
    help="Your own profile, on top of the experiment's; `xml2poms profile EXP` prints one to "
    "start from.",
)
@FILE_SIZE
@click.option(
    "--launcher",
    type=click.Choice([FIFE_LAUNCH, PROJECT_PY]),
    default=FIFE_LAUNCH,
    show_default=True,
    help="What POMS launches: fife_launch with the .cfg, or project.py itself with the XML. Then "
    "every setting keeps its effect, and only the .ini is written.",
)
@click.option(
    "--split-chains",
    is_flag=True,
    help="Where several stages depend on no other one, make a campaign of each with those that "
    "depend on it; POMS launches a whole campaign only if there is exactly one such stage.",
)
@click.option(
    "--no-comments", is_flag=True, help="Write no comments about where each setting comes from."
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@click.option(
    "--diff",
    is_flag=True,
    help="Write nothing; show how CFG would change. Exit code 1 if it would.",
)
@click.option("--force", is_flag=True, help="Replace a CFG that exists and differs.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="Exit with 1 if a finding asks for this or for more (block: nothing may stand in the way "
    "of a launch), or has this fate or a worse one.",
)
@click.option(
    "--waivers",
    metavar="FILE",
    help=f"Accepted findings, with the reason; default: {NAME} next to XML. They stay "
    "in the report, marked, and do not count for --fail-on.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every finding, and the checklist.")
@click.option("-q", "--quiet", is_flag=True, help="Print only errors.")
def convert(
    files: tuple[str, ...],
    output: str | None,
    reports: tuple[str, ...],
    todo: str | None,
    table: bool,
    project: str | None,
    experiment: str | None,
    role: str | None,
    profile: str | None,
    file_size: FileSize | None,
    launcher: str,
    split_chains: bool,
    no_comments: bool,
    dry_run: bool,
    diff: bool,
    force: bool,
    fail_on: str | None,
    waivers: str | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Convert a project.py XML file into a campaign: fife_launch's .cfg and POMS's .ini.

    XML is the file to convert, - for standard input. The terminal shows whether it can be
    launched, what blocks that, and what somebody has to agree to; -v shows all. Existing files are
    not replaced without --force.

    \b
    Examples:
      xml2poms project.xml -o campaign.cfg
      xml2poms project.xml -o campaign.cfg --report campaign.json
      xml2poms project.xml -o - --no-comments --quiet
    """
    xml = only_file(files, output)
    output = plain(check_output(xml, output))
    check_reports(reports, FORMATS)
    inputs = (xml, profile, waivers)
    check_apart(reports, inputs)
    source = "standard input" if xml == "-" else called(xml)
    accepted = read_waivers(waivers) if waivers else beside(os.path.dirname(xml))
    today = datetime.date.today()
    try:
        data = read_input(xml)
    except ConversionError as error:
        nothing = Report((failed(source, b"", error),))
        _write_reports(reports, nothing, written=not (dry_run or diff))
        raise
    try:
        conversion = convert_bytes(
            data,
            source,
            experiment=experiment,
            own=profile,
            role=role,
            size=file_size,
            options=Options(
                project,
                not no_comments,
                in_utf8(os.path.basename(output)) if output != "-" else "campaign.cfg",
                launcher,
                split_chains=split_chains,
            ),
        )
    except ConversionError as error:
        of_file = error.at(source)
        nothing = Report((failed(source, data, of_file),))
        _write_reports(reports, nothing, written=not (dry_run or diff))
        raise of_file from None
    targets = _targets(output, conversion)
    if table:
        targets += _tables(output, conversion)
    if todo:
        targets.append((plain(todo), _todo(todo, conversion.report, targets, xml), -1))
    check_apart([*(path for path, _, _ in targets if path), *reports], inputs)
    if diff:
        return _show_differences(targets)
    names = [
        [called(_beside(output, name)) if output != "-" else "-" for name in one.files]
        for one in conversion.campaigns
    ]
    report = _with_namesakes(with_outputs(conversion.report, names), targets, conversion)
    report = apply(report, accepted, today)
    about = [waiver for waiver in accepted if waiver.is_about(source)]
    found = Report((report,), states(about, dict.fromkeys(report.waivers, 1), today))
    written = _put_all(targets, force=force, dry_run=dry_run)
    _write_reports(reports, found, written=not dry_run)
    if not dry_run:
        written += [("report", name) for name in reports]
    if not quiet:
        # The report is the answer, unless the campaign.cfg itself is.
        stream = sys.stderr if output == "-" else sys.stdout
        _summary(found, written, stream, verbose=verbose, todo="" if dry_run else todo or "")
    if fail_on and report.fails(fail_on):
        return 1
    return 0


_Target = tuple["str | None", str, int]
"""Where a file goes (None: standard output), its text, and of which campaign it is (-1: all)."""


def _targets(output: str, conversion: Conversion) -> list[_Target]:
    campaigns = conversion.campaigns
    if output == "-":
        if len(campaigns) > 1:
            raise UsageError(
                "X2P906",
                f"the file has {len(campaigns)} projects, which do not fit on one output",
                f"choose one with --project: {', '.join(c.project for c in campaigns)}",
            )
        scripts = ", ".join(campaigns[0].scripts)
        if scripts:
            raise UsageError(
                "X2P906",
                f"the campaign has scripts in files of their own: {scripts}",
                "name a file with -o",
            )
        first = next(iter(campaigns[0].files.values()))
        return [(None, first, 0)]
    if os.path.isdir(output):
        raise OutputError("X2P904", "is a directory", "name a file in it", file=output)
    files = {
        name: (_beside(output, name), text, index)
        for index, campaign in enumerate(campaigns)
        for name, text in campaign.files.items()
    }
    return list(files.values())


def _beside(path: str, name: str) -> str:
    """The file of that name in the directory of the other."""
    return os.path.join(os.path.dirname(path), of_system(name))


def _tables(output: str, conversion: Conversion) -> list[_Target]:
    """For each campaign its table, and the template of its .ini."""
    from converter.families.writing import CFG, INI, TABLE, single

    found: list[_Target] = []
    for index, one in enumerate(conversion.campaigns):
        (cfg, *_) = one.files
        stem, ending = os.path.splitext(cfg)
        if output == "-" or ending != CFG or not one.is_alone(conversion.campaigns):
            raise UsageError(
                "X2P944",
                "a table is for a campaign of one .cfg and one .ini, in files that are called so",
                "leave --table out",
            )
        text, template = single(stem, one.cfg, one.ini)
        found.append((_beside(output, stem + TABLE), text, index))
        found.append((_beside(output, stem + INI), template, index))
    return found


def _with_namesakes(
    report: FileReport, targets: list[_Target], conversion: Conversion
) -> FileReport:
    """The report with a finding for each campaign whose name another file beside it has too."""
    inis = [path for path, _, _ in targets if path and path.endswith(".ini")]
    if not inis:
        return report
    beside = campaigns_beside(inis)
    findings = [*report.findings]
    for campaign, project in zip(conversion.campaigns, report.projects):
        for name in campaign.names:
            other = beside.get((project.experiment, name))
            if other is not None:
                slots = {"file": other, "name": name}
                findings.append(finding("X2P825", Fate.DERIVED, slots, project=project.name))
    return with_findings(report, worst_first(findings))


def _put_all(targets: list[_Target], *, force: bool, dry_run: bool) -> list[tuple[str, str]]:
    """Put the files in place, all or none of those that must not be replaced."""
    done: list[tuple[str, str]] = []
    plan: list[tuple[str, str, str]] = []
    for path, text, _ in targets:
        if path is None:
            click.echo(text.encode(), nl=False)
            continue
        there = state(path, text)
        if there == "different" and not force and not dry_run:
            raise OutputError(
                "X2P903",
                "exists and differs from what would be written",
                "look at the difference with --diff; replace it with --force",
                file=path,
            )
        plan.append((path, text, there))
    if not dry_run:
        put_together([(path, text) for path, text, _ in plan])
    what = "would write" if dry_run else "wrote"
    for path, _, there in plan:
        done.append(("unchanged" if there == "same" else what, called(path)))
    return done


def _show_differences(targets: list[_Target]) -> int:
    changed = False
    for path, text, _ in targets:
        if path is None:
            raise UsageError("X2P901", "--diff needs a file to compare with", "name it with -o")
        there = state(path, text)
        if there == "same":
            continue
        changed = True
        bytes_there = b"" if there == "new" else read_bytes(path)
        before = bytes_there.decode("utf-8", "backslashreplace").splitlines(True)
        after = text.splitlines(True)
        differences = difflib.unified_diff(before, after, path, f"{path} (new)")
        click.echo(visible("".join(differences)), nl=False)
    return int(changed)


def _write_reports(names: tuple[str, ...], report: Report, *, written: bool) -> None:
    if not written:
        return
    put_reports(names, lambda ending: FORMATS[ending](report, version()))


def _todo(name: str, report: FileReport, targets: list[_Target], xml: str) -> str:
    """The checklist as a script, which names files from where it lies."""
    from converter.report.todo import as_script, holds_back, todos

    folder = os.path.dirname(name) or os.curdir
    paths = [path for path, _, _ in targets if path] + [xml]
    places = {
        shown(os.path.basename(path)): in_utf8(os.path.relpath(path, folder)) for path in paths
    }
    steps = todos(report.checklist, places)
    codes = list(
        dict.fromkeys(
            one.code for one in report.findings if holds_back(one.code, one.need) and not one.waived
        )
    )
    names = dict.fromkeys(name for step in steps for name in step.campaigns) if codes else ()
    return "".join(as_script(steps, report.source, [(name, codes) for name in names]))


def _summary(
    report: Report,
    written: list[tuple[str, str]],
    stream: TextIO,
    *,
    verbose: bool,
    todo: str,
) -> None:
    # rich is imported only where something is shown: it takes longer than the conversion.
    from converter.report.console import on
    from converter.report.terminal import show

    show(on(stream), report, written, verbose=verbose, todo=todo)
