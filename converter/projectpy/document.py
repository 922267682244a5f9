"""Bytes to a tree of elements: safe XML in which entities stay visible.

The tree holds what project.py's reader (xml.dom.minidom on expat) sees: an element's value is
the text of its first child node, comments included, and text after that is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast
from xml.parsers import expat

from lxml import etree
from msgspec import Struct

from converter.errors import XmlError
from converter.projectpy import rawxml
from converter.projectpy.limits import (
    MAX_BYTES,
    MAX_DECLARATIONS,
    MAX_DEPTH,
    MAX_ENTITIES,
    MAX_NAME,
    MAX_NAMESPACES,
    MAX_REFERENCES,
    MAX_SETTINGS,
    within,
)
from converter.text import Text

__all__ = ["Document", "Element", "Leaf", "parse"]

_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_BREAKS = re.compile(r"[\t\n\r]")
_REFERENCE = re.compile(r"&(#x?[0-9A-Fa-f]+|[^;&\s]+);")


class Element(Struct, eq=False):
    """An element: `value` is what project.py reads, None where it finds nothing to read."""

    tag: str
    path: str
    line: int
    parent: Element | None
    attributes: dict[str, Text] = {}
    children: list[Element] = []
    value: Text | None = None
    first: str = ""
    """Kind of the first child node: text, comment, instruction, element, or nothing."""
    content: str = ""
    """All text directly inside, wherever it stands."""
    _index: dict[str, list[Element]] | None = None

    def below(self, tag: str) -> list[Element]:
        """All descendants of that name in document order (minidom's getElementsByTagName)."""
        return self.by_name.get(tag, [])

    @property
    def by_name(self) -> dict[str, list[Element]]:
        """All descendants by their names, in document order."""
        if self._index is None:
            self._index = {}
            for element in self.descendants():
                self._index.setdefault(element.tag, []).append(element)
        return self._index

    def descendants(self) -> list[Element]:
        """All elements below, in document order."""
        found: list[Element] = []
        for child in self.children:
            found.append(child)
            if child.children:
                found += child.descendants()
        return found

    def leaves(self) -> list[Leaf]:
        """This element's settings and those below it, in document order."""
        found = [
            Leaf(f"{self.path}/@{name}", self.line, name, text.string, text.names, self, True)
            for name, text in self.attributes.items()
        ]
        if not self.children or self.content.strip():
            text = self.value if self.value is not None else Text()
            shown = text.string if self.first == "text" else self.content
            found.append(Leaf(self.path, self.line, self.tag, shown, text.names, self, False))
        for child in self.children:
            found += child.leaves()
        return found


class Leaf(Struct, frozen=True, gc=False):
    """One setting of the document: an attribute, or an element with text or without children."""

    path: str
    line: int
    tag: str
    value: str
    entities: tuple[str, ...]
    element: Element
    is_attribute: bool


class Document(Struct, frozen=True):
    """A parsed document: its tree and its settings, and what its DOCTYPE declares."""

    root: Element
    leaves: tuple[Leaf, ...]
    entities: dict[str, Text]
    """Internal entities: what each stands for, other entities in it still visible."""
    undeclared_use: tuple[str, ...]
    """External and parameter entities that are declared (and used nowhere)."""
    remarks: tuple[str, ...]
    """The text of the comments before the root element."""


def parse(data: bytes, file: str | None = None) -> Document:
    """Parse an XML document.  Raises XmlError where it is not usable."""
    if len(data) > MAX_BYTES:
        raise XmlError(
            "X2P003",
            f"the file has {len(data):,} bytes; no project.py file is larger than {MAX_BYTES:,}",
            "check that this is the right file",
            file=file,
        )
    # Of an entity's text lxml leaves the ends of lines as they are.
    data = _as_utf8(data, file).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    root = _lxml(data, file)
    _check_size(root, data, file)
    entities = _Entities(root, data, file)
    if not data.isascii():
        # lxml takes more characters for letters of a name than project.py's parser.
        _by_expat(data, file)
    if b"%" in data:
        _check_parameters(data.decode("utf-8", "replace"), file)
    raw = ""
    if entities.contents:
        raw = data.decode("utf-8", "replace")
        if _uses_markup(root, entities):
            raw = _inlined(raw, entities, file)
            data = raw.encode()
            root = _lxml(data, file)
            _by_expat(data, file)
            _check_size(root, data, file)
    tree = _Builder(entities, data, raw, file).build(root)
    remarks: list[str] = []
    before = root.getprevious()
    while before is not None:
        if isinstance(before, etree._Comment):
            remarks.append(before.text or "")
        before = before.getprevious()
    return Document(
        tree,
        tuple(tree.leaves()),
        entities.definitions,
        tuple(entities.outside),
        tuple(reversed(remarks)),
    )


def _as_utf8(data: bytes, file: str | None) -> bytes:
    """The document in UTF-8, whatever it declares: project.py opens it as text on Python 3.

    Raises XmlError where it is none, as project.py stops then.
    """
    try:
        data.decode()
        # What begins so is UTF-16 to expat, also where it is told something else.
        return data.decode(_UTF_16[data[:2]]).encode() if data[:2] in _UTF_16 else data
    except UnicodeDecodeError as error:
        raise XmlError(
            "X2P001",
            f"byte 0x{data[error.start]:02x} is not UTF-8, as which project.py reads every file",
            "save the file in UTF-8",
            file=file,
            line=data.count(b"\n", 0, error.start) + 1,
        ) from None


_UTF_16 = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def _by_expat(data: bytes, file: str | None) -> None:
    """Read the document as project.py's parser does.  Raises XmlError where that refuses it."""
    try:
        expat.ParserCreate("utf-8").Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(
            "X2P001",
            f"not well-formed XML: {expat.ErrorString(error.code)}",
            "correct the XML at this place",
            file=file,
            line=error.lineno,
            column=error.offset + 1,
        ) from None


def _check_size(root: etree._Element, data: bytes, file: str | None) -> None:
    """Refuse what has far more of anything than real files.  Raises XmlError."""
    settings = cast("float", root.xpath("count(//*) + count(//@*)"))
    within(int(settings), MAX_SETTINGS, "settings", file)
    within(rawxml.declarations(data), MAX_DECLARATIONS, "declarations", file)
    if b"xmlns" in data:
        within(len(rawxml.namespaces(data)), MAX_NAMESPACES, "namespaces", file)
        longest = max(map(len, rawxml.namespaces(data)), default=0)
        within(longest, MAX_NAME, "characters of a namespace's name", file)


def _check_parameters(raw: str, file: str | None) -> None:
    """Refuse a parameter entity that is used: no declaration after it counts for project.py."""
    reference, line = rawxml.parameter_reference(raw)
    if reference:
        raise XmlError(
            "X2P007",
            f"parameter entity {reference} is used",
            "put its text into the DOCTYPE: project.py reads nothing that is declared after it",
            file=file,
            line=line,
        )


def _lxml(data: bytes, file: str | None) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        strip_cdata=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _syntax_error(error, data, file) from None


_ADVICE = (
    (
        "XML declaration allowed only",
        "X2P002",
        "there are blanks or lines before `<?xml`; project.py cannot read this file either",
        "remove everything before `<?xml`",
    ),
    (
        "Entity '",
        "X2P004",
        "",
        'declare it with <!ENTITY NAME "VALUE"> in the DOCTYPE, or write `&amp;` for a plain `&`',
    ),
    (
        "Start tag expected",
        "X2P001",
        "it is not XML",
        "give a project.py file: it begins with `<`",
    ),
    ("Document is empty", "X2P001", "the file holds no XML", "check that this is the right file"),
    ("tag mismatch", "X2P001", "", "close the elements in the order in which they were opened"),
    ("reference loop", "X2P006", "an entity contains itself", "break the loop in the DOCTYPE"),
    ("Maximum entity", "X2P006", "entities expand without bounds", "simplify the DOCTYPE"),
    ("Excessive depth", "X2P005", "elements are nested too deeply", "check the file"),
)


def _syntax_error(error: etree.XMLSyntaxError, data: bytes, file: str | None) -> XmlError:
    line, column = error.position
    text = re.sub(r", line \d+, column \d+$", "", (error.msg or "not well-formed").split("\n")[0])
    code, message, advice = "X2P001", "", "correct the XML at this place"
    for start, known, sentence, remedy in _ADVICE:
        if start in text:
            code, message, advice = known, sentence, remedy
            break
    return XmlError(
        code,
        message or f"not well-formed XML: {text}",
        advice,
        file=file,
        line=line or None,
        column=column or None,
    )


class _Entities:
    """The declared entities of a document, expanded on demand and within bounds."""

    def __init__(self, root: etree._Element, data: bytes, file: str | None) -> None:
        self.file = file
        self.definitions: dict[str, Text] = {}
        self.contents: dict[str, str] = {}
        self.outside: list[str] = []
        self.expanded: dict[str, str] = {}
        self.size = self.uses = 0
        dtd = root.getroottree().docinfo.internalDTD
        if dtd is not None:
            for entity in dtd.iterentities():  # type: ignore[attr-defined]
                if entity.content is None:
                    self.outside.append(entity.name)
                else:
                    self.contents.setdefault(entity.name, entity.content)
        declared = rb"<!ENTITY\s+%\s*([^\s>]+)"
        self.outside += [m.decode("utf-8", "replace") for m in re.findall(declared, data)]
        within(len(self.contents) + len(self.outside), MAX_ENTITIES, "entities", file)
        self.with_markup = self._with_markup()
        """Those that hold elements, comments and the like, or use such an entity."""

    def _with_markup(self) -> set[str]:
        users: dict[str, list[str]] = {}
        for name, content in self.contents.items():
            for _, used in _pieces(content):
                if used is not None:
                    users.setdefault(used, []).append(name)
        found = {name for name, content in self.contents.items() if "<" in content}
        new = [*found]
        while new:
            more = {user for user in users.get(new.pop(), ()) if user not in found}
            found |= more
            new += more
        return found

    def expand(self, name: str, line: int, stack: tuple[str, ...] = ()) -> str:
        """What `&name;` stands for, other entities in it expanded too."""
        if name in self.expanded:
            string = self.expanded[name]
        else:
            self.check_nesting(name, line, stack)
            if name not in self.contents:
                outside = name in self.outside
                raise XmlError(
                    "X2P007" if outside else "X2P004",
                    f"entity &{name}; is {'external' if outside else 'not declared'}",
                    "put its text into the DOCTYPE: nothing outside of the file is ever read",
                    file=self.file,
                    line=line,
                )
            parts: list[tuple[str, str | None]] = []
            for string, reference in _pieces(self.contents[name]):
                if reference is None:
                    parts.append((string, None))
                else:
                    parts.append((self.expand(reference, line, (*stack, name)), reference))
            self.definitions[name] = Text.of(parts)
            string = self.expanded[name] = self.definitions[name].string
        self.size += len(string)
        if self.size > MAX_BYTES:
            raise _unbounded(self.file, line)
        self.uses += 1
        within(self.uses, MAX_REFERENCES, "uses of entities", self.file, line or None)
        return string

    def check_nesting(self, name: str, line: int | None, stack: tuple[str, ...]) -> None:
        """Refuse an entity that is used within itself, or far down.  Raises XmlError."""
        if name in stack or len(stack) > MAX_DEPTH:
            within_itself = f"entity &{name}; contains itself"
            raise XmlError(
                "X2P006",
                within_itself if name in stack else f"entities in one another {MAX_DEPTH} deep",
                "break the loop in the DOCTYPE" if name in stack else "simplify the DOCTYPE",
                file=self.file,
                line=line,
            )


def _pieces(raw: str) -> Iterator[tuple[str, str | None]]:
    """The pieces of raw text: (string, None), or ("", name of an entity)."""
    done = 0
    for match in _REFERENCE.finditer(raw):
        yield raw[done : match.start()], None
        name = match.group(1)
        if name.startswith("#"):
            number = int(name[2:], 16) if name[1:2] == "x" else int(name[1:])
            yield chr(number), None
        elif name in _PREDEFINED:
            yield _PREDEFINED[name], None
        else:
            yield "", name
        done = match.end()
    yield raw[done:], None


def _unbounded(file: str | None, line: int | None = None) -> XmlError:
    return XmlError(
        "X2P006",
        f"the entities expand to more than {MAX_BYTES:,} characters",
        "simplify the DOCTYPE",
        file=file,
        line=line,
    )


def _uses_markup(root: etree._Element, entities: _Entities) -> bool:
    return bool(entities.with_markup) and any(
        entity.text and entity.text[1:-1] in entities.with_markup
        for entity in root.iter(etree.Entity)
    )


def _inlined(raw: str, entities: _Entities, file: str | None) -> str:
    """The document with entities that hold elements written out at their places.

    Their line breaks become blanks, so that every line keeps its number.  What looks like a
    reference in a comment, a CDATA section or an instruction is none.
    """
    head, body = rawxml.halves(raw)
    contents = {n: re.sub(r"\s*\n\s*", " ", entities.contents[n]) for n in entities.with_markup}
    pieces: list[str] = []
    size = 0

    def write(text: str, stack: tuple[str, ...]) -> None:
        nonlocal size
        for string, name in rawxml.references(text):
            if name in contents:
                entities.check_nesting(name, None, stack)
                write(contents[name], (*stack, name))
                continue
            size += len(string)
            if size > MAX_BYTES:
                raise _unbounded(file)
            pieces.append(string)

    write(body, ())
    return head + "".join(pieces)


class _Builder:
    """Builds the tree; `raw` is the document's text, where it has entities."""

    def __init__(self, entities: _Entities, data: bytes, raw: str, file: str | None) -> None:
        self.entities = entities
        self.file = file
        self.has_cdata = b"<![CDATA[" in data
        self.raw_attributes: dict[tuple[str, str], Text] = {}
        for name, value in rawxml.attributes_with_references(raw):
            text = self._expanded(_BREAKS.sub(" ", value), 0)
            self.raw_attributes.setdefault((name, text.string), _in_attribute(text))

    def _expanded(self, raw: str, line: int) -> Text:
        return Text.of(
            (string, None) if name is None else (self.entities.expand(name, line), name)
            for string, name in _pieces(raw)
        )

    def build(self, root: etree._Element) -> Element:
        name = self._name(root)
        return self._element(root, None, name, name, 1)

    def _name(self, node: etree._Element, attribute: str = "") -> str:
        """The name of an element, or of its attribute, as it is written."""
        name = _local(attribute or str(node.tag), node)
        if len(name) > MAX_NAME:
            within(len(name), MAX_NAME, "characters of a name", self.file)
        return name

    def _element(
        self, node: etree._Element, parent: Element | None, name: str, path: str, depth: int
    ) -> Element:
        line: int = node.sourceline or 0  # type: ignore[assignment]
        if depth > MAX_DEPTH:
            raise XmlError(
                "X2P005",
                f"elements are nested more than {MAX_DEPTH} deep",
                "check that this is a project.py file",
                file=self.file,
                line=line,
            )
        element = Element(name, path, line, parent)
        for attribute, value in node.items():
            short = self._name(node, str(attribute))
            known = self.raw_attributes.get((short, str(value)))
            element.attributes[short] = known or Text(str(value))
        if len(node) == 0:
            if node.text:
                element.first, element.content, element.value = "text", node.text, Text(node.text)
                if self.has_cdata:
                    element.value = _before_cdata(node, element.value)
            return element
        children = self._content(node, element)
        counts: dict[str, int] = {}
        for _, below in children:
            counts[below] = counts.get(below, 0) + 1
        seen: dict[str, int] = {}
        for child, below in children:
            place = f"{path}/{below}"
            if counts[below] > 1:
                seen[below] = seen.get(below, 0) + 1
                place = f"{place}[{seen[below]}]"
            element.children.append(self._element(child, element, below, place, depth + 1))
        return element

    def _content(self, node: etree._Element, element: Element) -> list[tuple[etree._Element, str]]:
        """Find the first child node's text, and all direct text; the elements below by name."""
        children: list[tuple[etree._Element, str]] = []
        parts: list[tuple[str, str | None]] = []
        all_text: list[str] = []
        open_ = True
        if node.text:
            parts.append((node.text, None))
            all_text.append(node.text)
        for child in node:
            tail = child.tail or ""
            kind = child.tag
            if kind is etree.Entity:
                name = (child.text or "")[1:-1]
                if name.startswith("#"):
                    string, known = next(_pieces(child.text or ""))[0], None
                else:
                    string, known = self.entities.expand(name, element.line), name
                all_text += [string, tail]
                if open_:
                    parts += [(string, known), (tail, None)]
                continue
            if isinstance(kind, str):
                children.append((child, self._name(child)))
            if open_:
                open_ = False
                if not any(string for string, _ in parts):
                    if isinstance(child, etree._Comment):
                        element.first = "comment"
                        parts.append((child.text or "", None))
                    elif isinstance(child, etree._ProcessingInstruction):
                        element.first = "instruction"
                        parts.append((child.text or "", None))
                    else:
                        element.first = "element"
            all_text.append(tail)
        element.content = "".join(all_text)
        if element.first != "element" and any(string for string, _ in parts):
            element.first = element.first or "text"
            element.value = Text.of(parts)
            if self.has_cdata and element.first == "text":
                element.value = _before_cdata(node, element.value)
        return children


def _in_attribute(text: Text) -> Text:
    """In attributes a line break or tab of an entity is a blank; lxml leaves it."""

    def parts() -> Iterator[tuple[str, str | None]]:
        for string, name in text.parts:
            broken = name is not None and _BREAKS.search(string) is not None
            yield (_BREAKS.sub(" ", string), None) if broken else (string, name)

    return Text.of(parts())


def _before_cdata(node: etree._Element, value: Text) -> Text:
    """minidom keeps CDATA sections as nodes of their own: only the first node counts."""
    source = etree.tostring(node, encoding="unicode", with_tail=False)
    inner = source[source.index(">") + 1 :]
    start = inner.find("<![CDATA[")
    if start < 0 or "<" in inner[:start]:
        return value
    if start > 0:
        return Text(_unescaped(inner[:start]))
    return Text(inner[len("<![CDATA[") : inner.index("]]>")])


def _unescaped(raw: str) -> str:
    return "".join(string for string, _ in _pieces(raw))


def _local(name: str, node: etree._Element) -> str:
    """minidom goes by the name as written: PREFIX:NAME."""
    if name[0] != "{":
        return name
    uri, local = name[1:].split("}", 1)
    if uri == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{local}"
    prefix = next((p for p, u in node.nsmap.items() if u == uri), None)
    return f"{prefix}:{local}" if prefix else local
