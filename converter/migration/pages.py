"""The pages of a migration: its files, its findings by code, its stages.

Pages hold no more than a browser opens at once: a long list goes on on further pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from converter.findings.explanation import Explanation, explanations, headline
from converter.migration import row as recorded
from converter.migration.names import FOLDER, FRONT, family_page
from converter.migration.row import output, verdict_of
from converter.migration.summary import WORST_FIRST, Migration
from converter.report.html import environment
from converter.report.model import VERDICTS
from converter.report.runbook import TITLE, in_general

__all__ = ["write_pages"]

_LARGEST = 500_000
"""Of the rows of one page, about, in bytes."""


FamilyPages = Callable[[Sequence[tuple[str, str]]], Iterable[tuple[Mapping[str, Any], int]]]
"""Views that a page leads to → each family, and how many findings not all of it have."""


class Row(Struct, frozen=True):
    """A line of a table.

    name     what is shown, with a link, from the top of the tree, where there is a page
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
    Column("accepted"),
)
_CODES = (
    Column("asks", False, False),
    Column("files", sums=False),
    Column("times"),
    Column("accepted"),
)
_CODE = (Column("times"), Column("accepted"))
_FAMILIES = (
    Column("columns"),
    Column("campaigns"),
    Column("overrides, median", sums=False),
    Column("findings that not all have"),
)
_STAGES = (Column("files", sums=False), *(Column(verdict) for verdict in VERDICTS[:3]))


_BOOK = f"{FOLDER}/run-book.html"
"""What is done after the first launch."""

_VIEWS = (
    ("Files", FRONT),
    ("Findings", f"{FOLDER}/findings.html"),
    ("Stages", f"{FOLDER}/stages.html"),
    (TITLE, _BOOK),
)
"""The lists that every page leads to: name, path."""

FAMILY_VIEW = ("Families", f"{FOLDER}/families.html")

_KINDS = 4
"""Of what stands in the way of files, so many kinds are named at the top."""


def write_pages(
    migration: Migration,
    version: str,
    findings: Callable[[str], Iterable[tuple[str, int, int]]],
    stages: Callable[[], Iterable[tuple[str, int, str, Mapping[str, int]]]],
    put: Callable[[str, str], None],
    families: FamilyPages | None = None,
) -> None:
    """Write all pages.

    findings  code → source, how often, how often accepted; for each file that has it
    stages    name, in how many files, the first of them, verdict → in how many
    put       takes a path in the output tree and the page
    families  writes the pages of families, with these views, and gives them one after the other
    """
    pages = _Pages(migration, version, put)
    pages.write("Files", FRONT, f"{FOLDER}/files", "file", _FILES, _files(migration))
    codes = f"{FOLDER}/findings"
    pages.write("Findings", f"{codes}.html", codes, "finding", _CODES, _codes(migration))
    for code in (*(rank.code for rank in migration.findings), *migration.errors):
        found = findings(code)
        rows = (Row(s, _page(s, migration), (), (n, w)) for s, n, w in found)
        path = f"{FOLDER}/{code}"
        title = headline(code)
        pages.write(title, f"{path}.html", path, "file", _CODE, rows, explanations().get(code))
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
    pages.write("Stages", f"{FOLDER}/stages.html", f"{FOLDER}/stages", "stage", _STAGES, rows)
    book = environment().get_template("book.html")
    put(
        _BOOK,
        book.render(title=TITLE, chapters=in_general(), views=_VIEWS, version=version, waivers=()),
    )
    if families is not None:
        title, path = FAMILY_VIEW
        found_families = (
            Row(
                family["name"],
                family_page(family["name"]),
                (),
                (
                    len(family["columns"]) - 1,
                    len(family["campaigns"]),
                    round(family["median_overrides"]),
                    odd,
                ),
                ", ".join(family["stages"]),
            )
            for family, odd in families(pages.views)
        )
        further = path[: -len(".html")]
        pages.write(title, path, further, "family", _FAMILIES, found_families)


class _Pages:
    def __init__(self, migration: Migration, version: str, put: Callable[[str, str], None]) -> None:
        self.migration = migration
        self.version = version
        self.put = put
        self.views = (*_VIEWS, FAMILY_VIEW) if migration.families is not None else _VIEWS
        self.template = environment().get_template("index.html")
        asking = [rank for rank in migration.findings if rank.need]
        self.decided = sum(rank.waived for rank in asking)
        self.to_decide = sum(rank.count for rank in asking)
        self.first = list(_first(migration))

    def write(
        self,
        title: str,
        first: str,
        further: str,
        of: str,
        columns: tuple[Column, ...],
        rows: Iterable[Row],
        explained: Explanation | None = None,
    ) -> None:
        """Write a list, on as many pages as it takes.

        of  what a row is about
        """
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
                of=of,
                views=self.views,
                explained=explained,
                decided=self.decided,
                to_decide=self.to_decide,
                first=self.first if path == FRONT else (),
                columns=columns,
                rows=part,
                statuses=columns is _FILES,
                migration=self.migration,
                waivers=self.migration.waivers,
                home=home,
                before=before,
                after=after,
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
    """Worst first, one verdict after the other, in each what asks for most."""
    for verdict in WORST_FIRST:
        yield from map(_file, migration.heaviest(verdict))


def _file(row: recorded.Row) -> Row:
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
            sum(found["waived"] for found in row.get("findings", {}).values()),
        ),
        f"{error['message']} [{error['code']}]" if error else row.get("reason", ""),
    )


def _codes(migration: Migration) -> Iterator[Row]:
    for rank in migration.findings:
        yield Row(
            headline(rank.code),
            f"{FOLDER}/{rank.code}.html",
            (rank.need or "note",),
            (rank.files, rank.count, rank.waived),
            f"{rank.code} · first at {rank.example}",
        )


class Kind(Struct, frozen=True):
    """What stands in the way of many files, as a link to all of them."""

    title: str
    link: str
    files: int


class Heap(Struct, frozen=True):
    """Files of one verdict: how many, and the kinds of what stands in their way, the first ones.

    more  how many further kinds there are
    """

    verdict: str
    files: int
    kinds: list[Kind]
    more: int


def _first(migration: Migration) -> Iterator[Heap]:
    """What matters first: what failed, what is blocked, what is to agree on."""
    open_ = [rank for rank in migration.findings if rank.waived < rank.count]
    found = {
        "failed": list(migration.errors.items()),
        "blocked": [(rank.code, rank.files) for rank in open_ if rank.need == "block"],
        "agree": [(rank.code, rank.files) for rank in open_ if rank.need == "agree"],
    }
    for verdict, codes in found.items():
        if verdict in migration.verdicts:
            kinds = [
                Kind(headline(code), f"{FOLDER}/{code}.html", files)
                for code, files in sorted(codes, key=lambda one: -one[1])
            ]
            more = len(kinds[_KINDS:])
            yield Heap(verdict, migration.verdicts[verdict], kinds[:_KINDS], more)


def _page(source: str, migration: Migration) -> str:
    return quote(migration.page(source))
