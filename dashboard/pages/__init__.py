"""What each page asks and shows: data. A new chart is one `.sql` file and one Panel line."""

from __future__ import annotations

from dashboard.pages.country_teams import PAGE as COUNTRY_TEAMS
from dashboard.pages.country_teams import TEAM as COUNTRY_TEAM
from dashboard.pages.entities import PAGE as ENTITIES
from dashboard.pages.entities import PROFILE as ENTITY
from dashboard.pages.grades import PAGE as GRADES
from dashboard.pages.overview import PAGE as OVERVIEW
from dashboard.pages.page import CODE, OPTION, At, Option, Page, Panel, Plain, Seen
from dashboard.pages.parity_index import PAGE as PARITY_INDEX
from dashboard.pages.people import AGE, NATIONALITY
from dashboard.pages.resident_coordinators import PAGE as RESIDENT_COORDINATORS
from dashboard.pages.uniformed import PAGE as UNIFORMED
from dashboard.selection import CODE as CODE_PATTERN

__all__ = [
    "ALL", "CODE", "COMPARE", "DATA", "DIFFERENCES", "METHODS", "OPTION", "OVERVIEW", "PAGES", "PLAIN", "RECRUIT",
    "SEARCH", "At", "Option", "Page", "Panel", "Plain", "Seen", "addresses", "find", "samples",
]  # fmt: skip


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Pages that are plain HTML, drawn by their own module and registered in `factory`.
RECRUIT = Plain(
    "/recruit",
    _("Before you recruit"),
    samples=("", "entity=UNDP&grade=P-4&unct=KEN", "entity=UNDP&grade=P-4&unct=KEN&v.print=1"),
    follow=True,
)
COMPARE = Plain(
    "/compare",
    _("Compare"),
    samples=(
        "",
        "s=entity%3DUNDP",
        "s=entity%3DUNDP%26grade%3DP-4&s=entity%3DUNICEF%26grade%3DP-4",
        "s=&s=quarter%3D2025Q3%26entity%3DUNDP&s=category%3DP%26unct%3DKEN&s=unct%3DKEN%26age_group%3D30-34&v.edit=2",
    ),
    follow=True,
)
DATA = Plain("/data", _("Data"))
DIFFERENCES = Plain("/data/differences", _("Differences between releases"), listed=False)
METHODS = Plain("/methods", _("Methods"))
SEARCH = Plain("/search", _("Search"), samples=("", "q=p-4", "q=nothing+is+called+so"), listed=False)

#: Every page there is, in the order of the navigation, which leaves out those with a code in their address.
ALL: tuple[Page | Plain, ...] = (
    OVERVIEW,
    RECRUIT,
    ENTITIES,
    ENTITY,
    COUNTRY_TEAMS,
    COUNTRY_TEAM,
    GRADES,
    PARITY_INDEX,
    RESIDENT_COORDINATORS,
    AGE,
    NATIONALITY,
    COMPARE,
    UNIFORMED,
    DATA,
    DIFFERENCES,
    METHODS,
    SEARCH,
)
PAGES: tuple[Page, ...] = tuple(page for page in ALL if isinstance(page, Page))
PLAIN: tuple[Plain, ...] = tuple(page for page in ALL if isinstance(page, Plain))
#: How many pages stand in the navigation itself; the others open beneath "More".
IN_SIGHT = 6


def find(path: str) -> At | None:
    """The page at an address. Whether the code in it exists is the release's to say."""
    for page in PAGES:
        if not page.of_codes:
            if page.path == path:
                return At(page, page.code)
            continue
        before, _, after = page.path.partition(CODE)
        code = path.removeprefix(before).removesuffix(after)
        if path.startswith(before) and path == before + code + after and CODE_PATTERN.fullmatch(code):
            return At(page, code)
    return None


def samples() -> list[str]:
    """An address of every page with figures, so that no page can escape who looks at all of them."""
    return [At(page, page.sample if page.of_codes else page.code).path for page in PAGES]


def addresses() -> list[str]:
    """An address of every page with figures, and those that plain pages name for themselves."""
    plain = [page.path + (f"?{query}" if query else "") for page in PLAIN for query in page.samples]
    return [*samples(), *plain]
