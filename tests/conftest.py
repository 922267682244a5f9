"""Fixtures of all tests, and how Hypothesis searches: never against a clock."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from converter import accounting as ledger
from converter.findings.fates import Record
from converter.interrupts import SIGNALS
from converter.projectpy.document import Leaf
from tests.commandline import here

__all__ = ["as_released", "here"]

# A shell's job in the background begins with Ctrl-C ignored, and so would all that it starts.
for _number in SIGNALS:
    if signal.getsignal(_number) is signal.SIG_IGN:
        _ctrl_c = _number == signal.SIGINT
        signal.signal(_number, signal.default_int_handler if _ctrl_c else signal.SIG_DFL)

# A busy machine is no failure.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

_defect = ledger.defect


def _refused(leaf: Leaf, problem: str) -> Record:
    raise AssertionError(f"{leaf.path}: {problem}")


@pytest.fixture(autouse=True, scope="session")
def _rules_and_table_agree() -> Iterator[None]:
    """Whatever a test converts: what users are told of as a defect fails the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "defect", _refused)
        yield


@pytest.fixture
def as_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defects are told of, as users see them."""
    monkeypatch.setattr(ledger, "defect", _defect)
