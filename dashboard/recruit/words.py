"""What the page says: sentences, labels and table lines, made of `facts` and translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard import comparable, measures, ranges, text
from dashboard.answer import REFUSED, ROUNDED, Answer, Note, Row
from dashboard.recruit.choice import HELD, MAN_LEAVES, NEW, VACANT, WOMAN_LEAVES, Choice
from dashboard.recruit.facts import Cell, Course, Facts, Group
from dashboard.selection import select
from dashboard.settings import FEW, PARITY_BAND
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


POST_NAMES: Mapping[str, str] = {
    VACANT: _("Already vacant (not in the count)"),
    NEW: _("New"),
    WOMAN_LEAVES: _("Held by a woman who is leaving"),
    MAN_LEAVES: _("Held by a man who is leaving"),
}
#: As it stands beside results: a new post and a vacant one come to the same.
_POST_CASES: Mapping[str, str] = {
    VACANT: _("Vacant or new"),
    NEW: _("Vacant or new"),
    WOMAN_LEAVES: _("Held by a woman"),
    MAN_LEAVES: _("Held by a man"),
}
#: The same within the name of a result.
_THIS_POST: Mapping[str, str] = {
    VACANT: _("This post, vacant or new"),
    NEW: _("This post, vacant or new"),
    WOMAN_LEAVES: _("This post, held by a woman"),
    MAN_LEAVES: _("This post, held by a man"),
}
ENTRY_NAMES: Mapping[str, str] = {
    "joined_women": _("Women who joined"),
    "joined_men": _("Men who joined"),
    "left_women": _("Women who left"),
    "left_men": _("Men who left"),
}
HALF = f"50{text.NBSP}%"
_COURSES: Mapping[str, str] = {
    "women": _("All women"),
    "men": _("All men"),
    "feeder": _("Like the grade below"),
    "appointed": _("Like the last two years"),
}


# -- groups -------------------------------------------------------------------------------------------------------


def _name(answer: Answer, part: tuple[str, str]) -> str:
    return text.label(answer, *part, short=True)


def where(group: Group, answer: Answer) -> str:
    """Unit and place of a group: "UNICEF Kenya", "UNICEF", "Kenya", "the United Nations system"."""
    unit = _name(answer, group.unit) if group.unit else ""
    place = _name(answer, group.place) if group.place else ""
    if unit and place:
        # A team of several countries, or a department, is too long a name to stand before another.
        if "," in place or " " in unit.replace("UN ", ""):
            return gettext("%(unit)s in %(place)s", unit=unit, place=place)
        return gettext("%(unit)s %(place)s", unit=unit, place=place)
    return unit or place or gettext("the United Nations system")


def at(group: Group, answer: Answer) -> str:
    """Where a sentence is set: "At P-4 in UNICEF Kenya"."""
    values = {"where": where(group, answer)}
    if group.level is None:
        return gettext("In %(where)s", **values)
    level = _name(answer, group.level)
    if group.level[0] == "grade":
        return gettext("At %(grade)s in %(where)s", grade=level, **values)
    return gettext("In the category %(category)s in %(where)s", category=level, **values)


def title(group: Group, answer: Answer) -> str:
    """A group as the label of a row: "UNICEF Kenya, P-4", "Kenya, all entities, P-4"."""
    return text.capital(named(group, answer))


def named(group: Group, answer: Answer) -> str:
    """The same within a sentence."""
    parts = [where(group, answer)]
    if group.unit is None and group.place is not None:
        parts.append(gettext("all entities"))
    if group.level:
        parts.append(_name(answer, group.level))
    return ", ".join(parts)


# -- the sentence -------------------------------------------------------------------------------------------------


def sentence(cell: Cell) -> str:
    """The one sentence: "At P-4 in UNICEF Kenya, 21 of 43 staff are women (49 %): at parity."."""
    row, answer = cell.row, cell.answer
    place = at(cell.group, answer)
    if row.reason == "not-submitted":
        # Translators: here and below, %(at)s is where a sentence is set: "At P-4 in UNICEF Kenya".
        return gettext("%(at)s, figures for %(quarter)s were not submitted.", at=place,
                       quarter=answer.scope.quarter)  # fmt: skip
    if row.women is None or row.staff is None:
        return gettext("%(at)s: %(why)s.", at=place, why=text.why(row))
    if not row.staff:
        return gettext("%(at)s there are no staff (confirmed zero).", at=place)
    without = text.left_out(answer, row)
    if without:
        place = gettext("%(at)s, %(without)s", at=place, without=without)
    values = {
        "at": place, "women": text.number(row.women), "staff": text.number(row.staff), "share": text.share(row),
        "status": text.judged(answer, row),
    }  # fmt: skip
    if row.protection == ROUNDED:
        values |= {"women": text.count(row, "women"), "staff": text.count(row, "staff")}
        if row.share_women is None and row.status is None:
            return gettext("%(at)s, %(women)s of %(staff)s staff are women. These figures are rounded, so it is not "
                           "clear whether that is parity.", **values)  # fmt: skip
        if row.status is None:
            return gettext("%(at)s, %(women)s of %(staff)s staff are women (%(share)s). These figures are rounded, so "
                           "it is not clear whether that is parity.", **values)  # fmt: skip
        if row.share_women is None:
            return gettext("%(at)s, %(women)s of %(staff)s staff are women: %(status)s.", **values)
        return gettext("%(at)s, %(women)s of %(staff)s staff are women (%(share)s): %(status)s.", **values)
    if row.staff == 1:
        if row.women:
            return gettext("%(at)s there is one member of staff, a woman: %(status)s.", **values)
        return gettext("%(at)s there is one member of staff, a man: %(status)s.", **values)
    if row.staff < FEW:
        return ngettext("%(at)s, %(women)s of %(staff)s staff is a woman: %(status)s.",
                        "%(at)s, %(women)s of %(staff)s staff are women: %(status)s.", row.women, **values)  # fmt: skip
    return ngettext("%(at)s, %(women)s of %(staff)s staff is a woman (%(share)s): %(status)s.",
                    "%(at)s, %(women)s of %(staff)s staff are women (%(share)s): %(status)s.",
                    row.women, **values)  # fmt: skip


def women(row: Row) -> str:
    """The women of a row: "1 woman", "about 25 women"."""
    return ngettext("%(count)s woman", "%(count)s women", row.women or 0, count=text.count(row, "women"))


def men(row: Row) -> str:
    """The men of a row."""
    return ngettext("%(count)s man", "%(count)s men", row.men or 0, count=text.count(row, "men"))


def bar(cell: Cell) -> str:
    """The parity bar in words."""
    row = cell.row
    low, high = PARITY_BAND
    return gettext(
        "Bar: women are %(share)s and men the rest. A line marks %(half)s, a frame the parity band from %(low)s to "
        "%(high)s.",
        share=text.share(row), half=HALF, low=text.number(low), high=text.percent_of(high),
    )  # fmt: skip


def rule(cell: Cell) -> list[str]:
    """The rule by which the status is given."""
    found = []
    if cell.row.protection == ROUNDED:
        found = [gettext("Rounded figures get a status only if it is certain despite the rounding.")]
    return [
        text.at_parity_means(),
        gettext("A group of fewer than %(few)s staff gets no status. The rule compares head-counts, not rounded "
                "percentages.", few=text.number(FEW)),
        *found,
    ]  # fmt: skip


# -- the ladder ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rung:
    """A rung of the ladder in words: whose it is, and why it does or does not answer."""

    name: str
    why: str
    stands: bool


def _why_not(cell: Cell) -> str:
    row, answer = cell.row, cell.answer
    if row.reason == REFUSED:
        return gettext("not shown together in public")
    if row.women is None:
        return text.why(row)
    # Translators: %(counts)s is women of all: "21 of 43".
    return gettext("%(counts)s staff are women, %(status)s", counts=text.counts(row), status=text.judged(answer, row))


def _why(cell: Cell) -> str:
    row = cell.row
    if row.women is None:
        return text.why(row)
    return gettext("rounded") if row.protection == ROUNDED else gettext("exact")


def ladder(facts: Facts) -> list[Rung]:
    """The rungs walked down, if any were."""
    if len(facts.ladder) < 2:
        return []
    *passed, stands = facts.ladder
    found = [Rung(title(cell.group, cell.answer), _why_not(cell), False) for cell in passed]
    return [*found, Rung(title(stands.group, stands.answer), _why(stands), True)]


def protection(facts: Facts) -> str:
    """What was done to protect individuals, and who sees more; empty where nothing was."""
    subject, stands = facts.subject, facts.stands
    if len(facts.ladder) > 1 and subject.row.reason == REFUSED:
        return gettext(
            "You asked for %(asked)s. To protect individuals, we do not show these together to the public. Here are "
            "the closest figures we can show: %(shown)s. Signed-in staff see exact figures.",
            asked=named(subject.group, subject.answer), shown=named(stands.group, stands.answer),
        )  # fmt: skip
    if len(facts.ladder) > 1 and subject.row.reason == "withheld":
        return gettext(
            "You asked for %(asked)s. To protect individuals, we do not show its figures to the public, whatever their "
            "size. Here are the closest figures we can show: %(shown)s. Signed-in staff see exact figures.",
            asked=named(subject.group, subject.answer), shown=named(stands.group, stands.answer),
        )  # fmt: skip
    if len(facts.ladder) > 1:
        return gettext(
            "You asked for %(asked)s. To protect individuals, we show the public no share or status for so few "
            "(%(why)s). Here are the closest figures we can show: %(shown)s. Signed-in staff see exact figures.",
            asked=named(subject.group, subject.answer), why=_why_not(subject),
            shown=named(stands.group, stands.answer),
        )  # fmt: skip
    if stands.row.protection == ROUNDED:
        return gettext(
            "Rounded to protect individuals: women and men are each rounded to about the nearest %(base)s, so small "
            "differences mean nothing. Signed-in staff see exact figures.",
            base=text.number(stands.answer.policy.base if stands.answer.policy else 5),
        )  # fmt: skip
    return ""


# -- the index ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A measure: its name, its value, and what the value means."""

    name: str
    value: str
    detail: str


def index(cell: Cell) -> list[Line]:
    """The index both ways, and the posts to parity status; empty where nobody is counted."""
    row = cell.row
    if row.women is None or row.men is None or not row.staff or not cell.judged:
        return []
    side = measures.needed(row.women, row.men)
    stays = {
        "women": gettext("needed for equal numbers, if the number of men stays the same"),
        "men": gettext("needed for equal numbers, if the number of women stays the same"),
        None: gettext("women and men are equal in number"),
    }
    growth = Line(gettext("Gender Parity Index, growth"), text.index(row), stays[side])
    if ranges.open_index(row):
        return [Line(gettext("Gender Parity Index"), text.index(row),
                     gettext("rounding hides whether women or men are fewer"))]  # fmt: skip
    if row.protection == ROUNDED:
        return [growth, Line(gettext("Gender Parity Index, replacement"), text.posts_to_change(row),
                             gettext("would have to change hands to reach %(half)s", half=HALF))]  # fmt: skip
    to_status = measures.posts_to_parity_status(row.women, row.men)
    detail = gettext("would have to change hands to be at parity")
    if row.staff < FEW:
        detail = gettext("would have to change hands until women and men differ by one at most")
    elif not to_status:
        detail = gettext("at parity now")
    replacement = measures.index_replacement(row.women, row.men)
    nearest = (
        gettext("would have to change hands to be as close to %(half)s as the numbers allow", half=HALF)
        if replacement
        else gettext("already as close to %(half)s as the numbers allow", half=HALF)
    )
    return [
        Line(gettext("To parity status"), text.posts(to_status), detail),
        Line(gettext("To %(half)s (Gender Parity Index, replacement)", half=HALF), text.posts(replacement), nearest),
        growth,
    ]


# -- counts of the page's own arithmetic --------------------------------------------------------------------------


@dataclass(frozen=True)
class Balance:
    """A balance that the page has worked out."""

    share: str
    counts: str
    status: str
    women: float | None  # share of women in per cent, for its mark


def balance(counts: tuple[int, int] | None, about: bool = False) -> Balance | None:
    """Counts in words: "43 %", "10 of 23", "below parity". Of rounded ones the share alone, as "about"."""
    if counts is None:
        return None
    women, men = counts
    staff = women + men
    if not staff:
        return Balance("–", gettext("no staff"), "", None)
    if about:
        # A whole number, whatever its size: the counts it is formed of are rounded.
        whole = measures.portion(100, women, staff)
        said = text.about(text.percent_of(whole))
        return Balance(said, "", "", 100 * women / staff)
    said = gettext("%(women)s of %(staff)s", women=text.number(women), staff=text.number(staff))
    return Balance(text.percent(women, men), said, text.status(measures.status(women, men)), 100 * women / staff)


def case(post: str) -> str:
    """A kind of post as a row of results."""
    return gettext(_POST_CASES[post])


def this_post(facts: Facts, woman: Balance, man: Balance) -> Line:
    """The balance after this post is filled, by a woman and by a man."""
    name = gettext(_THIS_POST[facts.choice.post])
    if woman.share == man.share:
        # Translators: %(woman)s and %(man)s are women of all after the appointment: "11 of 24".
        detail = gettext("whether a woman (%(woman)s) or a man (%(man)s) is appointed", woman=woman.counts,
                         man=man.counts)  # fmt: skip
        return Line(name, woman.share, detail)
    values = {"woman": woman.share, "man": man.share}
    # Translators: %(woman)s and %(man)s are shares of women: "53 %".
    detail = gettext("%(woman)s if a woman is appointed, %(man)s if a man is", **values)
    return Line(name, gettext("%(woman)s or %(man)s", **values), detail)


def entered(choice: Choice) -> str:
    """What the user entered, said to be theirs; empty where nothing was."""
    counts = {name: count for name, count in choice.entries.items() if count}
    said = []
    for name, count in counts.items():
        shown = text.number(count)
        said.append(
            {
                "joined_women": lambda n, c: ngettext("%(count)s woman joined", "%(count)s women joined", n, count=c),
                "joined_men": lambda n, c: ngettext("%(count)s man joined", "%(count)s men joined", n, count=c),
                "left_women": lambda n, c: ngettext("%(count)s woman left", "%(count)s women left", n, count=c),
                "left_men": lambda n, c: ngettext("%(count)s man left", "%(count)s men left", n, count=c),
            }[name](count, shown)
        )
    return gettext("Your entry: %(entries)s.", entries=text.joined(said)) if said else ""


def no_balance(facts: Facts) -> str:
    """Why there are no balances after an appointment; empty where there are."""
    if facts.outcomes:
        return ""
    stands = facts.stands
    if stands.row.women is None:
        return gettext("There are no counts here to work out a balance from.")
    if facts.about:
        return gettext(
            "One appointment changes less than the rounding does, so its effect cannot be shown. Signed-in staff see "
            "exact figures."
        )
    return gettext("You entered more people leaving than there are. Please check your entries.")


# -- next posts ---------------------------------------------------------------------------------------------------


def course_name(course: Course, facts: Facts) -> str:
    """An assumption, with what it goes by."""
    name = gettext(_COURSES[course.name])
    if course.name in ("feeder", "appointed"):
        women, staff = course.share
        rounded = course.name == "feeder" and facts.feeder is not None and facts.feeder.row.protection == ROUNDED
        share = text.share(facts.feeder.row) if rounded and facts.feeder else text.percent(women, staff - women)
        if share == "–" and facts.feeder:
            share = text.counts(facts.feeder.row)
        return gettext("%(name)s (%(share)s)", name=name, share=share)
    return name


def _if_filled(course: Course, posts: int, share: str) -> str:
    """The share of women after so many posts are filled in this way."""
    return {
        "women": lambda: ngettext("%(share)s if a woman gets it", "%(share)s if women get all of them", posts,
                                  share=share),
        "men": lambda: ngettext("%(share)s if a man gets it", "%(share)s if men get all of them", posts, share=share),
        "feeder": lambda: gettext("%(share)s if appointments match the grade below", share=share),
        "appointed": lambda: gettext("%(share)s if appointments match the last two years", share=share),
    }[course.name]()  # fmt: skip


def next_posts(facts: Facts) -> str:
    """The chosen number of vacancies under each assumption, in one sentence; empty where none can be worked out."""
    posts = facts.choice.posts
    said = []
    for course in facts.courses:
        after = balance(course.after[posts], facts.about)
        if after is None:
            return ""
        said.append(_if_filled(course, posts, after.share))
    if not said:
        return ""
    # Translators: %(shares)s are shares of women, each with its condition: "55 % if women get all of them; 45 % if …".
    return ngettext("Share of women after %(count)s post is filled: %(shares)s.",
                    "Share of women after %(count)s posts are filled: %(shares)s.", posts,
                    count=text.number(posts), shares="; ".join(said))  # fmt: skip


def no_next_posts(facts: Facts) -> str:
    """Why there is no sentence on the next posts; empty where there is one."""
    if next_posts(facts):
        return ""
    if facts.base is None:
        return no_balance(facts)
    staff = sum(facts.base)
    if not staff:
        return gettext("Nobody is in post here. Choose posts that are vacant or new.")
    count = text.number(staff)
    # Translators: %(count)s is a number of people: "3", "about 10".
    return ngettext(
        "Only %(count)s person is in post here. Choose fewer posts, or ones that are vacant or new.",
        "Only %(count)s people are in post here. Choose fewer posts, or ones that are vacant or new.",
        staff, count=text.about(count) if facts.about else count,
    )  # fmt: skip


def assumptions(facts: Facts) -> list[str]:
    """What the courses go by."""
    found = [
        gettext("We assume that women and men leave in today’s proportion, in whole people, and that the number of "
                "posts stays the same.")
        if facts.choice.vacancies == HELD
        else gettext("We assume that these posts are not in today’s count and add to it.")
    ]  # fmt: skip
    if facts.feeder is not None and any(course.name == "feeder" for course in facts.courses):
        cell = facts.feeder
        found.append(
            # Translators: %(group)s is a group of staff: "UNICEF Kenya, P-3"; %(counts)s women of all: "21 of 43".
            gettext("The grade below is %(group)s: %(counts)s are women.", group=named(cell.group, cell.answer),
                    counts=text.counts(cell.row))
        )  # fmt: skip
    if facts.appointed is None:
        found.append(gettext("Appointments in the last two years are not reported here."))
    elif sum(facts.appointed):
        women, men = facts.appointed
        group = Group(facts.stands.group.unit, None, facts.stands.group.level)
        found.append(
            # Translators: %(group)s is a group of staff: "UNICEF, P-4".
            ngettext("In the last two years %(women)s of %(staff)s person appointed was a woman (%(group)s).",
                     "In the last two years %(women)s of %(staff)s people appointed were women (%(group)s).",
                     women + men, group=named(group, facts.trend), women=text.number(women),
                     staff=text.number(women + men))
        )  # fmt: skip
    else:
        found.append(gettext("Nobody was appointed at this level in the last two years."))
    if facts.about:
        least, most = text.percent_range(facts.stands.row)
        found.append(
            gettext("Based on rounded counts: today’s share may be anywhere from %(least)s to %(most)s, and what we "
                    "work out from it is no more certain.", least=least, most=most)
        )  # fmt: skip
    return found


# -- comparisons and history --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """A row of figures: its label, share, counts and status in words, and its mark in per cent."""

    name: str
    share: str
    counts: str
    status: str
    mark: float | None
    what: str = ""
    open: ranges.Range | None = None  # which shares (fractions) rounding leaves open


def compared(name: str, answer: Answer, row: Row, what: str = "") -> Compared:
    """A row in words, or why it has no figures."""
    if row.women is None or row.staff is None:
        why = gettext("not shown together in public") if row.reason == REFUSED else text.why(row)
        return Compared(name, "–", why, "", None, what)
    if not row.staff:
        return Compared(name, "–", gettext("no staff"), "", None, what)
    mark = 100 * row.share_women if row.share_women is not None else None
    status = text.judged(answer, row, under_heading=True)
    return Compared(name, text.share(row), text.counts(row), status, mark, what, ranges.open_share(row))


def comparisons(facts: Facts) -> list[Compared]:
    """The same level elsewhere, and the grade below."""
    return [
        compared(title(one.cell.group, one.cell.answer), one.cell.answer, one.cell.row, one.what)
        for one in facts.comparisons
    ]


def comparisons_title(facts: Facts) -> str:
    """What the comparisons are of."""
    if facts.subject.group.level is None:
        return gettext("Elsewhere")
    if facts.subject.group.level[0] == "grade":
        return gettext("The same grade elsewhere, and the grade below")
    return gettext("The same category elsewhere")


def history(facts: Facts) -> list[Compared]:
    """The quarters up to the one shown."""
    found = []
    for row in facts.history:
        line = compared(row.keys["quarter"], facts.trend, row)
        if row.flag in ("carried", "partial"):
            line = replace(line, status=text.flag(row.flag))
        found.append(line)
    return found


def year_ago(facts: Facts) -> Line | None:
    """The share a year before; None where there was nobody, or nothing is shown."""
    row = facts.year_ago
    if row is None or row.women is None or not row.staff:
        return None
    # Translators: %(counts)s is women of all: "21 of 43".
    detail = gettext("%(counts)s staff", counts=text.counts(row)) if text.share(row) != "–" else gettext("women")
    if not facts.year_alike:
        detail = gettext("%(counts)s; not comparable with the figures for %(quarter)s (%(why)s)", counts=detail,
                         quarter=facts.trend.scope.quarter, why=_not_alike(facts, row))  # fmt: skip
    return Line(gettext("A year ago"), text.share_or_counts(row), detail)


def _not_alike(facts: Facts, then: Row) -> str:
    """Why an entity's figures of a year ago cannot be compared with those shown."""
    if not comparable.own(then):
        return text.flag(then.flag)
    shown = text.now(facts.trend)
    return text.flag("break" if shown is None or comparable.own(shown) else shown.flag)


def scope(facts: Facts) -> str:
    """Who is counted, as of when, by which release, for whom."""
    answer = facts.stands.answer
    parts = [text.scope_line(answer)]
    if facts.stands.row.protection == ROUNDED and answer.protection != ROUNDED:
        parts.append(gettext("rounded to protect individuals"))
    if answer.scope.audience == "internal":
        parts.append(gettext("internal: not for public release"))
    else:
        parts.append(gettext("public"))
    return text.DOT.join(parts)


def notes(facts: Facts) -> list[str]:
    """What else a reader must know of the figures."""
    answer = facts.stands.answer
    found = [
        text.note_sentence(note, answer)
        for note in answer.notes
        if note.code in ("carried", "partial", "not-submitted", "incomplete-dimension", "withheld", "as-told")
    ]
    if any(line.open for line in (*comparisons(facts), *history(facts))):
        found.append(text.shaded())
    if any(map(ranges.partial, (*(one.cell.row for one in facts.comparisons), *facts.history))):
        found.append(text.note_sentence(Note("left-out"), answer))
    # Of a country team also where it was chosen by one of its stations.
    if "unct" in facts.choice.chosen:
        found += text.place_notes(select(unct=facts.choice.chosen["unct"]))
    return [said for said in found if said]
