"""However many there are of anything numbered, each of them arrives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from converter import profiles
from converter.errors import CfgError
from converter.poms.config import MAX_COMMAND, StageConfig
from converter.poms.reader import read_cfg
from converter.poms.series import number_scripts
from converter.projectpy.reader import read
from converter.verify.campaign import campaign
from converter.verify.campaign.campaign import campaign_plan
from converter.verify.plan import Circumstances
from converter.verify.project import condor_lar
from converter.verify.verification import UNANNOUNCED
from tests import corpus, programs
from tests.projects import Converted, verify, xml

COUNTS = (99, 100, 250)
FCL = "<fcl>f{0}.fcl<processname>P{0}</processname></fcl>"
AREAS = "<outdir>/pnfs/dune/o</outdir><workdir>/w</workdir>"


@pytest.fixture(autouse=True)
def nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are not followed again for each of hundreds of scripts that could fail."""
    monkeypatch.setattr(campaign, "failures", lambda done, job, most: {})
    monkeypatch.setattr(condor_lar.Worker, "_failures", lambda worker: {})


def plan(converted: Converted) -> Any:
    config = read_cfg(converted.text, "c.cfg")
    job = Circumstances(process=1)
    return campaign_plan(config, "s", job, beside=converted.scripts.get).fields


def job_words(text: str) -> list[str]:
    return campaign.launch_words(read_cfg(text, "c.cfg"), "s", Circumstances(process=1))[1]


def several(n: int, form: str) -> str:
    return "".join(form.format(k) for k in range(n))


def as_project_py(data: bytes) -> None:
    """Nothing differs from project.py that is not announced."""
    found = verify(read(data).projects, profiles.profile("dune"), Converted(data).text)
    assert [f for c in found.checks for f in c.fields if f.verdict == UNANNOUNCED] == []


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(
    ("words", "field", "each"),
    [
        ("--lines=+A{}=1 ", "condor lines", "+A{}=1"),
        ('--lines=+A{}=\\"x\\" ', "condor lines", '+A{}="x"'),
        ("-f /pnfs/f{}.txt ", "files shipped", "/pnfs/f{}.txt"),
        ("--append_condor_requirements=(TARGET.A{}==1) ", "requirements", "(TARGET.A{}==1)"),
        ("--need-scope=a{} ", "option need-scope", "a{}"),
        ("-d T{0} /pnfs/{0} ", "option d", "T{0} /pnfs/{0}"),
        ("-e V{0}=a{0} ", "environment", "V{0}=a{0}"),
    ],
)
def test_options(n: int, words: str, field: str, each: str) -> None:
    data = xml(f"<jobsub>{several(n, words)}</jobsub>")
    wanted = {each.format(k) for k in range(n)}
    assert wanted <= set(plan(Converted(data))[field])
    as_project_py(data)


@pytest.mark.parametrize("n", COUNTS)
def test_products(n: int) -> None:
    data = xml("", several(n, "<ups>prod{}</ups>"))
    products = plan(Converted(data))["products"]
    assert [line.split()[0] for line in products] == [f"prod{k}" for k in range(n)]
    as_project_py(data)


@pytest.mark.parametrize("n", COUNTS)
def test_data_file_types(n: int) -> None:
    data = xml(f"<datafiletypes>{several(n, 't{},')}root</datafiletypes>")
    config = Converted(data).text
    arrived = re.findall(r"addoutput \*\.(\w+)", " ".join(job_words(config)))
    assert arrived == [*(f"t{k}" for k in range(n)), "root"]
    as_project_py(data)


@pytest.mark.parametrize("n", COUNTS)
def test_postscripts(n: int) -> None:
    types = several(n, "t{},")
    data = xml(
        f"<inputdef>d</inputdef><TFileName>h.root</TFileName>"
        f"<datafiletypes>{types}root</datafiletypes>"
    )
    ((name, written),) = Converted(data).scripts.items()
    assert name == "campaign-s-post.sh"
    assert all(f"for f in *.t{k};" in written for k in range(n))
    as_project_py(data)


@pytest.mark.parametrize("n", [33, 34, 128])
@pytest.mark.parametrize("filetype", ["", "<filetype>mc</filetype>"])
def test_substages(n: int, filetype: str) -> None:
    data = xml(several(n, FCL) + AREAS, filetype)
    fields = plan(Converted(data))
    for k in range(n):
        fcl = fields[f"substage {k} fcl"]
        assert f'#include "f{k}.fcl"' in fcl
        assert f"process_name: P{k}" in fcl
    assert f"substage {n} fcl" not in fields
    as_project_py(data)


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("tag", ["initscript", "initsource", "endscript"])
def test_scripts(n: int, tag: str) -> None:
    data = xml(several(n, f"<{tag}>/x/s{{}}.sh</{tag}>"))
    order = plan(Converted(data))["order"]
    assert [line.split()[1] for line in order if ".sh" in line] == [f"s{k}.sh" for k in range(n)]
    as_project_py(data)


@pytest.mark.parametrize("n", COUNTS)
def test_parameters(n: int) -> None:
    project = "<filetype>mc</filetype>" + several(n, '<parameter name="N{0}">v {0}</parameter>')
    data = xml("", project)
    fcl = plan(Converted(data))["substage 0 fcl"]
    assert {f'N{k}: "v {k}"' for k in range(n)} <= {line.strip() for line in fcl}
    as_project_py(data)


@pytest.mark.parametrize("n", COUNTS)
def test_arguments(n: int) -> None:
    data = xml(f"<args>{several(n, 'a{} ')}</args>")
    lines = plan(Converted(data))["substage 0 other arguments"]
    assert " ".join(lines).split() == [f"a{k}" for k in range(n)]
    as_project_py(data)


def test_a_stage_may_have_many_where_others_have_few() -> None:
    data = xml(
        f"<jobsub>{several(150, '--lines=+A{}=1 ')}</jobsub>",
        "",
        '<stage name="t"><fcl>a.fcl</fcl><outdir>/o</outdir><workdir>/w</workdir>'
        f"<jobsub>{several(99, '--lines=+A{}=1 ')}</jobsub></stage>",
    )
    text = Converted(data).text
    config = read_cfg(text, "c.cfg")
    for stage, n in (("s", 150), ("t", 99)):
        found = campaign_plan(config, stage, Circumstances(process=0)).fields["condor lines"]
        assert len(found) == n


def test_what_no_shell_takes_is_said_and_not_launched() -> None:
    products = several(500, f"<ups>{'product_' * 8}{{}}</ups>")
    data = xml(f"<jobsub>{several(5000, '--lines=+Attribute{}=1 ')}</jobsub>", products)
    converted = Converted(data)
    (said,) = [f for f in converted.conversion.report.findings if f.code == "X2P512"]
    assert said.fate == "unsupported"
    config = read_cfg(converted.text, "c.cfg")
    with pytest.raises(CfgError, match=f"a shell takes {MAX_COMMAND:,}"):
        campaign_plan(config, "s", Circumstances(process=0))
    as_project_py(data)


def test_a_script_of_any_length_is_launched() -> None:
    converted = Converted(xml(several(300, FCL) + AREAS, "<filetype>mc</filetype>"))
    assert "X2P512" not in {f.code for f in converted.conversion.report.findings}
    assert set(converted.scripts) == {"campaign-s.sh", "campaign-s-run_lar.sh"}
    config = read_cfg(converted.text, "c.cfg")
    assert max(map(len, campaign.launch_words(config, "s", Circumstances()))) < 100


def test_the_60th_key_holds_the_rest() -> None:
    config = StageConfig("s", ())
    for k in range(102):
        config.add("submit", "lines", f"l{k}")
        config.add("submit", "f", f"f{k}")
        config.add("job_setup", "setup", f"p{k}")
        config.add("job_output_1", "addoutput", f"*.{k}")
    values = number_scripts([config]).stages[0].values
    assert str(values["submit", "lines_59"]) == "l58"
    assert str(values["submit", "lines_60"]).startswith("l59 --lines=l60 --lines=l61 ")
    assert str(values["submit", "f_60"]).startswith("f59 -f f60 -f f61 ")
    assert str(values["job_setup", "setup_60"]).startswith("p59; setup p60; setup p61; ")
    assert str(values["job_output_1", "addoutput_60"]).startswith("*.59 --addoutput1 *.60 ")
    assert str(values["submit", "f_60"]).endswith(" -f f101")


@corpus.needs_programs
@pytest.mark.long
@pytest.mark.filterwarnings("default")
def test_the_real_launch_and_worker_have_them_all(tmp_path: Path) -> None:
    n = 120
    words = several(n, "--lines=+A{0}=1 -f /pnfs/f{0}.txt -c (TARGET.A{0}==1) ")
    types = several(n, "t{},")
    data = xml(
        f"<jobsub>{words}</jobsub><datafiletypes>{types}root</datafiletypes>"
        + several(n, FCL)
        + AREAS,
        several(n, "<ups>prod{}</ups>"),
    )
    (converted,) = Converted(data).conversion.campaigns
    file = programs.put(converted, tmp_path)
    real = programs.Launcher(file).launch("s")
    assert not {"launch", "shell", "jobsub", "wrap"} & set(real["errors"]), real["errors"]
    assert len(real["jobsub_final"]["lines"]) >= n
    assert len(real["jobsub_final"]["append_condor_requirements"]) >= n
    assert len(real["jobsub"]["input_file"]) == n + 2
    assert real["job"]["argv"].count("--addoutput") == n + 1
    texts = programs.written_wrappers(converted, "s", 0)
    assert {f"wrapper{k}.fcl" for k in range(n)} <= set(texts)
    assert all(f"process_name: P{k}" in texts[f"wrapper{k}.fcl"] for k in range(n))
    report = programs.worker("campaign", file, "--stage", "s", "--process", "0")
    assert not report["error"], report
    assert len(report["exes"]) == n
    assert {one["product"] for one in report["setups"]} >= {f"prod{k}" for k in range(n)}
