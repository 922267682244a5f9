"""Fixtures of all tests."""

from __future__ import annotations

from tests.commandline import here

__all__ = ["here"]
