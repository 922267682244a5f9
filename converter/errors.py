"""Errors that tell a person where, what and what to do."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["CfgError", "ConversionError", "OutputError", "TableError", "UsageError", "XmlError"]

E = TypeVar("E", bound="ConversionError")


class ConversionError(Exception):
    """A failure that the user can do something about.

    code     a stable code of the message catalogue
    message  what is wrong, one sentence
    advice   what to do about it
    file     the file concerned, where there is one
    line     counted from 1, and column, where they are known
    """

    def __init__(
        self,
        code: str,
        message: str,
        advice: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice
        self.file = file
        self.line = line
        self.column = column

    def at(self: E, file: str, line: int | None = None) -> E:
        """The same error with file and line, where it has none."""
        return type(self)(
            self.code,
            self.message,
            self.advice,
            file=self.file or file,
            line=self.line or line,
            column=self.column,
        )

    @property
    def place(self) -> str:
        """`FILE:LINE:COLUMN`, as far as it is known."""
        return ":".join(str(x) for x in (self.file, self.line, self.column) if x is not None)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message} [{self.code}]"


class XmlError(ConversionError):
    """The input is unusable: not well-formed, too large, or project.py itself refuses it."""


class CfgError(ConversionError):
    """A campaign.cfg that fife_launch refuses, or that is not followed here."""


class TableError(ConversionError):
    """A table of campaigns that a person has to correct, with the line."""


class UsageError(ConversionError):
    """The command line is wrong or incomplete."""


class OutputError(ConversionError):
    """The output cannot be written where it was asked for."""
