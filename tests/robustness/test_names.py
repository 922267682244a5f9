"""Names of projects and stages are names to every reader of the files, whatever they hold."""

from __future__ import annotations

import json
import re
import subprocess
from configparser import ConfigParser
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.conversion import Conversion, Options, convert_bytes
from converter.poms.ini import read_ini
from tests.robustness.documents import stage

SECTIONS = re.compile(
    r"campaign|campaign_defaults"
    r"|(campaign_stage|dependencies|job_type|login_setup) [A-Za-z0-9_.+-]+"
)
CFG = re.compile(r"stage_[A-Za-z0-9_][A-Za-z0-9_.+-]*|[a-z_]+(?:_\d+)?")


def converted(project: str, *stages: str) -> Conversion:
    name = quoteattr(project, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
    inside = "".join(
        stage("N").replace('"N"', quoteattr(s, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}))
        for s in stages
    )
    data = f"<project name={name}><numevents>1</numevents><larsoft/>{inside}</project>"
    return convert_bytes(data.encode(), "x.xml", experiment="dune")


def check(project: str, *stages: str) -> None:
    conversion = converted(project, *stages)
    for name, text in conversion.campaigns[0].files.items():
        # As a file is read: \r and \r\n end a line too.
        text = re.sub(r"\r\n?", "\n", text)
        config = ConfigParser(interpolation=None)
        config.read_string(text)
        pattern = SECTIONS if name.endswith(".ini") else CFG
        assert all(pattern.fullmatch(section) for section in config.sections())
        written = [line[1:-1] for line in text.splitlines() if line.startswith("[")]
        assert written == config.sections()
    names = {s.name for s in read_ini(conversion.campaigns[0].ini).stages}
    assert len(names) == len(set(stages))
    findings = conversion.report.findings
    renamed = {f.message for f in findings if f.code in ("X2P101", "X2P105")}
    for old in {project, *stages}:
        safe = re.fullmatch(r"[A-Za-z0-9_.+-]*", old) and (old == project or old[0] not in ".+-")
        assert safe or any(repr(old) in message for message in renamed), old


ODD = [
    "a\n[stage_evil]\nglobal.stage = x\n[prelaunch]\nexecute_1 = touch canary\n",
    *("-x", "--help", "+x", ".x", "[a]", "a]b", "a,b", "a b", " a ", "%s", "%(x)s", "$(x)", "`x`"),
    *(
        "DEFAULT",
        "a=b",
        "#a",
        ";",
        "é",
        "a\tb",
        "a\rb",
        "a\r\n[x]",
        "a\u2028[b]",
        "a\x85[b]",
        "a:b",
    ),
    *(
        "a'b",
        'a"b',
        "a\\b",
        "a/b",
        "../b",
        "a\u202eb",
        "a\x9bb",
        "\U0001f600",
        "campaign",
        "x" * 255,
    ),
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names(name: str) -> None:
    check(name, name)
    check("p", name, f"{name[:250]}2", "a_b", "s")


characters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cn")).filter(
    lambda c: c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")
)
texts = st.text(characters | st.sampled_from("\n\r[]=:;#%,- "), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(texts, st.lists(texts, min_size=1, max_size=3))
def test_any_names(project: str, stages: list[str]) -> None:
    check(project, *stages)


def test_project_py_gets_a_name_that_is_no_utf_8_as_the_shell_reads_it() -> None:
    data = f"<project name='p'><numevents>1</numevents><larsoft/>{stage('s')}</project>".encode()
    options = Options(launcher="project.py")
    conversion = convert_bytes(data, "b\\udcff.xml", experiment="dune", options=options)
    found = read_ini(conversion.campaigns[0].ini).stages[0].values["param_overrides"]
    launched = dict(json.loads(found))["--xml "]
    said = subprocess.run(["bash", "-c", f"printf %s {launched}"], capture_output=True, check=True)
    assert said.stdout == b"/b\xff.xml"
