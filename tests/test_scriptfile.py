"""Scripts that are long are files beside the campaign.cfg, and do what they would do in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.conversion import Options, convert_bytes
from converter.poms.config import Entry, StageConfig
from converter.poms.escape import heredoc_line
from converter.poms.reader import read_cfg, resolve
from converter.poms.scriptfile import MOST, heredoc, in_files
from converter.profiles import profile
from converter.projectpy.reader import read
from converter.text import Text
from converter.verify.campaign.campaign import campaign_plan
from converter.verify.plan import Circumstances
from converter.verify.verification import SAME, UNANNOUNCED, Verification
from tests import corpus, programs
from tests.commandline import here, run
from tests.projects import ALONE, Converted, stage, verify, xml
from tests.strategies import ODD, WORD

__all__ = ["here"]

FCL = "<fcl>f{0}.fcl</fcl>"
AREAS = "<outdir>/pnfs/dune/o</outdir><workdir>/w</workdir>"


def chain(substages: int, more: str = "") -> str:
    """A stage of so many substages; each but the first has three lines in run_lar.sh."""
    return "".join(FCL.format(k) for k in range(substages)) + AREAS + more


LONG = chain(14)


# -- when, and under which names ----------------------------------------------------------------


def lengths(converted: Converted) -> dict[str, int]:
    """Lines of the stages' scripts, and of the files."""
    found = {name: text.count("\n") for name, text in converted.scripts.items()}
    return {"prescripts": len(converted.prescripts), **found}


@pytest.mark.parametrize(
    ("substages", "expected"),
    [
        (10, {"prescripts": MOST}),
        (11, {"prescripts": 11, "campaign-s-run_lar.sh": 34}),
        (99, {"prescripts": 11, "campaign-s-run_lar.sh": 298}),
    ],
)
def test_what_is_longer_than_a_screen_is_a_file(substages: int, expected: dict[str, int]) -> None:
    assert lengths(Converted(xml(chain(substages)))) == expected


def script_of_stage(converted: Converted, name: str) -> list[str]:
    setup = resolve(converted.text, name)["job_setup"]
    return [text for key, text in setup.items() if key.startswith("prescript")]


def test_a_program_first_then_what_is_longest() -> None:
    parameters = "".join(f'<parameter name="N{k}">v</parameter>' for k in range(60))
    fcl = Converted(xml("<initsource>i.sh</initsource>", "<filetype>mc</filetype>" + parameters))
    assert set(fcl.scripts) == {"campaign-s.sh"}
    assert fcl.heredoc("run_lar.sh")


def test_stages_share_a_file() -> None:
    one = Converted(xml(LONG, "", stage("t", LONG), stage("u")))
    assert set(one.scripts) == {"campaign-s-run_lar.sh"}
    (text,) = one.scripts.values()
    assert text.splitlines()[1].startswith("# For s, t of campaign.cfg, which sends it")
    for name, files in (("s", 1), ("t", 1), ("u", 0)):
        assert " ".join(resolve(one.text, name)["submit"].values()).count("UPLOADS") == files


def test_a_stage_of_just_a_screen_keeps_its_lines_beside_a_longer_one() -> None:
    one = Converted(xml(LONG, "", stage("t", chain(10, ALONE))))
    assert len(script_of_stage(one, "s")) < len(script_of_stage(one, "t")) == MOST
    assert set(one.scripts) == {"campaign-s-run_lar.sh"}


def test_what_all_stages_share_is_one_file() -> None:
    parameters = "".join(f'<parameter name="N{k}">v</parameter>' for k in range(60))
    one = Converted(xml("", "<filetype>mc</filetype>" + parameters, stage("t")))
    assert set(one.scripts) == {"campaign-all.sh"}
    setup = read_cfg(one.text, "c.cfg").sections["job_setup"]
    assert ". $CONDOR_DIR_INPUT/campaign-all.sh" in setup.values()


@pytest.mark.parametrize(
    ("cfg", "stages", "avoid", "names"),
    [
        ("c.cfg", "s", (), {"c-s-run_lar.sh"}),
        ("c", "s", (), {"c-s-run_lar.sh"}),
        ("my c's.cfg", "s", (), {"my_c_s-s-run_lar.sh"}),
        ("c.cfg", "S s", (), {"c-S-run_lar.sh", "c-s-run_lar_.sh"}),
        ("c.cfg", "s", {"c-s-run_lar"}, {"c-s-run_lar_.sh"}),
        ("c.cfg", "s-t", {"c-s"}, {"c-s_t_run_lar.sh"}),
        ("c.cfg", "x" * 250, (), {f"c-{'x' * 60}.sh"}),
    ],
)
def test_names(cfg: str, stages: str, avoid: set[str], names: set[str]) -> None:
    of_stages = [stage(name, chain(14 + n)) for n, name in enumerate(stages.split())]
    data = xml(LONG, "", *of_stages[1:])
    data = data.replace(b'"s"', f'"{stages.split()[0]}"'.encode(), 1)
    options = Options(output=cfg, avoid=frozenset(avoid))
    (campaign,) = convert_bytes(data, "p.xml", experiment="dune", options=options).campaigns
    assert {name for name in campaign.files if name.endswith(".sh")} == names


def test_a_script_of_the_users_keeps_its_name() -> None:
    one = Converted(xml(chain(14, "<initsource>/a/campaign-s-run_lar.sh</initsource>")))
    assert set(one.scripts) == {"campaign-s-run_lar_.sh"}


def test_each_project_of_a_file_has_its_own() -> None:
    data = b"<job>" + xml(LONG, name="a") + xml(stage("b-t", LONG), name="a-b") + b"</job>"
    data = data.replace(b'name="s"', b'name="b-s"', 1)
    files = [n for c in convert_bytes(data, "p.xml", experiment="dune").campaigns for n in c.files]
    # The one feeds the other: they have one campaign.ini.
    assert sorted(n.rpartition(".")[2] for n in set(files)) == ["cfg", "cfg", "ini", "sh", "sh"]


# -- what a file does ---------------------------------------------------------------------------

MACROS = {"release": "v09_81", "stage": "reco", "numevents": "100"}
NAMED = [Text.named(name, value) for name, value in MACROS.items()]


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """One line of anything, with macros in it."""
    plain = st.one_of(WORD, ODD).map(lambda s: Text(" ".join(s.split())))
    return Text.join("", draw(st.lists(st.one_of(plain, st.sampled_from(NAMED)), max_size=4)))


def quoted(text: Text) -> Text:
    return "'" + text.map(lambda s: s.replace("'", "'\\''")) + "'"


def in_double_quotes(text: Text) -> Text:
    return '"' + text.map(lambda s: re.sub(r'([\\$"`])', r"\\\1", s)) + '"'


COMMAND = st.one_of(
    texts().map(lambda text: "echo " + quoted(text) + " >> out"),
    texts().map(lambda text: "echo " + in_double_quotes(text) + " >> out"),
    st.sampled_from(NAMED).map(lambda text: "echo x" + text + "_y >> out"),
    st.just("echo $((" + NAMED[2] + " * 3 / (PROCESS + 1))) >> out"),
    st.just(Text("export SEEN=1; echo $SEEN >> out")),
)


def document(command: str, lines: list[Text], *, expand: bool) -> Entry:
    return heredoc(command, [(line, ()) for line in lines], expand=expand)


ENTRY = st.one_of(
    COMMAND.map(lambda text: Entry(((text, ()),))),
    st.lists(texts(), max_size=30).map(lambda ls: document("cat > literal", ls, expand=False)),
    st.lists(texts().map(heredoc_line), max_size=30).map(
        lambda lines: document("cat >> expanded", lines, expand=True)
    ),
)
PROGRAM = st.lists(COMMAND, max_size=45).map(
    lambda lines: document("cat > run.sh", [Text("#!/bin/bash"), *lines], expand=False)
)
CALL = Entry(((Text("chmod +x run.sh; ./run.sh; echo $? >> out"), ()),))


def done_by(lines: list[Text], scripts: dict[str, str]) -> dict[str, str]:
    """The files that a real bash leaves, which reads the lines as fife_wrap has it."""
    with tempfile.TemporaryDirectory() as folder:
        job, along = Path(folder, "job"), Path(folder, "input")
        job.mkdir()
        along.mkdir()
        for name, text in scripts.items():
            (along / name).write_text(text)
        env = {"PATH": os.environ["PATH"], "PROCESS": "1", "CONDOR_DIR_INPUT": str(along)}
        text = "".join(f"{line}\n" for line in lines)
        subprocess.run(["bash"], input=text, text=True, cwd=job, env=env, check=False)
        # What the program was made of is the one difference.
        return {path.name: path.read_text() for path in job.iterdir() if path.name != "run.sh"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Text("$HOME"), ["cat > literal <<'EOF'", "$HOME", "EOF"]),
        ("$HOME " + NAMED[1], ["cat > literal <<EOF", "\\$HOME ${cfg_stage}", "EOF"]),
    ],
)
def test_a_document_of_the_users_stays_as_it_is_unless_a_macro_is_in_it(
    line: Text, expected: list[str]
) -> None:
    entries = [document("cat > literal", [line], expand=False)]
    entries += [Entry(((Text(f"echo {n} >> out"), ()),)) for n in range(MOST)]
    config = StageConfig("s", ())
    config.series["job_setup", "prescript"] = entries
    _, (script,) = in_files([config], "c.cfg")
    lines = script.text("c.cfg").splitlines()
    at = next(n for n, one in enumerate(lines) if one.startswith("cat > literal"))
    assert lines[at : at + 3] == expected


def script_of(config: StageConfig) -> list[Text]:
    return [text for entry in config.series["job_setup", "prescript"] for text, _ in entry.lines]


@settings(max_examples=40, deadline=None)
@given(st.lists(ENTRY, min_size=2, max_size=12), st.lists(ENTRY, max_size=3), st.none() | PROGRAM)
def test_a_file_does_what_the_same_lines_do(
    before: list[Entry], after: list[Entry], program: Entry | None
) -> None:
    entries = [*before, *([program, CALL] if program else []), *after]
    entries += [Entry(((Text(f"echo {n} >> out"), ()),)) for n in range(MOST)]
    config = StageConfig("s", ())
    config.series["job_setup", "prescript"] = entries
    (short,), scripts = in_files([config], "c.cfg")
    texts = {script.name: script.text("c.cfg") for script in scripts}
    assert texts
    assert len(script_of(short)) <= MOST
    assert done_by(script_of(short), texts) == done_by(script_of(config), {})


@pytest.mark.parametrize(
    "between",
    ["", "'", "' x '", '"', '" x "', "'\"'", "\\'", "\\\\'", '"\'"', "'\\'", " '$HOME' "],
)
def test_macros_mean_the_same_between_quotes_of_any_kind(between: str) -> None:
    """A file has variables in their place, which single quotes would keep from being expanded."""
    one, other = Text.named("a", "1"), Text.named("b", "2 2")
    command = Text("echo ") + one + between + other + between + " >> out"
    entries = [Entry(((command, ()),))]
    entries += [Entry(((Text(f"echo {n} >> out"), ()),)) for n in range(MOST)]
    config = StageConfig("s", ())
    config.series["job_setup", "prescript"] = entries
    (short,), scripts = in_files([config], "c.cfg")
    texts = {script.name: script.text("c.cfg") for script in scripts}
    assert done_by(script_of(short), texts) == done_by(script_of(config), {})


def test_every_slot_keeps_its_line() -> None:
    one = Converted(xml(chain(14, "<args>--first</args>")))
    setting = next(s for s in one.conversion.report.settings if s.path.endswith("fcl[14]"))
    places = [target for target in setting.targets if target.startswith("script:")]
    (text,) = one.scripts.values()
    for place in places:
        _, name, line = place.split(":")
        assert name in one.scripts
        assert "f13.fcl" in text.split("\n")[int(line) - 1]
    assert places


SHELLCHECK = shutil.which("shellcheck") or shutil.which(
    "shellcheck", path=Path(os.sys.executable).parent
)


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
@pytest.mark.parametrize(
    "data",
    [
        xml(LONG),
        xml(chain(40), "<filetype>mc</filetype>"),
        xml("".join(f"<initscript>/a/i{k}.sh a 'b c'</initscript>" for k in range(50))),
        xml(
            "<inputdef>d</inputdef><TFileName>h.root</TFileName>"
            f"<datafiletypes>{','.join(f't{k}' for k in range(60))},root</datafiletypes>"
        ),
    ],
    ids=["chain", "wrappers", "hooks", "postscripts"],
)
def test_shellcheck_has_nothing_to_say(data: bytes, tmp_path: Path) -> None:
    scripts = Converted(data).scripts
    assert scripts
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
    # The newest file is found as project.py's worker finds it, by ls and grep.
    words = [str(SHELLCHECK), "--severity=warning", "--exclude=SC2010,SC2012"]
    done = subprocess.run(
        [*words, *sorted(scripts)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


def test_editing_a_macro_changes_what_a_file_does() -> None:
    one = Converted(xml(chain(14)))
    edited = re.sub(r"(?m)^(numevents +=) 100$", r"\1 77", one.text)
    assert edited != one.text
    job = Circumstances(process=0)
    plan = campaign_plan(read_cfg(edited, "c.cfg"), "s", job, beside=one.scripts.get)
    assert {plan.fields[f"substage {k} events"] for k in range(1, 14)} == {"77"}


# -- verify -------------------------------------------------------------------------------------


def compared(change: str = "", scripts: dict[str, str] | None = None) -> Verification:
    data = xml(LONG)
    one = Converted(data)
    (name,) = one.scripts
    text = one.scripts[name]
    if change:
        old, new = change.split(" => ")
        assert old in text
        text = text.replace(old, new)
    beside = {name: text} if scripts is None else scripts
    return verify(read(data).projects, profile("dune"), one.text, beside=beside.get)


def verdicts(found: Verification) -> dict[str, str]:
    return {f.name: f.verdict for check in found.checks for f in check.fields if f.verdict != SAME}


def test_the_files_beside_a_campaign_are_what_the_report_says_of_them() -> None:
    assert verdicts(compared())["files shipped"] == "announced"
    assert UNANNOUNCED not in verdicts(compared()).values()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("-c f3.fcl => -c other.fcl", "substage 3 fcl"),
        ("-n ${cfg_numevents} => -n 5", "substage 1 events"),
        ("lar -c f7.fcl => ./mine.sh; lar -c f7.fcl", "order"),
        ("# For => # Edited: for", ""),
    ],
)
def test_an_edited_file_is_a_difference(change: str, field: str) -> None:
    found = verdicts(compared(change))
    assert (UNANNOUNCED in found.values()) is bool(field)
    assert not field or found[field] == UNANNOUNCED


def test_a_missing_file_is_a_difference() -> None:
    found = verdicts(compared(scripts={}))
    assert found["refused"] == UNANNOUNCED
    assert found["substage 13 program"] == UNANNOUNCED


@corpus.needs_programs
@pytest.mark.long
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("body", "project"),
    [
        (LONG, "<filetype>mc</filetype>"),
        (chain(14, "<inputdef>d</inputdef><TFileName>h.root</TFileName>"), ""),
        (chain(2, "".join(f"<initscript>/a/i{k}.sh {k}</initscript>" for k in range(50))), ""),
    ],
)
def test_the_real_workers_do_the_same(body: str, project: str, tmp_path: Path) -> None:
    data = xml(body, project + "<ups>dunesw</ups>")
    (tmp_path / "p.xml").write_bytes(data)
    converted = Converted(data)
    assert converted.scripts
    cfg = programs.put(converted.conversion.campaigns[0], tmp_path)
    launched = programs.Launcher(cfg).launch("s")
    assert launched["ok"], launched["errors"]
    sent = {path.rpartition("/")[2] for path in launched["jobsub"]["input_file"]}
    assert sent >= set(converted.scripts)
    words = ("--stage", "s", "--process", "0", "--experiment", "dune")
    theirs = programs.worker("project", tmp_path / "p.xml", *words, "--any-os")
    ours = programs.worker("campaign", cfg, *words)
    assert ours["status"] == 0, ours
    assert len(ours["exes"]) == len(theirs["exes"]) > 0
    found = [d for d in programs.compare(theirs, ours) if not d["field"].endswith(("out", "err"))]
    assert found == []


# -- on the command line ------------------------------------------------------------------------


def put(name: str = "p.xml", data: bytes = xml(LONG)) -> None:
    Path(name).write_bytes(data)


@pytest.mark.usefixtures("here")
def test_convert_writes_them_beside_the_cfg(capsys: pytest.CaptureFixture[str]) -> None:
    put()
    assert run("p.xml", "-o", "out/c.cfg", "--experiment", "dune", "--report", "r.json") == 0
    assert {path.name for path in Path("out").iterdir()} == {"c.cfg", "c-s-run_lar.sh", "c.ini"}
    said = capsys.readouterr()
    assert "out/c-s-run_lar.sh" in said.out + said.err
    (file,) = json.loads(Path("r.json").read_text())["files"]
    (project,) = file["projects"]
    assert project["outputs"] == ["out/c.cfg", "out/c-s-run_lar.sh", "out/c.ini"]
    assert "upload c-s-run_lar.sh" in [step["what"] for step in file["checklist"]]


@pytest.mark.usefixtures("here")
def test_a_changed_file_is_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    put()
    run("p.xml", "-o", "c.cfg", "-q")
    script = Path("c-s-run_lar.sh")
    before = script.read_text()
    script.write_text(before + "echo mine\n")
    assert run("p.xml", "-o", "c.cfg", "-q") == 4
    assert run("p.xml", "-o", "c.cfg", "--diff") == 1
    assert "-echo mine" in capsys.readouterr().out
    assert script.read_text().endswith("mine\n")
    assert run("p.xml", "-o", "c.cfg", "-q", "--force") == 0
    assert script.read_text() == before


@pytest.mark.usefixtures("here")
def test_they_do_not_fit_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    put()
    assert run("p.xml", "-o", "-") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "campaign-s-run_lar.sh" in said.err


@pytest.mark.usefixtures("here")
def test_verify_reads_them() -> None:
    put()
    run("p.xml", "-o", "out/c.cfg", "-q", "--experiment", "dune")
    words = ("verify", "p.xml", "out/c.cfg", "-q", "--experiment", "dune")
    assert run(*words) == 0
    script = Path("out/c-s-run_lar.sh")
    script.write_text(script.read_text().replace("f13.fcl", "f12.fcl"))
    assert run(*words) == 1
    script.unlink()
    assert run(*words) == 1


@pytest.mark.usefixtures("here")
def test_a_copy_for_the_next_campaign_uses_the_same_file() -> None:
    put()
    run("p.xml", "-o", "c.cfg", "-q", "--experiment", "dune")
    Path("next.cfg").write_text(Path("c.cfg").read_text())
    assert run("verify", "p.xml", "next.cfg", "-q", "--experiment", "dune") == 0


@pytest.mark.usefixtures("here")
def test_migrate_keeps_them_with_the_campaign() -> None:
    Path("in/a").mkdir(parents=True)
    put("in/a/p.xml")
    migrate = partial(run, "migrate", "in", "-o", "out", "-q", "--experiment", "dune")
    assert migrate() == 0
    script = Path("out/a/a_p-s-run_lar.sh")
    assert script.is_file()
    assert run("verify", "out", "-q") == 0
    script.write_text(script.read_text() + "echo mine\n")
    assert migrate() != 0
    assert script.read_text().endswith("mine\n")
    assert migrate("--force") == 0
    put("in/a/p.xml", xml(chain(3)))
    migrate()
    assert script.is_file()
    migrate("--prune")
    assert not script.exists()


# -- in the file --------------------------------------------------------------------------------


def test_the_top_says_where_they_are_and_where_fcl_goes() -> None:
    parameters = "".join(f'<parameter name="N{k}">v</parameter>' for k in range(60))
    top = Converted(xml("", "<filetype>mc</filetype>" + parameters)).text.split("\n[")[0]
    assert "# A line of fcl goes before the first EOF of campaign-s.sh." in top
    assert "# Scripts beside this file, which go with the jobs:" in top


def test_no_stage_config_is_changed() -> None:
    config = StageConfig("s", ())
    for n in range(2 * MOST):
        config.add("job_setup", "prescript", f"echo {n}")
    before = len(config.series["job_setup", "prescript"])
    (short,), _ = in_files([config], "c.cfg")
    assert len(config.series["job_setup", "prescript"]) == before
    assert ("submit", "f") not in config.series
    assert len(short.series["job_setup", "prescript"]) == 1
