"""Numbers at the limits of those who read them: project.py, the shell of the job, lar, art, SAM."""

from __future__ import annotations

import pytest

from converter import profiles
from converter.projectpy.reader import read
from converter.verify.verification import ANNOUNCED
from tests.projects import Converted, verify, xml

INT, LONG, HUGE = 2**31, 2**63, 10**23
SAM = "<inputdef>d</inputdef>"
LIST = "<inputlist>/pnfs/dune/l.txt</inputlist>"
RECUR = "<recurdef>r</recurdef><recurtype>snapshot</recurtype>"
CODES = {f"X2P{number}" for number in range(520, 530)}


def events(converted: Converted) -> str:
    """What lar gets after -n, or ''."""
    (found,) = [a for a in converted.arguments if a.startswith("-n ")] or [""]
    return found.removeprefix("-n ")


@pytest.mark.parametrize(
    ("body", "number", "given", "codes"),
    [
        (SAM, "7", "7", set()),
        (SAM, "-1", "-1", set()),
        (SAM, "0", "", set()),
        (SAM, " +5", "5", set()),
        (SAM, "007", "7", set()),
        (SAM, "1_000", "1000", set()),
        (SAM, "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "12", set()),
        (SAM, f"{INT - 1}", f"{INT - 1}", set()),
        (SAM, f"{INT}", f"{INT}", {"X2P521"}),
        (SAM, f"{-INT}", f"{-INT}", set()),
        (SAM, f"{-INT - 1}", f"{-INT - 1}", {"X2P521"}),
        (SAM, f"{LONG - 1}", f"{LONG - 1}", {"X2P521"}),
        (SAM, f"{LONG}", "", {"X2P520"}),
        (SAM, f"{HUGE}", "", {"X2P520"}),
        (SAM, f"{-LONG}", f"{-LONG}", {"X2P521"}),
        (SAM, f"{-LONG - 1}", "", {"X2P520"}),
        (LIST, f"{HUGE}", "", {"X2P520"}),
        ("", f"{2 * LONG + 100}", "25", {"X2P522"}),
        ("", f"{4 * INT - 4}", f"{INT - 1}", set()),
        ("", f"{4 * INT}", f"{INT}", {"X2P521"}),
        ("", f"{HUGE}", f"{HUGE % (2 * LONG) // 4}", {"X2P521", "X2P522"}),
    ],
)
def test_events(body: str, number: str, given: str, codes: set[str]) -> None:
    """condor_lar.sh: [ $NEVT -ne 0 ], and $(( … )) where the jobs share them out; art: an int."""
    jobs = "<numjobs>4</numjobs>"
    converted = Converted(xml(f"{jobs}{body}<numevents>{number}</numevents>"))
    got = events(converted)
    if given and "/" in got:
        assert f"*{given}/" in got
    else:
        assert got == given
    assert converted.codes & CODES == codes


@pytest.mark.parametrize("tag", ["nthreads", "nschedules"])
@pytest.mark.parametrize(
    ("number", "given", "codes"),
    [
        ("2", True, set()),
        ("1", False, set()),
        ("-3", False, set()),
        (f"{INT - 1}", True, set()),
        (f"{INT}", True, {"X2P521"}),
        (f"{LONG}", False, {"X2P520"}),
    ],
)
def test_threads(tag: str, number: str, given: bool, codes: set[str]) -> None:
    converted = Converted(xml(f"{SAM}<{tag}>{number}</{tag}>"))
    assert (f"--{tag} {number}" in converted.arguments) is given
    assert converted.codes & CODES == codes


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        (f"{SAM}<maxfilesperjob>{INT - 1}</maxfilesperjob>", set()),
        (f"{SAM}<maxfilesperjob>{INT}</maxfilesperjob>", {"X2P526"}),
        (f"{SAM}<maxfilesperjob>-1</maxfilesperjob>", {"X2P526"}),
        (f"{LIST}<maxfilesperjob>-1</maxfilesperjob>", {"X2P525"}),
        (f"{LIST}<maxfilesperjob>{LONG}</maxfilesperjob>", {"X2P525"}),
        (f"{SAM}<runnumber>4294967294</runnumber>", set()),
        (f"{SAM}<runnumber>4294967295</runnumber>", {"X2P523"}),
        (f"{SAM}<runnumber>-1</runnumber>", {"X2P523"}),
        (f"<dirsize>{LONG}</dirsize><dirlevels>1</dirlevels>", {"X2P520"}),
        (f"<dirsize>10</dirsize><dirlevels>{LONG}</dirlevels>", {"X2P520"}),
        (f"<dirsize>{LONG - 1}</dirsize><dirlevels>1</dirlevels>", set()),
        ("<check>2</check>", {"X2P524"}),
        ("<check>-1</check><copy>7</copy>", {"X2P524"}),
        ("<check>0</check><copy>0</copy>", set()),
        ("<memory>-1</memory>", {"X2P529"}),
        (f"{SAM}{RECUR}<recurlimit>-5</recurlimit>", {"X2P528"}),
        (f"{SAM}{RECUR}<recurlimit>{INT}</recurlimit>", {"X2P528"}),
        (f"{SAM}{RECUR}<recurlimit>5</recurlimit>", set()),
    ],
)
def test_what_the_number_is_too_much_for(settings: str, codes: set[str]) -> None:
    assert Converted(xml(settings)).codes & CODES == codes


@pytest.mark.parametrize(
    ("fraction", "percent", "code"),
    [
        ("0.5", "50", None),
        ("1", "100", None),
        ("0.001", "1", None),
        ("0", None, None),
        ("-1", None, None),
        ("nan", None, None),
        ("1.5", None, "X2P527"),
        ("inf", None, "X2P527"),
        ("1e400", None, "X2P527"),
    ],
)
def test_a_prestaged_share(fraction: str, percent: str | None, code: str | None) -> None:
    """project.py: if stage.prestagefraction > 0."""
    converted = Converted(xml(f"{SAM}<prestagefraction>{fraction}</prestagefraction>"))
    assert converted["submit", "dd-percentage"] == percent
    assert converted.codes & {"X2P527"} == ({code} if code else set())


def test_no_levels_of_folders_where_the_shell_counts_none() -> None:
    body = f"<dirsize>10</dirsize><dirlevels>{HUGE}</dirlevels>"
    assert "$((" not in str(Converted(xml(body))["job_output", "dest"])


def test_an_odd_limit_of_files_reads_to_the_end_of_the_list() -> None:
    """condor_lar.sh counts nmax down from it, and stops at 0."""
    to_the_end = "if [ $last -gt $skip ]; then last=$numfiles; fi"
    for number, expected in (("-1", True), (str(LONG), True), ("0", False), ("3", False)):
        body = f"{LIST}<maxfilesperjob>{number}</maxfilesperjob>"
        assert (to_the_end in Converted(xml(body)).prescripts) is expected


NUMBERS = (0, -1, 2, INT - 1, INT, LONG - 1, LONG, -LONG - 1, HUGE)
TAGS = (
    *("numevents", "memory", "cpu", "nthreads", "runnumber", "maxfluxfilemb", "dirsize"),
    *("dirlevels", "recurlimit", "prestagefraction", "targetsize", "check", "copy"),
)


@pytest.mark.parametrize("tag", TAGS)
def test_both_sides_agree_on_any_number_or_a_finding_says_so(tag: str) -> None:
    with_it = {
        "recurlimit": RECUR,
        "dirsize": "<dirlevels>2</dirlevels>",
        "dirlevels": "<dirsize>9</dirsize>",
    }
    for number in NUMBERS:
        for body in ("", SAM, LIST):
            if tag == "recurlimit" and body != SAM:
                continue
            more = with_it.get(tag, "")
            data = xml(f"<numjobs>4</numjobs>{body}{more}<{tag}>{number}</{tag}>")
            text = Converted(data).text
            found = verify(read(data).projects, profiles.profile("dune"), text)
            assert found.verdict == ANNOUNCED, (number, body)
