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
                _("Women as a percentage of women and men together. The counts are always shown with it."),
                also=(_("percentage of women"),),
                see=("status",),
            ),
            Term(
                "status",
                _("Parity status"),
                _(
                    "Below, at or above parity, judged on exact head-counts. A group is at parity if women are "
                    "%(low)s to %(high)s per cent of it, or if women and men differ by one person at most. A group of "
                    "fewer than %(few)s staff gets no status: it is too few to judge. Rounded figures get a status "
                    "only if it is certain despite the rounding."
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
                    "From %(low)s to %(high)s per cent women, both included. It comes from the system-wide strategy "
                    "on gender parity of 2017. Figures show it as a grey strip."
                ),
                see=("status",),
            ),
            Term(
                "gap",
                _("Gap"),
                _("The number of men minus the number of women. It is negative if there are fewer men."),
                see=("net-gross",),
            ),
            Term(
                "index",
                _("Gender Parity Index"),
                _(
                    "How many women or men are needed for equal numbers. Here the index is a head-count, and can be "
                    "read in two ways. Elsewhere the same name is used for a ratio of women to men."
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
                    "How many more women (or men) are needed for equal numbers if the number of men (or women) does "
                    "not change: the difference between women and men."
                ),
                also=(_("Index (growth)"),),
                see=("index",),
            ),
            Term(
                "replacement",
                _("Index, replacement"),
                _(
                    "How many posts would have to pass from men to women (or from women to men) for equal numbers, if "
                    "the total does not change: half the difference, rounded down."
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
                    "The smallest number of posts that would have to change hands for the status to be at parity, if "
                    "the total does not change. Because parity is a band, this is fewer than equal numbers need."
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
                    "Net: the gaps of all levels added up, so that more women at one level offset fewer at another. "
                    "Gross: the gaps added up whatever their direction. The goal is parity at every level, so we give "
                    "both."
                ),
                also=(_("counting each grade separately"),),
                see=("gap",),
            ),
            Term(
                "points",
                _("Percentage points"),
                _(
                    "The difference between two shares: from 44 to 46 per cent is 2 points. Calculated from "
                    "head-counts and rounded last."
                ),
                also=(_("change"),),
                see=("like-for-like",),
            ),
            Term(
                "net-change",
                _("Net change"),
                _(
                    "The difference between two head-counts. It does not show who joined and who left: movements do "
                    "that."
                ),
                see=("movements",),
            ),
            Term(
                "feeder",
                _("Feeder grade"),
                _("The grade below, from which most posts are filled: P-3 for P-4."),
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
                    "Women and men on appointments of one year or more, counted on the last day of the quarter. "
                    "Quarters are never added up: the same people are counted in each."
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
                _(
                    "An appointment of less than a year. These staff are counted separately, and only if you choose "
                    "them."
                ),
                see=("staff",),
            ),
            Term(
                "other",
                _("Other or not disclosed"),
                _(
                    "People whose sex is recorded as other or not disclosed. We show them for the whole system only, "
                    "rounded, and only from about %(other_from)s people. They are not part of any share."
                ),
                also=(_("sex X"),),
            ),
            Term(
                "quarter",
                _("Quarter"),
                _("Three months, written like 2026Q3. Staff are counted on the last day."),
            ),
            Term(
                "movements",
                _("Movements"),
                _(
                    "Appointments, promotions and separations in a quarter, by grade, from the entities that report "
                    "them. They are not reported by place."
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
                    "Military and police personnel contributed by countries. They are not staff, and have a table and "
                    "a page of their own."
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
                    "A part of an entity, if the entity reports by parts. A mission or office in one place reveals "
                    "that place, so it is protected like a place."
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
                    "Here it means all staff in the countries that a team covers, whatever their entity, including "
                    "those of headquarters and regional offices. It does not mean the team of heads of agencies."
                ),
                also=(_("country team"),),
                see=("headquarters",),
            ),
            Term(
                "duty-station",
                _("Duty station"),
                _("The city or place where a post is. It determines the country, country team and region."),
                also=(_("city"),),
            ),
            Term(
                "headquarters",
                _("Headquarters"),
                _(
                    "An entity’s established seat. For the UN Secretariat: New York, Geneva, Vienna, Nairobi and the "
                    "seats of the regional commissions. Regional, service and liaison offices do not count. There is "
                    "no official public list, so we compiled this one from public sources."
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
                    "One of the five groups of Member States, by nationality. Türkiye is counted once, with Western "
                    "European and other States."
                ),
                see=("nationality",),
            ),
            Term(
                "category",
                _("Category"),
                _(
                    "Senior (above D-2), Professional (P-1 to D-2), Field Service, National Professional Officer, "
                    "General Service and related. The grade determines it."
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
                    "country team. They are publicly named, so figures on them are exact."
                ),
                also=(_("RC"),),
                see=("unct",),
            ),
            Term(
                "nationality",
                _("Nationality"),
                _(
                    "One nationality for each person, as the entity reports it. Shown rounded, and to the public "
                    "never with a place."
                ),
                see=("rounded",),
            ),
            Term(
                "age",
                _("Age group"),
                _("Age on the last day of the quarter, in bands of five years. Shown rounded."),
                see=("rounded",),
            ),
            Term(
                "not-reported",
                _("Not reported and not applicable"),
                _(
                    "Not reported: the entity has not said. Not applicable: there is nothing to say. We never count "
                    "either as anything else, and figures show how much is known."
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
                    "Everything submitted by a certain date, checked and published together under one name, like "
                    "2026Q3-r1. A release never changes. Corrections come in a later one."
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
                _("The entity has sent its own figures for the quarter, and in full."),
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
                    "Figures from an earlier quarter, used in place of ones an entity has not sent. We use them for "
                    "%(carry)s quarters at most, always mark them, and leave them out of changes."
                ),
                see=("like-for-like",),
            ),
            Term(
                "partial",
                _("Partly reported"),
                _(
                    "Figures that the entity itself says do not cover all its staff. We count and mark them, and leave "
                    "them out of changes."
                ),
                also=(_("partial"),),
            ),
            Term(
                "revised",
                _("Revised"),
                _(
                    "Figures for a quarter that were sent again later, with a reason. The latest ones count, except in "
                    "rounded figures, which stay as first published."
                ),
                also=(_("resubmitted"),),
            ),
            Term(
                "not-submitted",
                _("Not submitted"),
                _("The entity takes part but has sent no figures: a gap, not a zero."),
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
                    "From this quarter on, an entity’s figures cannot be compared with earlier ones. We calculate no "
                    "change across it."
                ),
                see=("like-for-like",),
            ),
            Term(
                "like-for-like",
                _("Like for like"),
                _(
                    "Comparing the same entities on both sides: those that reported both times, in full, with no "
                    "series break in between."
                ),
                also=(_("same entities"),),
            ),
            Term(
                "demonstration",
                _("Demonstration data"),
                _(
                    "Figures from a model, used until real submissions are loaded and marked everywhere. They describe "
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
                    "Who a view is for: the public, or signed-in staff (internal). The public view reads a file that "
                    "holds only what may be shown to everyone."
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
                    "Women and men are each rounded to about the nearest %(base)s, up or down at random, so that "
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
                    "Too few to show, judged after rounding: a place with fewer than %(floor_place)s staff, or a group "
                    "by age, nationality or appointment with fewer than %(floor_person)s. Groups with nobody in them "
                    "read the same."
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
                _("Left out, whatever its size, because with other published figures it could identify someone."),
                also=(_("withheld"),),
            ),
            Term(
                "refused",
                _("Not shown together"),
                _(
                    "Filters that would let figures be subtracted from one another until individuals can be "
                    "identified. The page suggests similar figures that it can show."
                ),
                also=(_("refused"),),
            ),
            Term(
                "presence",
                _("Protected place"),
                _("A place where it is sensitive that women, or anyone, work there. The public sees only its region."),
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
