"""Fields of `verify` that several families of messages announce."""

from __future__ import annotations

__all__ = ["SHELL_STOPS"]

SHELL_STOPS = (
    "order",
    "names",
    "data files",
    "input files",
    "files fetched",
    "files at hand",
    "log files",
    "refused",
    "substage .*",
    "when .*",
)
"""What differs where the job's shell fails, and with it all that comes after, or no job runs."""
