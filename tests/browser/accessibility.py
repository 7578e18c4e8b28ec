"""What axe says against a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

#: Levels A and AA of WCAG 2.0, 2.1 and 2.2.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def violations(page, within: str | None = None) -> list[str]:
    """Each rule that the page, or what a selector finds of it, breaks, with the first place that does.

    Only violations are asked for: to list every place that passes a rule as well takes three times as long.
    """
    found = Axe().run(page, context=within, options={"runOnly": list(RULES), "resultTypes": ["violations"]})
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found.response["violations"]]
