"""Who has signed which file of a migration, what was signed, and what has changed since.

`signed.json`, beside the waivers: a line for each file, so that a repository shows who signed
what.  What is signed is the XML, what is launched, and what the report says of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from converter.errors import UsageError
from converter.migration import row as recorded
from converter.reading import read_text

__all__ = [
    "NAME",
    "Content",
    "Row",
    "Signature",
    "compared",
    "content_of",
    "read_signatures",
    "signatures_text",
]

NAME = "signed.json"
"""The signatures of a directory's files, beside its waivers."""

_FORMAT = 1
_LAUNCHED = (".cfg", ".ini", ".sh")
"""Endings of what is launched; reports are none of it."""


class Content(Struct, frozen=True):
    """What there is to sign of a file.

    xml       checksum of the XML
    campaign  checksum of what is launched
    findings  code → how often the report has it
    """

    xml: str
    campaign: str
    findings: dict[str, int]

    def changes(self, since: Content) -> tuple[str, ...]:
        """What is another one now."""
        found = []
        if self.xml != since.xml:
            found.append("the XML")
        if self.campaign != since.campaign:
            found.append("the campaign")
        for code in sorted({*self.findings, *since.findings}):
            now, then = self.findings.get(code, 0), since.findings.get(code, 0)
            if now != then:
                new, gone = f"{code} is new", f"{code} is gone"
                found.append(new if not then else gone if not now else f"{code}: {now}, was {then}")
        return tuple(found)


class Signature(Struct, frozen=True):
    """A person's word for a file: who, on which day, for what, and what else they say."""

    source: str
    who: str
    when: str
    content: Content
    note: str = ""


class Row(Struct, frozen=True):
    """A file of a migration, and its signature.

    verdict  what it takes to launch it
    content  None where there is nothing to sign: it could not be converted, or is not there
    changes  since it was signed
    """

    source: str
    verdict: str
    content: Content | None
    signature: Signature | None = None
    changes: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """signed; changed since; open; nothing, where there is nothing to sign."""
        if self.signature is not None:
            return "changed" if self.changes else "signed"
        return "open" if self.content is not None else "nothing"


def content_of(row: recorded.Row) -> Content | None:
    """What there is to sign of a migration's row; None for a file that became no campaign."""
    # What the usual values of a family are, and which override them, changes with its members;
    # what each is with its own values does not.
    members = [project for project in row.get("projects", ()) if "equal" in project]
    shared = {path for project in members for path in project["outputs"]}
    launched = [
        (path.rpartition("/")[2], known)
        for path, known in row.get("outputs", {}).items()
        if path.endswith(_LAUNCHED) and path not in shared
    ]
    launched = sorted([*launched, *((one["campaign"], one["equal"]) for one in members)])
    if not launched or not row.get("projects"):
        return None
    campaign = hashlib.sha256(json.dumps(launched).encode()).hexdigest()
    findings = {code: found["count"] for code, found in row.get("findings", {}).items()}
    return Content(row["sha256"], campaign, dict(sorted(findings.items())))


def compared(
    rows: Iterable[tuple[str, str, Content | None]], signatures: Sequence[Signature]
) -> Iterator[Row]:
    """Each file of a migration with its signature, then those that were signed and are gone.

    rows  source, verdict, content
    """
    known = {one.source: one for one in signatures}
    for source, verdict, content in rows:
        signature = known.pop(source, None)
        changes: tuple[str, ...] = ()
        if signature is not None:
            changes = (
                content.changes(signature.content)
                if content is not None
                else ("it is not converted any more",)
            )
        yield Row(source, verdict, content, signature, changes)
    for source, signature in known.items():
        yield Row(source, "", None, signature, ("it is not there any more",))


def read_signatures(path: str) -> tuple[Signature, ...]:
    """The signatures of a file, none where there is no such file.  Raises UsageError."""
    if not Path(path).exists():
        return ()
    try:
        return msgspec.json.decode(read_text(path), type=_File).signed
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise UsageError(
            "X2P930",
            f"no file of signatures: {' '.join(str(error).split())}",
            "take it back from your repository, or move it away and sign again",
            file=path,
        ) from None


def signatures_text(signatures: Iterable[Signature]) -> str:
    """The text of the file, by source."""
    lines = [
        json.dumps(asdict(one) | {"content": asdict(one.content)}, ensure_ascii=False)
        for one in sorted(signatures, key=lambda one: one.source)
    ]
    return f'{{"format": {_FORMAT}, "signed": [\n' + ",\n".join(lines) + "\n]}\n"


class _File(Struct, frozen=True):
    format: int
    signed: tuple[Signature, ...]
