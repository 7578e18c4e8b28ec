"""What each page asks and shows: data. A new chart is one `.sql` file and one Panel line."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.pages.overview import PAGE as OVERVIEW
from dashboard.pages.page import Page, Panel

__all__ = ["OVERVIEW", "PAGES", "Page", "Panel", "by_path"]

#: Pages with figures, in the order of the navigation.
PAGES: tuple[Page, ...] = (OVERVIEW,)


def by_path() -> Mapping[str, Page]:
    """The pages that Dash draws figures on, by their address."""
    return {page.path: page for page in PAGES}
