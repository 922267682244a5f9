"""What the messages mean, at length.

The text stands beside each family's rows, `catalogue/FAMILY.md`: a heading for each code, what it
means, paragraphs that begin with a word of _PARTS, an example before and one after.  It is read
only where something is explained, and is documentation as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from msgspec import Struct

from converter.findings.catalogue import CATALOGUE
from converter.findings.message import Message, slots_of

__all__ = ["Example", "Explanation", "advice", "explanations", "headline", "waiver"]

_PARTS = {"Why.": "why", "Otherwise.": "otherwise", "Accept.": "accept", "Do.": "do"}

_FENCED = re.compile(r"^```(\w+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


class Example(Struct, frozen=True):
    """Something to write: XML, a piece of a campaign.cfg or .ini, of a profile, a command."""

    language: str
    text: str


class Explanation(Struct, frozen=True):
    """One message, in the words of who has to act on it.

    meaning    what is the case
    why        project.py and POMS differ there: the rule of the program
    otherwise  what happens if nothing is done
    accept     when it may be accepted; '' of an error, which nobody can
    do         what to do instead
    before     what makes the message appear
    after      what does not, or what the conversion writes
    """

    code: str
    meaning: str
    why: str
    otherwise: str
    accept: str
    do: str
    before: Example
    after: Example


@cache
def explanations() -> Mapping[str, Explanation]:
    """Every explanation, by its code.  Raises ValueError where a text is not whole."""
    folder = resources.files("converter.findings.catalogue")
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".md")]
    found = {one.code: one for text in texts for one in _read(text)}
    return {code: found[code] for code in CATALOGUE if code in found}


def headline(code: str) -> str:
    """What a message says of many files: its text, or in its place what it means.

    A text with words in the places of its values says little to who has not seen one filled in.
    """
    message = CATALOGUE[code]
    if not slots_of(message.text):
        return message.text
    sentence, _, _ = explanations()[code].meaning.partition(". ")
    return sentence.rstrip(".").replace("`", "")


def advice(code: str) -> str:
    """What to do about a message in many files: its advice, or in its place what to do at length.

    An advice with words in the places of its values may be nothing but one such word.
    """
    general = CATALOGUE[code].advice
    if not slots_of(general):
        return general
    return " ".join(explanations()[code].do.replace("`", "").split())


def waiver(message: Message) -> str:
    """The command that accepts it; '' where there is nothing to accept."""
    if message.level == "error":
        return ""
    return f"xml2poms review accept {message.code} --waivers DIR/waivers.cfg --reason 'why'"


def _read(text: str) -> Iterator[Explanation]:
    """The explanations in one file."""
    _, *pieces = re.split(r"^## (X2P\d{3})$", text, flags=re.MULTILINE)
    for code, body in zip(pieces[::2], pieces[1::2]):
        yield _explanation(code, body)


def _explanation(code: str, body: str) -> Explanation:
    examples = [Example(language, told) for language, told in _FENCED.findall(body)]
    if len(examples) != 2:
        raise ValueError(f"{code} has {len(examples)} examples, not one before and one after")
    fields = {"meaning": "", "accept": ""}
    name = "meaning"
    for paragraph in _FENCED.sub("", body).split("\n\n"):
        plain = " ".join(paragraph.split())
        label = re.match(r"\*\*(.*?)\*\* ", plain)
        if label is not None:
            if label[1] not in _PARTS:
                raise ValueError(f"{code}: {label[1]} is no part of an explanation")
            name, plain = _PARTS[label[1]], plain[label.end() :]
        fields[name] = f"{fields.get(name, '')}\n{plain}".strip()
    missing = {"why", "otherwise", "do"} - fields.keys()
    if missing or not fields["meaning"]:
        raise ValueError(f"{code} has no {', '.join(sorted(missing)) or 'meaning'}")
    return Explanation(code, **fields, before=examples[0], after=examples[1])
