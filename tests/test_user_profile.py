"""The user's own profile: checked before it is used, and on top of the experiment's."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.conversion import Conversion, convert_bytes
from converter.errors import UsageError
from converter.poms.ini import read_ini
from converter.poms.reader import resolve
from converter.profiles import EXPERIMENTS, Profile, conventions, profile
from converter.profiles.user import with_file, write_profile
from tests.projects import ALONE, xml


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.profile"


def converted(own: Path, text: str, data: bytes | None = None) -> Conversion:
    own.write_text(text)
    return convert_bytes(data or xml(), "p.xml", experiment="dune", own=str(own))


@pytest.mark.parametrize("facts", [*map(profile, EXPERIMENTS), conventions("nova")])
def test_the_printed_profile_changes_nothing(facts: Profile, own: Path) -> None:
    own.write_text(write_profile(facts))
    assert with_file(facts, str(own)) == facts


@pytest.mark.parametrize("facts", [*map(profile, EXPERIMENTS), conventions("nova")])
def test_the_printed_profile_can_be_switched_on_as_it_is(facts: Profile, own: Path) -> None:
    lines = write_profile(facts).splitlines()
    free = lines.index("[containers]")
    active = [
        line[1:] if line.startswith("#") and not line.startswith("# ") else line
        for line in lines[:free]
    ]
    own.write_text("\n".join(active))
    found = with_file(facts, str(own))
    assert (found.host, found.setup, found.completion_pct) == (
        facts.host,
        facts.setup,
        95.0,
    )


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("hots = x\n", "hots is not known", "known"),
        ("[login]\nhots = x\n", "[login] hots is not known", "did you mean host?"),
        ("[logn]\nhost = x\n", "logn is not known", "did you mean login?"),
        ("metadata = uboon\n", "metadata = uboon", "uboone"),
        ("role = Boss\n", "role = Boss", "Production"),
        ("[campaign]\ncompletion_pct = 101\n", "completion_pct", "percent"),
        ("[campaign]\ncompletion_pct = all\n", "completion_pct", "percent"),
        ("[campaign]\nname = {nobody}\n", "not a template", "{project}"),
        ("[campaign]\njob_type = {project}\n", "not a template", "{kind}"),
        ("dropbox = /pnfs/{}\n", "not a template", "{filetype}"),
        ("dropbox = /pnfs/${TIER}\n", "not a template", "{tier}"),
        ("dimensions = a {\n", "not a template", "{stage}"),
        ("dimensions = {file}\n", "not a template", "{project}"),
        ("[campaign]\nrecoveries = consumed\n", "no 'consumed'", "consumed_status"),
        ("[campaign]\nrecoveries = proj_status\n", "no 'proj_status'", "process_status"),
        ("[campaign]\ncompletion_type = done\n", "completion_type", "located"),
        ("[submit]\nsubgrop = x\n", "subgrop is not an option", "did you mean subgroup?"),
        ("[login\nhost = x\n", "Invalid line", "correct"),
        ("product = a#b\n", "product is cut at its #", '"""VALUE"""'),
        ("[containers]\nSL7 = /x #y\n", "[containers] SL7 is cut at its #", "blanks"),
        ("[login]\nsetup = #x\n", "[login] setup is cut at its #", "blanks"),
        ("[login]\nsetup = x# y\nhost = h # y\n", "[login] setup is cut at its #", "blanks"),
    ],
)
def test_mistakes_are_named(text: str, message: str, advice: str, own: Path) -> None:
    own.write_text(text)
    with pytest.raises(UsageError) as caught:
        with_file(profile("dune"), str(own))
    assert caught.value.code == "X2P908"
    assert caught.value.file == str(own)
    assert message in caught.value.message
    assert advice in caught.value.advice


def test_a_comment_may_follow_a_value_and_a_value_may_have_its_sign(own: Path) -> None:
    own.write_text('[login]\nhost = h # mine\naccount = a\t#\nsetup = """a#b #c"""  ## c\n')
    found = with_file(profile("dune"), str(own))
    assert (found.host, found.account, found.login) == ("h", "a", "a#b #c")


def test_a_value_that_breaks_the_script_of_the_job_blocks(own: Path) -> None:
    conversion = converted(own, "[submit]\nL = /x/a(1).log\nd = TAG /x/y\nr = v1 -q e20\n")
    found = [one for one in conversion.report.findings if one.code == "X2P249"]
    assert [(one.message.partition(":")[0], one.need) for one in found] == [
        ("L = /x/a(1).log", "block")
    ]


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(UsageError):
        with_file(profile("dune"), "nobody.profile")


def test_what_a_profile_sets(own: Path) -> None:
    text = (
        "setup = /my/setup.sh\nmetadata_extractor = my_extractor\nrole = Production\n"
        "[login]\nhost = h\naccount = a\nsetup = s\n"
        "[campaign]\nname = {experiment}_{project}_{release}\ncompletion_pct = 80\n"
        "recovery_memory = 9000\nrecoveries = pending_files, consumed_status+memory\n"
        "job_type = jt_{campaign}_{kind}\ncompletion_type = complete\n"
        "[containers]\nSL7 = /my/image\n[paths]\n/pnfs/dune = /pnfs/new\n"
        "[env_pass]\nA = b c\n[submit]\nsubgroup = prod\n"
    )
    data = xml("<inputdef>d</inputdef><check>1</check>", "<role>Analysis</role>")
    conversion = converted(own, text, data)
    sections = resolve(conversion.campaigns[0].cfg, "s")
    assert sections["job_setup"]["source_1"] == "/my/setup.sh"
    assert sections["job_output"]["metadata_extractor"] == "my_extractor"
    assert sections["submit"]["singularity-image"] == "/my/image"
    assert sections["job_output"]["dest"].startswith("/pnfs/new/o/")
    assert sections["submit"]["role"] == "Production"
    assert sections["submit"]["subgroup"] == "prod"
    assert sections["env_pass"]["A"] == "b c"
    ini = read_ini(conversion.campaigns[0].ini)
    assert ini.name == "dune_p_v09_81_00"
    assert (ini.login_setup.host, ini.login_setup.account, ini.login_setup.setup) == ("h", "a", "s")
    assert ini.stages[0].values["completion_pct"] == "80"
    assert ini.job_types[0].recoveries == (
        ("pending_files", ()),
        ("consumed_status", (("-Osubmit.memory=", "9000MB"),)),
    )
    assert ini.job_types[0].name.startswith("jt_dune_p_v09_81_00_sam_")
    assert ini.stages[0].values["completion_type"] == "complete"
    assert ini.role == "production"


def test_names_of_campaigns_may_tell_the_file(own: Path) -> None:
    conversion = converted(own, "[campaign]\nname = {file}-{project}\n")
    assert read_ini(conversion.campaigns[0].ini).name == "p-p"


def test_campaigns_of_one_file_never_share_a_name(own: Path) -> None:
    data = b"<job>" + xml(name="a") + xml(ALONE, name="b") + b"</job>"
    conversion = converted(own, "[campaign]\nname = same\n", data)
    assert [read_ini(c.ini).name for c in conversion.campaigns] == ["same", "same_"]
