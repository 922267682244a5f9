"""`migrate --families`: templates, tables and campaigns, the same however they came to be."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from converter.families.grouping import MOST_CAMPAIGNS, MOST_VARIABLES, Rule, parts
from converter.poms.ini import read_ini
from tests.commandline import run
from tests.golden import SAMPLES
from tests.projects import xml
from tests.test_migrate import content, rows
from tests.test_scriptfile import LONG

pytestmark = pytest.mark.usefixtures("here")

CHAIN = (SAMPLES / "xml" / "chain.xml").read_text()


def chain(project: str = "prod_muon_hd", **changes: str) -> str:
    """The sample with another project; changes old → new, blanks as underscores."""
    text = CHAIN.replace("atmnu_hd_2024a", project)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def put(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path("in", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


FAMILY = {
    "a/muon.xml": chain("prod_muon_hd"),
    "a/pion.xml": chain("prod_pion_hd", **{"<memory>2000": "<memory>3000"}),
    "b/kaon.xml": chain("prod_kaon_hd", v09_85_00d00="v10_01_00"),
    "b/other.xml": chain("prod_other_hd", **{"<disk>8GB</disk>": ""}),
}


def migrate(*args: str, out: str = "out") -> int:
    return run("migrate", "in", "-o", out, "-j", "1", "-q", "--no-pages", "--families", *args)


def listed(out: str = "out") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(out, "families.json").read_text())
    return found


def members(out: str = "out") -> list[list[str]]:
    return [[one["source"] for one in f["campaigns"]] for f in listed(out)["families"]]


def table(out: str = "out") -> list[dict[str, str]]:
    (path,) = Path(out, "families").glob("*/*.csv")
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_family_is_a_template_a_table_and_a_ini_for_each_campaign() -> None:
    put(FAMILY)
    assert migrate() == 0
    name = listed()["families"][0]["name"]
    assert sorted(p.name for p in Path("out/families", name).iterdir()) == sorted(
        [f"{name}.cfg", f"{name}.csv", f"{name}.ini.in", "a_muon.ini", "a_pion.ini", "b_kaon.ini"]
    )
    assert members() == [["a/muon.xml", "a/pion.xml", "b/kaon.xml"]]
    assert {row["name"]: (row["release"], row["project"]) for row in table()} == {
        "a_muon": ("v09_85_00d00", "prod_muon_hd"),
        "a_pion": ("v09_85_00d00", "prod_pion_hd"),
        "b_kaon": ("v10_01_00", "prod_kaon_hd"),
    }


def test_a_campaign_on_its_own_is_told_its_nearest_family() -> None:
    put(FAMILY)
    migrate()
    (alone,) = listed()["alone"]
    assert alone["source"] == "b/other.xml"
    assert alone["nearest"] == listed()["families"][0]["name"]
    assert alone["differs"] == ["-submit.disk"]
    assert Path("out/b/b_other.cfg").is_file()
    assert not Path("out/a/a_muon.cfg").exists()


def test_the_datasets_follow_the_project() -> None:
    put(FAMILY)
    migrate()
    (path,) = Path("out/families").glob("*/a_pion.ini")
    stages = {stage.name: stage.values for stage in read_ini(path.read_text()).stages}
    assert stages["reco"]["dataset_or_split_data"] == "prod_pion_hd_detsim"


def test_every_campaign_does_what_its_xml_says() -> None:
    put(FAMILY)
    migrate()
    assert run("verify", "out", "-q", "-j", "1", "--report", "r.json") == 0
    files = {f["source"]: f for f in json.loads(Path("r.json").read_text())["files"]}
    assert {f["verdict"] for f in files.values()} == {"announced"}
    assert files["a/muon.xml"]["campaigns"][0]["cfg"].endswith(".cfg")


def test_an_override_of_a_member_that_is_changed_is_a_difference() -> None:
    put(FAMILY)
    migrate()
    (path,) = Path("out/families").glob("*/a_pion.ini")
    path.write_text(path.read_text().replace("3000MB", "5000MB"))
    assert run("verify", "out", "-q", "-j", "1") == 1


def test_the_table_gives_the_same_campaigns() -> None:
    put(FAMILY)
    migrate()
    (path,) = Path("out/families").glob("*/*.csv")
    before = content()
    assert run("campaigns", str(path), "-o", str(path.parent), "-q") == 0
    assert content() == before


def test_migrating_again_changes_nothing() -> None:
    put(FAMILY)
    migrate()
    before = content()
    assert migrate() == 0
    assert content() == before


@pytest.mark.parametrize("added", ["a/aaa.xml", "c/new.xml"])
def test_a_file_that_is_added_gives_what_all_at_once_would(added: str) -> None:
    put(FAMILY)
    migrate()
    put({added: chain("prod_new_hd")})
    migrate("--prune")
    migrate(out="fresh")
    assert content() == content("fresh")


def test_a_file_that_is_removed_leaves_its_family() -> None:
    put(FAMILY)
    migrate()
    Path("in/b/kaon.xml").unlink()
    migrate("--prune")
    migrate(out="fresh")
    assert content() == content("fresh")


def test_another_family_is_not_touched() -> None:
    put(FAMILY)
    put({f"g/{n}.xml": (SAMPLES / "xml" / "dataset.xml").read_text() for n in "xy"})
    migrate()
    name = next(f["name"] for f in listed()["families"] if len(f["campaigns"]) == 2)
    before = {p: d for p, d in content().items() if name in p}
    put({"c/new.xml": chain("prod_new_hd", **{"<numjobs>60": "<numjobs>90"})})
    migrate()
    assert {p: d for p, d in content().items() if name in p} == before


def test_a_table_that_somebody_has_edited_is_kept() -> None:
    put(FAMILY)
    migrate()
    (path,) = Path("out/families").glob("*/*.csv")
    path.write_text(path.read_text() + "mine\n")
    put({"c/new.xml": chain("prod_new_hd")})
    assert migrate() == 4
    assert path.read_text().endswith("mine\n")
    assert {row["error"]["code"] for row in rows().values() if row["error"]} == {"X2P903"}
    assert migrate("--force") == 0
    assert len(table()) == 4


def test_the_page_of_a_family_marks_what_not_all_have() -> None:
    put(FAMILY)
    put({"a/muon.xml": chain("prod_muon_hd", **{"<disk>": "<targetsize>7</targetsize><disk>"})})
    run("migrate", "in", "-o", "out", "-j", "1", "-q", "--families")
    name = listed()["families"][0]["name"]
    (page,) = Path("out").glob(f"*/family-{name}.html")
    text = page.read_text()
    assert "in all of them" in text
    assert "<mark>in 1 of 3</mark>" in text
    assert '<a href="../a/a_muon.html">a_muon</a>' in text
    assert f"family-{name}.html" in (page.parent / "families.html").read_text()


def test_review_goes_by_families(capsys: pytest.CaptureFixture[str]) -> None:
    put(FAMILY)
    put({"a/muon.xml": chain("prod_muon_hd", **{"<disk>": "<targetsize>7</targetsize><disk>"})})
    migrate()
    name = listed()["families"][0]["name"]
    assert run("review", "out", "--list") == 0
    shown = capsys.readouterr().out
    assert f"all 3 of family {name}" in shown
    assert f"1 of 3 of family {name}" in shown


def test_what_is_left_to_do_is_one_script() -> None:
    put(FAMILY)
    migrate()
    name = listed()["families"][0]["name"]
    script = Path("out/todo.sh").read_text()
    assert script.count(f"upload dune production families/{name}/{name}.cfg") == 1
    assert script.count("campaign dune production ") == 4


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--by", "directory"], [["a/muon.xml", "a/pion.xml"]]),
        (["--apart", "a/*"], [["a/muon.xml", "a/pion.xml"]]),
        (["--together", "*"], [["a/muon.xml", "a/pion.xml", "b/kaon.xml"]]),
    ],
)
def test_families_by_directory_and_by_name(options: list[str], expected: list[list[str]]) -> None:
    put(FAMILY)
    migrate(*options)
    assert members() == expected


def test_families_are_for_fife_launch_only() -> None:
    put(FAMILY)
    assert migrate("--launcher", "project.py") == 2


@pytest.mark.parametrize(
    ("sources", "variables", "rule", "expected"),
    [
        (["a/1", "a/2", "b/1"], MOST_VARIABLES, Rule(), [3]),
        (["a/1", "a/2", "b/1"], MOST_VARIABLES + 1, Rule(), [2, 1]),
        (["a/1", "a/2"], MOST_VARIABLES + 1, Rule(), [2]),
        (["a/1", "b/2"], 1, Rule(by_directory=True), [1, 1]),
        ([f"a/{n:04}" for n in range(MOST_CAMPAIGNS + 1)], 1, Rule(), [MOST_CAMPAIGNS, 1]),
    ],
)
def test_the_rule(sources: list[str], variables: int, rule: Rule, expected: list[int]) -> None:
    found = list(parts(sources, lambda s: s.rpartition("/")[0], lambda: variables, rule))
    assert [len(some) for _, some in found] == expected
    assert len({place for place, _ in found}) == len(found)


LONG_ONES = {f"{name}.xml": xml(LONG, f"<ups>{name}</ups>").decode() for name in ("muon", "pion")}
"""Campaigns that differ in a product, with the same script beside each."""


def test_scripts_beside_a_template_are_called_after_it() -> None:
    """A campaign with another script is on its own."""
    another = LONG.replace("f9.fcl", "f9.fcl</fcl><fcl>g.fcl")
    put({**LONG_ONES, "other.xml": xml(another, "<ups>o</ups>").decode()})
    assert run("migrate", "in", "-o", "out", "-j", "1", "-q", "--families") == 0
    ((first, second),) = members()
    assert (first, second) == ("muon.xml", "pion.xml")
    (family,) = Path("out/families").iterdir()
    stem = f"families/{family.name}/{family.name}"
    assert [path.name for path in family.glob("*.sh")] == [f"{family.name}-s-run_lar.sh"]
    assert family.name in next(family.glob("*.sh")).read_text()
    assert {path.name for path in Path("out").glob("*.sh")} == {"other-s-run_lar.sh", "todo.sh"}
    todo = Path("out/todo.sh").read_text()
    for name in (f"{stem}.cfg", f"{stem}-s-run_lar.sh"):
        assert todo.count(f"upload dune analysis {name}\n") == 1
    assert [line.split()[-1] for line in steps("pion.json")] == [
        f"{stem}.cfg",
        f"{stem}-s-run_lar.sh",
        f"families/{family.name}/pion.ini",
    ]
    assert f"{stem}-s-run_lar.sh" in linked("pion.html")
    assert run("verify", "out", "-q") == 0


def test_a_campaign_that_is_alone_again_has_its_script_again() -> None:
    put(LONG_ONES)
    migrate()
    Path("in/pion.xml").unlink()
    migrate("--prune")
    assert list(Path("out").glob("families/*/*")) == []
    assert {path.name for path in Path("out").glob("muon*")} == {
        "muon.cfg",
        "muon-s-run_lar.sh",
        "muon.ini",
        "muon.json",
    }
    assert run("verify", "out", "-q") == 0


def test_a_script_beside_a_template_is_held_against_the_xml() -> None:
    put(LONG_ONES)
    migrate()
    (script,) = Path("out/families").glob("*/*.sh")
    assert "-c f3.fcl" in script.read_text()
    script.write_text(script.read_text().replace("-c f3.fcl", "-c mine.fcl"))
    assert run("verify", "out", "-q") == 1


def steps(report: str, out: str = "out") -> list[str]:
    (file,) = json.loads(Path(out, report).read_text())["files"]
    return [s["command"] for s in file["checklist"] if s["script"][0] in ("upload", "campaign")]


def run_book(report: str, out: str = "out") -> list[str]:
    (file,) = json.loads(Path(out, report).read_text())["files"]
    return [entry["command"] for chapter in file["run_book"] for entry in chapter["entries"]]


def test_the_report_of_a_member_names_the_template_and_its_campaign() -> None:
    put(FAMILY)
    run("migrate", "in", "-o", "out", "-j", "1", "-q", "--families")
    name = listed()["families"][0]["name"]
    cfg, ini = f"families/{name}/{name}.cfg", f"families/{name}/a_pion.ini"
    client = "--experiment dune --poms_role production"
    uploads = [f"upload_file {client} {cfg}", f"upload_wf {client} {ini}"]
    assert steps("a/a_pion.json") == uploads
    page = Path("out/a/a_pion.html").read_text()
    assert all(f'<code class="copy">{command}</code>' in page for command in uploads)
    todo = Path("out/todo.sh").read_text()
    assert f"upload dune production {cfg}\n" in todo
    assert f"campaign dune production {ini}\n" in todo


def linked(page: str) -> dict[str, Path]:
    """What the sentence about a campaign's files leads to: what it calls them, where they are."""
    folder = Path("out", page).parent
    (told,) = re.findall(r'<span data-launched="0">(.*?)</span>', Path("out", page).read_text())
    return {n: (folder / at).resolve() for at, n in re.findall('<a href="(.*?)">(.*?)</a>', told)}


SHOWN = "campaign by itself, which are not written"
"""Of a member's .cfg and .ini beside its XML."""


def test_the_page_of_a_member_leads_to_what_is_launched() -> None:
    put(FAMILY)
    run("migrate", "in", "-o", "out", "-j", "1", "-q", "--families")
    name = listed()["families"][0]["name"]
    found = linked("a/a_pion.html")
    names = [name, f"families/{name}/{name}.cfg", f"families/{name}/a_pion.ini"]
    assert [*found] == names
    assert all(path.is_file() for path in found.values())
    text = Path("out/a/a_pion.html").read_text()
    own = "-Oglobal.project=prod_pion_hd -Oglobal.job_memory=3000MB"
    assert f"its own values <code>{own}</code>" in text
    assert SHOWN in text


def test_the_page_of_a_campaign_on_its_own_names_its_own_files() -> None:
    """Whether it always was, or was in a family before."""
    put(FAMILY)
    run("migrate", "in", "-o", "out", "-j", "1", "-q", "--families")
    for name in ("a/pion.xml", "b/kaon.xml"):
        Path("in", name).unlink()
    run("migrate", "in", "-o", "out", "-j", "1", "-q", "--families")
    for stem in ("a/a_muon", "b/b_other"):
        page = Path("out", f"{stem}.html").read_text()
        assert f"Written: <code>{stem}.cfg</code>, <code>{stem}.ini</code>." in page
        assert SHOWN not in page
        assert not linked(f"{stem}.html")


def test_a_launch_of_a_member_by_hand_has_its_values() -> None:
    put(FAMILY)
    migrate()
    name = listed()["families"][0]["name"]
    own = "-Oglobal.project=prod_pion_hd -Oglobal.job_memory=3000MB"
    cfg = f"families/{name}/{name}.cfg"
    assert f"fife_launch -c {cfg} {own} --stage gen" in run_book("a/a_pion.json")


def test_the_report_of_a_campaign_that_is_alone_again_names_its_own_files() -> None:
    put(FAMILY)
    migrate()
    for name in ("a/pion.xml", "b/kaon.xml"):
        Path("in", name).unlink()
    migrate("--prune")
    assert steps("a/a_muon.json")[0].endswith(" a_muon.cfg")
    assert "fife_launch -c a/a_muon.cfg --stage gen" in run_book("a/a_muon.json")


def sources(name: str) -> list[str]:
    return [one["source"] for one in json.loads(Path(name).read_text())["signed"]]


def test_a_family_is_signed_by_its_name() -> None:
    put(FAMILY)
    migrate()
    name = listed()["families"][0]["name"]
    assert run("review", "sign", "out", "--family", name, "--who", "jdoe") == 0
    assert sources("in/signed.json") == ["a/muon.xml", "a/pion.xml", "b/kaon.xml"]
    assert run("review", "sign", "out", "--family", name, "--files", "b/*") == 0


def test_a_signature_is_for_what_a_member_launches(capsys: pytest.CaptureFixture[str]) -> None:
    """Not for who else is in its family, or which of them comes first."""
    put(FAMILY)
    migrate()
    run("review", "sign", "out")
    put({"a/aaa.xml": chain("prod_new_hd")})
    migrate()
    assert run("review", "changes", "out") == 0
    put({"a/muon.xml": chain("prod_muon_hd", **{"<memory>6000": "<memory>7000"})})
    migrate()
    capsys.readouterr()
    assert run("review", "changes", "out") == 1
    assert "a/muon.xml" in capsys.readouterr().out


def test_what_all_of_a_family_have_is_accepted_at_once() -> None:
    put(FAMILY)
    migrate()
    name = listed()["families"][0]["name"]
    words = ("accept", "X2P407", "--reason", "as before", "--waivers", "in/waivers.cfg")
    assert run("review", *words, "--family", f"out/families/{name}") == 0
    migrate()
    found = {s: row["findings"]["X2P407"] for s, row in rows().items() if s.endswith(".xml")}
    assert {source: one["waived"] for source, one in found.items()} == {
        "a/muon.xml": 1,
        "a/pion.xml": 1,
        "b/kaon.xml": 1,
        "b/other.xml": 0,
    }


@pytest.mark.parametrize(
    "words",
    [
        ("sign", "out", "--family", "nobody"),
        ("accept", "X2P407", "--reason", "so", "--family", "out/families/nobody"),
    ],
)
def test_a_family_that_is_not_there_is_refused(words: tuple[str, ...]) -> None:
    put(FAMILY)
    migrate()
    assert run("review", *words) == 2
    assert not Path("waivers.cfg").exists()


def test_what_all_of_a_family_have_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    put(FAMILY)
    migrate()
    name = listed()["families"][0]["name"]
    capsys.readouterr()
    run("review", "out", "--list")
    first, family, *places = capsys.readouterr().out.splitlines()[:4]
    assert first.startswith("X2P407 ")
    assert family == f"  all 3 of family {name}"
    assert [place.split(":")[0].strip() for place in places] == ["a/muon.xml", "b/other.xml"]
