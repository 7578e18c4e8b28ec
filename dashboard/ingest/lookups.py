"""What one value of a column means: a code, the one spelling of a code it can be, or nothing, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from dashboard.codelists import CodeLists
from dashboard.ingest import contract, spellings
from dashboard.ingest.problems import shown
from dashboard.ingest.spellings import Wrong

#: What a value means, or what is wrong with it; both None: nothing is said about it.
Lookup = Callable[[str], tuple[str | None, Wrong | None]]

#: The languages in which names of countries are read.
_LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
_YES = frozenset(spellings.folded(word) for word in ("yes", "y", "true", "oui", "vrai", "sí", "да", "نعم", "是"))
_NO = frozenset(spellings.folded(word) for word in ("no", "n", "false", "non", "faux", "нет", "لا", "否"))
_NO_PLACE = re.compile(
    r"(?:home|remote|tele|virtual|online|work from home|wfh)\b|home based|teletravail|teletrabajo|a distance|"
    r"a distancia|удаленно|дистанционно|عن بعد|远程|居家"
)
_LISTED = 6
#: Names of countries that people still use, or use for short, and no list of names has.
_SHORT_NAMES = {
    "uk": "GBR",
    "great britain": "GBR",
    "united states of america": "USA",
    "us": "USA",
    "turkey": "TUR",
    "swaziland": "SWZ",
    "ivory coast": "CIV",
    "czech republic": "CZE",
    "burma": "MMR",
    "cape verde": "CPV",
    "macedonia": "MKD",
    "russian federation": "RUS",
    "viet nam": "VNM",
    "drc": "COD",
}


@cache
def _country_names() -> Mapping[str, frozenset[str]]:
    """A country's name in the six languages, or its code of two letters -> codes of three letters."""
    # The codes of former countries too: the lists know which one is meant.
    three: dict[str, set[str]] = defaultdict(set)
    for code, two in get_global("territory_aliases").items():
        if re.fullmatch("[A-Z]{3}", code):
            three[two[0]].add(code)
    found: dict[str, set[str]] = defaultdict(set)
    for two, codes in three.items():
        if len(two) == 2:
            found[two.casefold()] |= codes
    for language in _LANGUAGES:
        try:
            names = Locale(language).territories
        except UnknownLocaleError:  # a language pack that is not installed is no fault of a submission
            continue
        for two, name in names.items():
            if two in three:
                found[spellings.folded(name)] |= three[two]
    for name, code in _SHORT_NAMES.items():
        found[name].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


class _Index:
    """What the code lists are looked up by beside their spellings; made once for the same lists."""

    def __init__(self, codelists: CodeLists):
        self.codelists = codelists
        self._names: dict[str, Mapping[str, frozenset[str]]] = {}

    def country(self, station: str) -> str:
        """The name of a station's country."""
        return self.codelists.member("country", self.codelists.country_of(station)).name

    @cached_property
    def squeezed(self) -> Mapping[str, str]:
        """Grades without spaces and dashes, where that leaves one."""
        found: dict[str, set[str]] = defaultdict(set)
        for member in self.codelists.members("grade"):
            for text in (member.code, *member.aliases):
                found[_squeeze(text)].add(member.code)
        return {text: next(iter(codes)) for text, codes in found.items() if len(codes) == 1}

    @cached_property
    def by_place(self) -> Mapping[str, str]:
        """`City, Country` with the accents of either left out, where that leaves one station."""
        found: dict[str, set[str]] = defaultdict(set)
        for member in self.codelists.members("duty_station"):
            texts = (member.code, *member.aliases, f"{member.name}, {self.country(member.code)}")
            for text in (*texts, member.attributes["ceb_city_code"]):
                if text and text.casefold() != member.name.casefold():
                    found[_words(text)].add(member.code)
        return {text: next(iter(codes)) for text, codes in found.items() if len(codes) == 1}

    @cached_property
    def by_city(self) -> Mapping[str, Sequence[str]]:
        """Folded name of a city -> its stations."""
        found: dict[str, list[str]] = defaultdict(list)
        for member in self.codelists.members("duty_station"):
            found[spellings.folded(member.name)].append(member.code)
        return found

    @cached_property
    def nationalities(self) -> frozenset[str]:
        """The codes of all nationalities."""
        return frozenset(member.code for member in self.codelists.members("nationality"))

    def by_name(self, dimension: str) -> Mapping[str, frozenset[str]]:
        """Folded name -> codes of a dimension."""
        if dimension not in self._names:
            found: dict[str, set[str]] = defaultdict(set)
            for member in self.codelists.members(dimension):
                found[spellings.folded(member.name)].add(member.code)
            self._names[dimension] = {name: frozenset(codes) for name, codes in found.items()}
        return self._names[dimension]


@cache
def _index_of(codelists: CodeLists) -> _Index:
    return _Index(codelists)


class Lookups:
    """Lookups of the columns of one submission.

    `stations` says which stations an entity had in its last submission; `readings` are values that were read by what
    was known when a submission was accepted: they stay read. New ones are added.
    """

    def __init__(
        self,
        codelists: CodeLists,
        stations: Callable[[str], Collection[str]] | None = None,
        readings: Mapping[str, str] | None = None,
    ):
        self.codelists = codelists
        self.readings: dict[str, str] = dict(readings or {})
        self._index = _index_of(codelists)
        self._stations = stations
        self._known: dict[str, Collection[str]] = {}

    # -- codes of a list --

    def coded(self, dimension: str, column: contract.Column, entity: str | None) -> Lookup:
        """The lookup of a column with a code list."""
        lists = self.codelists

        def lookup(text: str) -> tuple[str | None, Wrong | None]:
            plain = spellings.plain(text)
            if not plain:
                right = " or ".join(column.missing) if column.missing else "give the code"
                return None, ("blank", f"{column.name} is empty", right)
            if plain in column.missing:
                return plain, None
            code = self._code(dimension, plain, entity)
            if code is None:
                return self._other(dimension, column, text, plain, entity)
            if dimension == "grade" and entity is not None and not lists.grade_allowed(entity, code):
                right = "grade sets of the entity: " + ", ".join(lists.grade_sets_of(entity))
                return None, ("grade-not-of-entity", f"{code} is no grade that {entity} uses", right)
            return code, None

        return lookup

    def _code(self, dimension: str, plain: str, entity: str | None) -> str | None:
        """The code that a text is, or is an ordinary spelling of."""
        lists = self.codelists
        for text in (plain, spellings.alike(plain)):
            code = lists.normalise(dimension, text, entity)
            if code is not None:
                return code
        if dimension == "grade":
            squeezed = _squeeze(spellings.alike(plain))
            return self._index.squeezed.get(squeezed) or self._index.squeezed.get(_ZEROS.sub("", squeezed))
        if dimension == "age_group":
            return spellings.age_group(plain, [member.code for member in lists.members("age_group")])
        if dimension == "duty_station":
            return self._index.by_place.get(_words(plain))
        codes = self._index.by_name(dimension).get(spellings.folded(plain), frozenset())
        if dimension == "nationality" and not codes:
            codes = _country_names().get(spellings.folded(plain), frozenset()) & self._index.nationalities
            if len(plain) == 2 and plain.isascii() and not plain.isupper():
                codes = frozenset()  # "no" and "is" are words
        if dimension == "department" and entity is not None:
            codes = frozenset(code for code in codes if lists.entity_of(code) == entity)
        return next(iter(codes)) if len(codes) == 1 and not self._is_either(dimension, plain) else None

    def _is_either(self, dimension: str, plain: str) -> bool:
        """True of NA, which is Namibia and "not available"."""
        return dimension == "nationality" and spellings.is_nothing(plain)

    def _other(
        self, dimension: str, column: contract.Column, text: str, plain: str, entity: str | None
    ) -> tuple[str | None, Wrong | None]:
        """What a text means that is no code: a missing value, a place, or what is wrong with it."""
        lists = self.codelists
        missing = spellings.missing(plain)
        if missing is None and plain in contract.MISSING:
            missing = plain
        if missing is not None:
            if missing in column.missing:
                return missing, None
            return None, ("unknown-code", f"{shown(plain)} is not accepted in {column.name}", "give the code")
        said = shown(plain)
        if spellings.is_nothing(plain):
            also = ""
            if self._is_either(dimension, plain):
                codes = _country_names().get(spellings.folded(plain), frozenset()) & self._index.nationalities
                also = "".join(f", or {code} ({lists.member('nationality', code).name})" for code in codes)
            if not column.missing:
                return None, ("unknown-code", f"{said!r} is not accepted in {column.name}", "give the code")
            message = f"{said!r} may be not-reported (we do not say) or not-applicable (there is none){also}"
            return None, ("two-readings", message, "write which one is meant")
        if spellings.is_date(plain):
            message = (
                f"{said!r} is a date, and {column.name} takes none: a spreadsheet may have made it of something else"
            )
            return None, ("unknown-code", message, "format the column as text and write the code")
        if dimension == "duty_station":
            return self._place(text, plain, entity)
        if dimension == "department":
            other = lists.normalise(dimension, plain)
            if other is not None:
                return None, ("department-of-other-entity", f"{said!r} is a department of {lists.entity_of(other)}", "")
        message = f"{said!r} is not a code of {dimension}"
        return None, ("unknown-code", message, self.nearest(dimension, plain, entity))

    # -- stations --

    def _place(self, text: str, plain: str, entity: str | None) -> tuple[str | None, Wrong | None]:
        """A place that is named and not coded."""
        lists = self.codelists
        said, folded = shown(plain), spellings.folded(plain)
        if plain in self.readings:
            return self.readings[plain], None
        if _NO_PLACE.match(folded):
            message = f"{said!r} is no duty station: who works from elsewhere counts where the appointment is"
            return None, ("unknown-code", message, "give the duty station of the appointment, or not-reported")
        candidates = self._index.by_city.get(folded, ())
        if candidates:
            mine = [code for code in candidates if code in self._stations_of(entity)]
            if len(mine) == 1:
                self.readings[plain] = mine[0]
                return mine[0], None
            listed = ", ".join(f"{code} ({self._index.country(code)})" for code in candidates[:_LISTED])
            if len(candidates) > 1:
                message = f"{said!r} may be {' or '.join(listed.rsplit(', ', 1))}"
                return None, ("two-readings", message, "write the code")
            why = f"{entity} had nobody there in its last submission" if entity else "no entity is known"
            return None, ("unknown-code", f"{said!r} is not a code of duty_station, and {why}", f"nearest: {listed}")
        known = frozenset(member.code for member in lists.members("country"))
        countries = self._index.by_name("country").get(folded) or known & _country_names().get(folded, frozenset())
        if len(countries) == 1:
            (country,) = countries
            there = [member.code for member in lists.members("duty_station") if member.attributes["country"] == country]
            ours = [code for code in there if code in self._stations_of(entity)] or there
            listed = ", ".join(ours[:_LISTED]) + (", …" if len(ours) > _LISTED else "")
            message = f"{said!r} is a country, no duty station"
            return None, ("unknown-code", message, f"stations there: {listed}" if ours else "give the code")
        near = [f"{code} ({self._index.country(code)})" for code in lists.nearest("duty_station", shown(plain))]
        right = f"nearest: {', '.join(near)}" if near else ""
        return None, ("unknown-code", f"{said!r} is not a code of duty_station", right)

    def _stations_of(self, entity: str | None) -> Collection[str]:
        if entity is None or self._stations is None:
            return ()
        if entity not in self._known:
            self._known[entity] = self._stations(entity)
        return self._known[entity]

    # -- the nearest --

    def nearest(self, dimension: str, text: str, entity: str | None = None) -> str:
        """The codes most like a text, those the entity uses first."""
        found = self.codelists.nearest(dimension, shown(text), 12 if dimension == "grade" else 3)
        if dimension == "grade" and entity is not None:
            found = sorted(found, key=lambda code: not self.codelists.grade_allowed(entity, code))
        return f"nearest: {', '.join(found[:3])}" if found else ""

    # -- fixed words --

    def fixed(self, allowed: Sequence[str], name: str, missing: Sequence[str] = ()) -> Lookup:
        """The lookup of a column with a few fixed words."""
        by_word = {spellings.folded(word): word for word in allowed}
        if name == "rc":
            by_word |= dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")

        def lookup(text: str) -> tuple[str | None, Wrong | None]:
            plain = spellings.plain(text)
            if not plain:
                return None, ("blank", f"{name} is empty", "one of " + ", ".join(allowed))
            code = by_word.get(spellings.folded(plain)) or by_word.get(spellings.folded(spellings.alike(plain)))
            if code is not None:
                return code, None
            word = spellings.missing(plain)
            if word in missing:
                return word, None
            if missing and spellings.is_nothing(plain):
                message = f"{shown(plain)!r} may be not-reported (we do not say) or not-applicable (there is none)"
                return None, ("two-readings", message, "write which one is meant")
            message = f"{shown(plain)!r} is not accepted in {name}"
            return None, ("unknown-code", message, "one of " + ", ".join(allowed))

        return lookup

    def sex(self, words: Iterable[str]) -> Lookup:
        """The lookup of the column sex, all of whose words have to be known: M is not a man everywhere."""
        words = list(words)
        otherwise = self.fixed(contract.SEXES, "sex")

        def lookup(text: str) -> tuple[str | None, Wrong | None]:
            if not spellings.plain(text):
                return otherwise(text)
            code, wrong = spellings.sex(text, words)
            return (code, wrong) if code is not None or wrong is not None else otherwise(text)

        return lookup


#: P-04 is P-4; P-0 is a grade of its own.
_ZEROS = re.compile(r"(?<=[a-z])0+(?=[1-9])")


def _words(text: str) -> str:
    """A place without punctuation: `Bern (Switzerland)` is `Bern, Switzerland`."""
    return " ".join(re.sub(r"\W+", " ", spellings.folded(text)).split())


def _squeeze(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
