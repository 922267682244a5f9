"""What of a document's text its tree does not tell: its DOCTYPE, references in attributes.

All that is looked at here has been found well-formed before.  Each function goes through the text
once, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = [
    "attributes_with_references",
    "declarations",
    "halves",
    "namespaces",
    "parameter_reference",
    "references",
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
