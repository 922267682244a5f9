"""The pages in a real browser; where Chromium and playwright are installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commandline import run
from tests.golden import sources
from tests.projects import stage, xml

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.xdist_group("browser"),
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migration of the samples, and of 300 more files."""
    root = tmp_path_factory.mktemp("site")
    (root / "in" / "many").mkdir(parents=True)
    for path in sources():
        shutil.copy(path, root / "in")
    for n in range(300):
        body = "<numjobs>0</numjobs>" if n % 3 else ""
        (root / "in" / "many" / f"file_{n}.xml").write_bytes(xml(body))
    long = "a_name_that_is_longer_than_any_telephone_is_wide_" * 3
    (root / "in" / "long.xml").write_bytes(xml("", "", stage(long), name=long))
    (root / "in" / "broken.xml").write_bytes(b"<project><stage>")
    run("migrate", str(root / "in"), "-o", str(root / "out"), "-q", "--experiment", "dune")
    return root / "out"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


class Tab:
    """A page with what it complained of and asked for."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def rows(self) -> list[str]:
        found: list[str] = self.page.locator("#rows tbody tr:visible th a").all_inner_texts()
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def front(browser: Any, site: Path) -> Iterator[Tab]:
    tab = Tab(browser, site / "index.html")
    yield tab
    assert tab.complaints == []
    assert {url.partition("#")[0] for url in tab.requests} <= {
        path.as_uri() for path in site.rglob("*.html")
    }
    tab.context.close()


def test_filtering_by_text_and_status_adds_up_anew(front: Tab) -> None:
    assert len(front.rows()) == 311
    front.page.fill("#filter", "MANY/file_1")
    assert len(front.rows()) == 111
    assert "111 of 311 rows here: 111 stages" in front.page.inner_text("#shown")
    front.page.select_option("#status", "blocked")
    shown = front.rows()
    assert 0 < len(shown) < 111
    assert f"{len(shown)} of 311 rows" in front.page.inner_text("#shown")
    front.page.reload()
    assert front.rows() == shown
    assert front.page.input_value("#status") == "blocked"


def test_sorting_says_so(front: Tab) -> None:
    heading = front.page.locator("#rows thead th", has_text="settings")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    cells = front.page.locator("#rows tbody td:nth-child(4)").all_inner_texts()
    numbers = [int(text or 0) for text in cells]
    assert numbers == sorted(numbers, reverse=True)
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    front.page.locator("#rows thead th button").first.click()
    assert front.rows() == sorted(front.rows())
    assert heading.get_attribute("aria-sort") is None


def test_keys(front: Tab) -> None:
    first, second, third = front.rows()[:3]
    front.press("j", "j", "j", "k")
    assert front.page.locator("tr.here").count() == 1
    assert front.page.locator("tr.here th a").inner_text() == second
    front.press("s")
    assert front.page.input_value("#status") != ""
    front.press("?")
    assert front.page.locator("#keys").is_visible()
    assert front.page.get_attribute("#help", "aria-expanded") == "true"
    front.press("/")
    front.page.keyboard.type("j?s")
    assert front.page.input_value("#filter") == "j?s"
    assert first != third


def test_enter_opens_the_page_and_back_leads_the_way(front: Tab) -> None:
    front.page.fill("#filter", "chain")
    front.press("Escape", "j", "Enter")
    front.page.wait_for_url("**/chain.html")
    front.page.click("text=all files")
    front.page.wait_for_url("**/index.html")


@pytest.mark.parametrize("name", ["findings", "stages", "X2P202"])
def test_the_other_views(browser: Any, site: Path, name: str) -> None:
    tab = Tab(browser, site / "migration-pages" / f"{name}.html")
    before = tab.page.locator("#rows tbody tr").all_inner_texts()
    tab.press("s")
    assert sorted(tab.page.locator("#rows tbody tr").all_inner_texts()) == sorted(before)
    assert tab.page.locator("th[aria-sort]").count() == 1
    assert tab.complaints == []
    tab.context.close()


def test_lines_lead_to_each_other(browser: Any, site: Path) -> None:
    tab = Tab(browser, site / "chain.html")
    line = tab.page.locator(".lines li", has_text="<memory>2000</memory>").first
    line.hover()
    twin = tab.page.locator("li.twin")
    assert twin.inner_text().startswith("memory")
    assert "\n" not in twin.inner_text()
    line.locator("a").click()
    target = tab.page.locator("li:target")
    assert "memory" in target.inner_text()
    target.locator("a").first.click()
    assert "<memory>" in tab.page.locator("li:target").inner_text()
    assert tab.complaints == []
    tab.context.close()


def test_boxes_stay_ticked(browser: Any, site: Path) -> None:
    tab = Tab(browser, site / "chain.html")
    box = tab.page.locator("input[type=checkbox]").first
    box.check()
    tab.page.reload()
    assert box.is_checked()
    tab.context.close()


def test_what_is_typed_elsewhere_is_copied(browser: Any, site: Path) -> None:
    tab = Tab(browser, site / "chain.html", permissions=["clipboard-read", "clipboard-write"])

    def copied(part: Any) -> str:
        part.locator("button").click()
        part.locator(".done").wait_for()
        text: str = tab.page.evaluate("navigator.clipboard.readText()")
        return text

    step = tab.page.locator(".steps li:has(.copy)").first
    assert copied(step) == step.locator("code").inner_text()
    card = tab.page.locator("article[data-code]").first
    code = card.get_attribute("data-code")
    assert copied(card) == f"xml2poms review accept {code} --files 'chain.xml' --reason ''"
    assert tab.complaints == []
    tab.context.close()


def test_a_code_leads_to_its_explanation(browser: Any, site: Path) -> None:
    tab = Tab(browser, site / "chain.html")
    code = tab.page.locator("article .code:visible").first
    name = code.inner_text()
    code.click()
    tab.page.wait_for_url(f"**/{name}.html")
    assert tab.page.locator(".explained").is_visible()
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("name", ["chain.html", "index.html", "broken.html"])
def test_everything_can_be_read_without_scripts(browser: Any, site: Path, name: str) -> None:
    tab = Tab(browser, site / name, java_script_enabled=False)
    assert tab.page.locator(".tools:visible").count() == 0
    assert tab.page.locator("h1").is_visible()
    if name == "chain.html":
        tab.page.locator("summary", has_text="settings of the XML").click()
        assert tab.page.locator("td", has_text="project/stage[1]/fcl").first.is_visible()
    tab.context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "name",
    [
        *("chain.html", "unsupported.html", "index.html", "broken.html", "long.html"),
        *("migration-pages/findings.html", "migration-pages/X2P602.html"),
    ],
)
def test_no_page_is_wider_than_the_window(browser: Any, site: Path, name: str, width: int) -> None:
    tab = Tab(browser, site / name, viewport={"width": width, "height": 800})
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()


@pytest.mark.skipif("AXE" not in os.environ, reason="$AXE does not name axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "chain.html",
        "unsupported.html",
        "index.html",
        "broken.html",
        "migration-pages/findings.html",
    ],
)
def test_axe_finds_nothing_serious(browser: Any, site: Path, name: str, scheme: str) -> None:
    tab = Tab(browser, site / name, color_scheme=scheme, bypass_csp=True)
    tab.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    tab.page.add_script_tag(path=os.environ["AXE"])
    found = tab.page.evaluate("axe.run()")
    assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
    tab.context.close()
