"""The list of a migration: `migration.json`, written, and read back line by line.

Format 1: `{"format", "tool", "totals", "findings", "unknown_tags", "roles", "tasks", "conflicts",
"namesakes", "stale", "waivers_file", "directories", "waivers", "files"}`, the files last and each
on a line of its own, so that it can be read and written without holding it in memory.  It is also
the manifest: `key` and `outputs` of a row tell the next run what is done and whose it is, `check`
whether the row is as it was written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from msgspec.structs import asdict

from converter.errors import XmlError
from converter.files import of_system, shown_as
from converter.migration.row import Row
from converter.migration.summary import Migration
from converter.reading import open_text

__all__ = [
    "FORMAT",
    "Manifest",
    "places",
    "salvaged",
    "source_path",
    "write_json",
]

FORMAT = 1
"""Version of migration.json; within one, fields are only ever added."""


def write_json(migration: Migration, version: str, file: IO[str]) -> None:
    """Write migration.json."""
    head = {"format": FORMAT, "tool": {"name": "xml2poms", "version": version}}
    file.write(_dumped(head)[:-1])
    file.write(f',\n"totals": {_dumped(_totals(migration))}')
    _array(file, "findings", map(_plain, migration.findings))
    _array(file, "unknown_tags", map(_plain, migration.unknown))
    _array(file, "roles", map(_plain, migration.roles))
    _array(file, "tasks", map(_plain, migration.tasks()))
    _array(file, "conflicts", map(_plain, migration.conflicts()))
    _array(file, "namesakes", map(_plain, migration.namesakes()))
    _array(file, "stale", map(_plain, migration.stale))
    file.write(f',\n"waivers_file": {_dumped(migration.waivers_file)}')
    file.write(f',\n"directories": {_dumped(migration.directories)}')
    _array(file, "waivers", map(_plain, migration.waivers))
    _array(file, "files", map(_checked, migration.texts()))
    file.write("}\n")


def _totals(migration: Migration) -> dict[str, Any]:
    return {
        "files": migration.files,
        "status": migration.statuses,
        "verdicts": migration.verdicts,
        "needs": migration.needs,
        "campaigns": migration.campaigns,
        "stages": migration.stages,
        "leaves": migration.leaves,
        "fates": migration.fates,
        "worst": migration.worst,
    }


def _plain(record: Any) -> str:
    return _dumped(asdict(record))


def _array(file: IO[str], name: str, items: Iterable[str]) -> None:
    file.write(f',\n"{name}": [')
    for number, item in enumerate(items):
        file.write(("," if number else "") + "\n" + item)
    file.write("\n]")


def _dumped(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Bytes of a path that are no UTF-8.
    return json.dumps(value) if re.search("[\ud800-\udfff]", text) else text


class Manifest:
    """A migration.json that is as it was written, read line by line.

    All of it raises XmlError where the file cannot be read, or where it shows that it was changed
    or cut since: nobody is to take a part of the files for all of them.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def waivers_file(self) -> str:
        """Where findings are accepted."""
        found = self._value("waivers_file")
        if not isinstance(found, str):
            raise self._changed("it names no waivers")
        return found

    @property
    def directories(self) -> list[tuple[str, str]]:
        """Where the sources are, as Migration has it; none where an earlier version wrote it."""
        found = self._value("directories")
        try:
            return [(str(prefix), str(path)) for prefix, path in found or ()]
        except (ValueError, TypeError):
            raise self._changed("it names no directories") from None

    def rows(self) -> Iterator[Row]:
        """What is recorded of each file."""
        for number, line in enumerate(self._lines(), 1):
            if line.startswith(_ROW):
                row, as_written = _row(line)
                if row is None or not as_written:
                    raise self._changed(f"see line {number}")
                yield row

    def members(self, family: str) -> list[str]:
        """The files of which campaigns are in a family."""
        return [
            row["source"]
            for row in self.rows()
            if any(project.get("family") == family for project in row.get("projects", ()))
        ]

    def _lines(self) -> Iterator[str]:
        line = ""
        try:
            with open_text(self.path) as file:
                for line in file:
                    yield line
        except OSError as error:
            raise XmlError(
                "X2P905",
                f"cannot be read: {error.strerror or error}; "
                "this is no directory that migrate has written",
                "name the directory of a migration",
                file=self.path,
            ) from None
        except UnicodeDecodeError:
            raise self._changed("it is no text in UTF-8") from None
        if line != _END:
            raise self._changed("it ends too soon")

    def _value(self, name: str) -> Any:
        """What stands before the rows under that name, None where nothing does."""
        start = f'"{name}": '
        for line in self._lines():
            if line.startswith(start):
                try:
                    return json.loads(line.removeprefix(start).rstrip().removesuffix(","))
                except (ValueError, RecursionError):
                    raise self._changed(f"{name} is no JSON") from None
            if line.startswith(_ROW):
                break
        return None

    def _changed(self, how: str) -> XmlError:
        return XmlError(
            "X2P914",
            f"is not as migrate wrote it: {how}",
            "run the same migrate again, which writes it anew",
            file=self.path,
        )


def source_path(out: str, directories: Sequence[tuple[str, str]], source: str) -> str:
    """Where a source is: below its directory, as the migration left it, or as it is called."""
    first = ""
    for directory, below in places(directories, source):
        folder = os.path.normpath(os.path.join(os.path.realpath(out), of_system(directory)))
        for name in shown_as(below):
            path = os.path.relpath(os.path.join(folder, name))
            if os.path.exists(path):
                return path
            first = first or path
    return first or source


def places(directories: Sequence[tuple[str, str]], source: str) -> Iterator[tuple[str, str]]:
    """Where a source may be: directories, and its path below each."""
    for prefix, directory in directories:
        start = f"{prefix}/" if prefix else ""
        if source.startswith(start):
            yield directory, source.removeprefix(start)


def salvaged(lines: Iterable[str]) -> Iterator[Row]:
    """What can be had of the rows of a migration.json, whatever has become of it.

    Of a row that was changed since only its outputs count: the rest is to be found out anew.
    """
    for line in lines:
        row, as_written = _row(line) if line.startswith(_ROW) else (None, False)
        if row is not None and as_written:
            yield row
        elif row is not None and isinstance(row.get("source"), str):
            outputs, stale = _outputs(row.get("outputs")), _outputs(row.get("stale"))
            yield Row(source=row["source"], status="failed", outputs=outputs, stale=stale)


def _row(line: str) -> tuple[Row | None, bool]:
    """The row on a line, and whether it is as it was written; None where there is none."""
    text, check, digest = line.rstrip().removesuffix(",").removesuffix("}").rpartition(_CHECK)
    try:
        row = json.loads(f"{text}}}" if check else line.rstrip().removesuffix(","))
        json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None, False
    return row, bool(check) and digest == f'{_digest(f"{text}}}")}"'


_ROW = '{"source":'
"""What a row begins with."""

_END = "]}\n"
"""The last line."""

_CHECK = ', "check": "'
"""What ends a row: a checksum of what stands before, by which a change is seen."""


def _checked(text: str) -> str:
    return f'{text[:-1]}{_CHECK}{_digest(text)}"}}'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _outputs(found: object) -> dict[str, str]:
    """Those of recorded outputs that lie in the tree."""
    if not isinstance(found, dict):
        return {}
    return {
        path: known
        for path, known in found.items()
        if isinstance(known, str)
        and not path.startswith("/")
        and "\0" not in path
        and not {"", ".", ".."} & set(path.split("/"))
    }
