"""Parity arithmetic: pure functions over integer head-counts.

Formulas and worked examples: docs/methods in the product (`/methods`) and `tests/test_measures.py`. Head-counts are
integers throughout; a percentage is formed last, and never compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.settings import FEW, PARITY_BAND

BELOW, PARITY, ABOVE, TOO_FEW = "below", "parity", "above", "few"


def _checked(women: int, men: int) -> None:
    if women < 0 or men < 0:
        raise ValueError(f"head-counts cannot be negative: {women} women, {men} men")


def share_women(women: int, men: int) -> float | None:
    """Share of women as a fraction of women and men, or None where there is nobody."""
    _checked(women, men)
    return women / (women + men) if women + men else None


def gap(women: int, men: int) -> int:
    """Men minus women: positive where women are fewer."""
    return men - women


def index_growth(women: int, men: int) -> int:
    """Gender Parity Index, growth reading: how many more of the fewer sex, if the other stays as it is."""
    return abs(men - women)


def index_replacement(women: int, men: int) -> int:
    """Gender Parity Index, replacement reading: posts to change hands at constant size to come to equal numbers."""
    return abs(men - women) // 2


def needed(women: int, men: int) -> str | None:
    """Which sex the index counts: "women", "men", or None at equal numbers."""
    if women == men:
        return None
    return "women" if women < men else "men"


def _at_parity(women: int, men: int) -> bool:
    staff = women + men
    low, high = PARITY_BAND
    # Integers, not percentages: 46.6 % prints as 47 % but lies outside the band. Odd head-counts under 17 have no
    # share inside the band, so a difference of one person also is parity.
    return low * staff <= 100 * women <= high * staff or abs(women - men) <= 1


def status(women: int, men: int) -> str | None:
    """Parity status: "below", "parity", "above", "few" (too few to judge, under 5), or None where there is nobody.

    At parity when 47 <= 100 * W / N <= 53 or |W - M| <= 1 (UN system-wide strategy on gender parity; the second rule
    is a convention of this product, see docs/decisions.md).
    """
    _checked(women, men)
    staff = women + men
    if staff == 0:
        return None
    if staff < FEW:
        return TOO_FEW
    if _at_parity(women, men):
        return PARITY
    return BELOW if women < men else ABOVE


def status_between(women: tuple[int, int], men: tuple[int, int]) -> str | None:
    """Parity status of head-counts known to lie between two numbers each (least, most): the one all of them have.

    None where they have several, or where there may be too few to judge.
    """
    if women[0] + men[0] < FEW:
        return None
    # The share of women is largest at most women and least men, and smallest the other way round.
    highest, lowest = status(women[1], men[0]), status(women[0], men[1])
    return highest if highest == lowest else None


def needed_between(women: tuple[int, int], men: tuple[int, int]) -> str | None:
    """Which sex the index counts of head-counts known to lie between two numbers each (least, most): the one that is
    fewer whatever they are. None where each may be, or where they may be equal.
    """
    if women[1] < men[0]:
        return "women"
    return "men" if men[1] < women[0] else None


def posts_to_parity_status(women: int, men: int) -> int:
    """Smallest number of posts to change hands, at constant size, until the status rule for parity holds."""
    _checked(women, men)
    fewer, more = sorted((women, men))
    posts = 0
    while not _at_parity(fewer + posts, more - posts):
        posts += 1
    return posts


@dataclass(frozen=True)
class Gaps:
    """Net (sum of signed gaps) and gross (sum of absolute gaps) over levels, in persons; net > 0: women are fewer."""

    net: int
    gross: int


def gaps(levels: Iterable[tuple[int, int]]) -> Gaps:
    """Net and gross gap over (women, men) pairs: parity is wanted at all levels, and a net of 0 can hide a gross."""
    signed = [gap(women, men) for women, men in levels]
    return Gaps(net=sum(signed), gross=sum(map(abs, signed)))


def percent_decimals(women: int, men: int) -> int:
    """How many decimals a printed share needs: one from 100 staff up, and wherever a whole number would contradict
    the status (46.6 % is not "47 %: below parity"); else none.
    """
    staff = women + men
    if staff >= 100:
        return 1
    if staff == 0:
        return 0
    whole = round(100 * women / staff)
    low, high = PARITY_BAND
    looks = BELOW if whole < low else ABOVE if whole > high else PARITY
    said = status(women, men)
    exact_half = 2 * women == staff
    # A whole 50 % that is not equal numbers would be read as equality.
    return 1 if (said in (BELOW, ABOVE, PARITY) and looks != said) or (whole == 50 and not exact_half) else 0


@dataclass(frozen=True)
class Change:
    """A change between two times over the same entities, in persons and in percentage points."""

    women: int
    men: int
    points: float | None


def change(now: tuple[int, int], then: tuple[int, int]) -> Change:
    """Change of head-counts and share between two (women, men) pairs that must cover the same set of entities."""
    share_now, share_then = share_women(*now), share_women(*then)
    points = None if share_now is None or share_then is None else 100 * (share_now - share_then)
    return Change(women=now[0] - then[0], men=now[1] - then[1], points=points)


# -- before a post is filled ------------------------------------------------------------------------------------


def with_entries(women: int, men: int, joined: tuple[int, int], left: tuple[int, int]) -> tuple[int, int] | None:
    """Head-counts after people joined and left since: each pair is (women, men). None where more would have left than
    there are.
    """
    _checked(women, men)
    _checked(*joined)
    _checked(*left)
    women, men = women + joined[0] - left[0], men + joined[1] - left[1]
    return None if women < 0 or men < 0 else (women, men)


def after_appointment(women: int, men: int, appointed: str, leaving: str | None = None) -> tuple[int, int] | None:
    """Head-counts once a post is filled by one of "women" or "men". `leaving` is the sex of whoever leaves the post,
    None where the post is new or vacant and so not in the counts. None where nobody of that sex could leave.

    9 women and 14 men, a man leaves, a woman is appointed: 10 and 13.
    """
    # First the one leaves, then the other comes: whoever is appointed cannot be the one who left.
    left = with_entries(women, men, (0, 0), (int(leaving == "women"), int(leaving == "men")))
    return left and (left[0] + int(appointed == "women"), left[1] + int(appointed == "men"))


def portion(posts: int, women: int, staff: int) -> int:
    """Of so many posts those of women at the share `women / staff`, in whole persons, halves up."""
    if not 0 <= women <= staff or not staff:
        raise ValueError(f"{women} women of {staff} staff are no share")
    return (2 * posts * women + staff) // (2 * staff)


def after_vacancies(
    women: int, men: int, posts: int, appointed_women: int, held: bool = True
) -> tuple[int, int] | None:
    """Head-counts once so many posts are filled, `appointed_women` of them by women.

    `held`: they are posts of today's staff, who leave in today's proportion (whole persons), so the size stays as it
    is; otherwise they are vacant or new and come on top. None where fewer hold posts than leave.
    """
    _checked(women, men)
    if not 0 <= appointed_women <= posts:
        raise ValueError(f"{appointed_women} of {posts} appointments cannot be women")
    leaving = 0
    if held:
        if posts > women + men:
            return None
        leaving = portion(posts, women, women + men) if posts else 0
        women, men = women - leaving, men - (posts - leaving)
    return women + appointed_women, men + posts - appointed_women
