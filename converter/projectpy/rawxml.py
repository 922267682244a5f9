"""What of a document's text its tree does not tell: references in attributes, its encoding.

All that is looked at here has been found well-formed before.  Each function goes through the text
once, whatever it holds.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

__all__ = [
    "attributes_with_references",
    "declarations",
    "decoded",
    "encoding",
    "halves",
    "namespaces",
    "parameter_reference",
    "references",
    "without_encoding",
]

# What is never closed goes on to the end: looked for at each opening it would take the square.
_LITERAL = r"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)"
"""A comment, a CDATA section or an instruction: nothing in it is markup."""

_QUOTED = r"""(?:"[^"]*"|'[^']*')"""

_DOCTYPE = re.compile(rf"{_LITERAL}|<!DOCTYPE[^\[>'\"]*(?:{_QUOTED}[^\[>'\"]*)*|<", re.DOTALL)
_IN_DOCTYPE = re.compile(rf"{_LITERAL}|{_QUOTED}|\]\s*>", re.DOTALL)
_REFERENCES = re.compile(rf"({_LITERAL})|&([^;&\s#<]+);", re.DOTALL)
_PARAMETER = re.compile(rf"{_LITERAL}|{_QUOTED}|(%[^%;\s]+;)", re.DOTALL)
_TAGS = re.compile(rf"{_LITERAL}|<([^>'\"]*(?:{_QUOTED}[^>'\"]*)*)>", re.DOTALL)
_ATTRIBUTES = re.compile(r"""([^\s=<>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

_DECLARED = re.compile(rb"<!(?:ELEMENT|ATTLIST|NOTATION)\s")
_NAMESPACE = re.compile(rb"""\sxmlns(?::[^\s=]+)?\s*=\s*("[^"]*"|'[^']*')""")
_ENCODING = re.compile(r"""(<\?xml[^>]*?)\s+encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")


def encoding(data: bytes) -> str | None:
    """The encoding that a document says it has; None for UTF-8, and where it says nothing."""
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return name
    if data.startswith((b"<\0", b"\0<")):
        return "utf-16-le" if data.startswith(b"<\0") else "utf-16-be"
    start = data.removeprefix(codecs.BOM_UTF8)[:200].decode("latin-1")
    found = _ENCODING.match(start)
    name = found[2].lower() if found else "utf-8"
    return None if name in ("utf-8", "us-ascii") else name


def decoded(data: bytes, encoding: str) -> str:
    """The text of a document as expat has it: one sign for each byte, but for UTF-16.

    Python's own decoder of the encoding may know sequences too (`unicode_escape`), of which expat
    is only told the table.  Raises ValueError, LookupError where the encoding is none.
    """
    if encoding.startswith("utf-16"):
        return data.decode(encoding)
    table = bytes(range(256)).decode(encoding, "replace")
    # A mark of UTF-8 in front is none of the text's signs, whatever the encoding.
    return codecs.charmap_decode(data.removeprefix(codecs.BOM_UTF8), "strict", table)[0]


def without_encoding(text: str) -> str:
    """The document's text, its declaration without an encoding."""
    return _ENCODING.sub(r"\1", text.removeprefix("\ufeff"), count=1)


def declarations(data: bytes) -> int:
    """How many elements, attribute lists and notations the DOCTYPE declares."""
    return len(_DECLARED.findall(data)) if b"<!DOCTYPE" in data else 0


def namespaces(data: bytes) -> list[bytes]:
    """The names of the namespaces, once for each time that one is declared."""
    return _NAMESPACE.findall(data)


def halves(raw: str) -> tuple[str, str]:
    """What stands before the root element, and the rest."""
    place = 0
    while match := _DOCTYPE.search(raw, place):
        found = match[0]
        if found == "<":
            return raw[: match.start()], raw[match.start() :]
        place = match.end()
        if found.startswith("<!DOCTYPE") and raw.startswith("[", place):
            for inner in _IN_DOCTYPE.finditer(raw, place):
                if inner[0].startswith("]"):
                    place = inner.end()
                    break
    return raw, ""


def parameter_reference(raw: str) -> tuple[str, int]:
    """The first `%NAME;` by which the DOCTYPE asks for a parameter entity, and its line; ''."""
    head = halves(raw)[0]
    for match in _PARAMETER.finditer(head):
        if match[1]:
            return match[1], head.count("\n", 0, match.start()) + 1
    return "", 0


def references(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of the text: (string, ""), or (`&NAME;`, NAME)."""
    done = 0
    for match in _REFERENCES.finditer(text):
        if match[2]:
            yield text[done : match.start()], ""
            yield match[0], match[2]
            done = match.end()
    yield text[done:], ""


def attributes_with_references(raw: str) -> Iterator[tuple[str, str]]:
    """Name and value of each attribute in whose value there is an `&`, as they are written."""
    if "&" not in raw:
        return
    for tag in _TAGS.finditer(halves(raw)[1]):
        if tag[1] and "&" in tag[1]:
            for name, one, other in _ATTRIBUTES.findall(tag[1]):
                if "&" in one or "&" in other:
                    yield name, one or other
