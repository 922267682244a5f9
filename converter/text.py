"""Strings of which every part knows the definition that it was written with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Text"]

Part = tuple[str, "str | None"]

_WORDS = re.compile(r"\S+")


class Text:
    """A string made of parts; a part is plain text, or what a named definition stands for.

    In the model the definitions are XML entities, in a campaign.cfg they are macros of
    `[global]`.  Slicing, and all that is built on it, keeps a name as long as its whole part
    is there; of a part that is cut only the characters stay.
    """

    __slots__ = ("_string", "is_plain", "names", "parts", "template")

    parts: tuple[Part, ...]
    is_plain: bool
    """Whether no part of it is named."""
    names: tuple[str, ...]
    """The definitions that it uses, each once, in order."""
    template: tuple[Part, ...]
    """How it is written: alike for texts that differ only in what their names stand for."""

    def __init__(self, parts: str | Iterable[Part] = ()) -> None:
        if isinstance(parts, str):
            self.parts = self.template = ((parts, None),) if parts else ()
            self._string = parts
            self.is_plain = True
            self.names = ()
            return
        merged: list[Part] = []
        names: dict[str, None] = {}
        open_ = False
        for part in parts:
            string, name = part
            if name is not None:
                merged.append(part)
                names[name] = None
                open_ = False
            elif open_:
                merged[-1] = (merged[-1][0] + string, None)
            elif string:
                merged.append(part)
                open_ = True
        self.parts = self.template = tuple(merged)
        self.is_plain = not names
        self.names = tuple(names)
        if names:
            self.template = tuple([part if part[1] is None else ("", part[1]) for part in merged])
        self._string = merged[0][0] if len(merged) == 1 else "".join([s for s, _ in merged])

    @classmethod
    def named(cls, name: str, string: str) -> Text:
        """What the definition `name` stands for."""
        return cls(((string, name),))

    @classmethod
    def join(cls, separator: str, texts: Iterable[Text]) -> Text:
        texts = list(texts)
        if all(text.is_plain for text in texts):
            return cls(separator.join([text._string for text in texts]))
        parts: list[Part] = []
        for index, text in enumerate(texts):
            if index:
                parts.append((separator, None))
            parts.extend(text.parts)
        return cls(parts)

    def __str__(self) -> str:
        return self._string

    def __repr__(self) -> str:
        return f"Text({''.join(f'&{n};' if n else s for s, n in self.parts)!r})"

    def __len__(self) -> int:
        return len(self._string)

    def __bool__(self) -> bool:
        return bool(self._string)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __add__(self, other: Text | str) -> Text:
        if isinstance(other, str):
            if self.is_plain:
                return Text(self._string + other)
            return Text((*self.parts, (other, None))) if other else self
        if self.is_plain and other.is_plain:
            return Text(self._string + other._string)
        return Text(self.parts + other.parts)

    def __radd__(self, other: str) -> Text:
        if self.is_plain:
            return Text(other + self._string)
        return Text(((other, None), *self.parts)) if other else self

    def __getitem__(self, index: slice) -> Text:
        start, stop, step = index.indices(len(self._string))
        if step != 1:
            raise ValueError("a Text is cut without a step")
        if self.is_plain:
            return Text(self._string[start:stop])
        if start == 0 and stop == len(self._string):
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
        return Text(parts)

    @property
    def name(self) -> str | None:
        """The definition that this is, whole and alone, or None."""
        return self.parts[0][1] if len(self.parts) == 1 else None

    def strip(self) -> Text:
        string = self._string
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
            return [Text(word) for word in _WORDS.findall(self._string)]
        return [self[m.start() : m.end()] for m in _WORDS.finditer(self._string)]

    def without_blanks(self) -> Text:
        return Text.join("", self.split())

    def folded(self) -> Text:
        """Stripped, and each run of blanks in it made one blank."""
        return Text.join(" ", self.split())

    def basename(self) -> Text:
        """What follows the last slash."""
        return self[self._string.rfind("/") + 1 :]

    def removesuffix(self, suffix: str) -> Text:
        if suffix and self._string.endswith(suffix):
            return self[: -len(suffix)]
        return self

    def map(self, change: Callable[[str], str]) -> Text:
        """The plain parts changed, the named ones left as they are."""
        if self.is_plain:
            return Text(change(self._string))
        return Text((string if name else change(string), name) for string, name in self.parts)

    def keep(self, wanted: Callable[[str, str], bool]) -> Text:
        """Named parts for which `wanted(name, string)` is false become plain."""
        return Text(
            (string, name if name is not None and wanted(name, string) else None)
            for string, name in self.parts
        )

    def renamed(self, names: Mapping[str, str | None]) -> Text:
        """The definitions under other names; those that get none, or are absent, plain."""
        if self.is_plain:
            return self
        return Text((s, None if n is None else names.get(n)) for s, n in self.parts)

    def replace(self, pattern: re.Pattern[str], name: str) -> Text:
        """Every match of `pattern` within a plain part becomes the definition `name`."""
        if pattern.search(self._string) is None:
            return self
        return Text(self._replaced(pattern, name))

    def _replaced(self, pattern: re.Pattern[str], name: str) -> Iterator[Part]:
        offset = 0
        for string, known in self.parts:
            if known is not None:
                yield string, known
            else:
                done = 0
                # Against the whole string, so that the pattern sees what stands around.
                for match in pattern.finditer(self._string, offset, offset + len(string)):
                    yield self._string[offset + done : match.start()], None
                    yield match.group(), name
                    done = match.end() - offset
                yield string[done:], None
            offset += len(string)
