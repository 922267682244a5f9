"""Batch requests: one setting, one key of [submit]."""

from __future__ import annotations

import pytest

from tests.projects import convert


@pytest.mark.parametrize(
    ("setting", "key", "expected", "fate"),
    [
        ("<numjobs>7</numjobs>", "N", "7", "mapped"),
        ("<memory>2500</memory>", "memory", "2500MB", "mapped"),
        ("<memory> 02500 </memory>", "memory", "2500MB", "mapped"),
        ("<memory>0</memory>", "memory", None, "by-design"),
        ("<disk>15 GB</disk>", "disk", "15GB", "mapped"),
        ("<disk>2g</disk>", "disk", "2g", "invalid"),
        ("<cpu>4</cpu>", "cpu", "4", "mapped"),
        ("<site>A, B</site>", "site", "A,B", "mapped"),
        ("<blacklist>A, B</blacklist>", "blocklist", "A,B", "mapped"),
        ("<resource>OFFSITE</resource>", "resource-provides", "usage_model=OFFSITE", "mapped"),
        ('<lines>+A="b c"</lines>', "lines_1", "'+A=\"b c\"'", "mapped"),
        ("<lines>+SingularityImage=/x</lines>", "singularity-image", "/x", "mapped"),
        ("<batchname>my/job</batchname>", None, None, "mapped"),
        ("<numjobs>0</numjobs>", "N", "0", "invalid"),
        ("<targetsize>5</targetsize>", None, None, "inert"),
        ("<jobsub_start>-Q</jobsub_start>", None, None, "unsupported"),
        ("<jobsub_timeout>5</jobsub_timeout>", None, None, "by-design"),
        ("<script>other.sh</script>", None, None, "manual"),
        ("<script>condor_lar.sh</script>", None, None, "by-design"),
        ("<startscript>x.sh</startscript>", None, None, "unsupported"),
    ],
)
def test_a_setting_becomes_a_key(
    setting: str, key: str | None, expected: str | None, fate: str
) -> None:
    converted = convert(setting)
    if key is not None:
        assert converted["submit", key] == expected
    assert converted.fate(setting[1 : setting.index(">")]) == fate


@pytest.mark.parametrize(
    ("os", "key", "expected", "fate"),
    [
        ("SL6", "singularity-image", "fnal-wn-sl6:latest", "derived"),
        ("SL5,SL6", "singularity-image", "fnal-wn-sl6:latest", "derived"),
        ("/cvmfs/x/image", "singularity-image", "/cvmfs/x/image", "derived"),
        ("SL5", "singularity-image", None, "manual"),
    ],
)
def test_os(os: str, key: str, expected: str | None, fate: str) -> None:
    converted = convert("", f"<os>{os}</os>")
    value = converted["submit", key]
    assert value is None if expected is None else value is not None and value.endswith(expected)
    assert converted.fate("project/os[2]") == fate
    assert converted.fate("project/os[1]") == "inert"


def test_os_without_singularity() -> None:
    converted = convert("<singularity>0</singularity>")
    assert converted["submit", "OS"] == "sl7"
    assert converted["submit", "singularity-image"] is None


def test_requirements_are_what_is_not_switched_off() -> None:
    assert len(convert().series("submit", "append_condor_requirements")) == 3
    assert convert("<stash>0</stash><cvmfs>0</cvmfs>").series(
        "submit", "append_condor_requirements"
    ) == ["'(TARGET.HAS_SINGULARITY=?=true)'"]


def test_a_stages_value_comes_before_the_projects() -> None:
    converted = convert("<memory>2</memory>", "<memory>1</memory><cpu>3</cpu>")
    assert converted["submit", "memory"] == "2MB"
    assert converted["submit", "cpu"] == "3"
    assert converted.fate("project/memory") == "overridden"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--expected-lifetime=8h", {"expected-lifetime": "8h"}),
        ("--expected-lifetime 8h --subgroup=prod", {"expected-lifetime": "8h", "subgroup": "prod"}),
        ("--expected-life=8h", {"expected-lifetime": "8h"}),
        ("--generate-email-summary", {"generate-email-summary": "True"}),
        ("-Q", {"mail_never": "True"}),
        ("--mail_on_error --mail_always", {"mail_always": "True"}),
        ("-q", {"mail_on_error": "True"}),
        ("--memory=3GB", {"memory": "3GB"}),
        (r"-l +A=\"b\"", {"lines_1": "'+A=\"b\"'"}),
        ("-f /pnfs/x/y.db", {"f_1": "/pnfs/x/y.db"}),
        ("-d OUT /pnfs/x", {"d_1": "OUT /pnfs/x"}),
        ("--append_condor_requirements='(A==1)'", {"append_condor_requirements_4": "'(A==1)'"}),
        (r"-l +SingularityImage=\"/my/image\"", {"singularity-image": "/my/image"}),
    ],
)
def test_jobsub_options(options: str, expected: dict[str, str]) -> None:
    converted = convert(f"<jobsub>{options}</jobsub>")
    assert {key: converted["submit", key] for key in expected} == expected


def test_jobsub_environment_goes_to_env_pass() -> None:
    converted = convert("<jobsub>-e A=b$c -e HOSTNAME -e IFDH_CP_MAXRETRIES=2</jobsub>")
    assert converted["env_pass", "A"] == r"b\$c"
    assert converted["env_pass", "HOSTNAME"] == "$HOSTNAME"
    assert converted["env_pass", "IFDH_CP_MAXRETRIES"] == "2"
    assert "X2P216" in converted.codes


@pytest.mark.parametrize(
    ("options", "code", "fate"),
    [
        ("--nonsense=1", "X2P210", "unsupported"),
        ("--jobsub-server=x", "X2P210", "unsupported"),
        ("stray", "X2P210", "unsupported"),
        ("--disk=2g", "X2P210", "invalid"),
        ("--memory=lots", "X2P210", "invalid"),
        ("--expected-lifetime", "X2P210", "invalid"),
        ("-N 5", "X2P212", "unsupported"),
        ("--dag", "X2P212", "unsupported"),
        ("-e A=", "X2P215", "unsupported"),
        ("-e 1A=b", "X2P215", "unsupported"),
        ("-e 1A", "X2P215", "unsupported"),
        ("-e A-B=c", "X2P215", "unsupported"),
        ("-q", "X2P211", "derived"),
        ("--maxConcurrent 5", "X2P247", "mapped"),
        ("-r v1;x", "X2P249", "mapped"),
        ("-d OUT /x(2)", "X2P249", "mapped"),
    ],
)
def test_jobsub_options_with_a_finding(options: str, code: str, fate: str) -> None:
    converted = convert(f"<jobsub>{options} --subgroup=prod</jobsub>")
    assert converted["submit", "subgroup"] == "prod"
    assert code in converted.codes
    assert converted.fate("stage/jobsub") == fate


def test_jobsub_comes_after_the_tags_and_wins() -> None:
    converted = convert("<memory>2000</memory><jobsub>--memory=4GB</jobsub>")
    assert converted["submit", "memory"] == "4GB"
    assert converted.fate("stage/memory") == "overridden"
    assert "X2P214" in converted.codes


def test_the_same_requirement_twice_is_written_once() -> None:
    same = "--append_condor_requirements='(TARGET.HAS_SINGULARITY=?=true)'"
    converted = convert(f"<jobsub>{same}</jobsub>")
    assert len(converted.series("submit", "append_condor_requirements")) == 3


def test_role_in_jobsub_is_dropped_for_sam_input_but_says_who_launches() -> None:
    jobsub = "<jobsub>--role=Production</jobsub>"
    one = convert(jobsub)
    assert one["submit", "role"] == "Production"
    assert "X2P217" not in one.codes
    for dag in ("<inputdef>d</inputdef>", "<mixinputdef>d</mixinputdef>"):
        several = convert(jobsub + dag + "<numjobs>2</numjobs>")
        assert several["submit", "role"] == "Production"
        assert "X2P217" in several.codes
        wins = convert(jobsub + dag + "<numjobs>2</numjobs>", "<role>Analysis</role>")
        assert wins["submit", "role"] == "Analysis"


def test_a_variable_never_hides_behind_a_macro_of_its_name() -> None:
    data = (
        b'<!DOCTYPE p [<!ENTITY user "me">]><project name="p"><numevents>1</numevents>'
        b'<stage name="s"><fcl>a.fcl</fcl><outdir>/pnfs/&user;</outdir><workdir>/w</workdir>'
        b"<jobsub>-e user=you</jobsub></stage></project>"
    )
    from tests.projects import Converted

    converted = Converted(data)
    assert converted["env_pass", "user"] == "you"
    assert converted["global", "outdir"] == "/pnfs/me"
