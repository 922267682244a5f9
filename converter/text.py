"""Strings of which every part knows the definition that it was written with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

__all__ = ["Finder", "Text", "lines_of", "one_line", "says_something", "visible"]

Part = tuple[str, "str | None"]

Finder = Callable[[str, int, int], Iterable[tuple[int, int]]]
"""Where something is in a string between two places: each start and end."""

_WORDS = re.compile(r"\S+")

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e]")


def _in_python(sign: str) -> str:
    return sign.encode("unicode_escape").decode()


def visible(text: str, written: Callable[[str], str] = _in_python) -> str:
    """The text as it can be sent to a terminal: ESC as `\\x1b`, marks that turn text around too.

    Lines stay lines.

    written  how a sign is written out that cannot be sent
    """
    if text.isprintable():
        return text

    def shown(match: re.Match[str]) -> str:
        sign = match[0]
        plain = sign.isprintable() or unicodedata.category(sign) == "Zs"
        return sign if plain else written(sign)

    return "\n".join(
        [line if line.isprintable() else _SUSPECT.sub(shown, line) for line in text.split("\n")]
    )


def one_line(text: str) -> str:
    """The text on one line of a file, whatever takes what for the end of a line."""
    return text if text.isprintable() else visible(_CONTROLS.sub(" ", text))


def says_something(text: str) -> bool:
    """Whether a person sees anything of it: not only blanks, control signs and the like."""
    return any(sign.isprintable() and sign != " " for sign in text)


def lines_of(text: str) -> list[str]:
    """The lines of a file's text; no other sign ends one, as it would for `str.splitlines`."""
    return _ENDS.split(text)


_ENDS = re.compile(r"\r\n?|\n")


# gc=False, here and in other records: nothing that they hold leads back to them.
class Text(Struct, frozen=True, gc=False):
    """A string made of parts; a part is plain text, or what a named definition stands for.

    In the model the definitions are XML entities, in a campaign.cfg they are macros of
    `[global]`.  Slicing, and all that is built on it, keeps a name as long as its whole part
    is there; of a part that is cut only the characters stay.

    Text("x") is plain; Text.of() and Text.named() make others.
    """

    string: str = ""
    is_plain: bool = True
    """Whether no part of it is named."""
    _parts: tuple[Part, ...] = ()
    """Where it is not plain: no two plain parts side by side, and none that is empty."""
    _template: tuple[Part, ...] = ()
    """The parts, with nothing for what the names stand for."""

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Text:
        """The text of these parts, each with the name of its definition, or None."""
        merged: list[Part] = []
        plain: list[str] = []
        """What is to be one part: put together once, however many pieces it comes in."""
        for part in parts:
            if part[1] is None:
                if part[0]:
                    plain.append(part[0])
                continue
            if plain:
                merged.append(("".join(plain), None))
                plain = []
            merged.append(part)
        if not merged:
            return cls("".join(plain))
        if plain:
            merged.append(("".join(plain), None))
        return _named("".join([string for string, _ in merged]), tuple(merged))

    @classmethod
    def named(cls, name: str, string: str) -> Text:
        """What the definition `name` stands for."""
        return cls(string, False, ((string, name),), (("", name),))

    @classmethod
    def join(cls, separator: str, texts: Sequence[Text]) -> Text:
        parts: list[Part] = []
        for index, text in enumerate(texts):
            if index:
                parts.append((separator, None))
            parts.extend(text.parts)
        return cls.of(parts)

    @property
    def parts(self) -> tuple[Part, ...]:
        """(string, name) for each part, with None for a name of those that are plain."""
        return self._parts if not self.is_plain else ((self.string, None),) if self.string else ()

    @property
    def names(self) -> tuple[str, ...]:
        """The definitions that it uses, each once, in order."""
        if self.is_plain:
            return ()
        return tuple(dict.fromkeys([name for _, name in self._parts if name is not None]))

    def uses(self, name: str) -> bool:
        """Whether one of its parts is what that definition stands for."""
        return ("", name) in self._template

    @property
    def template(self) -> Hashable:
        """How it is written: alike for texts that differ only in what their names stand for."""
        return self.string if self.is_plain else self._template

    def alike(self, other: Text | None) -> bool:
        """Whether the other is written in the same way."""
        return other is not None and (self == other or self.template == other.template)

    def __str__(self) -> str:
        return self.string

    def __repr__(self) -> str:
        return f"Text({''.join(f'&{n};' if n else s for s, n in self.parts)!r})"

    def __len__(self) -> int:
        return len(self.string)

    def __bool__(self) -> bool:
        return bool(self.string)

    def __add__(self, other: Text | str) -> Text:
        if isinstance(other, str):
            if self.is_plain:
                return Text(self.string + other)
            if not other:
                return self
            string, name = self._parts[-1]
            if name is None:
                parts = (*self._parts[:-1], (string + other, None))
            else:
                parts = (*self._parts, (other, None))
            return _named(self.string + other, parts)
        if other.is_plain:
            return self + other.string
        if self.is_plain:
            return self.string + other
        return Text.of(self._parts + other._parts)

    def __radd__(self, other: str) -> Text:
        if self.is_plain:
            return Text(other + self.string)
        if not other:
            return self
        string, name = self._parts[0]
        if name is None:
            parts = ((other + string, None), *self._parts[1:])
        else:
            parts = ((other, None), *self._parts)
        return _named(other + self.string, parts)

    def __getitem__(self, index: slice) -> Text:
        string = self.string
        if self.is_plain and index.step is None:
            return Text(string[index])
        start, stop, step = index.indices(len(string))
        if step != 1:
            raise ValueError("a Text is cut without a step")
        if start == 0 and stop == len(string):
            return self
        parts: list[Part] = []
        offset = 0
        for string, name in self.parts:
            low, high = max(start - offset, 0), min(stop - offset, len(string))
            if low == 0 and high == len(string):
                parts.append((string, name))
            elif low < high:
                parts.append((string[low:high], None))
            offset += len(string)
        return Text.of(parts)

    @property
    def name(self) -> str | None:
        """The definition that this is, whole and alone, or None."""
        return self._parts[0][1] if len(self._parts) == 1 else None

    def strip(self) -> Text:
        string = self.string
        stripped = string.strip()
        if len(stripped) == len(string):
            return self
        if self.is_plain:
            return Text(stripped)
        start = len(string) - len(string.lstrip())
        return self[start : max(start, len(string.rstrip()))]

    def split(self) -> list[Text]:
        """The words, as `str.split()` finds them."""
        if self.is_plain:
            return [Text(word) for word in _WORDS.findall(self.string)]
        return self.cut([match.span() for match in _WORDS.finditer(self.string)])

    def cut(self, spans: Iterable[tuple[int, int]]) -> list[Text]:
        """Slices (start, stop) that follow one another, in one pass over the parts."""
        if self.is_plain:
            return [Text(self.string[start:stop]) for start, stop in spans]
        pieces = []
        parts = self._parts
        index = offset = 0
        for start, stop in spans:
            while offset + len(parts[index][0]) <= start:
                offset += len(parts[index][0])
                index += 1
            inside: list[Part] = []
            here, place = index, offset
            while here < len(parts) and place < stop:
                string, name = parts[here]
                low, high = max(start - place, 0), min(stop - place, len(string))
                whole = low == 0 and high == len(string)
                inside.append((string[low:high], name if whole else None))
                place += len(string)
                here += 1
            pieces.append(Text.of(inside))
        return pieces

    def without_blanks(self) -> Text:
        return Text.join("", self.split())

    def folded(self) -> Text:
        """Stripped, and each run of blanks in it made one blank."""
        return Text.join(" ", self.split())

    def basename(self) -> Text:
        """What follows the last slash."""
        return self[self.string.rfind("/") + 1 :]

    def removesuffix(self, suffix: str) -> Text:
        if suffix and self.string.endswith(suffix):
            return self[: -len(suffix)]
        return self

    def map(self, change: Callable[[str], str]) -> Text:
        """The plain parts changed, the named ones left as they are."""
        if self.is_plain:
            return Text(change(self.string))
        return Text.of((string if name else change(string), name) for string, name in self.parts)

    def keep(self, wanted: Callable[[str, str], bool]) -> Text:
        """Named parts for which `wanted(name, string)` is false become plain."""
        return Text.of(
            (string, name if name is not None and wanted(name, string) else None)
            for string, name in self.parts
        )

    def renamed(self, names: Mapping[str, str | None]) -> Text:
        """The definitions under other names; those that get none, or are absent, plain."""
        parts = tuple([(s, None if n is None else names.get(n)) for s, n in self._parts])
        if parts == self._parts:
            return self
        if None not in [names.get(n) for n in self.names]:
            return _named(self.string, parts)
        return Text.of(parts)

    def replace(self, find: Finder, name: str) -> Text:
        """All that is found within plain parts becomes the definition `name`."""
        return Text.of(self._replaced(find, name))

    def _replaced(self, find: Finder, name: str) -> Iterator[Part]:
        offset = 0
        for string, known in self.parts:
            if known is not None:
                yield string, known
            else:
                done = offset
                # In the whole string, so that it is seen what stands before.
                for start, end in find(self.string, offset, offset + len(string)):
                    yield self.string[done:start], None
                    yield self.string[start:end], name
                    done = end
                yield self.string[done : offset + len(string)], None
            offset += len(string)


def _named(string: str, parts: tuple[Part, ...]) -> Text:
    """Of parts as they are to be, some of them named, and what they are together."""
    template = tuple([part if part[1] is None else ("", part[1]) for part in parts])
    return Text(string, False, parts, template)
