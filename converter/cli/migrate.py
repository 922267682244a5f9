"""`xml2poms migrate` and `xml2poms audit`: whole directories."""

from __future__ import annotations

import csv
import datetime
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import IO, Any, cast

import click

from converter.cli.filesize import FILE_SIZE
from converter.cli.progress import MOST_JOBS, cores, progress_for
from converter.errors import UsageError, XmlError
from converter.families.grouping import Rule
from converter.files import called, read_input
from converter.findings.fates import FAIL_ON, Fate
from converter.interrupts import Ended, tidied
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY
from converter.migration.manifest import write_json
from converter.migration.names import FRONT, MANIFEST
from converter.migration.row import verdict_of
from converter.migration.run import Request, migrate
from converter.migration.summary import WORST_FIRST, Migration
from converter.migration.survey import Selection
from converter.migration.work import Settings
from converter.profiles import EXPERIMENTS
from converter.profiles.user import experiment_in, facts
from converter.report.model import placed
from converter.report.waivers import NAME, read_waivers
from converter.text import one_line, visible
from converter.version import version

__all__ = ["audit_command", "migrate_command"]

_INTERNAL, _OUTPUT, _INPUT = 70, 4, 3


def _sources(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which files, and how to read them."""
    options = [
        click.argument("sources", nargs=-1, metavar="[DIR|XML]..."),
        click.option(
            "--files-from",
            metavar="FILE",
            help="Also the files named in FILE, one on a line, or as find -print0 writes them; "
            "- for standard input.",
        ),
        click.option(
            "--include",
            multiple=True,
            metavar="GLOB",
            type=called,
            help="Only files whose name, or path below DIR, is like this. Repeatable.",
        ),
        click.option(
            "--exclude",
            multiple=True,
            metavar="GLOB",
            type=called,
            help="Leave out such files and directories. Repeatable.",
        ),
        click.option(
            "--experiment", metavar="EXP", help="The experiment of the files, as for convert."
        ),
        click.option(
            "--role",
            type=click.Choice(["production", "analysis"]),
            help="Who launches the campaigns, as for convert; all of them.",
        ),
        click.option("--profile", metavar="FILE", help="Your own profile, as for convert."),
        FILE_SIZE,
        click.option(
            "--launcher",
            type=click.Choice([FIFE_LAUNCH, PROJECT_PY]),
            default=FIFE_LAUNCH,
            show_default=True,
            help="What POMS launches, as for convert.",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, MOST_JOBS),
            metavar="N",
            help="Number of processes; default: one for each core.",
        ),
        click.option(
            "--waivers",
            metavar="FILE",
            help=f"Accepted findings, as for convert; default: {NAME} in DIR.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice(FAIL_ON),
            help="Exit with 1 if a finding asks for this or more, or has this fate or a worse one.",
        ),
        click.option("-v", "--verbose", is_flag=True, help="Show more of every list."),
        click.option("-q", "--quiet", is_flag=True, help="Print only errors."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command("migrate", short_help="Convert whole directories.")
@_sources
@click.option("-o", "--output", required=True, metavar="OUT", help="The directory to write to.")
@click.option(
    "--no-comments", is_flag=True, help="Write no comments about where each setting comes from."
)
@click.option(
    "--split-chains",
    is_flag=True,
    help="Make a campaign of each stage that depends on no other one, as for convert.",
)
@click.option(
    "--no-pages", is_flag=True, help="Write no index.html and no HTML page for each file."
)
@click.option(
    "--families",
    is_flag=True,
    help="Write campaigns that differ in values only as families, in OUT/families: a template, "
    "a table with a row for each campaign, and the .ini of each.",
)
@click.option(
    "--by",
    type=click.Choice(["directory"]),
    help="With --families: a family never spans directories.",
)
@click.option(
    "--apart",
    multiple=True,
    metavar="GLOB",
    type=called,
    help="With --families: files like this, by path, are families by themselves. Repeatable.",
)
@click.option(
    "--together",
    multiple=True,
    metavar="GLOB",
    type=called,
    help="With --families: families of files like this are never divided. Repeatable.",
)
@click.option("--sarif", is_flag=True, help="Write OUT/migration.sarif too, with all findings.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@click.option("--force", is_flag=True, help="Replace outputs that somebody has changed.")
@click.option(
    "--prune", is_flag=True, help="Remove outputs of earlier runs whose source no longer exists."
)
def migrate_command(
    output: str,
    no_comments: bool,
    split_chains: bool,
    no_pages: bool,
    families: bool,
    by: str | None,
    apart: tuple[str, ...],
    together: tuple[str, ...],
    sarif: bool,
    dry_run: bool,
    force: bool,
    prune: bool,
    **options: Any,
) -> int:
    """Convert every project.py XML below DIR, and below OUT put its .cfg, .ini and .json report.

    project.py files are recognized by their content; other files are listed as skipped, with
    the reason.  OUT has the same directories, below one for each DIR if there are several.
    Outputs and campaigns are named after the XML and its directories, a_prod for a/prod.xml:
    all names differ, since everything that is uploaded to POMS is in one place there.

    OUT/migration.json has the summary, and tells the next run what is done: unchanged files are
    not converted again, and an interrupted run continues.  Outputs that somebody has changed are
    not replaced, and nothing is written outside OUT.  Start reading at OUT/index.html.

    The exit code is 70 if this program failed on a file, else 4 if an output was refused, else
    3 if a file could not be converted, else 1 by --fail-on; the other files are converted
    whatever happens to one.

    \b
    Examples:
      xml2poms migrate xml -o campaigns
      xml2poms migrate xml -o campaigns --families
      xml2poms migrate xml -o campaigns --exclude 'old/*' --fail-on unsupported
      git ls-files '*.xml' | xml2poms migrate --files-from - -o campaigns
    """
    directories = _directories(options)
    if any(_same(d, output) for d in directories):
        raise UsageError("X2P904", f"{output} is the directory of the sources", "choose another")
    settings = _settings(
        options,
        out=output,
        comments=not no_comments,
        split_chains=split_chains,
        pages=not no_pages,
        replace=force,
        write=not dry_run,
        families=families,
    )
    if families and options["launcher"] != FIFE_LAUNCH:
        raise UsageError(
            "X2P912",
            "--families is for fife_launch, which takes overrides",
            "leave one of them out",
        )

    def show_summary(migration: Migration) -> None:
        if options["quiet"]:
            return
        names = [MANIFEST] if no_pages else [FRONT, MANIFEST]
        written = [] if dry_run else [os.path.join(output, name) for name in names]
        _show(migration, written, verbose=options["verbose"])

    rule = Rule(by == "directory", apart, together)
    return _run(options, settings, sarif=sarif, prune=prune, rule=rule, use=show_summary)


@click.command("audit", short_help="Report on whole directories, converting nothing.")
@_sources
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="table: a line for each file, the worst first, and the summary; json: what migrate "
    "writes as migration.json; csv: a line for each file.",
)
def audit_command(form: str, **options: Any) -> int:
    """Say what would become of each XML, and of every project.py XML below DIR; nothing is written.

    \b
    Examples:
      xml2poms audit xml
      xml2poms audit a.xml b.xml --fail-on unsupported
      xml2poms audit xml --format csv > audit.csv
    """
    table = partial(_table, verbose=options["verbose"])
    show: dict[str, Callable[[Migration], None]] = {"table": table, "json": _json, "csv": _csv}
    if options["quiet"] and form == "table":
        return _run(options, _settings(options), use=lambda migration: None)
    return _run(options, _settings(options), use=show[form])


def _settings(options: dict[str, Any], **more: Any) -> Settings:
    experiment, profile = options["experiment"], options["profile"]
    # A mistake in these would fail every file.
    if profile is not None:
        experiment = experiment or experiment_in(profile)
    facts(experiment or EXPERIMENTS[0], profile)
    waivers = _waivers_file(options)
    there = options["waivers"] or (options["sources"] and os.path.isfile(waivers))
    return Settings(
        experiment=experiment,
        role=options["role"],
        profile=profile,
        file_size=options["file_size"],
        launcher=options["launcher"],
        waivers=read_waivers(waivers) if there else (),
        today=datetime.date.today(),
        **more,
    )


def _directories(options: dict[str, Any]) -> list[str]:
    return [source for source in options["sources"] if not os.path.isfile(source)]


def _waivers_file(options: dict[str, Any]) -> str:
    """Where findings are accepted: as it is said, else next to the sources."""
    folders = [s if os.path.isdir(s) else os.path.dirname(s) for s in options["sources"]]
    places = [os.path.join(folder, NAME) for folder in folders] or [NAME]
    given: str | None = options["waivers"]
    return given or next((place for place in places if os.path.isfile(place)), places[0])


def _run(
    options: dict[str, Any],
    settings: Settings,
    *,
    use: Callable[[Migration], None],
    sarif: bool = False,
    prune: bool = False,
    rule: Rule = Rule(),
) -> int:
    directories, files = _directories(options), options["files_from"]
    named = tuple(source for source in options["sources"] if os.path.isfile(source))
    if not (directories or named) and files is None:
        raise UsageError("X2P912", "nothing to migrate", "give a directory, or --files-from")
    for directory in directories:
        if not os.path.isdir(directory):
            raise XmlError(
                "X2P905", "is neither a directory nor a file", "check the name",
                file=directory,
            )  # fmt: skip
    sums: list[Migration] = []

    def used(migration: Migration) -> None:
        use(migration)
        if options["quiet"]:
            for row in migration.rows("failed"):
                click.echo(one_line(f"xml2poms: {_told(row)}"), err=True)
        sums.append(migration)

    request = Request(
        directories,
        chain(named, _names(files)) if files is not None else named,
        Selection(options["include"], options["exclude"]),
        settings,
        options["jobs"] or cores(),
        _waivers_file(options),
        sarif,
        prune,
        rule,
    )
    try:
        with tidied():
            migrate(request, progress_for(quiet=options["quiet"]), used)
    except Ended as ended:
        click.echo("xml2poms: interrupted; the same command goes on from here", err=True)
        return ended.code
    (migration,) = sums
    if migration.defects:
        return _INTERNAL
    if migration.refused:
        return _OUTPUT
    if migration.statuses.get("failed"):
        return _INPUT
    fail_on = options["fail_on"]
    return int(fail_on is not None and migration.fails(fail_on))


def _same(one: str, other: str) -> bool:
    """Whether both are one directory, by whatever name or mount."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _names(files: str) -> list[str]:
    """The lines of a list of files; or what ends with NUL in one that has any: `find -print0`."""
    text = read_input(files, None).decode("utf-8", "surrogateescape")
    return [name for name in text.split("\0" if "\0" in text else "\n") if name]


def _show(migration: Migration, written: Sequence[str], *, verbose: bool) -> None:
    from converter.migration.terminal import show
    from converter.report.console import on

    show(on(sys.stdout), migration, written, verbose=verbose)


def _table(migration: Migration, *, verbose: bool) -> None:
    for verdict in WORST_FIRST:
        for row in migration.rows(verdict):
            click.echo(one_line(f"{verdict:<8}  {_told(row)}"))
    click.echo()
    _show(migration, (), verbose=verbose)


def _told(row: Any) -> str:
    if row.get("error"):
        error = row["error"]
        where = placed(row["source"], error["line"])
        return f"{where}: {error['message']} [{error['code']}]"
    if row.get("reason"):
        return f"{row['source']}: {row['reason']}"
    asked: dict[str, dict[str, int]] = {}
    for code, found in row["findings"].items():
        if found["count"] > found["waived"]:
            asked.setdefault(found["need"], {})[code] = found["count"] - found["waived"]
    told = [f"{need}: {' '.join(asked[need])}" for need in ("block", "agree") if need in asked]
    rest = (("optional", "optional"), ("", "good to know"))
    told += [f"{sum(asked[need].values())} {name}" for need, name in rest if need in asked]
    return f"{row['source']}: {'; '.join(told) or 'no findings'}"


def _output() -> IO[str]:
    return click.open_file("-", "w", encoding="utf-8")


def _json(migration: Migration) -> None:
    write_json(migration, version(), cast("IO[str]", _Shown(_output())))


class _Shown:
    """What a terminal would obey is escaped, which JSON can do with any sign."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        self._file.write(visible(text, lambda sign: json.dumps(sign)[1:-1]))


def _csv(migration: Migration) -> None:
    fates = [fate.value for fate in Fate]
    table = csv.writer(_output(), lineterminator="\n")
    table.writerow(
        (
            "source",
            "status",
            "verdict",
            "blocks",
            "to agree on",
            "optional",
            "error",
            "experiment",
            "campaigns",
            "stages",
            "settings",
            *fates,
            "findings",
        )
    )
    for row in migration.rows(""):
        projects, error = row.get("projects", ()), row.get("error")
        cells = [
            row["source"],
            row["status"],
            verdict_of(row),
            *(row.get("needs", {}).get(need, 0) for need in ("block", "agree", "optional")),
            error["code"] if error else row.get("reason", ""),
            " ".join(dict.fromkeys(p["experiment"] for p in projects)),
            " ".join(p["campaign"] for p in projects),
            sum(len(p["stages"]) for p in projects),
            row.get("leaves", 0),
            *(row.get("fates", {}).get(fate, 0) for fate in fates),
            " ".join(row.get("findings", ())),
        ]
        table.writerow([_cell(cell) for cell in cells])


def _cell(value: object) -> object:
    """A cell that no spreadsheet runs: with what a formula begins with it is marked as text."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
