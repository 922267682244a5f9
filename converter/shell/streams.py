"""Where the commands of a shell read from and write to, and redirections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct, field

from converter.shell.files import NOTHING, Files
from converter.shell.syntax import NotFollowedError, Redirect
from converter.shell.words import Words

__all__ = ["CHARACTERS_A_STEP", "Input", "Output", "Streams"]

CHARACTERS_A_STEP = 600
"""What is read or written in the time of a step."""

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


class _FileOutput(Output, kw_only=True):
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


class Streams(Words):
    """What a shell reads and writes."""

    def __init__(self) -> None:
        self.out = Output()
        """What goes to the job's log."""
        self.stdin = Input()
        self.outputs: dict[str, Output] = {"1": self.out, "2": Output()}
        """By the number of the stream."""

    def complain(self, status: int = 1) -> int:
        """The status of a command that fails with a message."""
        self.outputs["2"].write(None)
        return status

    def write(self, text: str | None) -> None:
        self.spend(len(text or "") // CHARACTERS_A_STEP)
        self.outputs["1"].write(text)

    def read(self, name: str) -> str | None:
        """A file's text, for a command.  Raises FileNotFoundError."""
        path = self.files.path(name)
        if any(isinstance(out, _FileOutput) and out.path == path for out in self.outputs.values()):
            raise NotFollowedError(f"{name} is read and written")
        if self.files.is_folder(name):
            raise NotFollowedError(f"{name} is a folder")
        text = self.files.read(name)
        self.spend(len(text or "") // CHARACTERS_A_STEP)
        return text

    def rest(self) -> str | None:
        """All that is left to read; None where nobody knows."""
        text = self.stdin.all()
        self.spend(len(text or "") // CHARACTERS_A_STEP)
        return text

    @contextmanager
    def redirected(self, redirects: list[Redirect]) -> Iterator[bool]:
        """Where a command reads and writes, while it runs; False where a file is not there."""
        if not redirects:
            yield True
            return
        before = self.stdin, self.files.reading, self.outputs
        try:
            yield self.reopen(redirects)
        finally:
            self.stdin, self.files.reading, self.outputs = before

    def reopen(self, redirects: list[Redirect]) -> bool:
        """Read and write elsewhere from here on; False, and status 1, where a file is not there."""
        self.outputs = dict(self.outputs)
        for redirect in redirects:
            try:
                self._open(redirect)
            except FileNotFoundError:
                self.status = self.complain()
                return False
        return True

    def _open(self, redirect: Redirect) -> None:
        operator, fd = redirect.operator, redirect.fd
        if operator == "<<":
            text = redirect.target if redirect.quoted else self.document(redirect.target)
            self.stdin = Input(text)
            return
        if operator == "<<<":
            self.stdin = Input(self.value(redirect.target) + "\n")
            return
        name, *more = self.words(redirect.target) or [""]
        if more:
            raise FileNotFoundError("an ambiguous redirection")
        if operator == "<" and fd == "0":
            self.stdin = Input(self.read(name))
            self.files.reading += (self.files.path(name),)
        elif operator == ">&" and name.isdigit():
            if name not in self.outputs:
                raise FileNotFoundError(name)
            self.outputs[fd] = self.outputs[name]
        elif operator in (">", ">>", ">|", "&>", "&>>"):
            output = self._output(name, append=">>" in operator)
            for stream in ("1", "2") if operator[0] == "&" else (fd,):
                self.outputs[stream] = output
        else:
            raise NotFollowedError(operator + redirect.target)

    def _output(self, name: str, *, append: bool) -> Output:
        if name == NOTHING:
            return Output(name)
        path = self.files.path(name)
        self.files.check_unread(path)
        self.files.open(name, emptied=not append)
        return _FileOutput(name, files=self.files, path=path, at=None if append else 0)
