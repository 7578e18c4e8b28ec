"""What the words mean: each term once, with an anchor of its own on the methods page.

Terms are data, so that the page, the search and the links beside figures have the same ones. Texts are marked for
translation and translated when drawn; numbers in them are filled in from the settings and from a release's policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


@dataclass(frozen=True)
class Term:
    """A term: `also` are other words that lead to it, for who searches; `see` names further terms."""

    name: str
    title: str
    meaning: str
    also: tuple[str, ...] = ()
    see: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The id of its place on the methods page."""
        return f"term-{self.name}"

    @property
    def address(self) -> str:
        """Where it is explained."""
        return f"/methods#{self.anchor}"


@dataclass(frozen=True)
class Group:
    """Terms that belong together."""

    title: str
    terms: tuple[Term, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        _("Measures"),
        (
            Term(
                "share",
                _("Share of women"),
                _("Women divided by women and men. Counts stand beside it wherever it is printed."),
                also=(_("percentage of women"),),
                see=("status",),
            ),
            Term(
                "status",
                _("Parity status"),
                _(
                    "Below, at or above parity, by exact head-counts: at parity where women are %(low)s to "
                    "%(high)s per cent, or where women and men differ by one person at most. Under %(few)s staff "
                    "there is none: too few to judge. Of rounded figures it is given only where rounding leaves no "
                    "other open."
                ),
                also=(
                    _("below parity"),
                    _("at parity"),
                    _("above parity"),
                    _("too few to judge"),
                ),
                see=("band",),
            ),
            Term(
                "band",
                _("Parity band"),
                _(
                    "From %(low)s to %(high)s per cent women, both included: the band of the system-wide strategy "
                    "on gender parity of 2017. Figures show it as a grey strip."
                ),
                see=("status",),
            ),
            Term(
                "gap",
                _("Gap"),
                _("Men less women, in persons. With a minus where men are fewer."),
                see=("net-gross",),
            ),
            Term(
                "index",
                _("Gender Parity Index"),
                _(
                    "How many women or men it would take to come to equal numbers. Here it is a head-count and "
                    "has two readings; elsewhere the name stands for a ratio of women to men."
                ),
                also=(_("GPI"),),
                see=(
                    "growth",
                    "replacement",
                ),
            ),
            Term(
                "growth",
                _("Index, growth"),
                _(
                    "How many more of the fewer sex would make the numbers equal if the other stays as it is: the "
                    "difference of women and men."
                ),
                also=(_("Index (growth)"),),
                see=("index",),
            ),
            Term(
                "replacement",
                _("Index, replacement"),
                _(
                    "How many posts would have to change hands, at constant size, to come to equal numbers: half "
                    "of the difference, rounded down."
                ),
                also=(_("Index (replacement)"),),
                see=(
                    "index",
                    "posts",
                ),
            ),
            Term(
                "posts",
                _("Posts to parity"),
                _(
                    "The smallest number of posts to change hands, at constant size, until the status is at "
                    "parity. It is fewer than equal numbers take, since parity is a band."
                ),
                also=(_("posts to change hands until at parity"),),
                see=(
                    "status",
                    "replacement",
                ),
            ),
            Term(
                "net-gross",
                _("Net and gross gap"),
                _(
                    "Net: the gaps of all levels added up, in which more women at one level make up for fewer at "
                    "another. Gross: the gaps added up whatever their direction. Parity is wanted at every level, "
                    "so both are given."
                ),
                also=(_("each grade taken by itself"),),
                see=("gap",),
            ),
            Term(
                "points",
                _("Percentage points"),
                _(
                    "The difference of two shares: from 44 to 46 per cent are 2 points. Computed from head-counts "
                    "and rounded last."
                ),
                also=(_("change"),),
                see=("like-for-like",),
            ),
            Term(
                "net-change",
                _("Net change"),
                _(
                    "The difference of two head-counts. It does not tell who came and who left: that is told by "
                    "movements."
                ),
                see=("movements",),
            ),
            Term(
                "feeder",
                _("Feeder grade"),
                _("The grade below, from which posts are mostly filled: P-3 for P-4."),
                also=(_("pipeline"),),
            ),
        ),
    ),
    Group(
        _("Who is counted"),
        (
            Term(
                "staff",
                _("Staff"),
                _(
                    "Women and men on appointments of one year or more, on the last day of the quarter. It is a "
                    "stock: one quarter at a time, never added up over quarters."
                ),
                also=(
                    _("head-count"),
                    _("population"),
                    _("as of"),
                ),
                see=(
                    "temporary",
                    "other",
                ),
            ),
            Term(
                "temporary",
                _("Temporary appointment"),
                _("Appointments of less than a year: another population, counted only where it is chosen."),
                see=("staff",),
            ),
            Term(
                "other",
                _("Other or not disclosed"),
                _(
                    "Whoever is neither counted as a woman nor as a man. Shown for the whole system only, rounded, "
                    "from about %(other_from)s persons up; in no share."
                ),
                also=(_("sex X"),),
            ),
            Term(
                "quarter",
                _("Quarter"),
                _("Three months, written 2026Q3. Staff are counted on the last day."),
            ),
            Term(
                "movements",
                _("Movements"),
                _(
                    "Appointments, promotions and separations in a quarter, by grade, of the entities that send "
                    "them. They have no place."
                ),
                also=(
                    _("appointed"),
                    _("promoted"),
                    _("separated"),
                ),
                see=("net-change",),
            ),
            Term(
                "uniformed",
                _("Uniformed personnel"),
                _(
                    "Military and police contributed by countries. They are not staff, and stand in a table and "
                    "on a page of their own."
                ),
                also=(
                    _("peacekeepers"),
                    _("police"),
                    _("military"),
                ),
            ),
        ),
    ),
    Group(
        _("Where and what"),
        (
            Term(
                "entity",
                _("Entity"),
                _(
                    "An organization of the United Nations system that reports its own staff: a fund, a "
                    "programme, a specialized agency or another body. The UN Secretariat is one entity, with "
                    "departments and missions below it."
                ),
                also=(
                    _("organization"),
                    _("agency"),
                ),
            ),
            Term(
                "department",
                _("Department or mission"),
                _(
                    "A part of an entity, where it reports by parts. Those that are bound to one place, such as "
                    "missions, tell the place and are protected as places are."
                ),
                also=(
                    _("office"),
                    _("place-bound"),
                ),
                see=("rounded",),
            ),
            Term(
                "unct",
                _("UNCT, United Nations country team"),
                _(
                    "Here all staff in the countries that a team covers, whatever their entity and also those of "
                    "headquarters and regional offices there; not the team of heads of agencies."
                ),
                also=(_("country team"),),
                see=("headquarters",),
            ),
            Term(
                "duty-station",
                _("Duty station"),
                _("The city or place where a post is. Country, country team and region follow from it."),
                also=(_("city"),),
            ),
            Term(
                "headquarters",
                _("Headquarters"),
                _(
                    "An entity’s established seat; for the UN Secretariat New York, Geneva, Vienna, Nairobi and "
                    "the seats of the regional commissions. Regional, service and liaison offices do not count. "
                    "No official list is public: this one is ours, compiled from public knowledge."
                ),
                also=(
                    _("HQ"),
                    _("non-headquarters"),
                    _("field"),
                ),
            ),
            Term(
                "region",
                _("Region"),
                _(
                    "One of the five regions of the United Nations’ M49 standard: Africa, Americas, Asia, Europe, "
                    "Oceania."
                ),
                also=("M49",),
            ),
            Term(
                "regional-group",
                _("Regional group"),
                _(
                    "One of the five groups of Member States, by nationality. Türkiye counts once, with Western "
                    "European and other States."
                ),
                see=("nationality",),
            ),
            Term(
                "category",
                _("Category"),
                _(
                    "Senior (above D-2), Professional (P-1 to D-2), Field Service, National Professional Officer, "
                    "General Service and related. It follows from the grade."
                ),
                also=(_("staff category"),),
                see=(
                    "ph",
                    "grade",
                ),
            ),
            Term(
                "ph",
                _("Professional and higher"),
                _("Professional and Senior together, as published reports group them."),
                also=(_("international professional staff"),),
                see=("category",),
            ),
            Term(
                "grade",
                _("Grade"),
                _(
                    "The level of a post, such as P-4 or G-6. USG and ASG are Under- and Assistant "
                    "Secretary-General and their equivalents."
                ),
                also=(
                    _("level"),
                    "USG",
                    "ASG",
                ),
                see=("category",),
            ),
            Term(
                "rc",
                _("Resident Coordinator"),
                _(
                    "The highest-ranking representative of the UN development system in a country, who leads the "
                    "country team. They are publicly named, so women and men among them are given exactly."
                ),
                also=(_("RC"),),
                see=("unct",),
            ),
            Term(
                "nationality",
                _("Nationality"),
                _(
                    "One nationality a person, as the entity reports it. Shown rounded, and never with a place in "
                    "public."
                ),
                see=("rounded",),
            ),
            Term(
                "age",
                _("Age group"),
                _("Bands of five years, on the last day of the quarter. Shown rounded."),
                see=("rounded",),
            ),
            Term(
                "not-reported",
                _("Not reported and not applicable"),
                _(
                    "Two different things: the entity does not say, and there is nothing to say. Neither is ever "
                    "counted as anything else; figures tell how much is known."
                ),
                also=(_("unknown"),),
            ),
        ),
    ),
    Group(
        _("How figures come about"),
        (
            Term(
                "release",
                _("Release"),
                _(
                    "Everything submitted by a date, checked and published together under one name, such as "
                    "2026Q3-r1. A release never changes; corrections come in a later one."
                ),
                also=(
                    _("publication"),
                    _("citation"),
                    _("permalink"),
                ),
            ),
            Term(
                "reported",
                _("Reported"),
                _("An entity has sent its own figures for the quarter, and in full."),
                also=(_("submitted"),),
                see=(
                    "carried",
                    "partial",
                    "not-submitted",
                ),
            ),
            Term(
                "carried",
                _("Carried forward"),
                _(
                    "Figures of an earlier quarter that stand in for one an entity has not sent: for %(carry)s "
                    "quarters at most, always marked, and never part of a change."
                ),
                see=("like-for-like",),
            ),
            Term(
                "partial",
                _("Partly reported"),
                _(
                    "Figures that do not cover all staff of the entity, as it says itself; they are counted, "
                    "marked, and left out of changes."
                ),
                also=(_("partial"),),
            ),
            Term(
                "revised",
                _("Revised"),
                _(
                    "Figures of a quarter that were sent again later, with a reason. The last ones count, except in "
                    "rounded figures, which stay as first published."
                ),
                also=(_("resubmitted"),),
            ),
            Term(
                "not-submitted",
                _("Not submitted"),
                _("An entity takes part and there are no figures of it: a gap, and not a zero."),
                also=(_("missing"),),
            ),
            Term(
                "not-participant",
                _("Does not take part"),
                _("The entity did not exist, or did not take part, in that quarter."),
                also=(_("not a participant"),),
            ),
            Term(
                "break",
                _("Series break"),
                _(
                    "A quarter from which on an entity’s figures cannot be compared with those before. No change "
                    "is computed across it."
                ),
                see=("like-for-like",),
            ),
            Term(
                "like-for-like",
                _("Like for like"),
                _(
                    "Over the same entities on both sides: those that reported both times themselves and in full, "
                    "with no series break between."
                ),
                also=(_("same entities"),),
            ),
            Term(
                "demonstration",
                _("Demonstration data"),
                _(
                    "Figures of a model, until real submissions are loaded; marked so everywhere. They describe "
                    "no real person and must not be quoted."
                ),
                also=(_("modelled"),),
            ),
        ),
    ),
    Group(
        _("Protection"),
        (
            Term(
                "audience",
                _("Audience"),
                _(
                    "Whom a view is for: the public, or signed-in staff (internal). The public view reads a file "
                    "that has nothing in it that may not be shown."
                ),
                also=(
                    _("internal"),
                    _("public"),
                ),
            ),
            Term(
                "rounded",
                _("Rounded, “about”"),
                _(
                    "Women and men are each rounded to the nearest %(base)s or so, up or down at random, so that "
                    "nobody can be identified. Small changes and small differences mean nothing."
                ),
                also=(
                    _("about"),
                    _("rounding"),
                    _("not clear"),
                    _("no clear change"),
                    _("no clear difference"),
                    _("shaded"),
                ),
                see=("floor",),
            ),
            Term(
                "floor",
                _("Fewer than %(floor_place)s, fewer than %(floor_person)s"),
                _(
                    "Too few to show, as judged after rounding: a place with fewer than %(floor_place)s staff, or a "
                    "group by age, nationality or appointment with fewer than %(floor_person)s. Nobody at all reads "
                    "the same."
                ),
                also=(
                    _("too few to show"),
                    _("floor"),
                    _("hatched"),
                ),
            ),
            Term(
                "withheld",
                _("Not shown"),
                _("Left out whatever its size, because with other published figures it could identify someone."),
                also=(_("withheld"),),
            ),
            Term(
                "refused",
                _("Not shown together"),
                _(
                    "Filters that could be subtracted from one another until single people are left. The page "
                    "names answers near it."
                ),
                also=(_("refused"),),
            ),
            Term(
                "presence",
                _("Protected place"),
                _(
                    "A place where it is sensitive that women, or anybody, are there: in public it exists only as "
                    "its region."
                ),
                also=(_("presence"),),
            ),
        ),
    ),
)

TERMS: Mapping[str, Term] = {term.name: term for group in GROUPS for term in group.terms}

#: Figures that stand in large beneath the headline -> their term.
TILES: Mapping[str, str] = {
    "women": "staff",
    "men": "staff",
    "uniformed-women": "uniformed",
    "uniformed-men": "uniformed",
    "share": "share",
    "index": "index",
}

#: What a panel's heading speaks of -> its term; the first that occurs in the heading (in English) counts.
_HEADINGS: Sequence[tuple[str, str]] = (
    ("uniformed", "uniformed"),
    ("military", "uniformed"),
    ("contingent", "uniformed"),
    ("gender parity index", "index"),
    ("women or men needed", "growth"),
    ("net and gross", "net-gross"),
    ("who has reported", "reported"),
    ("submitted", "reported"),
    ("appointed", "movements"),
    ("resident coordinator", "rc"),
    ("headquarters", "headquarters"),
    ("furthest from parity", "status"),
    ("over time", "like-for-like"),
    ("then and now", "like-for-like"),
    ("from p-1", "feeder"),
    ("nationalit", "nationality"),
    ("regional group", "regional-group"),
    (" age", "age"),
    ("55 and over", "age"),
    ("under 35", "age"),
    ("country teams", "unct"),
    ("departments", "department"),
    ("entities without staff", "entity"),
)


def of_heading(heading: str) -> Term:
    """The term that a panel of this heading (in English) is about; most are about shares of women."""
    said = f" {heading.casefold()}"
    return TERMS[next((name for part, name in _HEADINGS if part in said), "share")]
