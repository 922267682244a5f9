"""Fixtures of all tests, and how Hypothesis searches: never against a clock."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.commandline import here

__all__ = ["here"]

# A busy machine is no failure.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
