"""The pages of a migration: its files, its findings by code, its stages.

Pages hold no more than a browser opens at once: a long list goes on on further pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from converter.migration.summary import FOLDER, FRONT, WORST_FIRST, Migration, output, verdict_of
from converter.report.html import environment
from converter.report.model import VERDICTS

__all__ = ["write_pages"]

_LARGEST = 500_000
"""Of the rows of one page, about, in bytes."""


class Row(Struct, frozen=True):
    """A line of a table.

    name     what is shown, with a link where there is a page
    texts    what else is shown, words first
    numbers  and then the numbers
    about    more words for it, below the name; with a link where the name has none
    """

    name: str
    link: str
    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    about: str = ""
    about_link: str = ""

    def __len__(self) -> int:
        return 150 + len(self.name) + len(self.link) + len(self.about)


class Column(Struct, frozen=True):
    """A heading; numbers are sorted as such, and added up where that means something."""

    name: str
    number: bool = True
    sums: bool = True


_FILES = (
    Column("verdict", False, False),
    Column("stages"),
    Column("settings"),
    Column("blocks"),
    Column("to agree on"),
    Column("optional"),
    Column("kinds", sums=False),
)
_CODES = (
    Column("asks", False, False),
    Column("files", sums=False),
    Column("times"),
    Column("accepted"),
)
_CODE = (Column("times"), Column("accepted"))
_STAGES = (Column("files", sums=False), *(Column(verdict) for verdict in VERDICTS[:3]))


def write_pages(
    migration: Migration,
    version: str,
    findings: Callable[[str], Iterable[tuple[str, int, int]]],
    stages: Callable[[], Iterable[tuple[str, int, str, Mapping[str, int]]]],
    put: Callable[[str, str], None],
) -> None:
    """Write all pages.

    findings  code → source, how often, how often accepted; for each file that has it
    stages    name, in how many files, the first of them, verdict → in how many
    put       takes a path in the output tree and the page
    """
    pages = _Pages(migration, version, put)
    pages.write("Files of the migration", FRONT, f"{FOLDER}/files", _FILES, _files(migration))
    codes = f"{FOLDER}/findings"
    pages.write("Findings", f"{codes}.html", codes, _CODES, _codes(migration))
    for rank in migration.findings:
        found = findings(rank.code)
        rows = (Row(s, _page(s, migration), (), (n, w)) for s, n, w in found)
        title = f"{rank.code}: {rank.title}"
        pages.write(title, f"{FOLDER}/{rank.code}.html", f"{FOLDER}/{rank.code}", _CODE, rows)
    rows = (
        Row(
            name,
            "",
            (),
            (files, *(counts.get(verdict, 0) for verdict in VERDICTS[:3])),
            f"first in {first}",
            _page(first, migration),
        )
        for name, files, first, counts in stages()
    )
    pages.write("Stages", f"{FOLDER}/stages.html", f"{FOLDER}/stages", _STAGES, rows)


class _Pages:
    def __init__(self, migration: Migration, version: str, put: Callable[[str, str], None]) -> None:
        self.migration = migration
        self.version = version
        self.put = put
        self.template = environment().get_template("index.html")

    def write(
        self,
        title: str,
        first: str,
        further: str,
        columns: tuple[Column, ...],
        rows: Iterable[Row],
    ) -> None:
        """Write a list, on as many pages as it takes."""
        parts = _portions(rows)
        part = next(parts, [])
        number = 1
        before = ""
        while True:
            following = next(parts, None)
            path = first if number == 1 else f"{further}-{number}.html"
            after = f"{further}-{number + 1}.html" if following is not None else ""
            home = "../" if "/" in path else ""
            page = self.template.render(
                title=title,
                number=number,
                columns=columns,
                rows=part,
                statuses=columns is _FILES,
                migration=self.migration,
                waivers=self.migration.waivers,
                home=home,
                before=before,
                after=after,
                front=FRONT,
                folder=FOLDER,
                version=self.version,
            )
            self.put(path, page)
            if following is None:
                return
            part, number, before = following, number + 1, path


def _portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row)
        if size > _LARGEST:
            yield part
            part, size = [], 0
    if part:
        yield part


def _files(migration: Migration) -> Iterator[Row]:
    """Worst first, one verdict after the other."""
    for verdict in WORST_FIRST:
        yield from map(_file, migration.rows(verdict))


def _file(row: Mapping[str, Any]) -> Row:
    needs = row.get("needs", {})
    error = row.get("error")
    return Row(
        row["source"],
        quote(output(row, ".html")),
        (verdict_of(row),),
        (
            sum(len(project["stages"]) for project in row.get("projects", ())),
            row.get("leaves", 0),
            needs.get("block", 0),
            needs.get("agree", 0),
            needs.get("optional", 0),
            len(row.get("findings", ())),
        ),
        f"{error['message']} [{error['code']}]" if error else row.get("reason", ""),
    )


def _codes(migration: Migration) -> Iterator[Row]:
    for rank in migration.findings:
        yield Row(
            rank.code,
            f"{FOLDER}/{rank.code}.html",
            (rank.need or "note",),
            (rank.files, rank.count, rank.waived),
            f"{rank.title} · first at {rank.example}",
        )


def _page(source: str, migration: Migration) -> str:
    return quote(migration.page(source))
