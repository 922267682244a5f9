"""What was probably meant, where a command line says something else."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence

from converter.errors import UsageError, XmlError
from converter.files import in_utf8, shown
from converter.pasted import file_word

__all__ = ["check_output", "misspelt", "only_file"]

_NEAR = 0.6
"""How much alike two words are of which one is taken for the other, misspelt."""


def misspelt(word: str, known: Iterable[str]) -> str:
    """The word that is meant, '' where none is near."""
    return next(iter(difflib.get_close_matches(word, list(known), 1, _NEAR)), "")


def only_file(given: Sequence[str], output: str | None) -> str:
    """The one XML that is to be converted.  Raises UsageError."""
    if len(given) == 1:
        return given[0]
    if not given:
        raise UsageError("X2P901", "no XML is named", "xml2poms project.xml -o campaign.cfg")
    first, second, *more = given
    if output is None and not more and second.endswith(".cfg"):
        line = f"xml2poms {file_word(first)} -o {file_word(second)}"
        raise UsageError("X2P901", f"{second} is no option's value", line)
    raise UsageError(
        "X2P901",
        f"{len(given)} files are named, and one is converted at a time",
        "xml2poms migrate DIR -o OUT converts all of a directory",
    )


def check_output(xml: str, output: str | None) -> str:
    """Where the campaign.cfg goes.  Raises UsageError where that is not said, or cannot be.

    And XmlError where the XML is a directory.
    """
    if xml != "-" and os.path.isdir(xml):
        out = "campaigns" if output is None or "." in output else output
        line = f"xml2poms migrate {file_word(xml)} -o {file_word(out)}"
        raise XmlError("X2P905", "is a directory", f"{line} converts all in it", file=xml)
    if output is None:
        cfg = f"{os.path.splitext(os.path.basename(xml))[0]}.cfg" if xml != "-" else "campaign.cfg"
        line = f"xml2poms {file_word(xml)} -o {file_word(cfg)}"
        raise UsageError("X2P901", "no --output: it is not said where the campaign.cfg goes", line)
    if output.endswith(".ini"):
        line = f"xml2poms {file_word(xml)} -o {file_word(f'{output[:-4]}.cfg')}"
        raise UsageError("X2P901", "-o names the .cfg; the .ini is written beside it", line)
    name = in_utf8(os.path.basename(output))
    if shown(name) != name:
        raise UsageError(
            "X2P901",
            f"-o {output}: POMS takes the .cfg's name, and that is no text in UTF-8",
            "choose another name",
        )
    return output
