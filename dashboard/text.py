"""Words for people: every sentence, label and printed number, made from an Answer and translated where it is drawn.

Messages are whole sentences with named placeholders. Outside of a request there is no locale: then English. Numbers,
dates and plural forms follow the locale; codes stay codes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol
from flask_babel import get_locale, get_translations
from flask_babel import gettext as _translated
from flask_babel import pgettext as _translated_in

from dashboard import comparable, measures, ranges
from dashboard.answer import APPROXIMATE, REFUSED, ROUNDED, UNIFORMED, Answer, Note, Row, Scope
from dashboard.selection import CORE, DIMENSIONS, NOT_APPLICABLE, NOT_REPORTED, Selection, select
from dashboard.settings import FEW, PARITY_BAND

ENGLISH = Locale("en")
MINUS, NBSP = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
#: Between the parts of a scope line; the break goes after the dot, never before it.
DOT = f"{NBSP}· "
#: More names than this in one sentence are a list, not a sentence.
NAMES_IN_A_SENTENCE = 3
#: From here up a sentence leads with the percentage; below, with the counts (41 of 83 says more than 49 %).
SHARE_LEADS_FROM = 100
#: A row is among "the larger ones" from this share of the people counted (and SHARE_LEADS_FROM) up.
LARGE_SHARE = 0.01
#: A level needs this many staff before a headline names it as the exception (convention: as for rounded status).
NAMED_FROM = 25
#: Where protection is explained.
METHOD = "/methods#disclosure"
#: Changes smaller than this print as "no change": they would round to 0.0.
LEAST_POINTS = 0.05

#: The grades of the ladder from Professional to the top, whose order readers know.
LADDER = re.compile(r"SG|DSG|USG|ASG|D-[12]|P-[1-7]")

#: Reasons of rows that are there and not shown.
PROTECTED = ("fewer", "withheld")

BELOW, PARITY, ABOVE, TOO_FEW = measures.BELOW, measures.PARITY, measures.ABOVE, measures.TOO_FEW


# -- translation ------------------------------------------------------------------------------------------------


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


def locale() -> Locale:
    """The locale of this request, or English outside of one."""
    return get_locale() or ENGLISH


Key = tuple[str, str | None, str | None]
_SPOKEN: ContextVar[Key | None] = ContextVar("spoken", default=None)


def _asked_key() -> Key:
    found = get_locale() or ENGLISH
    return found.language, found.script, found.territory


def _key() -> Key:
    return _SPOKEN.get() or _asked_key()


@contextmanager
def one_locale() -> Iterator[None]:
    """Within the block the locale is what it is now. Optional: a view asks for it two thousand times, and finding the
    request each time takes longer than everything that is then said.
    """
    token = _SPOKEN.set(_asked_key())
    try:
        yield
    finally:
        _SPOKEN.reset(token)


#: Locale -> message -> translation. Catalogues do not change while a process runs, and one view of a page translates
#: hundreds of times: looking the catalogue up anew for each took half of the time to draw it.
_TRANSLATED: dict[Key, dict[str, str]] = {}


def gettext(message: str, **values: str) -> str:
    """A message in the language of this request, with its named placeholders filled in."""
    key = _key()
    known = _TRANSLATED.get(key)
    if known is None:
        known = _TRANSLATED.setdefault(key, {})
    pattern = known.get(message)
    if pattern is None:
        pattern = known[message] = _translated(message)
    return pattern % values if values else pattern


#: (locale, context, message) -> translation; as above, for words that mean several things.
_TRANSLATED_IN: dict[tuple[Key, str, str], str] = {}


def pgettext(context: str, message: str, **values: str) -> str:
    """A message of a word or two, of which the context says what it means: "Change" of a button and of a column."""
    found = (_key(), context, message)
    pattern = _TRANSLATED_IN.get(found)
    if pattern is None:
        pattern = _TRANSLATED_IN[found] = _translated_in(context, message)
    return pattern % values if values else pattern


#: Locale -> which of a catalogue's plural forms a number takes.
_FORMS: dict[Key, Callable[[int], int]] = {}
#: (locale, message, form) -> translation; as above, for messages with a number.
_TRANSLATED_PLURAL: dict[tuple[Key, str, int], str] = {}


def ngettext(singular: str, plural: str, number: int, **values: str) -> str:
    """A message with the plural form that this number takes in the language of this request."""
    key = _key()
    form_of = _FORMS.get(key)
    if form_of is None:
        form_of = _FORMS[key] = getattr(get_translations(), "plural", None) or (lambda count: int(count != 1))
    form = (key, singular, form_of(number))
    pattern = _TRANSLATED_PLURAL.get(form)
    if pattern is None:
        pattern = _TRANSLATED_PLURAL[form] = get_translations().ungettext(singular, plural, number)
    return pattern % values if values else pattern


# -- numbers, dates, names --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Numerals:
    """How a locale writes numbers; `plain` where that is Latin digits in groups of three, which Python writes faster
    than Babel by a factor of thirty.
    """

    group: str
    decimal: str
    plain: bool


@lru_cache(maxsize=64)
def _spoken(key: Key) -> Locale:
    return Locale(key[0], territory=key[2], script=key[1])


@lru_cache(maxsize=64)
def _numerals(key: Key) -> _Numerals:
    found = _spoken(key)
    group, decimal = get_group_symbol(found), get_decimal_symbol(found)
    plain = all(
        format_decimal(value, locale=found) == f"{value:,}".replace(",", group) for value in (7, 1234, 1234567890)
    )
    return _Numerals(group, decimal, plain)


def number(value: int) -> str:
    """A head-count with the locale's digits and separators: 20,353."""
    return _number(_key(), value)


@lru_cache(maxsize=1 << 14)
def _number(key: Key, value: int) -> str:
    numerals = _numerals(key)
    return f"{value:,}".replace(",", numerals.group) if numerals.plain else format_decimal(value, locale=_spoken(key))


def _decimal(scaled: int, decimals: int) -> str:
    """A number given as an integer in units of its last decimal."""
    numerals = _numerals(_key())
    whole, rest = divmod(scaled, 10**decimals)
    if numerals.plain:
        return number(whole) + (f"{numerals.decimal}{rest:0{decimals}}" if decimals else "")
    return format_decimal(scaled / 10**decimals, "#,##0." + "0" * decimals if decimals else "#,##0", locale=locale())


def signed(value: int) -> str:
    """A change in persons, always with its sign: +212, −40, 0."""
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return sign + number(abs(value))


def _per_cent(scaled: int, decimals: int) -> str:
    return gettext("%(number)s %%", number=_decimal(scaled, decimals)).replace(" ", NBSP)


def percent_of(value: float) -> str:
    """A share in per cent as it was set or published: "15 %", "5.6 %"."""
    decimals = 0 if value == int(value) else 1
    return _per_cent(round(10**decimals * value), decimals)


def _rounded(numerator: int, denominator: int) -> int:
    """The quotient of two integers, halves up: exact, as no float is."""
    return (2 * numerator + denominator) // (2 * denominator)


def percent(women: int, men: int) -> str:
    """The share of women as printed: one decimal where measures.percent_decimals asks for it, two in the rare case
    that one would contradict the status (46.96 % is below parity, and "47.0 %" is not).
    """
    return _percent(_key(), women, men)


@lru_cache(maxsize=1 << 14)
def _percent(_locale: Key, women: int, men: int) -> str:
    staff = women + men
    if not staff:
        return "–"
    decimals = measures.percent_decimals(women, men)
    if decimals and measures.status(women, men) in (BELOW, ABOVE):
        low, high = PARITY_BAND
        if 10 * low <= _rounded(1000 * women, staff) <= 10 * high:
            decimals = 2
    return _per_cent(_rounded(10 ** (2 + decimals) * women, staff), decimals)


def fraction(value: float | None) -> str:
    """A share that is not of women (of staff reported, of values known): whole when whole, else one decimal, and never
    "100 %" for less than all.
    """
    if value is None:
        return "–"
    if value in (0, 1):
        return _per_cent(round(100 * value), 0)
    return _per_cent(min(max(round(1000 * value), 1), 999), 1)


def points(value: float | None) -> str:
    """A change in percentage points with its sign: "+0.3 points", "no change"."""
    if value is None:
        return "–"
    if abs(value) < LEAST_POINTS:
        return gettext("no change")
    shown = _decimal(round(10 * abs(value)), 1)
    return gettext("%(change)s points", change=("+" if value > 0 else MINUS) + shown).replace(" ", NBSP, 1)


def date(value: dt.date) -> str:
    """A date in words, unambiguous everywhere: 30 Sep 2026."""
    return _date(_key(), value.toordinal())


@lru_cache(maxsize=1024)
def _date(key: Key, ordinal: int) -> str:
    # The English default would put the month first.
    return format_date(dt.date.fromordinal(ordinal), "d MMM y", locale=_spoken(key))


def joined(names: Iterable[str]) -> str:
    """Names in a row, with the locale's own word for "and": D-1, D-2 and P-5."""
    # British usage without the comma before "and", as in the publications of the United Nations.
    chosen = Locale("en", "GB") if locale().language == "en" else locale()
    return format_list(list(names), locale=chosen)


def either(names: Iterable[str]) -> str:
    """Names of which one is meant: P-3, P-4 or P-5."""
    chosen = Locale("en", "GB") if locale().language == "en" else locale()
    return format_list(list(names), style="or", locale=chosen)


_SHORT_NAMES: Mapping[str, Mapping[str, str]] = {
    "category": {
        "PH": _("Professional and higher"),
        "SENIOR": _("Senior"),
        "P": _("Professional"),
        "FS": _("Field Service"),
        "NPO": _("National Professional"),
        "GS": _("General Service"),
    },
    "headquarters": {"hq": _("Headquarters"), "non-hq": _("Elsewhere")},
    # The code of the Secretariat would be read as the whole system.
    "entity": {"UN": _("UN Secretariat"), "UNWOMEN": _("UN Women"), "UNTOURISM": _("UN Tourism")},
}
_MISSING: Mapping[str, str] = {NOT_REPORTED: _("not reported"), NOT_APPLICABLE: _("not applicable")}


#: Dimensions whose codes are the names people use.
CODE_IS_NAME = ("entity", "grade", "quarter", "basis", "mission")


def label(source: Answer | Mapping[str, Mapping[str, str]], dimension: str, code: str, short: bool = False) -> str:
    """The name of a code, translated; `short` for marks, chips and sentences. The one door to names."""
    if code in _MISSING:
        return gettext(_MISSING[code])
    names = source.labels if isinstance(source, Answer) else source
    name = names.get(dimension, {}).get(code, code)
    # Groups of codes (PH) are ours and in no code list of a release.
    if (short or name == code) and code in _SHORT_NAMES.get(dimension, ()):
        return gettext(_SHORT_NAMES[dimension][code])
    if short and dimension in CODE_IS_NAME:
        return code
    return gettext(name) if name else code


def dimension(name: str) -> str:
    """The name of a dimension as a heading."""
    if name in DIMENSIONS:
        return gettext(DIMENSIONS[name].label)
    return {
        "quarter": gettext("Quarter"),
        "basis": gettext("Basis"),
        "kind": gettext("Kind"),
        "year": gettext("Year"),
        "contributor": gettext("Contributing country"),
        "contributor_region": gettext("Region of the contributing countries"),
        "mission": gettext("Mission"),
        "release": gettext("Release"),
    }.get(name, name)


_STATUS: Mapping[str, str] = {
    BELOW: _("below parity"),
    PARITY: _("at parity"),
    ABOVE: _("above parity"),
    TOO_FEW: _("too few to judge"),
}


def status(code: str | None) -> str:
    """A parity status in words."""
    return gettext(_STATUS[code]) if code in _STATUS else ""


_REASON: Mapping[str, str] = {
    "not-participant": _("does not take part"),
    "not-submitted": _("not submitted"),
    "fewer": _("too few to show"),
    "withheld": _("not shown, to protect individuals"),
    REFUSED: _("not shown together"),
    "not-collected": _("not collected together"),
    "nothing-matches": _("nothing matches these filters"),
    "unknown-code": _("no such code in this release"),
    "nobody": _("no staff (confirmed zero)"),
    "not-in-release": _("not in this release"),
}


def reason(code: str | None) -> str:
    """Why there is no figure: one wording for each code of answer.REASONS."""
    return gettext(_REASON[code]) if code in _REASON else ""


def fewer_than(floor: int | None) -> str:
    """The one wording for a protected zero, what is rounded to zero and what is under the floor."""
    if floor is None:
        return reason("fewer")
    return gettext("fewer than %(least)s", least=number(floor)).replace(" ", NBSP)


def why(row: Row, short: bool = False) -> str:
    """Why a row has no figures, in words; `short` where a note beside it says more."""
    if short and row.reason == "withheld":
        return gettext("not shown")
    if row.reason != "fewer":
        return reason(row.reason)
    said = fewer_than(row.extra.get("fewer_than"))
    return gettext("%(fewer)s each", fewer=said).replace(" ", NBSP) if ranges.floors_together(row) else said


#: Rows without figures stand after all numbers, in this order whatever stands behind them; others last.
_PLACES = {None: 0, "nobody": 0, "fewer": 1, "withheld": 2}


def place(row: Row) -> int:
    """Where a row stands among others: with figures, under the floor, withheld, without figures for other reasons."""
    return 0 if row.staff is not None else _PLACES.get(row.reason, len(_PLACES))


_FLAG: Mapping[str, str] = {
    "reported": _("reported"),
    "carried": _("carried forward"),
    "partial": _("partly reported"),
    "not-submitted": _("not submitted"),
    "revised": _("revised"),
    "break": _("series break"),
    "approximate": _("approximate"),
}


def flag(code: str) -> str:
    """How a row's figures came to be, in words."""
    return gettext(_FLAG[code]) if code in _FLAG else code


_STATE: Mapping[str, str] = {
    "reported": _("reported"),
    "carried": _("carried forward"),
    "partial": _("partly reported"),
    "not-submitted": _("not submitted"),
    "not-participant": _("does not take part"),
}


def state(code: str) -> str:
    """How an entity stands in the reporting of a quarter."""
    return gettext(_STATE[code]) if code in _STATE else code


_BASIS: Mapping[str, str] = {
    "all": _("all entities"),
    "same-entities": _("the same entities throughout"),
    "previous-quarter": _("comparable with the quarter before"),
    "previous-year": _("comparable with a year before"),
    "five-years": _("comparable with five years before"),
}


def basis(code: str) -> str:
    """Which set of entities a row is computed over."""
    return gettext(_BASIS[code]) if code in _BASIS else code


def index(row: Row, bare: bool = False) -> str:
    """The index in its growth reading: "18 women", "632 men", "0", "about 20 women"; `bare` without "about". Where
    rounding leaves open which of the two are fewer it is "not clear".
    """
    if row.women is None or row.men is None:
        return "–"
    if ranges.open_index(row):
        return gettext("not clear")
    side = measures.needed(row.women, row.men)
    gap = measures.index_growth(row.women, row.men)
    said = number(0) if side is None else heads(side, gap)
    return about(said) if is_about(row) and not bare else said


def posts_to_change(row: Row, bare: bool = False) -> str:
    """The index in its replacement reading: "9 posts", "about 10 posts", or that rounding leaves it open; `bare` under
    a heading that speaks of posts.
    """
    if row.women is None or row.men is None:
        return "–"
    if row.index_replacement is None:
        return gettext("not clear")
    said = number(row.index_replacement) if bare else posts(row.index_replacement)
    return about(said) if is_about(row) else said


def posts(count: int) -> str:
    """So many posts: "1 post", "9 posts"."""
    return ngettext("%(count)s post", "%(count)s posts", count, count=number(count))


def heads(sex: str, count: int) -> str:
    """So many women or men: "1 woman", "9 men"."""
    if sex == "women":
        return ngettext("%(count)s woman", "%(count)s women", count, count=number(count))
    return ngettext("%(count)s man", "%(count)s men", count, count=number(count))


# -- rounded figures -------------------------------------------------------------------------------------------


def about(value: str) -> str:
    """A rounded figure, as it is said everywhere: "about 45", "about 43 %"."""
    return gettext("about %(figure)s", figure=value).replace(" ", NBSP)


def is_about(row: Row) -> bool:
    """Whether a row's figures are rounded to protect individuals, or approximate where they come from."""
    return row.protection == ROUNDED or row.flag == APPROXIMATE


def count(row: Row, name: str, bare: bool = False) -> str:
    """One of a row's head-counts (women, men, staff): "45", "about 45", "–"; `bare` under a heading with "about"."""
    value = getattr(row, name)
    if value is None:
        return "–"
    return about(number(value)) if is_about(row) and not bare else number(value)


def share(row: Row, bare: bool = False) -> str:
    """A row's share of women: "42.2 %", "about 43 %", or "–" where there is none or too few are counted for one."""
    if row.women is None or row.men is None:
        return "–"
    if row.protection != ROUNDED:
        said = percent(row.women, row.men)
        return about(said) if is_about(row) and not bare else said
    if row.share_women is None or not row.staff:
        return "–"
    said = _per_cent(_rounded(100 * row.women, row.women + row.men), 0)
    if row.status in (BELOW, PARITY, ABOVE) and _looks_else(row):
        # "about 47 %" would contradict "below parity".
        said = percent(row.women, row.men)
    return said if bare else about(said)


def percent_range(row: Row) -> tuple[str, str]:
    """The least and the most share that a rounded row may stand for, in whole per cent."""
    least, most = ranges.per_cent(row)
    return _per_cent(least, 0), _per_cent(most, 0)


def with_range(row: Row, said: str) -> str:
    """A row's share in words, with between which shares it may be where rounding leaves that open."""
    if ranges.open_share(row) is None:
        return said
    least, most = percent_range(row)
    return gettext("%(share)s; between %(least)s and %(most)s", share=said, least=least, most=most)


def at_parity_means() -> str:
    """When a group is at parity."""
    low, high = PARITY_BAND
    # Translators: %(low)s is a number and %(high)s a percentage: "47 to 53 %".
    return gettext(
        "At parity: women are %(low)s to %(high)s of staff, or women and men differ by one person at most.",
        low=number(low), high=percent_of(high),
    )  # fmt: skip


def shaded() -> str:
    """What the shaded parts of drawings are."""
    return gettext(
        "Shading shows the range a share may fall in, because counts are rounded. Changes and differences within it "
        "may come from rounding alone."
    )


def counts(row: Row, bare: bool = False) -> str:
    """Women of all: "21 of 43", "about 10 of 15"; `bare` without "about"."""
    said = gettext("%(women)s of %(staff)s", women=number(row.women or 0), staff=number(row.staff or 0))
    return about(said) if is_about(row) and not bare else said


def share_or_counts(row: Row) -> str:
    """The share where there is one; else the counts it would be formed of."""
    return counts(row) if share(row) == "–" else share(row)


def judged(answer: Answer, row: Row, under_heading: bool = False) -> str:
    """A row's parity status in words, and for a rounded one that there is none; shorter where a heading says status."""
    if row.status or row.protection != ROUNDED or row.women is None:
        return status(row.status)
    if row.left_out:
        return gettext("none for a sum") if under_heading else gettext("no status, because the sum leaves some out")
    return gettext("not clear") if under_heading else gettext("status not clear from rounded figures")


def left_out(answer: Answer, row: Row) -> str:
    """The chosen members under the floor that a sum leaves out, named; empty where there are none."""
    if not ranges.partial(row):
        return ""
    names, floors = [], set()
    for member in row.left_out:
        pairs = dict(pair.split("=", 1) for pair in member.split(" ") if "=" in pair)
        known = {name: code for name, code in pairs.items() if name in DIMENSIONS}
        # What the row is of need not be said of its parts.
        apart = {name: code for name, code in known.items() if name not in row.keys}
        if not known:
            names.append(member)
        elif len(apart) == 1:
            names += [label(answer, name, code, short=True) for name, code in apart.items()]
        else:
            names.append(who(select(**(apart or known)), answer.labels))
        if answer.policy:
            floors |= {answer.policy.floor(name) for name in known if DIMENSIONS[name].kind != CORE}
    return gettext(
        "without %(names)s (%(fewer)s, or not shown)", names=joined(names),
        fewer=fewer_than(max(floors) if floors else row.extra.get("fewer_than")),
    )  # fmt: skip


# -- who is counted ------------------------------------------------------------------------------------------


def population(scope: Scope) -> str:
    """The population in words, as it begins a scope line."""
    return {
        "regular": gettext("Staff on appointments of one year or more"),
        "temporary": gettext("Staff on temporary appointments"),
        "mixed": gettext("Staff on temporary appointments and on appointments of one year or more"),
        UNIFORMED: gettext("Military and police personnel, who are not staff"),
    }[scope.population]


def _population_after_count(scope: Scope) -> str:
    return {
        "regular": gettext("staff on appointments of one year or more"),
        "temporary": gettext("staff on temporary appointments"),
        "mixed": gettext("staff on temporary appointments and on appointments of one year or more"),
        UNIFORMED: gettext("military and police personnel, who are not staff"),
    }[scope.population]


def _names(labels: Mapping[str, Mapping[str, str]], name: str, codes: Sequence[str]) -> str:
    if len(codes) > NAMES_IN_A_SENTENCE:
        return gettext("%(count)s %(members)s", count=number(len(codes)), members=gettext(DIMENSIONS[name].plural))
    return joined(label(labels, name, code, short=True) for code in codes)


def _aside(labels: Mapping[str, Mapping[str, str]], name: str, codes: Sequence[str]) -> str:
    """A filter that has no place in the sentence itself, as it stands in brackets."""
    said = {
        ("headquarters", "hq"): lambda: gettext("at headquarters"),
        ("headquarters", "non-hq"): lambda: gettext("outside headquarters"),
        ("rc", "yes"): lambda: gettext("Resident Coordinators only"),
        ("rc", "no"): lambda: gettext("without Resident Coordinators"),
    }.get((name, codes[0]))
    if said and len(codes) == 1:
        return said()
    return gettext("%(filter)s: %(names)s", filter=dimension(name).lower(), names=_names(labels, name, codes))


def who(selection: Selection, labels: Mapping[str, Mapping[str, str]]) -> str:
    """The people a selection counts, as they stand in a sentence: "P-4 staff of UNDP in Kenya"."""
    left = list(selection.filtered)

    def take(*names: str) -> str:
        for name in names:
            if name in left:
                left.remove(name)
                return _names(labels, name, selection.codes(name))
        return ""

    level = take("grade", "category")
    unit = take("department", "entity")
    place = take("duty_station", "unct", "country", "region")
    # Resident Coordinators are a name of their own, unless a level stands before it.
    coordinators = not level and selection.codes("rc") == ("yes",)
    if coordinators:
        left.remove("rc")
    phrases = {
        (False, False): lambda **_: gettext("Resident Coordinators in the United Nations system"),
        (True, False): lambda **values: gettext("Resident Coordinators of %(unit)s", **values),
        (False, True): lambda **values: gettext("Resident Coordinators in %(place)s", **values),
        (True, True): lambda **values: gettext("Resident Coordinators of %(unit)s in %(place)s", **values),
    }
    phrase = (
        phrases[bool(unit), bool(place)](unit=unit, place=place)
        if coordinators
        else {
            (False, False, False): lambda **_: gettext("staff in the United Nations system"),
            (True, False, False): lambda **values: gettext("%(level)s staff", **values),
            (False, True, False): lambda **values: gettext("staff of %(unit)s", **values),
            (False, False, True): lambda **values: gettext("staff in %(place)s", **values),
            (True, True, False): lambda **values: gettext("%(level)s staff of %(unit)s", **values),
            (True, False, True): lambda **values: gettext("%(level)s staff in %(place)s", **values),
            (False, True, True): lambda **values: gettext("staff of %(unit)s in %(place)s", **values),
            (True, True, True): lambda **values: gettext("%(level)s staff of %(unit)s in %(place)s", **values),
        }[bool(level), bool(unit), bool(place)](level=level, unit=unit, place=place)
    )
    if not left:
        return phrase
    others = [_aside(labels, name, selection.codes(name)) for name in left]
    return gettext("%(staff)s (%(filters)s)", staff=phrase, filters="; ".join(others))


def _entities(scope: Scope) -> str:
    if scope.entities == scope.entities_expected:
        return ngettext("%(count)s entity", "%(count)s entities", scope.entities, count=number(scope.entities))
    return ngettext(
        "%(count)s of %(expected)s entity",
        "%(count)s of %(expected)s entities",
        scope.entities_expected,
        count=number(scope.entities),
        expected=number(scope.entities_expected),
    )


def marks(scope: Scope) -> list[str]:
    """What must stand on anything that leaves the page: demonstration data, and whom it is for."""
    said = [gettext("demonstration data")] if scope.demonstration else []
    return [*said, audience(scope)]


def no_such_release(asked: str) -> str:
    """That an address names a release there is none of, and what is shown instead."""
    return gettext("There is no release %(release)s. You are looking at the current one.", release=asked)


def no_such_quarter(release: str, asked: str) -> str:
    """That an address names a quarter which the release does not have, and what is shown instead."""
    return gettext(
        "Release %(release)s has no figures for %(quarter)s. You are looking at its latest quarter.",
        release=release, quarter=asked,
    )  # fmt: skip


def audience(scope: Scope) -> str:
    """Whom figures are for, as every file, picture and record says it."""
    return audience_notice(scope.audience)


def audience_notice(audience: str) -> str:
    """The same, by the code of an audience."""
    if audience == "public":
        return gettext("Public figures, protected: see %(address)s", address=METHOD)
    return gettext("Internal: not for public release")


def described(answer: Answer) -> str:
    """The filters in force as words: "Entity: UNDP; Grade: P-4 and P-5"; empty where there are none."""
    if answer.scope.population == UNIFORMED:
        return ""
    return "; ".join(
        gettext("%(filter)s: %(names)s", filter=dimension(key), names=_names(answer.labels, key, codes))
        for key, codes in answer.selection.chosen
    )


def scope_line(answer: Answer, leaving: bool = False, alike: bool = True) -> str:
    """Who is counted, as of when, from how many entities, by which release. On a page the filters stand in chips and
    the audience in the banner; what is leaving the page says both itself. `alike`: of the same entities throughout.
    """
    scope = answer.scope
    if scope.population == UNIFORMED:
        return _uniformed_line(answer, leaving)
    parts = [population(scope), date(scope.as_of), _entities(scope), scope.release.name]
    same = scope.same_entities.get("same-entities")
    if answer.question == "trend" and same and alike and _throughout(answer):
        parts[2] = ngettext(
            "%(count)s entity with figures throughout", "%(count)s entities with figures throughout", same,
            count=number(same),
        )  # fmt: skip
    if answer.question == "coverage":
        parts[0] = gettext("Entities that take part")
        # All that take part: the title says how many of them have reported.
        expected = scope.entities_expected
        parts[2] = ngettext("%(count)s entity", "%(count)s entities", expected, count=number(expected))
    if answer.protection == ROUNDED:
        parts.append(gettext("rounded to protect individuals"))
    said = marks(scope)
    parts += said if leaving else said[:1] if scope.release.demonstration else []
    if leaving and answer.selection.chosen:
        parts.insert(1, described(answer))
    return DOT.join(parts)


def _throughout(answer: Answer) -> bool:
    """Whether the line of a development is of the same entities in every quarter: none is left out of it that there
    are figures for, or should be.
    """
    found = comparable.development(answer)
    return found.basis == comparable.SAME and not (found.hollow or found.apart or found.unknown)


def _uniformed_line(answer: Answer, leaving: bool) -> str:
    """The scope of an answer on uniformed personnel: no entity sends them, and they follow no quarter."""
    scope = answer.scope
    parts = [population(scope), when(answer), scope.release.name]
    if leaving:
        parts += [*([gettext("source: %(source)s", source=scope.source)] if scope.source else []), *marks(scope)]
    return DOT.join(part for part in parts if part)


def when(answer: Answer) -> str:
    """What an answer on uniformed personnel is of: a day, or averages of years; empty where it holds nothing."""
    if not answer.rows:
        return ""
    if "year" not in answer.by:
        return date(answer.scope.as_of)
    years = sorted({row.keys["year"] for row in answer.rows})
    if len(years) == 1:
        return gettext("average of %(year)s", year=years[0])
    return gettext("averages of each year from %(first)s to %(last)s", first=years[0], last=years[-1])


def _reporting(answer: Answer) -> str:
    """How many entities have reported; of what share of staff, where all staff of these entities are counted."""
    scope = answer.scope
    if scope.entities_expected == 1:
        if scope.carried:
            return gettext("figures carried forward from an earlier quarter")
        if scope.not_submitted:
            return gettext("figures not submitted")
        if scope.partial:
            return gettext("partly reported")
    own, expected = number(scope.entities - len(scope.carried)), number(scope.entities_expected)
    if scope.share_reported is None or set(answer.selection.filtered) - {"entity"}:
        said = ngettext(
            "%(own)s of %(expected)s entity reporting",
            "%(own)s of %(expected)s entities reporting",
            scope.entities_expected,
            own=own,
            expected=expected,
        )
        return in_part(said, len(scope.partial))
    said = ngettext(
        "%(own)s of %(expected)s entity reporting (%(share)s of staff)",
        "%(own)s of %(expected)s entities reporting (%(share)s of staff)",
        scope.entities_expected,
        own=own,
        expected=expected,
        share=fraction(scope.share_reported),
    )
    return in_part(said, len(scope.partial))


def headline_scope(answer: Answer) -> str:
    """The line under the headline: counts in full, and how many entities have reported."""
    scope = answer.scope
    row = now(answer)
    parts = []
    if row is not None and row.women is not None and row.staff and is_about(row):
        parts.append(
            gettext(
                "About %(women)s women of about %(staff)s %(population)s",
                women=number(row.women),
                staff=number(row.staff),
                population=_population_after_count(scope),
            )
        )
        parts.append(gettext("rounded to protect individuals"))
    elif row is not None and row.women is not None and row.staff:
        parts.append(
            gettext(
                "%(women)s of %(staff)s %(population)s",
                women=heads("women", row.women),
                staff=number(row.staff),
                population=_population_after_count(scope),
            )
        )
    else:
        parts.append(population(scope))
        if answer.protection == REFUSED or (row is not None and row.reason in PROTECTED):
            parts.append(gettext("total not shown"))
    if scope.entities_expected:
        parts.append(_reporting(answer))
    parts += [date(scope.as_of), scope.release.name]
    return DOT.join(parts)


# -- the headline --------------------------------------------------------------------------------------------


def now(answer: Answer) -> Row | None:
    """The row of a headline or trend answer that holds the selection's own total."""
    for row in answer.rows:
        if row.keys.get("basis") == "all" and row.keys.get("quarter") == answer.scope.quarter:
            return row
    return None


def _judged(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.status in (BELOW, PARITY, ABOVE)]


def _with_anybody(answer: Answer) -> list[Row]:
    """The rows that have staff, or may have some and are not shown."""
    return [row for row in answer.rows if row.staff or row.reason in PROTECTED]


def _run(rows: Sequence[Row], wanted: str) -> list[Row] | None:
    """The rows of this status if they are neighbours in the order given, else None."""
    places = [place for place, row in enumerate(rows) if row.status == wanted]
    if places and places[-1] - places[0] + 1 == len(places):
        return [rows[place] for place in places]
    return None


def _grades_exception(by_grade: Answer | None) -> str:
    """What "parity overall" hides: "but not from P-5 to D-2"; empty when it hides nothing or nothing is known."""
    if by_grade is None:
        return ""
    judged = _judged(by_grade.rows)
    if len(judged) < 2:
        return ""
    below = [row for row in judged if row.status == BELOW]
    above = [row for row in judged if row.status == ABOVE]
    if not below and not above:
        return ""
    values = {"below": number(len(below)), "above": number(len(above)), "grades": number(len(judged))}
    if len(judged) < len(_with_anybody(by_grade)):
        return _exception_of_judged(len(below), values)
    if not below:
        return gettext("but above the band at %(above)s of %(grades)s grades", **values)
    # Levels of a few people are not named, but one at parity in between breaks a run.
    ladder = [row for row in judged if LADDER.fullmatch(row.keys["grade"])]
    named = [row for row in _run(ladder, BELOW) or () if (row.staff or 0) >= NAMED_FROM]
    if not named:
        return gettext("but below it at %(below)s of %(grades)s grades", **values)
    # Answers come most senior first; people read a ladder upwards. To name some and not to say how many there are
    # would be read as "there only".
    values |= {"low": named[-1].keys["grade"], "high": named[0].keys["grade"], "grade": named[0].keys["grade"]}
    if len(named) == len(below):
        if len(named) == 1:
            return gettext("but not at %(grade)s", **values)
        return gettext("but not from %(low)s to %(high)s", **values)
    if len(named) == 1:
        return gettext("but below it at %(below)s of %(grades)s grades, including %(grade)s", **values)
    return gettext("but below it at %(below)s of %(grades)s grades, including %(low)s to %(high)s", **values)


def _exception_of_judged(below: int, values: Mapping[str, str]) -> str:
    """The same where some grades have no status, so that nothing is said of all of them, nor of a run of them."""
    if not below:
        return gettext("but above the band at %(above)s of the %(grades)s grades with a status", **values)
    return gettext("but below it at %(below)s of the %(grades)s grades with a status", **values)


def _verdict(row: Row, by_grade: Answer | None) -> str:
    if row.status == PARITY:
        exception = _grades_exception(by_grade)
        if exception:
            return gettext("parity overall, %(exception)s", exception=exception)
        return gettext("parity")
    if row.status == BELOW:
        return gettext("below parity")
    return gettext("above the parity band")


def no_figures(answer: Answer) -> bool:
    """Whether nothing is counted because no entity chosen has figures for the quarter: a gap and not a zero."""
    return not answer.scope.entities and bool(answer.scope.not_submitted)


def entity_names(codes: Sequence[str]) -> str:
    """Entities within a sentence: by name, or where they are many how many they are."""
    if len(codes) > NAMES_IN_A_SENTENCE:
        return ngettext("%(count)s entity", "%(count)s entities", len(codes), count=number(len(codes)))
    return joined(label({}, "entity", code, short=True) for code in codes)


def capital(text: str) -> str:
    """A phrase as it begins a sentence."""
    return text[:1].upper() + text[1:]


def _rounded_headline(answer: Answer, row: Row, staff: str, by_grade: Answer | None) -> str:
    without = left_out(answer, row)
    if without:
        staff = gettext("%(who)s, %(without)s,", who=staff, without=without)
    values = {"women": number(row.women or 0), "staff": number(row.staff or 0), "who": staff, "share": share(row)}
    if row.status is None and row.share_women is None:
        return gettext("About %(women)s of about %(staff)s %(who)s are women", **values)
    if row.status is None:
        return gettext("About %(women)s of about %(staff)s %(who)s are women (%(share)s)", **values)
    values["verdict"] = _verdict(row, by_grade)
    if row.share_women is None:
        return gettext("About %(women)s of about %(staff)s %(who)s are women: %(verdict)s", **values)
    return gettext("About %(women)s of about %(staff)s %(who)s are women (%(share)s): %(verdict)s", **values)


def headline(answer: Answer, by_grade: Answer | None = None, selection: Selection | None = None) -> str:
    """The finding of a page as one sentence, true in every case: nobody, one, none, all, few, equal, many."""
    row = now(answer)
    unknown = [note for note in answer.notes if note.code == "unknown-code"]
    if row is None or not row.staff:
        if unknown:
            return gettext("Nothing to show: %(problem)s", problem=note_sentence(unknown[0], answer))
        if answer.protection == REFUSED:
            return gettext("These filters cannot be combined")
        if row is not None and row.reason in PROTECTED:
            staff = who(selection or answer.selection, answer.labels)
            if row.reason == "fewer":
                return gettext("%(who)s: %(fewer)s", who=capital(staff), fewer=why(row))
            return gettext("%(who)s: not shown, to protect individuals", who=capital(staff))
        if no_figures(answer):
            return gettext(
                "No figures for %(quarter)s: not submitted by %(names)s",
                quarter=answer.scope.quarter, names=entity_names(answer.scope.not_submitted),
            )  # fmt: skip
        return gettext("No staff match these filters")
    staff = who(selection or answer.selection, answer.labels)
    if is_about(row):
        return _rounded_headline(answer, row, staff, by_grade)
    women, men, total = row.women or 0, row.men or 0, row.staff
    values = {"women": number(women), "men": number(men), "staff": number(total), "who": staff}
    if total == 1:
        if women:
            return gettext("One woman and no men among %(who)s", **values)
        return gettext("One man and no women among %(who)s", **values)
    if total < FEW:
        return gettext("%(women)s and %(men)s among %(who)s: too few to judge parity",
                       women=heads("women", women), men=heads("men", men), who=staff)  # fmt: skip
    if women == 0:
        return gettext("No women among the %(staff)s %(who)s", **values)
    if men == 0:
        return gettext("All %(staff)s %(who)s are women", **values)
    if women == men:
        exception = _grades_exception(by_grade)
        if exception:
            return gettext(
                "As many women as men among %(who)s (%(women)s each): parity overall, %(exception)s",
                exception=exception, **values,
            )  # fmt: skip
        return gettext("As many women as men among %(who)s: %(women)s each", **values)
    values |= {"share": percent(women, men), "verdict": _verdict(row, by_grade)}
    if total >= SHARE_LEADS_FROM:
        return gettext("Women are %(share)s of %(who)s: %(verdict)s", **values)
    if women == 1:
        return gettext("1 of %(staff)s %(who)s is a woman (%(share)s): %(verdict)s", **values)
    return gettext("%(women)s of %(staff)s %(who)s are women (%(share)s): %(verdict)s", **values)


def said(answer: Answer) -> tuple[str, str]:
    """For the status line: what the selection holds now, and its share alone (the page adds what it was before)."""
    row = now(answer)
    entities = _entities(answer.scope)
    if answer.protection == REFUSED:
        return gettext("These filters cannot be combined"), ""
    if row is not None and row.reason in PROTECTED:
        return gettext("%(entities)s, %(why)s", entities=entities, why=why(row)), ""
    if row is not None and row.staff and is_about(row):
        told = gettext(
            "%(entities)s, about %(staff)s staff, %(share)s women",
            entities=entities, staff=number(row.staff), share=share_or_counts(row),
        )  # fmt: skip
        return of_those_shown(told, row), share_or_counts(row)
    if row is None or not row.staff:
        return gettext("%(entities)s, no staff in this selection", entities=entities), ""
    share = percent(row.women or 0, row.men or 0)
    return (
        gettext(
            "%(entities)s, %(staff)s staff, %(share)s women", entities=entities, staff=number(row.staff), share=share
        ),
        share,
    )


# -- four figures --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """One of the figures under the headline: what it is, its value, and what puts it in context."""

    name: str
    label: str
    value: str
    details: tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True)
class _Then:
    quarter: str
    women: int
    men: int
    points: float | None
    entities: int  # of how many entities, where that is not all with figures; else 0


def _change(answer: Answer, wanted: str) -> _Then | None:
    rows = sorted((row for row in answer.rows if row.keys.get("basis") == wanted), key=lambda row: row.keys["quarter"])
    if len(rows) != 2 or any(row.women is None or row.men is None for row in rows):
        return None
    then, today = rows
    change = measures.change((today.women or 0, today.men or 0), (then.women or 0, then.men or 0))
    count, all_counted = answer.scope.same_entities.get(wanted), answer.scope.entities
    entities = 0 if count is None or count == all_counted else count
    return _Then(then.keys["quarter"], change.women, change.men, change.points, entities)


def _over_comparable(change: str, entities: int) -> str:
    """A change, and over how many comparable entities it is where these are not all."""
    if not entities:
        return gettext("%(change)s (like for like)", change=change)
    # Translators: %(change)s is one change, or several with commas between: "+12 since 2026Q2".
    return ngettext(
        "%(change)s (%(count)s comparable entity)", "%(change)s (%(count)s comparable entities)", entities,
        change=change, count=number(entities),
    )  # fmt: skip


def _needed_for_equal_numbers(women: int, men: int) -> str:
    """What stands beneath the index, which is a number of women or men: what they are needed for, and how many posts
    would do instead.
    """
    posts, side = measures.index_replacement(women, men), measures.needed(women, men)
    if side is None:
        return gettext("equal numbers")
    if not posts:
        return gettext("needed for equal numbers")
    if side == "women":
        return ngettext(
            "needed for equal numbers, or %(posts)s post filled by a woman instead of a man",
            "needed for equal numbers, or %(posts)s posts filled by women instead of men",
            posts, posts=number(posts),
        )  # fmt: skip
    return ngettext(
        "needed for equal numbers, or %(posts)s post filled by a man instead of a woman",
        "needed for equal numbers, or %(posts)s posts filled by men instead of women",
        posts, posts=number(posts),
    )  # fmt: skip


def _side(women: int, men: int) -> str:
    """Which sex the index counts, as the unit of its number."""
    gap = measures.index_growth(women, men)
    side = measures.needed(women, men)
    if side is None:
        return ""
    return ngettext("woman", "women", gap) if side == "women" else ngettext("man", "men", gap)


def change_of_rounded(now: Row, then: Row, name: str) -> str:
    """A change between two rounded head-counts: "about +15", or "no clear change" where rounding alone could do it."""
    moved = (getattr(now, name) or 0) - (getattr(then, name) or 0)
    if now.left_out != then.left_out or not ranges.apart(ranges.heads(now, name), ranges.heads(then, name)):
        return gettext("no clear change")
    return about(signed(moved))


def _rounded_figures(answer: Answer, row: Row) -> list[Figure]:
    """The four figures of a rounded headline: "about" everywhere, and changes only where they are clear."""
    then = sorted(
        (each for each in answer.rows if each is not row and each.keys["basis"] == "all" and each.women is not None),
        key=lambda each: each.keys["quarter"],
        reverse=True,
    )

    def since(name: str) -> tuple[str, ...]:
        return tuple(
            gettext("%(change)s since %(quarter)s", change=change_of_rounded(row, each, name),
                    quarter=each.keys["quarter"])
            for each in then
        )  # fmt: skip

    said = share(row)
    least = answer.policy.share_from if answer.policy else None
    share_details = () if said != "–" or least is None else (
        gettext("shown from about %(least)s staff", least=number(least)),
    )  # fmt: skip
    clear = not ranges.open_index(row)
    women, men = row.women or 0, row.men or 0
    return [
        Figure("women", gettext("Women"), about(number(women)), since("women")),
        Figure("men", gettext("Men"), about(number(men)), since("men")),
        Figure("share", gettext("Share of women"), said, share_details),
        Figure(
            "index",
            gettext("Gender Parity Index"),
            about(number(row.index_growth or 0)) if clear else gettext("not clear"),
            (
                gettext("needed for equal numbers")
                if clear
                else gettext("rounding hides whether women or men are fewer"),
            ),
            _side(women, men) if clear else "",
        ),
    ]


def figures(answer: Answer, by_grade: Answer | None = None) -> list[Figure]:
    """Women, men, share and index with their like-for-like changes."""
    row = now(answer)
    if row is None or row.women is None or row.men is None or not row.staff:
        return []
    if is_about(row):
        return _rounded_figures(answer, row)
    women, men = row.women, row.men
    quarter, year = _change(answer, "previous-quarter"), _change(answer, "previous-year")
    # Of carried figures there is no change to tell, and the note on them says why.
    unsaid = bool(answer.scope.carried) and len(answer.scope.carried) == answer.scope.entities
    if unsaid:
        quarter = year = None
    # Nor where a table that is not by entity has answered, which gives each quarter whole: that compares nothing, and
    # does not say that nothing can be compared.
    unsaid = unsaid or any(each.keys["basis"] == "all" and each is not row for each in answer.rows)

    def since(count: str) -> tuple[str, ...]:
        if quarter is None:
            return () if unsaid else (gettext("no comparable figure for the quarter before"),)
        value, then = getattr(quarter, count), quarter.quarter
        if not value:
            said = gettext("unchanged since %(quarter)s", quarter=then)
        else:
            said = gettext("%(change)s since %(quarter)s", change=signed(value), quarter=then)
        # Where they are not all, the number above is of more entities than its change.
        return (_over_comparable(said, quarter.entities) if quarter.entities else said,)

    changes = []
    if quarter is not None and quarter.points is not None:
        changes.append(gettext("%(change)s since %(quarter)s", change=points(quarter.points), quarter=quarter.quarter))
    if year is not None and year.points is not None:
        changes.append(gettext("%(change)s in a year", change=points(year.points)))
    # Of which entities each is: both of all of them, both of the same number, or each of its own.
    bases = [then.entities for then in (quarter, year) if then is not None and then.points is not None]
    share_details: tuple[str, ...] = ()
    if len(set(bases)) > 1:
        share_details = tuple(_over_comparable(said, of) for said, of in zip(changes, bases, strict=True))
    elif changes:
        share_details = (_over_comparable(", ".join(changes), bases[0]),)
    elif not unsaid:
        share_details = (gettext("no comparable earlier figure"),)
    index_details = [_needed_for_equal_numbers(women, men)]
    if by_grade is not None and by_grade.protection != ROUNDED:
        gross = measures.gaps(
            (r.women, r.men) for r in by_grade.rows if r.women is not None and r.men is not None
        ).gross
        if gross > measures.index_growth(women, men):
            index_details.append(
                # Translators: %(gross)s is how many women or men it takes: a number.
                ngettext(
                    "%(gross)s if every grade had to be equal",
                    "%(gross)s if every grade had to be equal",
                    gross,
                    gross=number(gross),
                )
            )
    other = row.extra.get("other")
    men_details = since("men")
    found = [
        Figure("women", gettext("Women"), number(women), since("women")),
        Figure("men", gettext("Men"), number(men), men_details),
        Figure("share", gettext("Share of women"), percent(women, men), share_details),
        Figure(
            "index", gettext("Gender Parity Index"), number(abs(women - men)), tuple(index_details), _side(women, men)
        ),
    ]
    if other:
        share = found[2]
        # Rounded for every audience: subtracted from one another, two exact ones would tell of one entity.
        # Translators: %(other)s is a number of people: "about 45".
        more = gettext("%(other)s recorded as other or not disclosed are not in the share", other=about(number(other)))
        found[2] = Figure(share.name, share.label, share.value, (*share.details, more))
    return found


# -- chips ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it says, and what it takes away: a code of a dimension, or all of them (an empty code).

    Not the selection without it: by the time it is pressed another one may have been chosen.
    """

    text: str
    name: str
    key: str
    code: str


def chips(selection: Selection, labels: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    """One removable chip per chosen code; per dimension where they are many."""
    found = []
    for key, codes in selection.chosen:
        heading = dimension(key)
        if len(codes) > 6:
            text = gettext("%(filter)s: %(count)s chosen", filter=heading, count=number(len(codes)))
            found.append((text, key, ""))
            continue
        for code in codes:
            text = gettext("%(filter)s: %(names)s", filter=heading, names=label(labels, key, code, short=True))
            found.append((text, key, code))
    return [Chip(text, gettext("Remove filter %(filter)s", filter=text), key, code) for text, key, code in found]


# -- titles of panels ----------------------------------------------------------------------------------------


def _furthest(rows: Sequence[Row]) -> Row:
    # Rounded rows of a few dozen have a status and no share.
    return max(rows, key=lambda row: -1 if row.share_women is None else abs(row.share_women - 0.5))


def _furthest_of_large(rows: Sequence[Row], counted: int) -> tuple[Row, bool]:
    """The row furthest from parity, and whether it had to be sought among the larger ones: a title that names a
    handful of people would say nothing about the whole.
    """
    worst = _furthest(rows)
    least = max(SHARE_LEADS_FROM, counted * LARGE_SHARE)
    large = [row for row in rows if (row.staff or 0) >= least]
    if not large or (worst.staff or 0) >= least:
        return worst, False
    return _furthest(large), True


def _members(key: str, count: int) -> str:
    """A counted noun for the rows of a breakdown."""
    values = {"count": number(count)}
    return {
        "grade": lambda: ngettext("%(count)s grade", "%(count)s grades", count, **values),
        "entity": lambda: ngettext("%(count)s entity", "%(count)s entities", count, **values),
        "category": lambda: ngettext("%(count)s category", "%(count)s categories", count, **values),
        "unct": lambda: ngettext("%(count)s country team", "%(count)s country teams", count, **values),
        "country": lambda: ngettext("%(count)s country", "%(count)s countries", count, **values),
        "duty_station": lambda: ngettext("%(count)s duty station", "%(count)s duty stations", count, **values),
        "department": lambda: ngettext("%(count)s department", "%(count)s departments", count, **values),
        "region": lambda: ngettext("%(count)s region", "%(count)s regions", count, **values),
        "age_group": lambda: ngettext("%(count)s age group", "%(count)s age groups", count, **values),
        "nationality": lambda: ngettext("%(count)s nationality", "%(count)s nationalities", count, **values),
    }.get(key, lambda: ngettext("%(count)s group", "%(count)s groups", count, **values))()


def _unjudged(answer: Answer) -> int:
    return sum(row.status == TOO_FEW and comparable.counts(row) for row in answer.rows)


def _looks_else(row: Row) -> bool:
    """Whether the printed share of a rounded row would be judged otherwise than the row is."""
    if row.share_women is None or row.women is None or row.men is None:
        return False
    low, high = PARITY_BAND
    printed = _rounded(100 * row.women, row.women + row.men)
    return row.status != (BELOW if printed < low else ABOVE if printed > high else PARITY)


def not_counted(answer: Answer) -> list[str]:
    """Which entities are shown and in no count of those at or below parity, and in no change; and why."""
    left: dict[str, list[str]] = {}
    for row in answer.rows:
        if row.staff and not comparable.counts(row):
            left.setdefault(flag(row.flag), []).append(label(answer, "entity", row.keys["entity"], short=True))
    if not left:
        return []
    names = "; ".join(gettext("%(what)s: %(names)s", what=what, names=joined(of)) for what, of in left.items())
    # Translators: %(names)s is why and whom: "carried forward: UNDP; partly reported: ITU".
    return [gettext("Left out of counts of entities and of changes – %(names)s.", names=names)]


def breakdown_notes(answer: Answer) -> list[str]:
    """What the title of a breakdown leaves out, and why a status may look wrong beside its share."""
    said = not_counted(answer)
    few = _unjudged(answer)
    unclear = sum(row.status is None and row.possible is not None for row in answer.rows)
    if unclear:
        members = _members(answer.by[0], unclear)
        # Translators: here and below, %(members)s is a number with its noun: "6 grades".
        said.append(
            ngettext("%(members)s has no status, because rounding leaves it open.",
                     "%(members)s have no status, because rounding leaves it open.", unclear, members=members)
        )  # fmt: skip
    if few and few < len(answer.rows):
        said.append(
            ngettext("%(members)s has fewer than %(least)s staff and gets no status.",
                     "%(members)s have fewer than %(least)s staff and get no status.", few,
                     members=_members(answer.by[0], few), least=number(FEW))
        )  # fmt: skip
    low, high = PARITY_BAND
    odd = [
        row
        for row in answer.rows
        if row.status == PARITY and row.women is not None and not is_about(row)
        if not low <= 100 * row.women / (row.staff or 1) <= high
    ]
    if odd:
        names = _members(answer.by[0], len(odd))
        if len(odd) <= NAMES_IN_A_SENTENCE:
            names = joined(label(answer, answer.by[0], row.keys[answer.by[0]], short=True) for row in odd)
        said.append(
            ngettext("%(names)s counts as at parity: the difference is one person.",
                     "%(names)s count as at parity: the difference is one person in each.", len(odd), names=names)
        )  # fmt: skip
    return said


def _range(answer: Answer) -> str:
    """The finding of rounded rows without a status: how far their shares are apart, where that is clear."""
    key = answer.by[0]
    # Of a sum that leaves some out nothing is said.
    rows = [row for row in answer.rows if row.share_women is not None and not row.left_out]
    rows.sort(key=lambda row: row.share_women or 0)
    if not rows:
        return gettext("Rounded figures do not show whether women are at parity here")
    # A range may be wide: the lowest and the highest may leave it open while two between them do not.
    shares = [(row, ranges.share(row)) for row in rows]
    clear = [(one, other) for (one, low), (other, high) in combinations(shares, 2) if ranges.apart(low, high)]
    low, high = max(
        clear, key=lambda pair: (pair[1].share_women or 0) - (pair[0].share_women or 0), default=(rows[0], rows[-1])
    )
    values = {"share": share(low), "name": label(answer, key, low.keys[key], short=True)}
    if low is high:
        return gettext("%(name)s: %(share)s women", **values)
    if clear:
        return gettext(
            "Women are %(share)s in %(name)s and %(highest)s in %(other)s",
            highest=share(high), other=label(answer, key, high.keys[key], short=True), **values,
        )  # fmt: skip
    ends = [ranges.per_cent(row) for row in rows]
    # Translators: %(low)s is a number and %(high)s a percentage: "between 40 and 55 %".
    return gettext(
        "No clear difference: women are between %(low)s and %(high)s in each of %(members)s with a share",
        members=_members(key, len(rows)), low=number(min(least for least, _ in ends)),
        high=_per_cent(max(most for _, most in ends), 0),
    )  # fmt: skip


def _of_others(answer: Answer) -> str:
    """The title of entities of which none can be counted: all with staff are carried forward or partly reported, or
    too few to judge.
    """
    rows = [row for row in answer.rows if row.staff]
    if len(rows) > 1:
        return gettext("No entity here has reported enough staff in full to judge parity")
    name = label(answer, "entity", rows[0].keys["entity"], short=True)
    said = gettext("%(name)s: %(share)s women (%(flag)s)", name=name, share=share_or_counts(rows[0]),
                   flag=flag(rows[0].flag))  # fmt: skip
    return of_those_shown(said, rows[0])


def breakdown_title(answer: Answer) -> str:
    """The finding of a breakdown by one dimension: who is below parity, and who is furthest from it.

    Where some of its rows have no status (too few, rounded or not shown) it is said to be of those that have one.
    """
    key = answer.by[0]
    if not answer.rows or all(not row.staff for row in answer.rows):
        return empty_title(answer)
    judged = [row for row in _judged(answer.rows) if comparable.counts(row)]
    if not judged and any(row.staff and not comparable.counts(row) for row in answer.rows):
        return _of_others(answer)
    if not judged and any(row.possible for row in answer.rows):
        return _range(answer)
    if not judged and any(row.reason in PROTECTED for row in answer.rows):
        # Beside a few people of whom nothing is said: these may be many.
        return gettext("Rounded figures do not show whether women are at parity here")
    if not judged:
        return gettext("Too few staff to judge parity")
    if len(judged) == 1:
        return _judged_alone(answer, judged[0])
    below = [row for row in judged if row.status == BELOW]
    above = [row for row in judged if row.status == ABOVE]
    every = len(judged) == sum(map(comparable.counts, _with_anybody(answer)))
    members = _members(key, len(judged))

    def named(row: Row) -> str:
        return label(answer, key, row.keys[key], short=True)

    if not below and not above:
        if len(judged) <= NAMES_IN_A_SENTENCE:
            return gettext("%(names)s are at parity", names=joined(named(row) for row in judged))
        if every:
            return gettext("All %(members)s are at parity", members=members)
        return gettext("All %(members)s with a status are at parity", members=members)
    if not below:
        return _none_below(answer, above, members if not every else "")
    if len(below) == 1:
        values = {"name": named(below[0]), "share": share_or_counts(below[0]), "members": members}
        if every:
            return gettext("Only %(name)s is below parity, at %(share)s", **values)
        return gettext("Of %(members)s with a status, only %(name)s is below parity, at %(share)s", **values)
    if len(below) == len(judged) and every and len(below) <= NAMES_IN_A_SENTENCE:
        return _furthest_below(answer, below, gettext("All are below parity"))
    if len(below) == len(judged) and every:
        return _furthest_below(answer, below, gettext("All %(members)s are below parity", members=members))
    if len(below) == len(judged):
        return _furthest_below(
            answer, below, gettext("All %(members)s with a status are below parity", members=members)
        )
    if len(below) <= NAMES_IN_A_SENTENCE:
        names = joined(named(row) for row in (reversed(below) if key == "grade" else below))
        said = (
            gettext("%(names)s are below parity", names=names)
            if every
            else gettext("Of %(members)s with a status, %(names)s are below parity", members=members, names=names)
        )
        return _furthest_below(answer, below, said, names_all=True)
    values = {"below": number(len(below)), "members": members}
    if every:
        return _furthest_below(answer, below, gettext("%(below)s of %(members)s are below parity", **values))
    return _furthest_below(answer, below, gettext("%(below)s of %(members)s with a status are below parity", **values))


def _judged_alone(answer: Answer, row: Row) -> str:
    """The one row that has a status."""
    key = answer.by[0]
    values = {"name": label(answer, key, row.keys[key], short=True), "status": status(row.status)}
    if not is_about(row) and (row.staff or 0) < SHARE_LEADS_FROM:
        return gettext(
            "%(name)s: %(women)s of %(staff)s are women, %(status)s",
            women=number(row.women or 0), staff=number(row.staff or 0), **values,
        )  # fmt: skip
    return gettext("%(name)s: %(share)s women, %(status)s", share=share_or_counts(row), **values)


def _as_far(worst: Row, rows: Sequence[Row]) -> list[Row]:
    """The rows that are exactly as far from parity as this one, itself among them; of a rounded one it alone."""
    if worst.possible is not None or worst.share_women is None:
        return [worst]
    return [row for row in rows if row is worst or (row.possible is None and row.share_women == worst.share_women)]


def _none_below(answer: Answer, above: Sequence[Row], judged: str) -> str:
    """That none is below parity, of those `judged` where these are not all; and who is clearly furthest above it."""
    key, worst = answer.by[0], _furthest(above)
    values = {"name": label(answer, key, worst.keys[key], short=True), "share": share_or_counts(worst)}
    if any(row.possible for row in above):
        clear = ranges.clearly_most(worst, above, ranges.share)
    else:
        clear = len(_as_far(worst, above)) == 1
    if not judged:
        if clear:
            return gettext("None is below parity; %(name)s is furthest above it, at %(share)s", **values)
        return gettext("None is below parity; %(name)s is among those above it, at %(share)s", **values)
    if clear:
        return gettext(
            "Of %(members)s with a status, none is below parity; %(name)s is furthest above it, at %(share)s",
            members=judged, **values,
        )  # fmt: skip
    return gettext(
        "Of %(members)s with a status, none is below parity; %(name)s is among those above it, at %(share)s",
        members=judged, **values,
    )  # fmt: skip


def _furthest_below(answer: Answer, below: Sequence[Row], said: str, names_all: bool = False) -> str:
    """The finding, and which of those below parity is furthest from it where that is clear."""
    key = answer.by[0]
    worst, of_large = _furthest_of_large(below, sum(row.staff or 0 for row in answer.rows))
    values = {"finding": said, "name": label(answer, key, worst.keys[key], short=True),
              "share": share_or_counts(worst)}  # fmt: skip
    if any(row.possible for row in below) and not ranges.clearly_least(worst, below, ranges.share):
        return said if names_all else gettext("%(finding)s, including %(name)s at %(share)s", **values)
    if any(row.possible for row in below):
        return gettext("%(finding)s, %(name)s furthest at %(share)s", **values)
    if of_large:
        least = max(SHARE_LEADS_FROM, LARGE_SHARE * sum(row.staff or 0 for row in answer.rows))
        below = [row for row in below if (row.staff or 0) >= least]
    same = _as_far(worst, below)
    if len(same) > NAMES_IN_A_SENTENCE:
        return said
    values["name"] = joined(label(answer, key, row.keys[key], short=True) for row in same)
    if of_large:
        if names_all:
            return said
        if len(same) > 1:
            return gettext("%(finding)s; of the larger ones, %(name)s are furthest, at %(share)s", **values)
        return gettext("%(finding)s; of the larger ones, %(name)s is furthest, at %(share)s", **values)
    return gettext("%(finding)s, %(name)s furthest at %(share)s", **values)


def headquarters_title(answer: Answer) -> str:
    """The finding of the comparison between headquarters and elsewhere."""
    known = [row for row in answer.rows if row.staff and row.keys["headquarters"] in ("hq", "non-hq")]
    return of_those_shown(_at_headquarters(answer, known), *known)


def _at_headquarters(answer: Answer, known: Sequence[Row]) -> str:
    rows = {row.keys["headquarters"]: row for row in known}
    shares = {code: share_or_counts(row) for code, row in rows.items()}
    of_all = {code: counts(row) for code, row in rows.items()}
    if len(rows) < 2 and any(row.reason in PROTECTED or row.staff for row in answer.rows if row not in known):
        # Too few to show is not nobody, and where it is not reported they may be at either.
        if "hq" in rows:
            return gettext("At headquarters women are %(share)s", share=shares["hq"])
        if "non-hq" in rows:
            return gettext("Outside headquarters women are %(share)s", share=shares["non-hq"])
    if any((row.staff or 0) < SHARE_LEADS_FROM for row in rows.values()):
        # 100 % of one person would be quoted.
        if len(rows) == 2:
            return gettext("Women are %(hq)s at headquarters, %(rest)s elsewhere", hq=of_all["hq"],
                           rest=of_all["non-hq"])  # fmt: skip
        if "hq" in rows:
            return gettext("All staff are at headquarters: women are %(counts)s", counts=of_all["hq"])
        if "non-hq" in rows:
            return gettext("No staff at headquarters: women are %(counts)s elsewhere", counts=of_all["non-hq"])
    if "hq" in rows and "non-hq" in rows:
        return gettext("Women are %(hq)s at headquarters, %(rest)s elsewhere", hq=shares["hq"], rest=shares["non-hq"])
    if "hq" in rows:
        return gettext("All staff are at headquarters: %(share)s women", share=shares["hq"])
    if "non-hq" in rows:
        return gettext("No staff at headquarters: %(share)s women elsewhere", share=shares["non-hq"])
    return empty_title(answer)


def of_those_shown(said: str, *rows: Row) -> str:
    """A finding, and that it leaves out what is not shown where one of these rows is a sum that does."""
    if not any(row.left_out for row in rows):
        return said
    return gettext("%(said)s (without groups that are not shown)", said=said)


def trend_rows(answer: Answer) -> tuple[list[Row], str]:
    """The rows a trend is told by, in order of time, and their basis: the same entities where there are any."""
    found = comparable.development(answer)
    return list(found.line), found.basis


def _moved_rounded(first: Row, last: Row, quarter: str) -> str:
    """How far a rounded share came, up to the quarter shown or to the last one before it that has figures."""
    values = {"then": share_or_counts(first), "now": share_or_counts(last), "first": first.keys["quarter"],
              "last": last.keys["quarter"]}  # fmt: skip
    clear = first.left_out == last.left_out and ranges.apart(ranges.share(first), ranges.share(last))
    if values["last"] != quarter and clear:
        return gettext("Women were %(then)s in %(first)s and %(now)s in %(last)s", **values)
    if values["last"] != quarter:
        return gettext("No clear change from %(first)s to %(last)s: women were %(now)s", **values)
    if not clear:
        return gettext("No clear change since %(first)s: women are %(now)s", **values)
    return gettext("Women were %(then)s in %(first)s and are %(now)s in %(last)s", **values)


def _moved(first: Row, last: Row) -> str:
    """How far a share came between two quarters; in counts where one of them is small."""
    if min(first.staff or 0, last.staff or 0) < SHARE_LEADS_FROM:
        return gettext(
            "Women: %(women_then)s of %(staff_then)s in %(then)s, %(women)s of %(staff)s in %(now)s",
            women_then=number(first.women or 0), staff_then=number(first.staff or 0), then=first.keys["quarter"],
            women=number(last.women or 0), staff=number(last.staff or 0), now=last.keys["quarter"],
        )  # fmt: skip
    change = 100 * ((last.share_women or 0) - (first.share_women or 0))
    values = {"quarter": first.keys["quarter"]}
    if abs(change) < LEAST_POINTS:
        return gettext("No change since %(quarter)s", **values)
    shown = _decimal(round(10 * abs(change)), 1)
    if change > 0:
        return gettext("Up %(points)s points since %(quarter)s", points=shown, **values)
    return gettext("Down %(points)s points since %(quarter)s", points=shown, **values)


def _rounding_shows(first: Row, last: Row) -> bool:
    """Whether the change that is printed is not the difference of the shares that are printed."""
    if min(first.staff or 0, last.staff or 0) < SHARE_LEADS_FROM or is_about(last):
        return False
    ends = [_rounded(1000 * (row.women or 0), row.staff or 1) for row in (first, last)]
    change = round(1000 * ((last.share_women or 0) - (first.share_women or 0)))
    return change != ends[1] - ends[0]


def trend_title(answer: Answer) -> str:
    """The finding of a trend: how far it came, and since when it is where it is. Only of what can be compared."""
    found = comparable.development(answer)
    rows = found.line
    if not rows:
        return _not_compared(answer, found)
    first, last = rows[0], rows[-1]
    values = {"quarter": last.keys["quarter"], "share": share_or_counts(last)}
    if is_about(last) and found.alike and not answer.scope.series and answer.scope.entities_expected:
        said = gettext("%(quarter)s, the last quarter it reported in full: %(share)s women", **values)
        return of_those_shown(said, last)
    if is_about(last) and len(rows) > 1:
        return of_those_shown(_moved_rounded(first, last, answer.scope.quarter), first, last)
    if len(rows) == 1 or not found.alike or first.share_women is None or last.share_women is None:
        return of_those_shown(gettext("%(quarter)s: %(share)s women", **values), last)
    if last.keys["quarter"] != answer.scope.quarter:
        return _until(answer, first, last)
    moved = _moved(first, last)
    if min(first.staff or 0, last.staff or 0) < SHARE_LEADS_FROM:
        # Of a few people, points and spells in the band are the coming and going of one or two.
        return moved
    since = last.keys["quarter"]
    for row in reversed(rows):
        if row.status != last.status:
            break
        since = row.keys["quarter"]
    if last.status == TOO_FEW or last.status is None:
        return moved
    if since == first.keys["quarter"]:
        return {
            PARITY: lambda: gettext("%(moved)s; within the parity band throughout", moved=moved),
            BELOW: lambda: gettext("%(moved)s; below the parity band throughout", moved=moved),
            ABOVE: lambda: gettext("%(moved)s; above the parity band throughout", moved=moved),
        }[last.status]()
    return {
        PARITY: lambda: gettext("%(moved)s; within the parity band since %(since)s", moved=moved, since=since),
        BELOW: lambda: gettext("%(moved)s; below the parity band since %(since)s", moved=moved, since=since),
        ABOVE: lambda: gettext("%(moved)s; above the parity band since %(since)s", moved=moved, since=since),
    }[last.status]()


def _until(answer: Answer, first: Row, last: Row) -> str:
    """A movement that ends before the quarter shown, and why it ends there."""
    if answer.scope.series or not answer.scope.entities_expected:
        # Figures were reported, and nobody here is counted in them any more.
        why = gettext("the last quarter with staff here")
    elif answer.scope.entities_expected == 1:
        why = gettext("the last quarter it reported in full")
    else:
        why = gettext("the last quarter any of them reported in full")
    values = {"moved": _moved(first, last), "last": last.keys["quarter"], "why": why}
    if min(first.staff or 0, last.staff or 0) < SHARE_LEADS_FROM:
        # The counts name the quarter already.
        return gettext("%(moved)s, %(why)s", **values)
    return gettext("%(moved)s, until %(last)s: %(why)s", **values)


def _not_compared(answer: Answer, found: comparable.Development) -> str:
    """The title of a trend without a quarter that could be told: the newest one there is, and what it is."""
    if not found.hollow:
        return empty_title(answer)
    newest = found.hollow[-1]
    said = gettext(
        "%(quarter)s: %(share)s women (%(flag)s)",
        quarter=newest.keys["quarter"], share=share_or_counts(newest), flag=flag(newest.flag),
    )  # fmt: skip
    return of_those_shown(said, newest)


def coverage_title(answer: Answer) -> str:
    """The finding of who has reported."""
    states = [row.extra.get("state") for row in answer.rows]
    if not states:
        return empty_title(answer)
    own, part = sum(code in ("reported", "partial") for code in states), states.count("partial")
    if len(states) == 1:
        return {
            "carried": lambda: gettext(
                "The one entity in this selection has not reported; figures are carried forward"
            ),
            "not-submitted": lambda: gettext("The one entity in this selection has not reported"),
            "partial": lambda: gettext("The one entity in this selection has reported in part"),
        }.get(str(states[0]), lambda: gettext("The one entity in this selection has reported"))()
    values = {"own": number(own), "count": number(len(states))}
    if own == len(states):
        said = gettext("All %(count)s entities have reported", **values)
        if own == 2:
            said = gettext("Both entities have reported")
    elif not own:
        return gettext("None of %(count)s entities has reported", **values)
    else:
        share = fraction(answer.scope.share_reported)
        said = gettext("%(own)s of %(count)s entities have reported, with %(share)s of staff", share=share, **values)
    return in_part(said, part)


def in_part(said: str, part: int) -> str:
    """Who or how much has been reported, and how many of these only in part."""
    if not part:
        return said
    return ngettext("%(said)s; %(part)s of them in part", "%(said)s; %(part)s of them in part", part, said=said,
                    part=number(part))  # fmt: skip


def empty_title(answer: Answer) -> str:
    """The title of a panel that has nothing to show: the reason in words."""
    if answer.protection == REFUSED:
        return gettext("These filters cannot be combined here")
    if any(row.reason == "withheld" for row in answer.rows):
        # Whatever else is too few: of how many these are, nothing is said.
        return gettext("Not shown, to protect individuals")
    if any(row.reason == "fewer" for row in answer.rows):
        return gettext("Too few staff to show")
    codes = {note.code for note in answer.notes}
    if "unknown-code" in codes:
        return gettext("A filter has a value that is not in this release")
    if "not-collected" in codes:
        return gettext("Not collected together with these filters")
    if "not-in-release" in codes:
        return gettext("Not in release %(release)s", release=answer.scope.release.name)
    if no_figures(answer):
        return gettext("Not submitted for this quarter")
    if answer.protection == ROUNDED or (answer.scope.protection == ROUNDED and answer.scope.staff is None):
        # Whether anybody matches the filters is then not known.
        return gettext("No figures are shown here")
    if answer.scope.staff:
        # People match the filters, and have no part in what this panel is about: no country team, no such grade.
        return gettext("None of the staff selected are counted here")
    return gettext("Nobody matches these filters")


# -- notes ---------------------------------------------------------------------------------------------------


def note_sentence(note: Note, answer: Answer) -> str:
    """A note as a sentence; empty for codes that are drawn elsewhere (the banner tells of a newer release)."""
    values = note.values
    if note.code == "unknown-code":
        return gettext(
            "%(filter)s “%(value)s” is not known in release %(release)s.",
            filter=dimension(values["dimension"]), value=values["value"], release=answer.scope.release.name,
        )  # fmt: skip
    if note.code == "not-collected":
        return gettext(
            "This cannot be shown with the filter %(filter)s: the two are not collected together.",
            filter=dimension(values["dimension"]),
        )
    if note.code == "filter-ignored":
        return gettext(
            "The filter %(filter)s has no effect here: these figures are about whole entities.",
            filter=dimension(values["dimension"]),
        )
    if note.code == "nothing-matches":
        if no_figures(answer):
            return gettext("No figures were submitted for this quarter: a gap in the data, not a zero.")
        if answer.scope.not_submitted:
            return gettext("Nobody matches these filters in the entities that have figures for this quarter.")
        return gettext("Nothing matches these filters. This is a confirmed zero, not a gap in the data.")
    if note.code == "carried":
        entities = values["entities"]
        return ngettext(
            "Carried forward from an earlier quarter: %(names)s.",
            "Carried forward from an earlier quarter: %(names)s (%(count)s entities).",
            len(entities),
            names=joined(label(answer, "entity", code, short=True) for code in entities),
            count=number(len(entities)),
        )
    if note.code == "partial":
        entities = values["entities"]
        return ngettext(
            "Reported in part, so not all staff are counted: %(names)s.",
            "Reported in part, so not all staff are counted: %(names)s (%(count)s entities).",
            len(entities),
            names=joined(label(answer, "entity", code, short=True) for code in entities),
            count=number(len(entities)),
        )
    if note.code == "not-submitted":
        entities = values["entities"]
        return ngettext(
            "Not submitted and not counted: %(names)s.",
            "Not submitted and not counted: %(names)s (%(count)s entities).",
            len(entities),
            names=joined(label(answer, "entity", code, short=True) for code in entities),
            count=number(len(entities)),
        )
    if note.code == "incomplete-dimension":
        return gettext(
            "%(dimension)s is known for %(share)s of staff.",
            dimension=dimension(values["dimension"]), share=fraction(values["share"]),
        )  # fmt: skip
    if note.code in _UNIFORMED_NOTES:
        return _UNIFORMED_NOTES[note.code](note, answer)
    if note.code in _PROTECTION_NOTES:
        return _PROTECTION_NOTES[note.code](note, answer)
    return ""


def _staff_filters(note: Note, answer: Answer) -> str:
    names = [dimension(name) for name in note.values["dimensions"]]
    return ngettext(
        "The filter %(filters)s is about staff, so it has no effect here.",
        "The filters %(filters)s are about staff, so they have no effect here.",
        len(names), filters=joined(names),
    )  # fmt: skip


_UNIFORMED_NOTES: Mapping[str, Callable[[Note, Answer], str]] = {
    "not-staff": lambda note, answer: gettext(
        "Military and police personnel are contributed by countries. They are not staff, and no figure about staff "
        "counts them."
    ),
    "staff-filters": _staff_filters,
    "not-in-release": lambda note, answer: gettext(
        "Release %(release)s has no figures on uniformed personnel: they were added later.",
        release=answer.scope.release.name,
    ),
    "approximate": lambda note, answer: gettext(
        "Approximate: the source averages the monthly figures of a year for each country and mission, and rounds each "
        "average to whole people."
    ),
    "source": lambda note, answer: gettext("Source: %(source)s.", source=str(note.values["source"])),
}


def _floors(answer: Answer) -> list[int]:
    """The floors of the tables that answered, in persons."""
    if answer.policy is None:
        return []
    names = [name.split("+")[0] for name in answer.tables] or [*answer.by, *answer.selection.filtered]
    return sorted({answer.policy.floor(name) for name in names if name in DIMENSIONS and DIMENSIONS[name].kind != CORE})


def _rounded_note(note: Note, answer: Answer) -> str:
    if "base" not in note.values:
        return gettext("Rounded to protect individuals: every figure here reads “about”.")
    floors, base = _floors(answer), number(note.values["base"])
    error = answer.policy.error if answer.policy else None
    if error is None:
        said = gettext(
            "Rounded to protect individuals: women and men are each rounded to about the nearest %(base)s. Small "
            "differences and small changes mean nothing.", base=base,
        )  # fmt: skip
    else:
        said = gettext(
            "Rounded to protect individuals: women and men are each rounded to about the nearest %(base)s, and may be "
            "off by up to %(error)s. Small differences and small changes mean nothing.", base=base, error=number(error),
        )  # fmt: skip
        if any(row.possible and row.possible.women[1] - (row.women or 0) > error for row in answer.rows):
            more = gettext("Sums of several groups may be off by more.")
            said = f"{said} {more}"
    if not floors:
        return said
    # Translators: %(fewer)s is "fewer than 5", or "fewer than 5 and fewer than 12".
    hidden = gettext("For groups of %(fewer)s, we show no counts.", fewer=joined(fewer_than(floor) for floor in floors))
    return f"{said} {hidden}"


def _changing_note(note: Note, answer: Answer) -> str:
    said = gettext("A change that rounding alone could explain reads “no clear change”.")
    if answer.scope.entities_expected == 1 or "entity" in answer.by:
        return said
    changing = gettext("Each quarter counts the entities that have figures for it, and these change over time.")
    return f"{changing} {said}"


def _as_told_note(note: Note, answer: Answer) -> str:
    entities, releases = note.values["entities"], note.values["releases"]
    # Translators: %(releases)s are names of releases, %(names)s those of entities.
    return ngettext(
        "These figures stay as first published in %(releases)s: a revision would show where the people concerned are. "
        "%(names)s has since sent different figures.",
        "These figures stay as first published in %(releases)s: a revision would show where the people concerned are. "
        "%(names)s have since sent different figures.",
        len(entities),
        releases=joined(releases),
        names=joined(label(answer, "entity", code, short=True) for code in entities),
    )


def _refused_note(note: Note, answer: Answer) -> str:
    return refused(answer)


_PROTECTION_NOTES: Mapping[str, Callable[[Note, Answer], str]] = {
    "rounded": _rounded_note,
    "parts": lambda note, answer: gettext("Parts may not add up to the total: each figure is rounded on its own."),
    "changing-entities": _changing_note,
    "as-told": _as_told_note,
    "left-out": lambda note, answer: gettext(
        "Sums leave out the chosen groups that are not shown. The tables of single groups and the files name them."
    ),
    "withheld": lambda note, answer: gettext(
        "Some figures are withheld, whatever their size: with other published figures they could identify someone."
    ),
    REFUSED: _refused_note,
}


def rounded_note(answer: Answer) -> str:
    """What was done to the figures of a rounded answer; empty for others."""
    notes = (*answer.notes, *protection_notes(answer))
    return next((note_sentence(note, answer) for note in notes if note.code == "rounded"), "")


def protection_notes(answer: Answer) -> list[Note]:
    """What a reader must know of how figures were protected, and why they may not add up."""
    told = {note.code for note in answer.notes}
    found: list[Note] = []
    if answer.protection == ROUNDED:
        found.append(Note("rounded", {"base": answer.policy.base} if answer.policy else {}))
        if "basis" in answer.by:
            found.append(Note("changing-entities"))
        elif len(answer.rows) > 1:
            found.append(Note("parts"))
        if any(row.left_out for row in answer.rows):
            found.append(Note("left-out"))
    if any(row.reason == "withheld" for row in answer.rows):
        found.append(Note("withheld"))
    if answer.protection == REFUSED:
        found.append(Note(REFUSED))
    return [note for note in found if note.code not in told]


_REFUSED: Mapping[str, str] = {
    "resident-coordinators": _(
        "Resident Coordinators are publicly named, so they are shown by country team or region only, and never with "
        "age, nationality or appointment."
    ),
    "several-personal": _(
        "Age, nationality and appointment are shown one at a time: together they could identify individuals."
    ),
    "personal-by-place": _(
        "Age, nationality and appointment are not shown by place or department: together they could identify "
        "individuals."
    ),
    "several-places": _(
        "Only one kind of place is shown at a time. Figures by two kinds could be subtracted from one another to "
        "identify individuals."
    ),
    "place-bound": _(
        "Missions and other departments in one place count as places. They are shown on their own, by category or by "
        "grade."
    ),
    "too-many-parts": _(
        "So many protected groups are shown one by one only. We do not add them up, because such sums could be "
        "subtracted from one another."
    ),
    "older-policy": _(
        "This release was made under older protection rules. Age, nationality and appointment are shown in newer "
        "releases only."
    ),
}
_REFUSED_INTERNAL: Mapping[str, str] = {
    "personal-by-place": _(
        "Age, nationality and appointment are shown with one kind of place at a time. More than that could identify "
        "individuals."
    ),
}


def refused(answer: Answer) -> str:
    """Which combination cannot be answered and why, in plain words."""
    said = next((note.values for note in answer.notes if note.code == REFUSED), {})
    code = str(said.get("reason", ""))
    message = (_REFUSED_INTERNAL if answer.scope.audience == "internal" else {}).get(code) or _REFUSED.get(code)
    names = said.get("dimensions") or dict.fromkeys((*answer.by, *answer.selection.filtered))
    asked = [dimension(name) for name in names if name in DIMENSIONS]
    why = gettext(message) if message else gettext(
        "Figures that can be combined freely can be subtracted from one another until individuals can be identified. "
        "So only a fixed list of tables is shown."
    )  # fmt: skip
    if len(asked) < 2 or code == "older-policy":
        return why
    return gettext("Not shown together: %(dimensions)s. %(why)s", dimensions=joined(asked), why=why)


@dataclass(frozen=True)
class Near:
    """An answer near a refused one: what it is of, and the query string of its page."""

    text: str
    query: str


def nearest(answer: Answer, pinned: Selection | None = None) -> list[Near]:
    """The answers near a refused one. `pinned` is the view's own selection, whose release and quarter links keep."""
    found = []
    for near in answer.nearest:
        kept = pinned or answer.selection
        near = Selection(kept.quarter, kept.release, near.chosen)
        dropped = [dimension(name) for name in answer.selection.filtered if name not in near.filtered]
        people = who(near, answer.labels)
        said = capital(people)
        if dropped:
            # Translators: %(filters)s are names of filters, %(who)s the people then counted: "staff of UNDP in Kenya".
            said = ngettext("Without the filter %(filters)s: %(who)s", "Without the filters %(filters)s: %(who)s",
                            len(dropped), filters=joined(dropped), who=people)  # fmt: skip
        found.append(Near(said, near.to_query()))
    return found


def of_country_teams() -> str:
    """Whom a country team counts: told wherever one is chosen, or teams are listed."""
    return gettext(
        "A country team counts all staff in its countries, including those of headquarters and regional offices."
    )


def place_notes(selection: Selection) -> list[str]:
    """What a reader must know about the places chosen."""
    return [of_country_teams()] if "unct" in selection.filtered else []


def notes(answer: Answer, skip: Sequence[str] = ()) -> list[str]:
    """What a reader of this answer must know, as sentences; `skip` names codes that are told beside it already."""
    found = [
        note_sentence(note, answer) for note in (*answer.notes, *protection_notes(answer)) if note.code not in skip
    ]
    if "unct" not in skip and answer.scope.population != UNIFORMED:
        found += place_notes(answer.selection)
    if answer.question == "trend" and "alike" not in skip:
        told = comparable.development(answer)
        rows = told.line
        if len(rows) > 1 and _throughout(answer):
            found.append(
                gettext(
                    "The line compares like with like: the same entities in every quarter since %(quarter)s.",
                    quarter=rows[0].keys["quarter"],
                )
            )
        elif len(rows) > 1 and not told.alike and not is_about(rows[-1]):
            found.append(
                gettext(
                    "Not like for like: no entity here can be compared throughout. This line includes figures carried "
                    "forward, gaps and series breaks, so we give no change."
                )
            )
        found += beside_the_line(answer)
        if len(rows) > 1 and _rounding_shows(rows[0], rows[-1]):
            found.append(gettext("Changes are calculated before percentages are rounded."))
    if len(answer.by) == 1 and answer.by[0] in ("grade", "category", "entity"):
        found += breakdown_notes(answer)
    return [sentence for sentence in found if sentence]


def beside_the_line(answer: Answer) -> list[str]:
    """Which quarters the line of a development leaves out, and why."""
    found = comparable.development(answer)
    if not found.alike:
        return []
    left: dict[str, list[str]] = {}
    for row in found.hollow:
        left.setdefault(flag(row.flag), []).append(row.keys["quarter"])
    for row in found.unknown:
        left.setdefault(reason("not-submitted"), []).append(row.keys["quarter"])
    said = []
    if left:
        quarters = "; ".join(
            gettext("%(what)s: %(quarters)s", what=what, quarters=_spans(of)) for what, of in left.items()
        )
        # Translators: %(quarters)s is why and which: "carried forward: 2026Q1; not submitted: 2025Q2 to 2025Q4".
        said.append(gettext("Left out of the line and of changes – %(quarters)s.", quarters=quarters))
    broken = [row.keys["quarter"] for row in found.quarters if row.extra.get("series_break")]
    if broken:
        said.append(
            gettext("A series break at %(quarter)s: figures before it cannot be compared with those after it.",
                    quarter=broken[-1])
        )  # fmt: skip
    return said


def _spans(quarters: Sequence[str]) -> str:
    """Quarters in order of time, neighbours taken together: "2018Q4 and 2025Q2 to 2026Q1"."""
    found: list[list[str]] = []
    for quarter in quarters:
        if found and comparable.quarter_after(found[-1][-1]) == quarter:
            found[-1].append(quarter)
        else:
            found.append([quarter])
    return joined(
        run[0] if len(run) == 1 else gettext("%(first)s to %(last)s", first=run[0], last=run[-1]) for run in found
    )


# -- a whole panel in words ----------------------------------------------------------------------------------


def summary(answer: Answer, title: str, is_map: bool = False) -> str:
    """The text alternative of a drawn figure: its finding, its extent, and where the numbers are."""
    if answer.protection == REFUSED:
        return gettext("No figure: %(why)s", why=refused(answer))
    count = sum(1 for row in answer.rows if row.staff)
    said = ngettext(
        "Figure: %(title)s. %(scope)s. Its %(count)s value is in the table.",
        "Figure: %(title)s. %(scope)s. Its %(count)s values are all in the table.",
        count, title=title, scope=scope_line(answer), count=number(count),
    )  # fmt: skip
    if is_map:
        # Its colours are in the table too; nothing in it is hatched.
        return " ".join([said, gettext("It is a map of the world, coloured by share of women.")])
    # Counted together, as they are drawn: how many of them are nobody is not told.
    floors = Counter(row.extra.get("fewer_than") for row in answer.rows if row.reason == "fewer")
    hatched = [
        ngettext("%(count)s row is hatched: %(fewer)s.", "%(count)s rows are hatched: %(fewer)s.", many,
                 count=number(many), fewer=fewer_than(floor))
        for floor, many in floors.items()
    ]  # fmt: skip
    return " ".join([said, *hatched])


def citation(answer: Answer, title: str, url: str, accessed: dt.date) -> str:
    """A citation that will lead to the same numbers: pinned release, as-of date, permalink, date of access."""
    scope = answer.scope
    filters = described(answer)
    values = {"release": scope.release.name, "population": _population_after_count(scope)}
    if scope.population != UNIFORMED:
        said = gettext(
            "Release %(release)s; %(population)s, as of %(date)s, %(entities)s.",
            date=date(scope.as_of), entities=_entities(scope), **values,
        )  # fmt: skip
    elif answer.rows:
        said = gettext("Release %(release)s; %(population)s, %(when)s.", when=when(answer), **values)
    else:
        said = gettext("Release %(release)s; %(population)s.", **values)
    parts = [
        gettext("Gender parity in the United Nations system: %(title)s.", title=title),
        *([gettext("%(filters)s.", filters=filters)] if filters else []),
        said,
    ]
    if scope.source:
        parts.append(gettext("Source: %(source)s.", source=scope.source))
    if scope.demonstration:
        parts.append(gettext("Demonstration data."))
    if answer.protection == ROUNDED:
        parts.append(gettext("Rounded to protect individuals."))
    parts.append(gettext("%(audience)s.", audience=audience(scope)))
    parts.append(gettext("%(url)s (accessed %(date)s).", url=url, date=date(accessed)))
    return " ".join(parts)
