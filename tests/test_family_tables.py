"""`campaigns`: a table that people and spreadsheets have edited, and what is refused in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import TableError
from converter.families.factoring import factor
from converter.families.table import letter, read_table, write_table
from converter.families.writing import CFG, INI, TABLE, template_cfg, template_ini
from converter.poms.ini import read_ini
from converter.projectpy.limits import MAX_BYTES
from tests.commandline import run
from tests.golden import SAMPLES
from tests.projects import xml
from tests.test_families import CFG as TEXT
from tests.test_families import member
from tests.test_scriptfile import LONG

pytestmark = pytest.mark.usefixtures("here")

PLAIN = "name,release,project,job_memory\na,v1_0,prod_muon,2000MB\nb,v2_0,prod_pion,3000MB\n"


@pytest.fixture
def family(here: Path) -> Path:
    """A family's files; gives the table's name."""
    members = [
        member("a"),
        member("b", "v2_0", global__project="prod_pion", submit__memory="3000MB"),
    ]
    made = factor(members, "fam")
    Path(f"fam{CFG}").write_text(template_cfg(made, TEXT.lstrip(), "x.xml"))
    Path(f"fam{INI}").write_text(template_ini(made.template))
    table = Path(f"fam{TABLE}")
    table.write_text(write_table(made.columns, made.rows))
    return table


def campaigns(*args: str) -> int:
    return run("campaigns", f"fam{TABLE}", "-o", "out", *args)


def made() -> dict[str, str]:
    return {path.stem: path.read_text() for path in sorted(Path("out").glob("*.ini"))}


def test_a_row_is_a_campaign(family: Path) -> None:
    assert family.read_text().startswith("name,release,project,")
    assert campaigns() == 0
    found = {name: read_ini(text) for name, text in made().items()}
    assert found["a"].overrides == ()
    assert dict(found["b"].overrides)["-Oglobal.job_memory="] == "3000MB"
    assert {s.values["software_version"] for s in found["b"].stages} == {"v2_0"}


def edited(family: Path, **cells: str) -> str:
    """The text of the table with other cells in the row of campaign b."""
    table = read_table(family.read_bytes())
    rows = [{**r.values, **(cells if r.values["name"] == "b" else {})} for r in table.rows]
    return write_table(table.columns, rows)


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace(",", ";"),
        lambda text: "sep=;\n" + text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", ",,\n"),
        lambda text: re.sub("[^,\n]+", lambda cell: f'"{cell[0]}"', text),
        lambda text: text + ",,,\n\n",
    ],
    ids=["as it was", "BOM", "semicolons", "sep", "tabs", "blanks", "CRLF", "empty columns",
         "quotes", "empty rows"],
)  # fmt: skip
def test_what_a_spreadsheet_saves_is_the_same_table(family: Path, saved: object) -> None:
    before = read_table(family.read_bytes())
    text = saved(family.read_text())  # type: ignore[operator]
    after = read_table(text.encode())
    assert after.columns == before.columns
    assert [row.values for row in after.rows] == [row.values for row in before.rows]


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).map(
    str.strip
)


@given(
    st.lists(st.fixed_dictionaries({"name": CELL, "x": CELL, "y": CELL}), max_size=4),
    st.sampled_from(",;\t"),
    st.booleans(),
)
def test_what_is_written_is_read_again(
    rows: list[dict[str, str]], delimiter: str, mark: bool
) -> None:
    rows = [row for row in rows if all(row.values())]
    text = write_table(["name", "x", "y"], rows, delimiter=delimiter, mark=mark)
    assert [row.values for row in read_table(text.encode()).rows] == rows


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"release": ""}, "fam.csv:3: column B (release): no value"),
        ({"name": "a"}, "fam.csv:3: column A (name): a is in line 2 too"),
        ({"name": "A"}, "fam.csv:3: column A (name): A is in line 2 too"),
        ({"name": "x y"}, "fam.csv:3: column A (name): x y is no name for a campaign"),
        ({"job_memory": "3000 MB"}, "fam.csv:3: column D (job_memory): 3000 MB: blanks"),
        ({"job_memory": "3 lots"}, "column D (job_memory)"),
        ({"job_memory": "3XB"}, "fam.csv:3: column D (job_memory): 3XB"),
        ({"job_memory": "TRUE"}, "TRUE is what a spreadsheet makes of True"),
        ({"job_memory": "100%"}, "fam.csv:3: column D (job_memory)"),
        ({"job_memory": "%(nothing)s"}, "fam.csv:3: column D (job_memory)"),
        ({"project": "a;rm -rf x"}, "fam.csv:3: column C (project): a;rm -rf x: blanks"),
        ({"project": "%(release)s"}, "column C (project): a percent sign in what POMS is told"),
    ],
)
def test_what_a_launch_would_misread_is_refused_with_row_and_column(
    family: Path, cells: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = edited(family, **cells)
    family.write_text(text)
    assert campaigns() == 3
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table is empty"),
        ("release\nv1\n", "there is no column name"),
        ("name,name\na,b\n", "column B: a second name"),
        ("name,,release\na,b,c\n", "column B has no name"),
        ("name,realease,project\na,v1,p\n", "column B (realease): is not in the template"),
        ("name,release,numjobs,project\na,v1,3,p\n", "column C (numjobs): is set by a stage"),
        ("name,release,project\na,v1,p,q\n", "fam.csv:2: column D: a cell where"),
        ('name,release\n"a,v1\n', "fam.csv:2: is no table"),
        ("name,release,project\na,v1\n", "fam.csv:2: column C (project): no value"),
    ],
)
def test_a_table_that_is_none_is_refused(
    family: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    family.write_text(text)
    assert campaigns() == 3
    assert said in capsys.readouterr().err


def test_a_column_that_is_dropped_has_its_usual_values(family: Path) -> None:
    family.write_text("name,release,project\nb,v2_0,prod_pion\n")
    assert campaigns() == 0
    assert read_ini(made()["b"]).overrides == (("-Oglobal.project=", "prod_pion"),)


def test_a_long_table_is_read_to_its_end(family: Path) -> None:
    rows = [f"{name},v3_0,{'x' * (MAX_BYTES // 9)},3000MB\n" for name in "cdefghijkl"]
    family.write_text(family.read_text() + "".join(rows))
    assert campaigns("-q") == 0
    assert set(made()) == set("abcdefghijkl")


def test_what_only_poms_is_told_needs_its_column(
    family: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("fam.ini.in").read_text().replace("cs_split_type = None", "cs_split_type = {{s}}")
    Path("fam.ini.in").write_text(text)
    assert campaigns() == 3
    assert "fam.csv:1: there is no column s" in capsys.readouterr().err
    family.write_text("name,s\na,drainingn(5)\n")
    assert campaigns() == 0
    assert read_ini(made()["a"]).stages[0].values["cs_split_type"] == "drainingn(5)"


def test_the_bytes_of_another_encoding_are_refused_with_the_line() -> None:
    with pytest.raises(TableError) as error:
        read_table(b"name,x\na,b\nc,\xe9\n")
    assert error.value.line == 3


def test_the_next_campaign_is_one_that_is_there_with_other_values(family: Path) -> None:
    campaigns()
    family.write_bytes(b"\xef\xbb\xbf" + family.read_bytes().replace(b",", b";"))
    before = family.read_bytes()
    assert (
        campaigns("--from", "b", "--set", "release=v3_0", "--set", "jobname=x", "--name", "c") == 3
    )
    assert campaigns("--from", "b", "--set", "release=v3_0", "--name", "c") == 0
    assert family.read_bytes().startswith(before)
    assert b"\nc;v3_0;prod_pion;3000MB" in family.read_bytes()
    assert set(made()) == {"a", "b", "c"}
    assert {s.values["software_version"] for s in read_ini(made()["c"]).stages} == {"v3_0"}


def test_a_macro_that_was_no_column_becomes_one(family: Path) -> None:
    text = Path("fam.cfg").read_text().replace("[global]\n", "[global]\nsample = mc\n", 1)
    Path("fam.cfg").write_text(text)
    assert campaigns("--from", "a", "--set", "sample=data", "--name", "c") == 0
    table = read_table(family.read_bytes())
    assert [row.values["sample"] for row in table.rows] == ["mc", "mc", "data"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--from", "x", "--name", "c"], 2),
        (["--from", "a"], 2),
        (["--set", "release=v1"], 2),
        (["--from", "a", "--name", "c", "--set", "release"], 2),
        (["--from", "a", "--name", "c", "--set", "memoryy=1"], 3),
    ],
)
def test_a_wrong_command_changes_nothing(family: Path, args: list[str], code: int) -> None:
    before = family.read_bytes()
    assert campaigns(*args) == code
    assert family.read_bytes() == before
    assert not Path("out").exists()


@pytest.mark.parametrize("table", ["", ".", "nobody.csv"])
def test_a_table_that_cannot_be_read_is_an_error(
    here: Path, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("campaigns", table, "-o", "out") == 3
    assert "cannot be read" in capsys.readouterr().err


def test_a_campaign_that_is_there_is_replaced_only_by_force(family: Path) -> None:
    campaigns()
    family.write_text(edited(family, job_memory="4000MB"))
    assert campaigns() == 4
    assert "4000MB" not in made()["b"]
    assert campaigns("--force") == 0
    assert "4000MB" in made()["b"]


def test_a_dry_run_writes_nothing(family: Path) -> None:
    assert campaigns("--dry-run") == 0
    assert not Path("out").exists()


def test_columns_are_called_as_in_a_spreadsheet() -> None:
    assert [letter(n) for n in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_the_steps_until_they_run_are_a_script(family: Path) -> None:
    assert campaigns("--todo", "todo.sh") == 0
    script = Path("todo.sh").read_text()
    assert script.count("upload dune production fam.cfg") == 1
    assert script.count("campaign dune production out/") == 2


def test_a_single_file_begins_a_table(here: Path) -> None:
    sample = SAMPLES / "xml" / "chain.xml"
    assert run("convert", str(sample), "-o", "fam.cfg", "--table", "-q") == 0
    assert Path("fam.csv").read_text().splitlines() == [
        "name,release,project",
        "atmnu_hd_2024a,v09_85_00d00,atmnu_hd_2024a",
    ]
    assert campaigns("--from", "atmnu_hd_2024a", "--set", "project=next", "--name", "next") == 0
    own, found = read_ini(Path("fam.ini").read_text()), made()
    assert read_ini(found["atmnu_hd_2024a"]) == own
    stages = read_ini(found["next"]).stages
    assert [s.values["dataset_or_split_data"] for s in stages[1:]] == [
        "next_gen", "next_g4", "next_detsim",
    ]  # fmt: skip


def test_the_scripts_of_a_campaign_with_a_table_go_with_it(here: Path) -> None:
    Path("p.xml").write_bytes(xml(LONG))
    assert run("p.xml", "-o", "fam.cfg", "--table", "-q", "--experiment", "dune") == 0
    assert campaigns("--from", "p", "--set", "project=next", "--name", "n", "--todo", "t.sh") == 0
    script = Path("t.sh").read_text()
    for name in ("fam.cfg", "fam-s-run_lar.sh"):
        assert Path(name).is_file()
        assert script.count(f"upload dune analysis {name}\n") == 1


def test_a_campaign_of_several_files_has_no_table(here: Path) -> None:
    sample = SAMPLES / "xml" / "two_projects.xml"
    assert run("convert", str(sample), "-o", "fam.cfg", "--table", "-q") == 2
    assert not Path("fam.cfg").exists()
