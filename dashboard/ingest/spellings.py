"""Spellings that have one reading: of quarters, sexes, ages, missing values and numbers, in the six UN languages.

Every function says what a text means, or why it means nothing or two things. Nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, QUARTER

#: What is wrong with one value: code, message, suggestion.
Wrong = tuple[str, str, str]

#: Letters of other scripts that look like Latin ones, as they come from a keyboard left in another language.
_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅавекмнорстухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTYXIJSabekmhopctyxijsABEZHIKMNOPTYXo",
)
_DASHES = re.compile("[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d\u00ad\u06d4\u30fc]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u00b4`\u2032]")
#: What is not seen: zero-width characters, marks of direction, byte order marks.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u061c\u180e]")


_TEXT_FORMULA = re.compile(r'="([^"]*)"')


def visible(text: str) -> str:
    """A text without marks that nobody sees, trimmed; any run of white space is one space."""
    if text.isascii():
        return text.strip() if "\n" not in text and "  " not in text else " ".join(text.split())
    text = text.replace("\u00ad", "")
    return " ".join(_INVISIBLE.sub("", text).split())


def plain(text: str) -> str:
    """A text as the code lists are written: full-width forms, other dashes, apostrophes and digits made ordinary."""
    text = visible(text)
    if not text.isascii():
        # Digits first and by their value: compatibility forms would make a raised 2 of a footnote a 2.
        text = "".join(
            str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in _DASHES.sub("-", text)
        )
        text = _APOSTROPHES.sub("'", text)
        text = "".join(
            unicodedata.normalize("NFKC", letter) if unicodedata.east_asian_width(letter) == "F" else letter
            for letter in text
        )
    # A spreadsheet's marks for "this is text".
    if (found := _TEXT_FORMULA.fullmatch(text)) is not None:
        return found[1].strip()
    return text.removeprefix("'").strip()


def alike(text: str) -> str:
    """A text with letters of other scripts made the Latin ones they look like."""
    return text.translate(_ALIKE)


def folded(text: str) -> str:
    """A word as it is compared: no accents, no case, no punctuation at its ends, spaces for dashes."""
    text = plain(text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        # Once more: № has become No.
        text = "".join(letter for letter in text if not unicodedata.combining(letter)).casefold()
    return " ".join(re.sub(r"[\s_\-/]+", " ", text).split()).strip(" .:;*")


# -- sex --

_WOMEN = (
    "f female females woman women girl w",
    "femme femmes feminin feminine feminines femenino femenina femeninos femeninas mujer mujeres",
    "ж жен женский женщина женщины женщин женского أنثى انثى إناث اناث امرأة نساء مؤنث 女 女性 妇女 女士",
)
_MEN = (
    "m male males man men",
    "homme hommes masculin masculins masculine masculino masculina masculinos hombre hombres varon varones",
    "муж мужской мужчина мужчины мужчин мужского ذكر ذكور رجل رجال مذكر 男 男性 男士",
)
_OTHERS = (
    "x other others nonbinary undisclosed diverse",
    "autre autres otro otra otros",
    "другое другой другие",
    "其他",
)
_OTHER_PHRASES = (
    "non binary",
    "not disclosed",
    "other or not disclosed",
    "prefer not to say",
    "non binaire",
    "no binario",
)


def _words(lines: Iterable[str], code: str) -> dict[str, str]:
    return {folded(word): code for line in lines for word in line.split(" ")}


SEXES = (
    _words(_WOMEN, "F") | _words(_MEN, "M") | _words(_OTHERS, "X") | {folded(phrase): "X" for phrase in _OTHER_PHRASES}
)


def sex(text: str, others: Iterable[str]) -> tuple[str | None, Wrong | None]:
    """The code of a word for a sex. `others` are the words of the column: H is a man unless M stands there too."""
    word = folded(text)
    if word == "h":
        if "m" in {folded(other) for other in others}:
            message = f"{text!r} may be hombre or homme; M in the same column would then be mujer, and is men here"
            return None, ("unknown-code", message, "write F and M, or the words in full")
        return "M", None
    found = SEXES.get(word) or SEXES.get(folded(alike(plain(text))))
    if found is None and word.isdigit():
        message = f"{text!r} is no code of sex: which number is which sex is not the same everywhere"
        return None, ("unknown-code", message, "one of F, M, X")
    return found, None


# -- missing values --

_REPORTED_NOT = (
    "not reported|notreported|not available|unavailable|unknown|not known|not stated|not specified|unspecified|"
    "not disclosed|undisclosed|confidential|not recorded|no data|missing|withheld|"
    "non communique|non indique|non disponible|non renseigne|inconnu|inconnue|confidentiel|"
    "no indicado|no informado|no disponible|desconocido|desconocida|sin datos|confidencial|"
    "не указано|не сообщается|нет данных|неизвестно|конфиденциально|"
    "غير معروف|غير متاح|غير محدد|غير مبلغ عنه|سري|"
    "未报告|未知|不详|保密|不公开"
)
_APPLICABLE_NOT = (
    "not applicable|notapplicable|does not apply|sans objet|non applicable|no aplica|no aplicable|no corresponde|"
    "не применимо|неприменимо|لا ينطبق|غير منطبق|不适用"
)
MISSING = {folded(word): NOT_REPORTED for word in _REPORTED_NOT.split("|")} | {
    folded(word): NOT_APPLICABLE for word in _APPLICABLE_NOT.split("|")
}
#: What people and programs write for nothing, without saying which.
_NOTHING = frozenset(
    folded(word)
    for word in [
        "n/a",
        "na",
        "n.a",
        "n.a.",
        "#n/a",
        "nd",
        "n.d.",
        "s/o",
        "n/d",
        "нд",
        "null",
        "none",
        "nil",
        "nan",
        "void",
        "nothing",
        "-",
    ]
) | {"", "?", "??", "...", "…", "n a", "n d", "s o", "#n a", "tbd", "(blank)", "blank", "empty", "(empty)"}
_MARKS = re.compile(r"[?.\-–—_*/\s…]+")


def missing(text: str) -> str | None:
    """The code of a word for a missing value, None if it is no such word or could be either code."""
    return MISSING.get(folded(text))


def is_nothing(text: str) -> bool:
    """True of marks that stand for a missing value and do not say why: N/A, NULL, ?, .., -."""
    return bool(_MARKS.fullmatch(text.strip())) or folded(text) in _NOTHING


# -- dates and quarters --

_MONTHS = {
    folded(name): number
    for names in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "january february march april may june july august september october november december",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    )
    for number, name in enumerate(names.split(" "), 1)
} | {"sept": 9}
_LAST_DAYS = {(3, 31): 1, (6, 30): 2, (9, 30): 3, (12, 31): 4}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?: 00:00(?::00)?)?")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?[-/. ]+(?:of |de )?([^\W\d]+)\.?,?[-/. ]+(?:de )?((?:\d\d)?\d\d)")
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_MONTH_RANGE = re.compile(r"([^\W\d]+)\.? ?(?:-|to|a|/|до) ?([^\W\d]+)\.? ?,?(\d{4})")
_LETTER = r"(?:q|t|qtr|quarter|trim|trimestre|кв|квартал|ر|ربع|季度|季)\.?"
_QUARTERS = (
    re.compile(rf"(?P<y>\d{{4}})[ \-/_.]*{_LETTER}[ \-_]*0?(?P<q>[1-4])"),
    re.compile(rf"{_LETTER}[ \-_]*0?(?P<q>[1-4])[ \-/_.,]*(?P<y>\d{{4}})"),
    re.compile(rf"0?(?P<q>[1-4])(?:st|nd|rd|th|er|e|eme|o|º|-й)?[ \-]*{_LETTER}[ \-/_.,]*(?P<y>\d{{4}})"),
    re.compile(r"(?P<y>\d{4})年?第?(?P<q>[1-4一二三四])季度?"),
)
_CHINESE_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_SERIAL = re.compile(r"[3-6]\d{4}(?:\.0+)?")
#: A date where none was meant: "1-2" typed into a spreadsheet.
_DATE_LIKE = re.compile(r"\d{1,2}[-/ ][^\W\d]{3,9}(?:[-/ ]\d{2,4})?|[^\W\d]{3,9}[-/ ]\d{2,4}")


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def dates(text: str) -> list[dt.date]:
    """The days a text can mean: none, one, or two where day and month cannot be told apart."""
    text = plain(text)
    if found := _ISO.fullmatch(text):
        days = [_day(*map(int, found.groups()))]
    elif found := _NUMBERS.fullmatch(text):
        one, two, year = map(int, found.groups())
        days = [_day(year, two, one), _day(year, one, two)]
    elif found := _NAMED.fullmatch(folded_date(text)):
        year = int(found[3]) if len(found[3]) == 4 else 2000 + int(found[3])
        days = [_day(year, _MONTHS.get(found[2], 0), int(found[1]))]
    elif found := _NAMED_FIRST.fullmatch(folded_date(text)):
        days = [_day(int(found[3]), _MONTHS.get(found[1], 0), int(found[2]))]
    elif _SERIAL.fullmatch(text):
        # How a spreadsheet keeps a day.
        days = [dt.date(1899, 12, 30) + dt.timedelta(int(float(text)))]
    else:
        return []
    return sorted({day for day in days if day is not None})


def folded_date(text: str) -> str:
    """A date with a month's name, as the names are compared."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def is_date(text: str) -> bool:
    """True if a text is, or looks like, a day."""
    return bool(_ISO.fullmatch(text) or _NUMBERS.fullmatch(text)) or (
        bool(_DATE_LIKE.fullmatch(text)) and any(part in _MONTHS for part in re.split(r"[-/ ]", folded_date(text)))
    )


def quarter(text: str) -> tuple[str | None, Wrong | None]:
    """The quarter a text means, such as 2026Q3 for `Q3 2026` or for the quarter's last day."""
    right = "written like 2026Q3"
    said = plain(text)
    if not said:
        return None, ("blank", "quarter is empty", right)
    if QUARTER.fullmatch(said.upper()):
        return said.upper(), None
    lower = folded_date(said)
    for form in _QUARTERS:
        if found := form.fullmatch(lower):
            number = found["q"]
            return f"{found['y']}Q{_CHINESE_NUMBERS.get(number) or int(number)}", None
    if (found := _MONTH_RANGE.fullmatch(lower)) is not None:
        first, last = _MONTHS.get(found[1], 0), _MONTHS.get(found[2], 0)
        if last % 3 == 0 and last == first + 2:
            return f"{found[3]}Q{last // 3}", None
    days = dates(said)
    if len(days) == 2:
        ends = [day for day in days if (day.month, day.day) in _LAST_DAYS]
        if len(ends) != 1:
            one, two = (f"{day.day} {day:%B %Y}" for day in days)
            return None, (
                "wrong-quarter",
                f"{text!r} may be {one} or {two}; neither is the last day of a quarter",
                right,
            )
        days = ends
    if days:
        (day,) = days
        number = _LAST_DAYS.get((day.month, day.day))
        if number is None:
            message = f"{text!r} is {day.day} {day:%B %Y}, which is not the last day of a quarter"
            return None, ("wrong-quarter", message, right)
        return f"{day.year}Q{number}", None
    return None, ("wrong-quarter", f"{text!r} is not a quarter", right)


# -- age groups --

_RANGE = re.compile(
    r"(\d{1,3})\s*(?:-|to|a|à|/|до|至|~|\.\.|through|until)\s*(\d{1,3})(?: ?(?:years?|ans|anos|años|лет|岁))?"
)
_AND_OVER = re.compile(
    r"(?:over |> ?=? ?|≥ ?)?(\d{1,3}) ?(?:\+|plus|and over|and above|and older|or over|or older|years and over|"
    r"et plus|ans et plus|y mas|y más|o mas|anos y mas|и старше|及以上|岁及以上|以上)"
)
_AT_LEAST = re.compile(r"(?:≥|>=|from|at least|a partir de|от) ?(\d{1,3})")
_UNDER = re.compile(r"(?:under|below|less than|younger than|moins de|menos de|menor de|до|младше|<) ?(\d{1,3})")
_AGE_FORMS = ((_RANGE, "{}-{}"), (_AND_OVER, "{}plus"), (_AT_LEAST, "{}plus"), (_UNDER, "u{}"))
_AGE = re.compile(r"\d{2}")
#: Nobody works for the United Nations at another age.
_YOUNGEST, _OLDEST = 15, 99


def age_group(text: str, codes: Iterable[str]) -> str | None:
    """The age group a range, an open range or an age in years lies in; None if it is none of them."""
    known = set(codes)
    said = plain(text).casefold()
    for form, written in _AGE_FORMS:
        if found := form.fullmatch(said):
            code = written.format(*map(int, found.groups()))
            return code if code in known else None
    if _AGE.fullmatch(said) and _YOUNGEST <= int(said) <= _OLDEST:
        age = int(said)
        for code in known:
            low, dash, high = code.partition("-")
            if dash and low.isdigit() and int(low) <= age <= int(high):
                return code
            if (code.startswith("u") and code[1:].isdigit() and age < int(code[1:])) or (
                code.endswith("plus") and age >= int(code[:-4])
            ):
                return code
    return None


# -- numbers --

_WHOLE = re.compile(r"\d+")
_SIGNED = re.compile(r"\+\d+")
_MINUS = re.compile(r"[-\u2212]\d+(?:[.,]0*)?")
_ZERO_DECIMALS = re.compile(r"(\d+)[.,]0{1,2}|(\d+)[.,]0{4,}|(\d+)\.")
# Thousands do not begin with a zero: 0,125 has parts.
_GROUPS = re.compile(r"[1-9]\d{0,2}(?:([ ',.])\d{3})(?:\1\d{3})*")
_DECIMAL = re.compile(r"[-+]?\d*[.,]\d+")
_DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Marks:
    """What the numbers of a column say about its marks: which of them is seen between thousands, which before parts."""

    thousands: frozenset[str]
    decimals: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Marks:
        """Read the marks off those numbers that can be read in one way only."""
        thousands, decimals = set(), set()
        for text in texts:
            said = plain(text)
            if re.fullmatch(r"\d{1,3}(?:,\d{3}){2,}", said) or re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", said):
                thousands.add(",")
            elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", said) or re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", said):
                thousands.add(".")
            elif (found := re.fullmatch(r"[-+]?\d+([.,])(\d+)", said)) and len(found[2]) != 3:
                decimals.add(found[1])
        return cls(frozenset(thousands), frozenset(decimals))

    def parts_thousands(self, mark: str) -> bool | None:
        """True if the mark stands between thousands, False if before decimals, None if nothing says which."""
        other = "." if mark == "," else ","
        yes = mark in self.thousands or other in self.decimals
        no = mark in self.decimals or other in self.thousands
        return None if yes == no else yes


def number(text: str, heading: str, marks: Marks, limit: int) -> tuple[int, Wrong | None]:
    """A head-count, whole and 0 or more however it is written; -1 and what is wrong with anything else."""
    right = "a whole number, 0 or more"
    said = plain(text)
    if not said:
        return -1, ("blank-count", f"{heading} is empty", f"{right}; nothing unknown is taken for 0")
    if said.startswith("="):
        return -1, ("formula", f"{text!r} is a formula", "paste the figures as values")
    if _MINUS.fullmatch(said):
        return -1, ("negative-count", f"{heading} {text!r} is negative", right)
    value = None
    if _WHOLE.fullmatch(said) or _SIGNED.fullmatch(said):
        value = said
    elif found := _ZERO_DECIMALS.fullmatch(said):
        value = found[1] or found[2] or found[3]
    elif (found := _GROUPS.fullmatch(said)) is not None:
        mark = found[1]
        parted = True if mark in " '" or said.count(mark) > 1 else marks.parts_thousands(mark)
        if parted is None:
            whole, fraction = said.replace(mark, ""), said.replace(mark, ".")
            message = f"{heading} {text!r} may be {whole} or {fraction}; no other number here says which"
            return -1, ("two-readings", message, f"write {whole} if that is meant")
        if parted:
            value = said.replace(mark, "")
        elif said.partition(mark)[2].strip("0") == "":
            value = said.partition(mark)[0]
    elif found := re.fullmatch(r"(\d{1,3}(?:([,.])\d{3})+)([.,])0+", said):
        if found[2] != found[3]:
            value = found[1].replace(found[2], "")
    elif _DECIMAL.fullmatch(said):
        # What is left over of a calculation: a spreadsheet shows 4.000000000001 as 4.
        exact = float(said.replace(",", "."))
        if abs(exact - round(exact)) < _DUST and exact >= 0:
            value = str(round(exact))
    if value is not None:
        digits = value.lstrip("+").lstrip("0") or "0"
        if len(digits) <= 9 and int(digits) <= limit:
            return int(digits), None
        return -1, ("count-too-large", f"{heading} {_short(text)!r} is above {limit:,}", right)
    if _DECIMAL.fullmatch(said) or (_GROUPS.fullmatch(said) is not None):
        return -1, ("fractional-count", f"{heading} {_short(text)!r} is not a whole number", right)
    return -1, ("not-a-number", f"{heading} {_short(text)!r} is not a number", right)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
