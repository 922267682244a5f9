"""The role: who converts, the file's own signs, else Analysis; all that is written follows it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from converter.conversion import Conversion, convert_bytes
from converter.findings.fates import Fate
from converter.poms.ini import read_ini
from converter.poms.reader import resolve
from converter.profiles import profile
from converter.profiles.roles import decide
from converter.projectpy.reader import read
from tests import corpus
from tests.projects import convert

PERSON, PRO = "/pnfs/dune/scratch/users/jdoe", "/pnfs/dune/scratch/dunepro"


def document(
    stage: str = "",
    project: str = "",
    entities: str = "",
    out: str = "/pnfs/dune/o",
    work: str = "/w",
) -> bytes:
    return (
        f"<!DOCTYPE p [{entities}]>\n"
        '<project name="p"><numevents>9</numevents><larsoft><tag>v09_81_00</tag></larsoft>'
        f"{project}\n"
        f'<stage name="s"><fcl>a.fcl</fcl>\n<outdir>{out}</outdir>\n<workdir>{work}</workdir>\n'
        f"{stage}</stage></project>"
    ).encode()


def converted(data: bytes, **options: str) -> Conversion:
    return convert_bytes(data, "p.xml", experiment="dune", **options)  # type: ignore[arg-type]


def because(data: bytes, experiment: str = "dune") -> tuple[str, str]:
    decision = decide(read(data).projects[0], profile(experiment))
    return decision.role, decision.because


ENTITY = '<!ENTITY user "dunepro">'


@pytest.mark.parametrize(
    ("data", "role", "reason"),
    [
        (document(), "Analysis", "no sign of a production account"),
        # areas that are written to
        (document(out=PRO + "/o"), "Production", "writes to an area of dunepro"),
        (document(work="/dune/app/users/dunepro/w"), "Production", "writes to an area of dunepro"),
        (
            document(work="/exp/dune/app/users/dunepro"),
            "Production",
            "writes to an area of dunepro",
        ),
        (
            document("<logdir>/lbne/data/lbnepro/log</logdir>"),
            "Production",
            "writes to an area of lbnepro",
        ),
        (
            document("<bookdir>/scratch/dunepro</bookdir>"),
            "Production",
            "writes to an area of dunepro",
        ),
        (
            document(out="/pnfs/dune/scratch/users/&user;/o", entities=ENTITY),
            "Production",
            "writes to an area of dunepro",
        ),
        (
            document(out=PERSON, work="/dune/app/users/dunepro"),
            "Production",
            "writes to an area of dunepro",
        ),
        # areas of somebody else, whatever they are called
        (document(out=PERSON + "/dunepro/o"), "Analysis", "writes to a user's area"),
        (document(out="/pnfs/dune/scratch/users/prod/o"), "Analysis", "writes to a user's area"),
        (
            document(out="/pnfs/dune/scratch/dunepro2/o"),
            "Analysis",
            "no sign of a production account",
        ),
        (
            document(out="/pnfs/uboone/scratch/uboonepro/o"),
            "Analysis",
            "no sign of a production account",
        ),
        # what is only read tells nothing
        (
            document(f"<inputlist>{PRO}/files.list</inputlist>"),
            "Analysis",
            "no sign of a production account",
        ),
        (
            document(f"<inputfile>{PRO}/a.root</inputfile>", out=PERSON),
            "Analysis",
            "writes to a user's area",
        ),
        (
            document("<inputdef>dunepro_mcc11</inputdef>"),
            "Analysis",
            "no sign of a production account",
        ),
        (
            document(f"<initscript>{PRO}/init.sh</initscript>"),
            "Analysis",
            "no sign of a production account",
        ),
        (
            document(project=f"<fcldir>{PRO}/fcl</fcldir>"),
            "Analysis",
            "no sign of a production account",
        ),
        (
            document("<inputdef>&base;_x</inputdef>", entities=ENTITY.replace("user", "base")),
            "Analysis",
            "no sign of a production account",
        ),
        # how jobs are accounted, unless the places are somebody's own
        (document("<jobsub>--subgroup=prod</jobsub>"), "Production", "--subgroup=prod"),
        (
            document("<jobsub>--memory=2GB --subgroup prod</jobsub>"),
            "Production",
            "--subgroup=prod",
        ),
        (
            document("<jobsub>--subgroup=prodtest</jobsub>"),
            "Analysis",
            "no sign of a production account",
        ),
        (
            document("<jobsub>--subgroup=prod</jobsub>", out=PERSON),
            "Analysis",
            "writes to a user's area",
        ),
        (
            document('<lines>+AccountingGroup="group_dune.prod.x"</lines>'),
            "Production",
            "--subgroup=prod",
        ),
        (
            document("<batchname>&user;</batchname>", entities=ENTITY),
            "Production",
            "an entity names dunepro",
        ),
        (
            document("<batchname>&user;</batchname>", entities=ENTITY, out=PERSON),
            "Analysis",
            "writes to a user's area",
        ),
        # what says it in so many words
        (document(project="<role>Production</role>", out=PERSON), "Production", "<role>"),
        (document(project="<role>Analysis</role>", out=PRO), "Analysis", "<role>"),
        (
            document("<jobsub>--role=Production</jobsub>", out=PERSON),
            "Production",
            "--role in <jobsub>",
        ),
        (document("<jobsub>--role Analysis</jobsub>", out=PRO), "Analysis", "--role in <jobsub>"),
    ],
)
def test_signs(data: bytes, role: str, reason: str) -> None:
    assert because(data) == (role, reason)


def test_the_account_is_the_experiments() -> None:
    data = document(out="/pnfs/uboone/scratch/uboonepro/o")
    assert because(data, "uboone")[0] == "Production"


def test_all_that_is_written_follows() -> None:
    conversion = converted(document(out=PRO))
    ini = read_ini(conversion.campaigns[0].ini)
    assert (ini.role, ini.stages[0].values["vo_role"]) == ("production", "Production")
    assert (ini.login_setup.account, ini.login_setup.host) == ("dunepro", "dunegpvm01.fnal.gov")
    assert resolve(conversion.campaigns[0].cfg, "s")["submit"]["role"] == "Production"
    steps = conversion.report.checklist
    assert "dunepro.Production.proxy" in steps[0].what
    assert "managed token of dunepro" in steps[0].what
    commands = [step.command for step in steps if step.command]
    assert commands
    assert all("--poms_role production" in command for command in commands)


def test_without_a_sign_all_is_analysis() -> None:
    conversion = converted(document())
    ini = read_ini(conversion.campaigns[0].ini)
    assert (ini.role, ini.stages[0].values["vo_role"]) == ("analysis", "Analysis")
    assert ini.login_setup.account == "poms_launcher"
    assert resolve(conversion.campaigns[0].cfg, "s")["submit"]["role"] == "Analysis"


def test_the_finding_names_the_sign_and_its_line() -> None:
    report = converted(document(out=PRO)).report
    (finding,) = [f for f in report.findings if f.code == "X2P840"]
    assert (finding.level, finding.line) == ("look", 4)
    assert f"<outdir> {PRO} is an area of dunepro" in finding.message
    project = report.projects[0]
    assert (project.role, project.role_because) == ("Production", "writes to an area of dunepro")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (document(out=PERSON, work="/dune/app/users/dunepro"), "Production, since <workdir>"),
        (document("<jobsub>--subgroup=prod</jobsub>", out=PERSON), "but --subgroup=prod"),
        (document(project="<role>Analysis</role>", out=PRO), f"but <outdir> {PRO}"),
    ],
)
def test_signs_that_disagree_are_to_be_looked_at(data: bytes, message: str) -> None:
    (finding,) = [f for f in converted(data).report.findings if f.code == "X2P841"]
    assert finding.level == "look"
    assert message in finding.message


WAYS = ("", "production", "analysis")


@pytest.mark.parametrize(("line", "own", "sign"), [*itertools.product(WAYS, WAYS, WAYS)])
def test_the_command_line_is_above_the_profile_and_that_above_the_file(
    line: str, own: str, sign: str, tmp_path: Path
) -> None:
    options = {"role": line} if line else {}
    if own:
        (tmp_path / "own").write_text(f"role = {own.capitalize()}\n")
        options["own"] = str(tmp_path / "own")
    data = document(out={"production": PRO, "analysis": PERSON}.get(sign, "/o"))
    expected = line or own or sign or "analysis"
    conversion = converted(data, **options)
    assert read_ini(conversion.campaigns[0].ini).role == expected
    assert resolve(conversion.campaigns[0].cfg, "s")["submit"]["role"] == expected.capitalize()
    codes = {f.code for f in conversion.report.findings}
    assert ("X2P842" in codes) == bool((line or own) and sign not in ("", expected))


def test_a_stage_of_another_role_is_to_be_looked_at() -> None:
    conversion = converted(document("<jobsub>--role=Analysis</jobsub>", "<role>Production</role>"))
    assert resolve(conversion.campaigns[0].cfg, "s")["submit"]["role"] == "Analysis"
    assert read_ini(conversion.campaigns[0].ini).role == "production"
    assert "X2P843" in {f.code for f in conversion.report.findings}


@corpus.needs_corpus
@pytest.mark.long
def test_the_corpus_has_files_of_both_roles_and_every_one_says_why() -> None:
    found: dict[str, int] = {}
    for path, answer in corpus.loadable():
        for project in read(path.read_bytes()).projects:
            decision = decide(project, profile(answer["experiment"]))
            found[decision.role] = found.get(decision.role, 0) + 1
            assert decision.sign, path
            assert not decision.against, path
    assert found["Production"] > 700
    assert found["Analysis"] > 50


def test_an_entity_that_decides_the_role_is_told_of_without_a_setting() -> None:
    """It stands in the DOCTYPE, where no setting is."""
    data = document("<batchname>&user;</batchname>", entities=ENTITY)
    (found,) = (finding for finding in converted(data).report.findings if finding.code == "X2P840")
    assert (found.fate, found.path, found.line) == (Fate.DERIVED, None, None)
    assert "the entity &user; is dunepro" in found.message


@pytest.mark.parametrize("jobsub", ["", "<jobsub>--role=Production</jobsub>"])
def test_a_role_that_poms_does_not_know_blocks_whatever_jobsub_asks_for(jobsub: str) -> None:
    converted = convert(jobsub, "<role>Raw</role>")
    assert converted.fate("project/role") == "manual"
    (said,) = [one for one in converted.findings if one.code == "X2P218"]
    assert (said.need, said.slots) == ("block", {"role": "Raw"})
