"""Where the commands of a shell read from and write to."""

from __future__ import annotations

from msgspec import Struct, field

from converter.shell.files import Files
from converter.shell.syntax import NotFollowedError

__all__ = ["FileOutput", "Input", "Output"]

_LONGEST = 1 << 20
"""Files that grow longer are not followed, in characters."""


class Input(Struct):
    """Text that commands read; None: nobody here knows what comes, as from a program."""

    text: str | None = None
    at: int = 0

    def line(self) -> str:
        """The next line with its end; '' where none is left.  Raises NotFollowedError."""
        if self.text is None:
            raise NotFollowedError("what is read is not known")
        end = self.text.find("\n", self.at) + 1 or len(self.text)
        line, self.at = self.text[self.at : end], end
        return line

    def all(self) -> str | None:
        """What is left to read; None where nobody knows."""
        if self.text is None:
            return None
        text, self.at = self.text[self.at :], len(self.text)
        return text


class Output(Struct):
    """What takes text in: the job's log, a pipe, or /dev/null.

    name   of the file, as the script has it; '' where it is none
    known  whether all that has been written is known
    """

    name: str = ""
    parts: list[str] = field(default_factory=list)
    known: bool = True

    def write(self, text: str | None) -> None:
        """Take in a text; None: some text or other, which nobody here knows."""
        if text is None:
            self.known = False
        else:
            self.parts.append(text)

    @property
    def text(self) -> str | None:
        """All that has been written; None where it is not known."""
        return "".join(self.parts) if self.known else None


class FileOutput(Output, kw_only=True):
    """A file that is open for writing.

    at  how long the file is when only this output writes it, -1 where nobody knows; None: it
        goes on at its end
    """

    files: Files
    path: str
    at: int | None

    def write(self, text: str | None) -> None:
        """Raises NotFollowedError where the file is too long, or is not as this output left it."""
        if text == "":
            return
        old = self.files.texts.get(self.path, "")
        if self.path not in self.files.texts or (
            old is not None and self.at not in (None, len(old))
        ):
            raise NotFollowedError(f"{self.name} is written while something else changes it")
        new = None if text is None or old is None else old + text
        if new is not None and len(new) > _LONGEST:
            raise NotFollowedError(f"{self.name} grows too long")
        if self.at is not None:
            self.at = -1 if new is None else len(new)
        self.files.put(self.path, new)
