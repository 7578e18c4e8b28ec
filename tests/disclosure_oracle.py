"""An independent, naive reading of the disclosure rules: loops over the cells of a release, no arrays, no shared code.

It is given the cells of `internal.duckdb`, the secret and the policy file, and says of any selection what an audience
may see: exact, rounded, fewer than the floor, withheld, or refused. Of the product's own work it takes only what an
attacker would have found, from the list of withheld cells in `public.duckdb`, and which groups of staff gave way to
others that lie in them, from `personal_groups`: that these are as they must be is looked at in
`test_protection_invariants`. Keys, contents and draws are computed here anew, from the cells of the release that told a
quarter first: what is protected of it is never told again.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import itertools
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
ANY = 65535
UNSAID = ("not-reported", "not-applicable")
TEMPORARY = "TA"
DIMENSIONS = (
    "entity", "department", "category", "grade", "unct", "country", "duty_station", "region", "headquarters",
    "age_group", "rc", "nationality", "nationality_region", "regional_group", "appointment",
)  # fmt: skip
CORE = {"entity", "department", "category", "grade", "rc"}
PERSONAL = {"age_group", "nationality", "nationality_region", "regional_group", "appointment"}
#: finer dimension -> coarser ones that follow from it, whoever one is.
FOLLOWS = {
    "grade": ("category",),
    "duty_station": ("country", "unct", "region"),
    "country": ("unct", "region"),
    "unct": ("region",),
    "nationality": ("nationality_region", "regional_group"),
    "department": ("entity",),
}
GROUPS = {("category", "PH"): ("SENIOR", "P")}

with (REFERENCE / "disclosure.toml").open("rb") as _file:
    POLICY = tomllib.load(_file)

EXACT, ROUNDED, FEWER, WITHHELD, REFUSED = "exact", "rounded", "fewer", "withheld", "refused"


def _list(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parents() -> dict[tuple[str, str, str], str]:
    """(finer dimension, code, coarser dimension) -> code, where there is one."""
    found: dict[tuple[str, str, str], str] = {}
    for row in _list("grades"):
        found["grade", row["code"], "category"] = row["category"]
    countries = {row["code"]: row for row in _list("countries")}
    regions_of_unct: dict[str, set[str]] = defaultdict(set)
    for code, row in countries.items():
        found["country", code, "unct"] = row["unct"]
        found["country", code, "region"] = row["region"]
        regions_of_unct[row["unct"]].add(row["region"])
    for unct, regions in regions_of_unct.items():
        if len(regions) == 1 and unct not in UNSAID:
            found["unct", unct, "region"] = next(iter(regions))
    for row in _list("duty_stations"):
        country = row["country"]
        found["duty_station", row["code"], "country"] = country
        for name in ("unct", "region"):
            found["duty_station", row["code"], name] = countries[country][name]
    for row in _list("nationalities"):
        found["nationality", row["code"], "nationality_region"] = row["region"]
        found["nationality", row["code"], "regional_group"] = row["regional_group"]
    for row in _list("departments"):
        found["department", row["code"], "entity"] = row["entity"]
    # What is not known of a place or nationality is not known of what follows from it either.
    for finer in ("duty_station", "country", "nationality"):
        for coarser in FOLLOWS[finer]:
            for code in UNSAID:
                found.setdefault((finer, code, coarser), code)
    found["unct", "not-reported", "region"] = "not-reported"
    return found


@dataclass(frozen=True)
class Part:
    """One cell of a table: what is shown of it, and what is true."""

    members: tuple[tuple[str, str], ...]  # (dimension, code)
    shown: str
    women: int | None
    men: int | None
    true: tuple[int, int]
    either: bool = False  # withheld or fewer: of a group so small that both say the same
    nobody: bool = False  # the exact core, which all see, has nobody of this entity and level


@dataclass
class Expected:
    """What a row must say: the sum over the parts that are shown."""

    parts: list[Part] = field(default_factory=list)

    @property
    def shown(self) -> str:
        kinds = {part.shown for part in self.parts}
        if kinds <= {EXACT}:
            return EXACT
        if kinds & {EXACT, ROUNDED}:
            return ROUNDED
        return WITHHELD if kinds == {WITHHELD} else FEWER

    @property
    def counts(self) -> tuple[int, int] | None:
        told = [part for part in self.parts if part.women is not None]
        return (sum(part.women for part in told), sum(part.men for part in told)) if told else None

    @property
    def possible(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The least and the most women, and men, that the parts shown may stand for."""
        error = POLICY["rounding"]["base"] - 1 + 2 * POLICY["rounding"]["offset"]
        cells = len([part for part in self.parts if part.shown == ROUNDED])
        found = []
        for count in self.counts:
            least = count
            for _ in range(cells * error):
                if least > min(count, 1):
                    least -= 1
            found.append((least, count + cells * error))
        return found[0], found[1]

    @property
    def shown_true(self) -> tuple[int, int]:
        """How many women and men there truly are in the parts shown."""
        told = [part for part in self.parts if part.women is not None]
        return sum(part.true[0] for part in told), sum(part.true[1] for part in told)

    @property
    def true(self) -> tuple[int, int]:
        return sum(part.true[0] for part in self.parts), sum(part.true[1] for part in self.parts)


@dataclass
class Verdict:
    """An answer as it must be. `optional` rows may be there or not; `why` says what refused."""

    kind: str
    rows: dict[tuple[str, ...], Expected] = field(default_factory=dict)
    optional: set[tuple[str, ...]] = field(default_factory=set)
    table: str | None = None
    why: str = ""


class Disclosure:
    """The rules over one release."""

    def __init__(self, internal: Path, public: Path | None, secret: str):
        self.policy = POLICY
        self.secret = secret.encode()
        self.begin_draws()
        self.internal = internal
        with duckdb.connect(str(internal), read_only=True) as connection:
            self.codes: dict[str, list[str]] = defaultdict(list)
            for name, code in connection.execute("select dimension, code from codes order by dimension, id").fetchall():
                self.codes[name].append(code)
            self.quarter = dict(connection.execute("select key, value from meta").fetchall())["quarter"]
        self.parents = parents()
        self.place_bound = {row["code"] for row in _list("departments") if row["place_bound"] == "1"}
        self.tables = self._tables()
        self.withheld = self._withheld(public) if public else {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._told_rows: dict[str, list[dict[str, Any]]] = {}
        self.told_by, self.changed = self._told()
        self._tables: dict[tuple[str, str], dict[tuple[str, ...], Part]] = {}
        self._core: dict[str, set[tuple[str | None, str, str | None]]] = {}
        self._everybody: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], int]] = {}
        self._broken_down: dict[tuple[str, tuple[str, ...], str], dict[tuple[str, ...], tuple[bool, int, int]]] = {}
        self._kept_groups: dict[str, dict[tuple[str, tuple[str, ...], str], bool]] = {}
        self._without_rest: dict[tuple[str, str], set[str]] = {}
        self._record_keys: dict[tuple[str, ...], int] = {}
        self._code_keys: dict[tuple[str, str], int] = {}

    # -- what is known of codes --

    def _tables(self) -> dict[frozenset[str], tuple[str, str]]:
        """The closed list: keys -> (name, exact or rounded)."""
        public = self.policy["public"]
        found = {frozenset(name.split("+")): (name, EXACT) for name in public["exact"]}
        for kind in ("place", "person"):
            for name in public[kind]["dimensions"]:
                for entity in ("", "+entity"):
                    for level in ("", "+category", "+grade"):
                        whole = name + entity + level
                        if whole not in public[kind]["not"]:
                            found[frozenset(whole.split("+"))] = (whole, ROUNDED)
        return found

    def _withheld(self, public: Path) -> Mapping[tuple[str, str | None], Mapping[tuple[bool, ...], set[tuple]]]:
        """(table, quarter or None for all) -> which of member, entity, category and grade are said -> their codes, of
        everything that is not shown in public.
        """
        with duckdb.connect(str(public), read_only=True) as connection:
            names = dict(connection.execute("select id, name from tables").fetchall())
            codes: dict[tuple[str, int], str] = {
                (name, number): code
                for name, number, code in connection.execute("select dimension, id, code from codes").fetchall()
            }
            found: dict = defaultdict(lambda: defaultdict(set))
            for table, quarter, *keys in connection.execute(
                "select tbl, quarter, member, entity, category, grade from withheld"
            ).fetchall():
                dimensions = (names[table].split("+")[0], "entity", "category", "grade")
                groups = dimensions[0] in PERSONAL
                if quarter != ANY and ((groups and len(names[table].split("+")) == 1) or set(keys) != {ANY}):
                    continue  # reckoned here; in all quarters, and of whole tables, stands what the attack found
                at = None if quarter == ANY else codes["quarter", quarter]
                said = tuple(number != ANY for number in keys)
                found[names[table], at][said].add(
                    tuple(codes[name, number] for name, number in zip(dimensions, keys, strict=True) if number != ANY)
                )
            return found

    # -- keys --

    def begin_draws(self) -> None:
        """The keys of the draws, from the secret."""
        self.draws = self._hmac("rounding")
        self._ciphers = {}
        for purpose in ("offset", "passing", "draw"):
            key = hmac.new(self.draws, purpose.encode(), hashlib.sha256).digest()
            self._ciphers[purpose] = Cipher(algorithms.AES256(key), modes.ECB())

    def _hmac(self, *words: str) -> bytes:
        return hmac.new(self.secret, "\n".join(words).encode("utf-8"), hashlib.sha256).digest()

    def record_key(self, row: Mapping[str, Any]) -> int:
        codes = tuple(row[name] for name in ("entity", "department", "duty_station", "grade", "rc"))
        if codes not in self._record_keys:
            self._record_keys[codes] = int.from_bytes(self._hmac("record", *codes)[:8], "big")
        return self._record_keys[codes]

    def code_key(self, dimension: str, code: str) -> int:
        if (dimension, code) not in self._code_keys:
            self._code_keys[dimension, code] = int.from_bytes(self._hmac("code", dimension, code)[:8], "big")
        return self._code_keys[dimension, code]

    def drawn(self, purpose: str, first: int, second: int) -> int:
        """A number of 64 bits that is fixed by a purpose and two numbers."""
        block = (first % 2**64).to_bytes(8, "little") + (second % 2**64).to_bytes(8, "little")
        return int.from_bytes(self._ciphers[purpose].encryptor().update(block)[:8], "little")

    def rounded(
        self, heads: tuple[int, int], contents: tuple[int, int], supports: tuple[int, int], group: int, floor: int = 0
    ) -> tuple[int, int] | None:
        """Women and men as they are shown, or None under a floor, by the numbers shown or those that stay.

        To each count of somebody two small numbers are added: one that stays, by the `supports`, and one that is drawn
        anew when anybody of the group changes, by the `contents`. The sum goes to fives, up as often as it is near to
        the upper one. Where both sexes would go the same way by more than five together, the men go by the draw of the
        women the other way round.
        """
        base, most = self.policy["rounding"]["base"], self.policy["rounding"]["offset"]
        lasting, moved = [], []
        for count, content, support in zip(heads, contents, supports, strict=True):
            stays = count and max(count + self.drawn("offset", support, 0) % (2 * most + 1) - most, 0)
            lasting.append(stays)
            moved.append(count and max(stays + self.drawn("passing", content, group) % (2 * most + 1) - most, 0))
        rests = [value % base for value in moved]
        lots = [self.drawn("draw", content, group) >> 11 for content in contents]
        if 0 not in rests and sum(rests) != base:
            lots[1] = 2**53 - lots[0]
        shown = [
            value - rest + (base if rest and lot * base < rest * 2**53 else 0)
            for value, rest, lot in zip(moved, rests, lots, strict=True)
        ]
        if sum(lasting) < floor or sum(shown) < floor:
            return None
        return shown[0], shown[1]

    # -- cells --

    def rows(self, quarter: str) -> list[dict[str, Any]]:
        """Every cell of a quarter as a dict of codes, with `women`, `men` and `other`."""
        if quarter not in self._rows:
            self._rows[quarter] = self._read(self.internal, quarter)
        return self._rows[quarter]

    def told_rows(self, quarter: str) -> list[dict[str, Any]]:
        """The same as the quarter was told: cells of places and persons are made of these."""
        if quarter not in self._told_rows:
            if self.told_by[quarter] == self.internal:
                return self.rows(quarter)
            self._told_rows[quarter] = self._read(self.told_by[quarter], quarter)
        return self._told_rows[quarter]

    def _read(self, internal: Path, quarter: str) -> list[dict[str, Any]]:
        codes: dict[str, list[str]] = defaultdict(list)
        columns = [*DIMENSIONS, "women", "men", "other"]
        with duckdb.connect(str(internal), read_only=True) as connection:
            for name, code in connection.execute("select dimension, code from codes order by dimension, id").fetchall():
                codes[name].append(code)
            fetched = connection.execute(
                f"select {', '.join(columns)} from staff where quarter = ?", [codes["quarter"].index(quarter)]
            ).fetchall()
        tables = [codes[name] for name in DIMENSIONS]
        return [
            {
                **{name: table[number] for name, table, number in zip(DIMENSIONS, tables, values, strict=False)},
                "women": int(values[-3]),
                "men": int(values[-2]),
                "other": int(values[-1]),
            }
            for values in fetched
        ]

    def _told(self) -> tuple[dict[str, Path], set[tuple[str, str]]]:
        """Quarter -> the internal file of the release that told it; and quarter and entity of figures changed since."""
        with duckdb.connect(str(self.internal), read_only=True) as connection:
            by = connection.execute("select quarter, release from told").fetchall()
            changed = connection.execute("select quarter, entity from changed_since").fetchall()
        releases = self.internal.parent.parent
        return (
            {self.codes["quarter"][quarter]: releases / release / self.internal.name for quarter, release in by},
            {(self.codes["quarter"][quarter], self.codes["entity"][entity]) for quarter, entity in changed},
        )

    def forget(self) -> None:
        """Let go of the cells read so far."""
        for kept in (self._rows, self._told_rows, self._tables, self._everybody, self._broken_down, self._kept_groups):
            kept.clear()

    def exists(self, quarter: str, entity: str | None, level: str, code: str | None) -> bool:
        """Whether the exact core of a quarter has staff of an entity (or any) at a category or grade (or any)."""
        if quarter not in self._core:
            self._core[quarter] = {
                (entity, name, code)
                for row in self.rows(quarter)
                if row["appointment"] != TEMPORARY and row["women"] + row["men"]
                for entity in (row["entity"], None)
                for name in ("category", "grade")
                for code in (row[name], None)
            }
        return (entity, level, code) in self._core[quarter]

    # -- the choice --

    def canonical(self, chosen: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
        """Groups spelled out, and choosing all there is as choosing nothing."""
        found = {}
        for name, codes in chosen.items():
            members = {member for code in codes for member in GROUPS.get((name, code), (code,))}
            everything = {code for code in self.codes[name] if (name, code) != ("appointment", TEMPORARY)}
            if members and members != everything:
                found[name] = members
        return found

    def _reduced(self, dimensions: set[str], chosen: Mapping[str, set[str]]) -> set[str]:
        """The dimensions asked for without those that follow from finer ones."""
        kept = set(dimensions)
        for finer, coarser in FOLLOWS.items():
            if finer not in dimensions:
                continue
            for name in coarser:
                if name not in dimensions:
                    continue
                members = chosen.get(finer) or set(self.codes[finer])
                known = [member for member in members if member in self.codes[finer]]
                if finer == "unct" and finer not in chosen:
                    # Teams are listed; who is in no team is in all regions, and is left out.
                    known = [member for member in known if member != "not-applicable"]
                if all((finer, member, name) in self.parents for member in known):
                    kept.discard(name)
        return kept

    def _allowed(self, name: str, chosen: Mapping[str, set[str]], kept: set[str]) -> list[str]:
        """Members of a dimension that its own filter and those that follow from it let through."""
        found = []
        for code in self.codes[name]:
            if name in chosen and code not in chosen[name]:
                continue
            follows = [coarser for coarser in FOLLOWS.get(name, ()) if coarser in chosen and coarser not in kept]
            if all(self.parents.get((name, code, coarser)) in chosen[coarser] for coarser in follows):
                found.append(code)
        return found

    # -- what may be seen --

    def verdict(self, by: tuple[str, ...], choice: Mapping[str, Iterable[str]], quarter: str, audience: str) -> Verdict:
        """What this audience must be answered by these dimensions, under this choice, of one quarter."""
        chosen = self.canonical(choice)
        dimensions = set(by) | set(chosen)
        personal = dimensions & PERSONAL
        if audience == "internal":
            if not personal:
                return self._exactly(by, chosen, quarter)
            return self._internal(by, chosen, quarter, dimensions)
        return self._public(by, chosen, quarter, dimensions)

    def _internal(self, by, chosen, quarter, dimensions) -> Verdict:
        if "rc" in dimensions:
            return Verdict(REFUSED, why="Resident Coordinators and anything personal")
        kept = self._reduced(dimensions, chosen)
        personal = kept & PERSONAL
        if len(personal) != 1:
            return Verdict(REFUSED, why=f"more than one personal dimension: {sorted(personal)}")
        rest = kept - PERSONAL - {"entity"}
        places = rest & set(self.policy["internal"]["places"])
        levels = rest & {"category", "grade"}
        # One place by itself, or entity and level: never both.
        beside = levels | ((kept | set(dimensions)) & {"entity"})
        if len(places) > 1 or len(levels) > 1 or rest - places - levels or (places and beside):
            return Verdict(REFUSED, why=f"too fine: {sorted(kept)}")
        if any(set(name.split("+")) == kept for name in self.policy["public"]["person"]["not"]):
            return Verdict(REFUSED, why=f"not on the closed list, for signed-in staff either: {sorted(kept)}")
        # Under a name of its own: what is withheld in public is no matter of what is counted for signed-in staff.
        verdict = self._protected(by, chosen, quarter, kept, "internal", ROUNDED)
        return replace(verdict, table="+".join(sorted(kept)))

    def _public(self, by, chosen, quarter, dimensions) -> Verdict:
        bound = set()
        if "department" in dimensions:
            bound = self.place_bound & set(self._allowed("department", chosen, set()))
        # With Resident Coordinators there is no table of places; those not asked for by name are one department.
        if dimensions <= CORE and (not bound or ("rc" in dimensions and not bound & chosen.get("department", set()))):
            return self._exactly(by, chosen, quarter, merged=True)
        if "rc" in dimensions:
            if dimensions & PERSONAL:
                return Verdict(REFUSED, why="Resident Coordinators and anything personal")
            # Chosen, not listed: "yes" and "no" beside each other would be a breakdown of the place.
            if chosen.get("rc") != {"yes"} or "rc" in by:
                return Verdict(REFUSED, why="places of those who are not Resident Coordinators")
        # Place-bound departments are places; the others are core, and are added where both are asked for.
        beside = {}
        if bound:
            beside = chosen | {"department": (chosen.get("department") or set(self.codes["department"])) - bound}
            chosen = chosen | {"department": bound}
        kept = self._reduced(dimensions, chosen)
        if frozenset(kept) not in self.tables:
            return Verdict(REFUSED, why=f"not on the closed list: {sorted(kept)}")
        name, protection = self.tables[frozenset(kept)]
        if protection == EXACT:
            return self._exactly(by, chosen, quarter, name)
        verdict = self._protected(by, chosen, quarter, kept, name, protection)
        if beside.get("department") and verdict.kind != REFUSED:
            for key, row in self._exactly(by, beside, quarter).rows.items():
                verdict.rows.setdefault(key, Expected()).parts[:0] = row.parts
        return verdict

    def _exactly(self, by, chosen, quarter, table=None, merged=False) -> Verdict:
        found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
        for row in self.rows(quarter):
            if row["appointment"] == TEMPORARY:
                continue
            if all(row[name] in codes for name, codes in chosen.items()):
                at = tuple(row[name] for name in by)
                if merged:
                    at = tuple("place-bound" if code in self.place_bound else code for code in at)
                total = found[at]
                total[0] += row["women"]
                total[1] += row["men"]
        rows = {
            key: Expected([Part((), EXACT, women, men, (women, men))])
            for key, (women, men) in found.items()
            if women or men
        }
        return Verdict(EXACT, rows, table=table)

    def _protected(self, by, chosen, quarter, kept, name, protection) -> Verdict:
        keys = [key for key in DIMENSIONS if key in kept]
        personal = next((key for key in keys if key in PERSONAL), None)
        cells = self._cells(keys, personal, chosen, quarter)
        broken_down = self.groups(keys, personal, quarter) if personal else None
        allowed = {key: self._allowed(key, chosen, kept) for key in keys}
        if personal == "appointment" and "appointment" not in chosen:
            allowed["appointment"] = [code for code in allowed["appointment"] if code != TEMPORARY]
        rows: dict[tuple[str, ...], Expected] = {}
        level = next((key for key in keys if key in ("category", "grade")), None)
        for members in itertools.product(*(allowed[key] for key in keys)):
            combination = dict(zip(keys, members, strict=True))
            if any(
                self.parents.get((finer, combination[finer], coarser), combination[coarser]) != combination[coarser]
                for finer in combination
                for coarser in FOLLOWS.get(finer, ())
                if coarser in combination
            ):
                continue  # a department of another entity
            part = self._part(combination, cells, personal, broken_down, name, quarter)
            at = {**combination}
            for finer, code in combination.items():
                for coarser in FOLLOWS.get(finer, ()):
                    if (finer, code, coarser) in self.parents:
                        at.setdefault(coarser, self.parents[finer, code, coarser])
            entity = at.get("entity") if at.get("entity") in self.codes["entity"] else None
            part = replace(
                part, nobody=not self.exists(quarter, entity, level or "grade", combination[level] if level else None)
            )
            key = tuple(at.get(dimension, "not-applicable") for dimension in by)
            rows.setdefault(key, Expected()).parts.append(part)
        optional = {key for key, row in rows.items() if row.counts is None and all(part.nobody for part in row.parts)}
        most = self.policy["derived"]["parts_at_most"]
        if any(len(row.parts) > most and row.shown != EXACT for row in rows.values()):
            return Verdict(REFUSED, why=f"more than {most} parts", table=name)
        return Verdict(protection, rows, optional, name)

    def _cells(self, keys, personal, chosen, quarter, *, today: bool = False) -> dict[tuple[str, ...], list[int]]:
        """Women, men, their contents and, of places, their supports by the keys of a table."""
        found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0])
        keyed_by = "nationality" if personal in ("nationality", "nationality_region", "regional_group") else personal
        female, male = self.code_key("sex", "F"), self.code_key("sex", "M")
        # Only what is chosen of the keys themselves: the rest follows from them.
        filters = {key: chosen[key] for key in keys if key in chosen}
        counted: set[tuple[int, int]] = set()
        for row in self.rows(quarter) if today else self.told_rows(quarter):
            if personal != "appointment" and row["appointment"] == TEMPORARY:
                continue
            if any(row[key] not in codes for key, codes in filters.items()):
                continue
            cell = found[tuple(row[key] for key in keys)]
            record = self.record_key(row)
            if keyed_by:
                record += self.code_key(keyed_by, row[keyed_by])
            for place, (sex, key) in enumerate((("women", female), ("men", male))):
                cell[place] += row[sex]
                cell[2 + place] += row[sex] * (record + key)
                if row[sex] and (record, place) not in counted and not personal:
                    # A record is in one cell of a table of places: it counts once, however many it is.
                    counted.add((record, place))
                    cell[4 + place] += record + key
        if personal:
            for cell in found.values():
                cell[4:] = cell[2:4]
        return found

    def everybody(self, keys: tuple[str, ...], quarter: str, personal: str | None = None) -> dict[tuple[str, ...], int]:
        """The content of everybody by these keys."""
        keyed_by = "nationality" if personal in ("nationality", "nationality_region", "regional_group") else personal
        name = (quarter, (*keys, keyed_by or ""))
        if name not in self._everybody:
            found: dict[tuple[str, ...], int] = defaultdict(int)
            for row in self.told_rows(quarter):
                if row["appointment"] == TEMPORARY and personal != "appointment":
                    continue
                record = self.record_key(row)
                if keyed_by:
                    record += self.code_key(keyed_by, row[keyed_by])
                at = tuple(row[key] for key in keys)
                found[at] += row["women"] * (record + self.code_key("sex", "F"))
                found[at] += row["men"] * (record + self.code_key("sex", "M"))
            self._everybody[name] = found
        return self._everybody[name]

    def kept_groups(self, quarter: str) -> dict[tuple[str, tuple[str, ...], str], bool]:
        """(keys of the group, its codes, personal dimension) -> whether the release breaks it down."""
        if quarter not in self._kept_groups:
            found = {}
            with duckdb.connect(str(self.internal), read_only=True) as connection:
                columns = "cut, place, entity, category, grade, " + ", ".join(sorted(PERSONAL))
                fetched = connection.execute(
                    f"select {columns} from personal_groups where quarter = ?", [self.codes["quarter"].index(quarter)]
                ).fetchall()
            for cut, place, *rest in fetched:
                ids = dict(zip(("entity", "category", "grade"), rest[:3], strict=True))
                codes = tuple(self.codes[key][ids.get(key, place)] for key in (cut.split("+") if cut else ()))
                for name, shown in zip(sorted(PERSONAL), rest[3:], strict=True):
                    found[cut, codes, name] = shown
            self._kept_groups[quarter] = found
        return self._kept_groups[quarter]

    def large_enough(
        self, others: list[str], personal: str, quarter: str
    ) -> dict[tuple[str, ...], tuple[bool, int, int]]:
        """Of each group, whether it is large and mixed enough to be broken down by a personal dimension, how many it
        is, and its content.
        """
        name = (quarter, tuple(others), personal)
        if name in self._broken_down:
            return self._broken_down[name]
        rules = self.policy["person_groups"]
        sizes: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
        for row in self.told_rows(quarter):
            if row["appointment"] == TEMPORARY:
                continue
            size = sizes[tuple(row[key] for key in others)]
            size[0] += row["women"]
            size[1] += row["men"]
        contents = self.everybody(tuple(others), quarter, personal)
        fine = {group: min(size) >= rules["least_of_each_sex"] for group, size in sizes.items() if sum(size)}
        for (*group, member), cell in self._cells([*others, personal], personal, {}, quarter).items():
            at = tuple(group)
            if at not in fine or (personal == "appointment" and member == TEMPORARY):
                continue
            shown = self.rounded((cell[0], cell[1]), (cell[2], cell[3]), (cell[4], cell[5]), contents[at])
            for sex in (0, 1):
                if sizes[at][sex] - shown[sex] < rules["others_at_least"]:
                    fine[at] = False
        found = {group: (fine[group], sum(sizes[group]), contents[group]) for group in fine}
        if personal in ("nationality_region", "regional_group"):
            # What follows from a nationality is told only of whom the nationalities are told of.
            finer = self.large_enough(others, "nationality", quarter)
            found = {group: (one[0] and finer[group][0], *one[1:]) for group, one in found.items()}
        self._broken_down[name] = found
        return found

    def groups(self, keys, personal, quarter) -> dict[tuple[str, ...], tuple[bool, int, int]]:
        """Of each group, whether it is broken down by a personal dimension, how many it is, and its content."""
        others = [key for key in keys if key != personal]
        kept = self.kept_groups(quarter)
        return {
            group: (fine and kept["+".join(others), group, personal], size, content)
            for group, (fine, size, content) in self.large_enough(others, personal, quarter).items()
        }

    def _part(self, combination, cells, personal, broken_down, name, quarter) -> Part:
        members = tuple(combination.items())
        women, men, *sums = cells.get(tuple(combination.values()), [0] * 6)
        true = (women, men)
        # What is not shown of an entity whose figures have changed since may be many by now.
        changed = (quarter, combination.get("entity")) in self.changed
        if personal:
            others = tuple(code for key, code in members if key != personal)
            floor = self.policy["floors"]["person"]
            fine, size, group = broken_down.get(others, (False, 0, 0))
            if not fine:
                return Part(members, WITHHELD, None, None, true, size < floor and not changed)
        else:
            floor = self.policy["floors"]["place"]
            first, *others = name.split("+")
            codes = tuple(combination[key] for key in others)
            group = self.everybody(tuple(others), quarter).get(codes, 0)
            part_of_entity = first in ("region", "headquarters") and "entity" in others
            if part_of_entity and combination["entity"] in self.without_rest(first, quarter):
                return Part(members, WITHHELD, None, None, true)
        if self._is_withheld(combination, name, quarter):
            return Part(members, WITHHELD, None, None, true)
        shown = self.rounded(true, tuple(sums[:2]), tuple(sums[2:]), group, floor)
        if shown is None or not any(shown):
            return Part(members, WITHHELD if changed else FEWER, None, None, true)
        return Part(members, ROUNDED, *shown, true)

    def draws_of_other(self, quarter: str) -> tuple[int, int, int]:
        """How many are other or not disclosed, and what their number is drawn by: their content and everybody's."""
        heads = content = everybody = 0
        for row in self.told_rows(quarter):
            if row["appointment"] == TEMPORARY:
                continue
            record = self.record_key(row)
            heads += row["other"]
            content += row["other"] * (record + self.code_key("sex", "X"))
            for sex, letter in (("women", "F"), ("men", "M"), ("other", "X")):
                everybody += row[sex] * (record + self.code_key("sex", letter))
        return heads, content % 2**64, everybody % 2**64

    def other_shown(self, quarter: str) -> int | None:
        """How many are said to be other or not disclosed, system-wide."""
        heads, content, everybody = self.draws_of_other(quarter)
        floor = self.policy["other"]["shown_from"]
        shown = self.rounded((heads, 0), (content, 0), (content, 0), everybody, floor)
        return shown[0] if shown and shown[0] else None

    def without_rest(self, dimension: str, quarter: str) -> set[str]:
        """Entities that have, or could have, next to nobody of a sex beside one of their regions, or their seats."""
        if (dimension, quarter) not in self._without_rest:
            cells = self._cells([dimension, "entity"], None, {}, quarter)
            whole: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for (_, entity), cell in cells.items():
                whole[entity][0] += cell[0]
                whole[entity][1] += cell[1]
            found = set()
            for (_, entity), cell in cells.items():
                group = self.everybody(("entity",), quarter)[(entity,)]
                floor = self.policy["floors"]["place"]
                shown = self.rounded(tuple(cell[:2]), tuple(cell[2:4]), tuple(cell[4:]), group, floor)
                if shown is None or not any(shown):
                    continue
                least = self.policy["entity_places"]["rest_at_least"]
                if whole[entity][0] - shown[0] < least or whole[entity][1] - shown[1] < least:
                    found.add(entity)
            self._without_rest[dimension, quarter] = found
        return self._without_rest[dimension, quarter]

    def table(self, name: str, quarter: str) -> dict[tuple[str, ...], Part]:
        """All cells of a table of the closed list that have people, by the codes of its keys."""
        if (name, quarter) not in self._tables:
            self._tables[name, quarter] = self._table(name, quarter)
        return self._tables[name, quarter]

    def _table(self, name: str, quarter: str) -> dict[tuple[str, ...], Part]:
        keys = name.split("+")
        protection = self.tables[frozenset(keys)][1]
        personal = keys[0] if keys[0] in PERSONAL else None
        chosen = {"rc": {"yes"}} if "rc" in keys else {"department": self.place_bound} if "department" in keys else {}
        cells = self._cells(keys, personal, chosen, quarter, today=protection == EXACT)
        broken_down = self.groups(keys, personal, quarter) if personal else None
        found = {}
        for codes, (women, men, *_) in cells.items():
            if not women + men:
                continue
            combination = dict(zip(keys, codes, strict=True))
            if protection == EXACT:
                found[codes] = Part(tuple(combination.items()), EXACT, women, men, (women, men))
            else:
                found[codes] = self._part(combination, cells, personal, broken_down, name, quarter)
        return found

    def contents(self, name: str, quarter: str) -> dict[tuple[str, ...], tuple[tuple[int, ...], tuple[int, ...]]]:
        """Of every cell of a table the contents of women and men with their supports, and what it is drawn by."""
        first, *others = keys = name.split("+")
        personal = first if first in PERSONAL else None
        groups = self.everybody(tuple(others), quarter, personal)
        found = {}
        for codes, cell in self._cells(keys, personal, {}, quarter).items():
            drawn = (*cell[2:4], groups[codes[1:]])
            found[codes] = tuple(number % 2**64 for number in cell[2:]), tuple(number % 2**64 for number in drawn)
        return found

    def _is_withheld(self, combination: Mapping[str, str], name: str, quarter: str) -> bool:
        codes = [combination.get(key) for key in (name.split("+")[0], "entity", "category", "grade")]
        return any(
            tuple(code for code, told in zip(codes, said, strict=True) if told) in groups
            for at in (None, quarter)
            for said, groups in self.withheld.get((name, at), {}).items()
        )


def release_folder(data_dir: Path) -> Path:
    """The folder of the release in service."""
    return data_dir / "releases" / (data_dir / "releases" / "current").read_text(encoding="utf-8").strip()


def oracle_of(data_dir: Path) -> Disclosure:
    """The oracle of a demonstration, whose secret is published."""
    from dashboard.disclosure.rounding import DEMONSTRATION_SECRET

    folder = release_folder(data_dir)
    return Disclosure(folder / "internal.duckdb", folder / "public.duckdb", DEMONSTRATION_SECRET)
