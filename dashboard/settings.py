"""Settings, read once from the environment and frozen.

Every name below is documented for operators in README.md, "Settings".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Parity band in per cent, both ends included (UN system-wide strategy on gender parity, 2017: 47 to 53 per cent).
PARITY_BAND = (47, 53)
#: Below this head-count no parity status is given (convention: one person moves the share by 20 points or more).
FEW = 5
#: An entity's last figures stand in for a missing quarter at most this many quarters (convention: one year).
CARRY_FORWARD_QUARTERS = 4
#: From this head-count up, "other or not disclosed" is shown, and system-wide only (convention; see docs/decisions.md).
OTHER_SHOWN_FROM = 12

AUDIENCES = ("internal",)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(ValueError):
    """A setting has a value the product cannot work with; the message names the variable and what would be right."""


@dataclass(frozen=True)
class Settings:
    """What an operator decides. `data_dir` holds submissions and releases; the rest is how they are served."""

    data_dir: Path
    audience: str = "internal"
    host: str = "127.0.0.1"
    port: int = 8050
    problem_address: str = ""
    query_seconds: float = 5.0
    memory_limit: str = "1GB"
    canonical_url: str = ""
    next_release: str = ""

    @property
    def submissions_dir(self) -> Path:
        """What entities have sent, and what was made of it."""
        return self.data_dir / "submissions"

    @property
    def releases_dir(self) -> Path:
        """All releases, and the pointer to the one in service."""
        return self.data_dir / "releases"


def _number(environment: Mapping[str, str], name: str, default: float, kind: type = float) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = kind(text)
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}; a number such as {default} is expected") from error
    if value <= 0:
        raise SettingsError(f"{name} is {text!r}; it must be above 0")
    return value


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from environment variables named PARITY_*.

    Raises SettingsError for a value that cannot be meant, so that a server refuses to start rather than guess.
    """
    environment = os.environ if environment is None else environment
    audience = environment.get("PARITY_AUDIENCE", "").strip() or "internal"
    if audience not in AUDIENCES:
        raise SettingsError(f"PARITY_AUDIENCE is {audience!r}; it must be one of: {', '.join(AUDIENCES)}")
    host = environment.get("PARITY_HOST", "").strip() or "127.0.0.1"
    if audience == "internal" and host not in LOOPBACK:
        raise SettingsError(
            f"PARITY_HOST is {host!r}, but the internal audience is served on this machine only "
            f"({', '.join(LOOPBACK)}): its figures are not for public release"
        )
    return Settings(
        data_dir=Path(environment.get("PARITY_DATA_DIR", "").strip() or "var").absolute(),
        audience=audience,
        host=host,
        port=int(_number(environment, "PARITY_PORT", 8050, int)),
        problem_address=environment.get("PARITY_PROBLEM_ADDRESS", "").strip(),
        query_seconds=_number(environment, "PARITY_QUERY_SECONDS", 5.0),
        memory_limit=environment.get("PARITY_MEMORY_LIMIT", "").strip() or "1GB",
        canonical_url=environment.get("PARITY_URL", "").strip().rstrip("/"),
        next_release=environment.get("PARITY_NEXT_RELEASE", "").strip(),
    )
