"""Command lines of art: lar, and every program that takes its options."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

__all__ = ["ART_OPTIONS", "OTHER_PROGRAMS", "art_file", "art_words", "is_art"]

ART_OPTIONS: Mapping[str, str] = {
    spelling: names[0]
    for names in (
        *(("-c", "--config"), ("-s", "--source"), ("-S", "--source-list"), ("-o", "--output")),
        *(("-T", "--TFileName"), ("-n", "--nevts"), ("--nskip",), ("-e", "--estart")),
        *(("-j", "--parallelism"), ("--nthreads",), ("--nschedules",), ("--process-name",)),
        *(("--sam-web-uri",), ("--sam-process-id",), ("--sam-application-family",)),
        *(("--sam-application-version",), ("--sam-file-type",), ("--sam-group",)),
        *(("--sam-data-tier",), ("--sam-run-type",), ("--sam-stream-name",), ("--tmpdir",)),
        *(("--config-out",), ("--timing-db",), ("--memcheck-db",), ("--debug-config",)),
    )
    for spelling in names
}
"""Options of art's command line that take a value, by each spelling."""

OTHER_PROGRAMS = ("bash", "sh", "python", "python3", "perl", "samweb")
"""Programs with a -c of their own."""


def is_art(words: Sequence[str]) -> bool:
    """Whether a command runs art: it has a configuration."""
    options, _ = art_words(words[1:])
    return "-c" in options and posixpath.basename(words[0]) not in OTHER_PROGRAMS


def art_words(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Options with their values, '' for flags, and the other words."""
    options: dict[str, str] = {}
    other: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if word in ART_OPTIONS and queue:
            options[ART_OPTIONS[word]] = queue.pop(0)
        elif equals and name in ART_OPTIONS and name.startswith("--"):
            options[ART_OPTIONS[name]] = value
        elif len(word) > 2 and word[:2] in ART_OPTIONS and word[1] != "-":
            options[ART_OPTIONS[word[:2]]] = word[2:]
        elif word == "--rethrow-default":
            options[word] = ""
        else:
            other.append(word)
    return options, other


def art_file(fcl: Sequence[str], number: int) -> str:
    """A name for the file that only the fcl of substage `number` names: nobody here knows it."""
    included = re.search(r'"(?:.*/)?([^"/]*)"', fcl[0] if fcl else "")
    stem = included[1].removesuffix(".fcl") if included else "art"
    return f"{stem}{number or ''}_art.root"
