"""Selections drawn at random, and the titles and headlines that pages give them: what `text/test_claims.py` judges.

By a seed alone: the same selections in every run and on every machine. Run as a program with a data directory, an
audience, a seed and a number of draws it prints a digest of the addresses drawn, and one of all that is said of them.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from oracle import MISSING
from truth import Truth

from dashboard import pages, shell, text
from dashboard.answer import Answer
from dashboard.compare import choice as compare_choice
from dashboard.compare import facts as compare_facts
from dashboard.compare import words as compare_words
from dashboard.pages import At, Page
from dashboard.recruit import choice as recruit_choice
from dashboard.recruit import facts as recruit_facts
from dashboard.recruit import words as recruit_words
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

#: Dimensions that selections filter by, the likelier ones more than once.
FILTERS = (
    "entity", "entity", "grade", "grade", "category", "category", "unct", "unct", "country", "duty_station", "region",
    "headquarters", "department", "age_group", "nationality", "nationality_region", "regional_group", "appointment",
    "rc",
)  # fmt: skip
CORE = ("entity", "department", "category", "grade", "rc")


@dataclass(frozen=True)
class Said:
    """A sentence of a page, with the answers it was made of. `panel` is empty for the headline."""

    address: str
    panel: str
    sentence: str
    answers: tuple[Answer, ...]
    options: dict[str, str] = field(default_factory=dict)
    seen: object = None
    selection: object = None


class Draws:
    """Addresses of pages, each about people there are: filters take the codes of somebody on the staff."""

    def __init__(self, truth: Truth, seed: int):
        self.truth, self.random = truth, random.Random(seed)
        self.pages = list(pages.PAGES)

    def _somebody(self, quarter: str, chosen: dict[str, list[str]]) -> dict[str, str]:
        truth, names = self.truth, sorted(set(FILTERS))
        where = truth.where(chosen, quarter)
        (rows,) = truth.connection.execute(f"select count(*) from staff where {where}").fetchone()
        if not rows:
            return {}
        # A release has its rows in one order on every machine, so that the same number draws the same person.
        row = truth.connection.execute(
            f"select {', '.join(names)} from staff where {where} order by rowid limit 1 offset $1",
            [self.random.randrange(rows)],
        ).fetchone()
        return {name: truth.codes[name][value] for name, value in zip(names, row, strict=True)}

    def _filters(self, quarter: str, chosen: dict[str, list[str]]) -> list[tuple[str, str]]:
        pairs = []
        somebody = self._somebody(quarter, chosen)
        # What several filters besides the core choose is refused in public: once in a while is enough of that.
        several = self.random.random() < 0.25
        taken = any(name not in CORE for name in chosen)
        for name in self.random.sample(FILTERS, self.random.choice((0, 1, 1, 1, 2, 2, 3))):
            if name in chosen or any(name == each for each, _ in pairs) or name not in somebody:
                continue
            if name not in CORE:
                if taken and not several:
                    continue
                taken = True
            code = somebody[name]
            if name == "category" and self.random.random() < 0.2:
                code = "PH"
            pairs.append((name, code))
            if self.random.random() < 0.2:
                other = self.random.choice(sorted(self.truth.ids[name]))
                if other != code:
                    pairs.append((name, other))
        return pairs

    def quarter(self) -> str:
        """The newest quarter half of the time."""
        return self.truth.quarter if self.random.random() < 0.5 else self.random.choice(self.truth.quarters)

    def _options(self, page: Page, code: str | None) -> list[tuple[str, str]]:
        found = []
        for option in page.options:
            value = self.random.choice(option.values)
            if value != option.default:
                found.append((f"v.{option.name}", value))
        for several in page.several:
            if (f"v.{several.under[0]}", several.under[1]) in found:
                others = [each for each in sorted(self.truth.ids[several.dimension]) if each != code]
                found += [(f"v.{several.name}", each) for each in self.random.sample(others, 3)]
        return found

    def page(self) -> str:
        """An address of a page with figures."""
        page, quarter = self.random.choice(self.pages), self.quarter()
        code, chosen = page.code, {}
        if page.of_codes:
            somebody = self._somebody(quarter, {})
            code = somebody[page.fixed]
            if code in ("not-reported", "not-applicable"):
                code = page.sample
            chosen = {page.fixed: [code]}
        pairs = self._filters(quarter, chosen)
        if quarter != self.truth.quarter:
            pairs.insert(0, ("quarter", quarter))
        query = urlencode(pairs + self._options(page, code))
        return At(page, code).path + (f"?{query}" if query else "")

    def address(self) -> str:
        """An address of any page that makes claims: most of them are pages with figures."""
        kind = self.random.random()
        if kind < 0.1:
            scopes = [urlencode(self._scope()) for _ in range(self.random.choice((1, 2, 2, 2, 3)))]
            return f"{pages.COMPARE.path}?{urlencode([('s', scope) for scope in scopes])}"
        if kind < 0.2:
            somebody = self._somebody(self.truth.quarter, {})
            names = self.random.sample(("entity", "unct", "grade", "category", "duty_station", "department"), 3)
            pairs = [(name, somebody[name]) for name in names if somebody[name] not in MISSING]
            return f"{pages.RECRUIT.path}?{urlencode(pairs)}"
        return self.page()

    def _scope(self) -> list[tuple[str, str]]:
        quarter = self.quarter()
        pairs = self._filters(quarter, {})
        return [("quarter", quarter), *pairs] if quarter != self.truth.quarter else pairs


def _compared(warehouse: Warehouse, address: str, query: str) -> Iterator[Said]:
    facts = compare_facts.gather(warehouse, compare_choice.read(warehouse, query))
    headlines = tuple(side.headline for side in facts.sides)
    yield Said(address, "compare", compare_words.finding(facts), headlines)
    yield Said(
        address, "compare-by", compare_words.breakdown_title(facts), tuple(side.breakdown for side in facts.sides)
    )


def _recruited(warehouse: Warehouse, address: str, query: str) -> Iterator[Said]:
    cell = recruit_facts.gather(warehouse, recruit_choice.read(warehouse, query)).stands
    said = recruit_words.sentence(cell)
    yield Said(address, "recruit", said, (cell.answer,), cell.group.chosen, selection=cell.row)


def sentences(warehouse: Warehouse, address: str) -> Iterator[Said]:
    """The headline of a page and the titles of its panels."""
    path, _, query = address.partition("?")
    if path == pages.COMPARE.path:
        yield from _compared(warehouse, address, query)
        return
    if path == pages.RECRUIT.path:
        yield from _recruited(warehouse, address, query)
        return
    view = shell.view(warehouse, query, pages.find(path))
    seen, page = view.seen, view.at.page
    options = dict(seen.options)
    if page.apart:
        answers = (view.asking(page.finding.question),)
    else:
        answers = (view.asking("headline"), view.asking("by_grade"))
        if page.finding:
            answers += (view.asking(page.finding.question),)
    head = shell.head(view)
    yield Said(address, "", head["headline"], answers, options, seen, view.selection)
    if not page.apart:
        # The last two parts are the day and the release.
        for part in head["scope"].split(text.DOT)[:-2]:
            yield Said(address, "scope", part, answers[:1], options, seen, view.selection)
        for tile in head["figures"]:
            for said in (f"{tile.value} {tile.unit}".strip(), *tile.details):
                yield Said(address, tile.name, said, answers[:2], options, seen, view.selection)
    for panel in page.shown(page.panels, seen):
        own = panel.select(view.selection, seen) if panel.select else view.selection
        found = [view.asking(panel.question, own)]
        for other in panel.beside:
            selection = other.select(view.selection, seen)
            if selection is not None:
                found.append(view.asking(other.question, selection))
        with text.one_locale():
            said = panel.title(*found)
        yield Said(address, panel.id, said, tuple(found), options, seen, view.selection)


def main(folder: str, audience: str, seed: str, count: str) -> None:
    """Print the two digests."""
    data_dir = Path(folder)
    release = (data_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    draws = Draws(Truth(data_dir / "releases" / release / "internal.duckdb"), int(seed))
    warehouse = Warehouse(Settings(data_dir=data_dir, audience=audience))
    addresses, said = hashlib.sha256(), hashlib.sha256()
    for _ in range(int(count)):
        address = draws.address()
        addresses.update(f"{address}\n".encode())
        for each in sentences(warehouse, address):
            said.update(f"{each.panel}\t{each.sentence}\n".encode())
    print(addresses.hexdigest(), said.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
