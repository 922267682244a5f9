"""`xml2poms campaigns`: the .ini files of a family, from its template and its table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from converter.errors import ConversionError, OutputError, UsageError
from converter.families.campaigns import campaigns as campaigns_of
from converter.families.campaigns import with_row
from converter.families.table import read_table, write_table
from converter.families.writing import CFG, INI, read_template
from converter.files import in_utf8, put_together, read_campaign, read_input, shown, state
from converter.poms.ini import read_ini
from converter.profiles.user import facts
from converter.report.checklist import ToLaunch, checklist
from converter.report.todo import as_script, todos
from converter.text import one_line

__all__ = ["campaigns"]


@click.command(short_help="Make the campaigns of a family from its table.")
@click.argument("table")
@click.option("-o", "--output", required=True, metavar="DIR", help="Where the .ini files go.")
@click.option(
    "--from",
    "like",
    metavar="CAMPAIGN",
    help="Add a campaign to TABLE: one that is there, with the values of --set and the --name.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="With --from: what is different. A macro of the template that is no column of TABLE "
    "becomes one. Repeatable.",
)
@click.option("--name", metavar="NAME", help="With --from: what it is called.")
@click.option(
    "--todo",
    metavar="FILE.sh",
    help="Also write the steps until the campaigns run, as a script: uploads, prestaging, tests, "
    "launches.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@click.option("--force", is_flag=True, help="Replace .ini files that exist and differ.")
@click.option("-q", "--quiet", is_flag=True, help="Print only errors.")
def campaigns(
    table: str,
    output: str,
    like: str | None,
    settings: tuple[str, ...],
    name: str | None,
    todo: str | None,
    dry_run: bool,
    force: bool,
    quiet: bool,
) -> int:
    """Make DIR/NAME.ini, for POMS, of each campaign in TABLE.

    TABLE is what `migrate --families` has written, edited at will in a spreadsheet: a row for
    each campaign, a column for each value.  Its template, TABLE's name with .cfg and .ini.in, is
    beside it.  A row that is added is the next campaign.  What a launch would misread is refused,
    with row and column.

    \b
    Examples:
      xml2poms campaigns mcc9.csv -o campaigns
      xml2poms campaigns mcc9.csv -o campaigns --from muon --set release=v10_01 --name muon_v10
    """
    data, path = read_input(table, None), Path(table)
    template = read_template(
        path.stem,
        read_campaign(str(path.with_suffix(CFG))),
        read_campaign(str(path.with_suffix(INI))),
    )
    try:
        rows = read_table(data)
        files: list[tuple[Path, str]] = []
        if like is not None:
            rows = with_row(template, rows, like, name or _nameless(), dict(_pairs(settings)))
            text = write_table(
                rows.columns,
                [row.values for row in rows.rows],
                delimiter=rows.delimiter,
                mark=rows.mark,
            )
            files.append((path, text))
        elif settings or name:
            raise UsageError("X2P943", "--set and --name go with --from", "name a campaign")
        made = [(Path(output, f"{n}.ini"), text) for n, text in campaigns_of(template, rows)]
    except ConversionError as error:
        raise error.at(shown(table)) from None
    _check(made, force=force or dry_run)
    files += made
    if todo:
        cfg = path.with_suffix(CFG)
        files.append((Path(todo), _todo(todo, cfg, template.beside, made)))
    states = [(target, text, state(target, text)) for target, text in files]
    if not dry_run:
        put_together(files)
    if not quiet:
        what = "would write" if dry_run else "wrote"
        for target, _, there in states:
            if there != "same":
                click.echo(one_line(f"{what} {target}"), err=True)
        unchanged = sum(there == "same" for _, _, there in states)
        click.echo(f"campaigns: {len(made)}, of them unchanged: {unchanged}", err=True)
    return 0


def _todo(name: str, cfg: Path, beside: Sequence[str], made: list[tuple[Path, str]]) -> str:
    """The script, with files as they are called from where it lies.

    beside  the names of the files that go with the jobs from where the .cfg is
    """
    campaigns = []
    for target, text in made:
        ini = read_ini(text)
        known = facts(ini.experiment, None)
        files = [cfg.name, *beside, target.name]
        campaigns.append(ToLaunch((ini.name,), ini, files, known.sam, known.samweb))
    folder = Path(name).parent
    uploads = [cfg, *(cfg.with_name(one) for one in beside), *(target for target, _ in made)]
    places = {one.name: in_utf8(os.path.relpath(one, folder)) for one in uploads}
    steps = todos(checklist(campaigns, ()), places)
    return "".join(as_script(steps, f"{len(made)} campaigns of {cfg.stem}"))


def _nameless() -> str:
    raise UsageError("X2P943", "the new campaign has no name", "give it one with --name")


def _pairs(settings: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for setting in settings:
        column, equals, value = setting.partition("=")
        if not equals:
            raise UsageError("X2P943", f"--set {setting}: no value", "write COLUMN=VALUE")
        pairs.append((column.strip(), value.strip()))
    return pairs


def _check(made: list[tuple[Path, str]], *, force: bool) -> None:
    for target, text in made:
        if state(target, text) == "different" and not force:
            raise OutputError(
                "X2P903",
                "exists and differs from what would be written",
                "replace it with --force",
                file=str(target),
            )
