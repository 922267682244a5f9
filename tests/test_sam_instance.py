"""An experiment whose files are in another one's SAM instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.cli import main
from converter.conversion import Conversion, convert_bytes
from converter.errors import UsageError
from tests.projects import xml

PROFILE = "sam_experiment = sbn\nsam_station = sbn_station\n"
SAM = xml(
    "<inputdef>raw</inputdef><prestagefraction>0.5</prestagefraction><defname>made</defname>"
    "<targetsize>5</targetsize>"
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own").write_text(PROFILE)


def _converted(own: str | None) -> Conversion:
    return convert_bytes(SAM, "p.xml", experiment="sbnd", own=own)


@pytest.mark.parametrize(
    ("own", "lines"),
    [
        (None, ("SAM_EXPERIMENT     = %(experiment)s", "SAM_STATION        = %(experiment)s")),
        ("own", ("SAM_EXPERIMENT     = sbn\n", "SAM_STATION        = sbn_station\n")),
    ],
)
def test_the_environment_of_the_jobs(own: str | None, lines: tuple[str, ...]) -> None:
    cfg = _converted(own).campaigns[0].cfg
    for line in (*lines, "SAM_GROUP          = %(group)s"):
        assert line in cfg


def test_without_a_station_it_is_called_as_the_instance() -> None:
    Path("own").write_text("sam_experiment = sbn\n")
    assert "SAM_STATION        = sbn\n" in _converted("own").campaigns[0].cfg


def test_every_command_is_for_that_instance() -> None:
    report = _converted("own").report
    said = [f.advice or "" for f in report.findings] + [s.command or "" for s in report.checklist]
    calls = [text for text in said if "samweb " in text]
    assert len(calls) >= 4
    assert all("samweb -e sbn " in text for text in calls)
    assert not any("samweb -e" in (f.advice or "") for f in _converted(None).report.findings)


def test_verify_takes_both_sides_to_the_same_instance() -> None:
    Path("p.xml").write_bytes(SAM)
    for args, code in (
        (("p.xml", "-o", "c.cfg", "-q", "--experiment", "sbnd", "--profile", "own"), 0),
        (("verify", "p.xml", "c.cfg", "-q", "--experiment", "sbnd", "--profile", "own"), 0),
        (("verify", "p.xml", "c.cfg", "-q", "--experiment", "sbnd"), 1),
    ):
        with pytest.raises(SystemExit) as ended:
            main(list(args))
        assert ended.value.code == code


@pytest.mark.parametrize("key", ["sam_experiment", "sam_station"])
def test_the_names_are_words(key: str) -> None:
    Path("own").write_text(f"{key} = two words\n")
    with pytest.raises(UsageError, match=key):
        _converted("own")
