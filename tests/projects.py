"""Small projects for tests: only what a test is about is written out."""

from __future__ import annotations

import os
import tempfile
from configparser import ConfigParser
from functools import partial
from typing import Any

import pytest

from converter.conversion import Conversion
from converter.conversion import convert as convert_reading
from converter.expected import as_converted
from converter.findings.finding import Finding
from converter.model import Project
from converter.poms.reader import resolve
from converter.profiles import EXPERIMENTS, Profile, conventions, profile
from converter.projectpy.reader import read
from converter.verify import verification


def _reads_anything() -> bool:
    with tempfile.NamedTemporaryFile() as file:
        os.chmod(file.name, 0)
        return os.access(file.name, os.R_OK)


needs_permissions = pytest.mark.skipif(
    _reads_anything(), reason="this user may read and write everywhere"
)

GEN = "<fcl>gen.fcl</fcl><outdir>/pnfs/dune/o</outdir><workdir>/w</workdir>"


ALONE = "<previousstage>none</previousstage>"
"""Of a stage that reads no other one, even where there is one before it."""

LOST = "<inputdef>raw</inputdef><targetsize>5</targetsize>"
"""Of a stage: a setting of which the effect is lost."""


def xml(stage: str = "", project: str = "", *more: str, name: str = "p") -> bytes:
    """A project with a stage `s`, and further stages as they are given."""
    first = f'<stage name="s">{GEN if "<fcl>" not in stage else ""}{stage}</stage>'
    return (
        f'<project name="{name}"><numevents>100</numevents><os>sl7</os>'
        f"<larsoft><tag>v09_81_00</tag><qual>e26:prof</qual></larsoft>{project}"
        f"{first}{''.join(more)}</project>"
    ).encode()


def stage(name: str, body: str = "") -> str:
    return f'<stage name="{name}">{GEN if "<fcl>" not in body else ""}{body}</stage>'


def verify(
    projects: tuple[Project, ...], profile: Profile, text: str, **options: Any
) -> verification.Verification:
    """A campaign.cfg against its project, and against what the conversion of that would give."""
    usual = partial(as_converted, projects, profile, "project.xml", "campaign.cfg")
    every = [usual(index).scripts for index in range(len(projects))]
    options.setdefault("beside", {n: text for one in every for n, text in one.items()}.get)
    return verification.verify(projects, profile, text, usual, **options)


class Converted:
    """A converted project: `self[section, key]` is what stage `s` gets."""

    def __init__(self, data: bytes, experiment: str = "dune", stage: str = "s") -> None:
        facts = profile(experiment) if experiment in EXPERIMENTS else conventions(experiment)
        self.conversion: Conversion = convert_reading(
            read(data, "p.xml"), facts, source="p.xml", data=data
        )
        self.text = self.conversion.campaigns[0].cfg
        self.sections = resolve(self.text, stage)

    def __getitem__(self, key: tuple[str, str]) -> str | None:
        return self.sections.get(key[0], {}).get(key[1])

    def series(self, section: str, stem: str) -> list[str]:
        """The values of STEM_1, STEM_2, …"""
        values = self.sections.get(section, {})
        return [v for k, v in values.items() if k.rstrip("0123456789") == f"{stem}_"]

    @property
    def scripts(self) -> dict[str, str]:
        """Name → text of the scripts beside the campaign.cfg."""
        return self.conversion.campaigns[0].scripts

    @property
    def prescripts(self) -> list[str]:
        return self.series("job_setup", "prescript")

    @property
    def postscripts(self) -> list[str]:
        return self.series("job_setup", "postscript")

    @property
    def arguments(self) -> list[str]:
        return self.series("executable", "arg")

    def heredoc(self, file: str) -> list[str]:
        """The lines that the prescripts write to a file, in order."""
        lines: list[str] = []
        inside = False
        for line in self.prescripts:
            if inside and line == "EOF":
                inside = False
            elif inside:
                lines.append(line)
            elif line.endswith(("<<EOF", "<<'EOF'")) and file in line:
                inside = True
        return lines

    def fate(self, path: str) -> str:
        """The fate of the setting with that path, or of the only one with that ending."""
        found = [
            s for s in self.conversion.report.settings if s.path == path or s.path.endswith(path)
        ]
        assert len(found) == 1, [s.path for s in found]
        return found[0].fate.value

    @property
    def findings(self) -> list[Finding]:
        return list(self.conversion.report.findings)

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.findings}


def convert(stage: str = "", project: str = "", *more: str, experiment: str = "dune") -> Converted:
    return Converted(xml(stage, project, *more), experiment)


def ini_keys(conversion: Conversion) -> set[str]:
    """All keys of the campaigns' .ini files, as the report names them."""
    found = set()
    for campaign in conversion.campaigns:
        config = ConfigParser(interpolation=None)
        config.read_string(campaign.ini)
        found |= {
            f"ini:{section}.{key}" for section in config.sections() for key in config[section]
        }
    return found
