"""What each page asks and shows: data. A new chart is one `.sql` file and one Panel line."""

from __future__ import annotations

from dashboard.pages.country_teams import PAGE as COUNTRY_TEAMS
from dashboard.pages.country_teams import TEAM as COUNTRY_TEAM
from dashboard.pages.entities import PAGE as ENTITIES
from dashboard.pages.entities import PROFILE as ENTITY
from dashboard.pages.grades import PAGE as GRADES
from dashboard.pages.overview import PAGE as OVERVIEW
from dashboard.pages.page import CODE, OPTION, At, Option, Page, Panel, Seen
from dashboard.pages.parity_index import PAGE as PARITY_INDEX
from dashboard.pages.people import AGE, NATIONALITY
from dashboard.pages.resident_coordinators import PAGE as RESIDENT_COORDINATORS
from dashboard.selection import CODE as CODE_PATTERN

__all__ = ["CODE", "OPTION", "OVERVIEW", "PAGES", "At", "Option", "Page", "Panel", "Seen", "find", "samples"]

#: Pages with figures, in the order of the navigation, which leaves out those with a code in their address.
PAGES: tuple[Page, ...] = (
    OVERVIEW,
    ENTITIES,
    ENTITY,
    COUNTRY_TEAMS,
    COUNTRY_TEAM,
    GRADES,
    PARITY_INDEX,
    RESIDENT_COORDINATORS,
    AGE,
    NATIONALITY,
)
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
    """An address of every page there is, so that no page can escape who looks at all of them."""
    return [At(page, page.sample if page.of_codes else page.code).path for page in PAGES]
