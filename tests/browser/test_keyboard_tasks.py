"""What people come to find out, found with nothing but a keyboard, and read from tables: never from a drawn figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOW, HIGH = 47, 53


@pytest.fixture(scope="module")
def cells(demo_dir: Path) -> Iterator:
    """cells("grade = 'P-4'", "2026Q3") -> (women, men) of the cells themselves; by="station" -> by duty station."""
    name = (demo_dir / "releases" / "current").read_text().strip()
    connection = duckdb.connect(str(demo_dir / "releases" / name / "internal.duckdb"), read_only=True)
    dimensions = ("quarter", "entity", "category", "grade", "unct", "duty_station", "region", "rc", "appointment")
    named = ", ".join(f"{each}_.code as {each}" for each in dimensions)
    joined = " ".join(
        f"join codes {each}_ on {each}_.dimension = '{each}' and {each}_.id = staff.{each}" for each in dimensions
    )

    def count(where: str, quarter: str = name[:6], by: str = "'all'") -> dict[str, tuple[int, int]]:
        rows = connection.execute(
            f"with named as (select {named}, women, men from staff {joined}) "
            f"select {by}, sum(women)::int, sum(men)::int from named "
            f"where quarter = '{quarter}' and appointment <> 'TA' and {where} group by all"
        ).fetchall()
        return {key: (women, men) for key, women, men in rows}

    yield count
    connection.close()


class Keyboard:
    """Somebody without a pointer."""

    def __init__(self, here):
        self.here, self.page = here, here.page

    def tab_to(self, selector: str) -> None:
        """Press Tab until what is wanted has the focus: it has to be reachable, and to show that it was reached."""
        for _ in range(600):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} was not reached")

    def open_page(self, name: str) -> None:
        self.page.keyboard.press("Home")
        link = self.page.locator("nav a", has_text=re.compile(f"^{name}$"))
        address = link.get_attribute("href").partition("?")[0]
        if not link.is_visible():
            self.tab_to("nav details.more > summary")
            self.page.keyboard.press("Enter")
        self.tab_to(f"nav a[href^='{address}']")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"**{address}**")
        self.here.drawn()

    @contextmanager
    def redrawing(self) -> Iterator[None]:
        """Wait until everything that stands below figures has been replaced by what this does."""
        self.page.evaluate("document.querySelectorAll('.panel .tools').forEach(e => (e.dataset.stale = ''))")
        yield
        for _ in range(200):
            if not self.page.locator(".panel:not([hidden]) .tools[data-stale]").count():
                break
            self.page.wait_for_timeout(50)
        self.here.drawn()

    def filter_by(self, facet: str, search: str, code: str) -> None:
        """Open a facet, type into its search where it has one, tick a box."""
        self.tab_to(f"details[data-facet={facet}] > summary")
        self.page.keyboard.press("Enter")
        self.page.locator(f"details[data-facet={facet}] .option").first.wait_for()
        if self.page.locator(f"details[data-facet={facet}] .facet-search").count():
            self.tab_to(f"details[data-facet={facet}] .facet-search")
            self.page.keyboard.type(search)
        self.tab_to(f"details[data-facet={facet}] input[value='{code}']")
        with self.redrawing():
            self.page.keyboard.press("Space")
            self.page.wait_for_url(f"**{facet}={code}**")
        self.tab_to(f"details[data-facet={facet}] input[value='{code}']")

    def choose(self, option: str, value: str) -> None:
        """A view option: a list by its first letters, radio buttons by arrows."""
        self.tab_to(f"[name='v.{option}']")
        control = self.page.locator(f"[name='v.{option}']").first
        with self.redrawing():
            if control.evaluate("e => e.tagName") == "SELECT":
                self.page.keyboard.type(self.page.locator(f"[name='v.{option}'] option[value='{value}']").inner_text())
                self.page.keyboard.press("Enter")
            else:
                for _ in range(8):
                    if self.page.evaluate("document.activeElement.value") == value:
                        break
                    self.page.keyboard.press("ArrowDown")
            self.page.wait_for_url(f"**v.{option}={value}**")

    def table(self, panel: str) -> list[dict[str, str]]:
        """Open a panel's table and read it: heading -> text, row by row."""
        self.tab_to(f"#panel-{panel} [data-show=table]")
        self.page.keyboard.press("Enter")
        self.page.locator(f"#panel-{panel} tbody tr").first.wait_for()
        return self.page.evaluate(
            """panel => {
              const table = document.querySelector(`#panel-${panel} table`);
              const heads = [...table.tHead.rows[0].cells].map(cell => cell.innerText.trim());
              return [...table.tBodies[0].rows].map(row =>
                Object.fromEntries([...row.cells].map((cell, at) => [heads[at], cell.innerText.trim()])));
            }""",
            panel,
        )


def number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


@pytest.fixture
def keyboard(visit_whole) -> Keyboard:
    return Keyboard(visit_whole().go("/"))


def test_p4_in_unhcr_jordan_is_it_below_parity_and_how_many_women(keyboard, cells):
    (women, men) = cells("entity = 'UNHCR' and unct = 'JOR' and grade = 'P-4'")["all"]
    keyboard.filter_by("entity", "UNHCR", "UNHCR")
    keyboard.filter_by("grade", "P-4", "P-4")
    keyboard.filter_by("unct", "Jordan", "JOR")
    (row,) = keyboard.table("by_grade")
    assert (number(row["Women"]), number(row["Men"]), number(row["Staff"])) == (women, men, women + men)
    within = LOW * (women + men) <= 100 * women <= HIGH * (women + men) or abs(women - men) <= 1
    said = "too few to judge" if women + men < 5 else "at parity" if within else (
        "below parity" if women < men else "above parity"
    )  # fmt: skip
    assert row["Status"] == said
    headline = keyboard.page.inner_text("h1")
    assert "UNHCR" in headline and "Jordan" in headline and "P-4" in headline


def test_which_five_duty_stations_need_most_women_in_general_service(keyboard, cells):
    gaps = {station: men - women for station, (women, men) in cells("category = 'GS'", by="duty_station").items()}
    keyboard.open_page("Parity index")
    keyboard.filter_by("category", "", "GS")
    keyboard.choose("needed", "women")
    rows = keyboard.table("cells")[:5]
    shown = [number(row[next(head for head in row if head.startswith("Index"))]) for row in rows]
    assert shown == sorted(gaps.values(), reverse=True)[:5]
    assert all("wom" in row[next(head for head in row if head.startswith("Index"))] for row in rows)
    links = keyboard.page.locator("#panel-cells tbody th a")
    for place, gap in enumerate(shown):
        code = re.search(r"duty_station=([^&]+)", links.nth(place).get_attribute("href"))[1]
        assert gaps[code] == gap


def test_has_unido_improved_since_2023q3(keyboard, cells):
    now, then = (cells("entity = 'UNIDO'", quarter)["all"] for quarter in ("2026Q3", "2023Q3"))
    points = 100 * (now[0] / sum(now) - then[0] / sum(then))
    keyboard.open_page("Entities")
    keyboard.choose("since", "12")
    (row,) = [row for row in keyboard.table("ranking") if row["Entity"].startswith("UNIDO")]
    said = row["Since 2023Q3"].replace("\N{MINUS SIGN}", "-")
    assert float(re.match(r"[+-]?[0-9.]+", said)[0]) == pytest.approx(points, abs=0.051)
    assert number(row["Women"]) == now[0]


def test_how_many_resident_coordinators_in_africa_are_women(keyboard, cells):
    women, men = cells("rc = 'yes' and region = 'africa'")["all"]
    keyboard.open_page("Resident Coordinators")
    (row,) = [row for row in keyboard.table("by_region") if row["Region"] == "Africa"]
    assert (number(row["Women"]), number(row["Men"])) == (women, men)
