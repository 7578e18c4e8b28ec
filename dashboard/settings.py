"""Settings, read once from the environment and frozen.

Every name below is documented for operators in README.md, "Settings".
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: Parity band in per cent, both ends included (UN system-wide strategy on gender parity, 2017: 47 to 53 per cent).
PARITY_BAND = (47, 53)
#: Below this head-count no parity status is given (convention: one person moves the share by 20 points or more).
FEW = 5
#: An entity's last figures stand in for a missing quarter at most this many quarters (convention: one year).
CARRY_FORWARD_QUARTERS = 4

#: Shares of women aimed at among uniformed personnel, in per cent, and by when (Uniformed Gender Parity Strategy
#: 2018-2028 of the Department of Peace Operations): the target of a component is no target of another.
UNIFORMED_TARGETS = (
    ("contingents", 15),
    ("formed-police", 20),
    ("observers-and-staff-officers", 25),
    ("individual-police", 30),
)
UNIFORMED_TARGET_YEAR = 2028
#: The share that was published for 2019 (SIPRI: 5,000 women of 88,700), which the averages by mission do not meet.
UNIFORMED_PUBLISHED_2019 = 5.6

#: Whose figures a process shows; each opens files of its own.
AUDIENCES = ("internal", "public")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOOPBACK_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1"))
#: Addresses of the older kind, written as those of the newer.
MAPPED = IPv6Network("::ffff:0:0/96")
#: Headers that say nothing about who has signed in.
SENT_BY_ALL = ("host", "user-agent", "accept", "accept-encoding", "accept-language", "cookie", "connection", "referer")

#: A callback body is a query string and the names of its panels; nothing honest is longer.
MAX_BODY = 64 * 1024

Network = IPv4Network | IPv6Network


class SettingsError(ValueError):
    """A setting has a value the product cannot work with; the message names the variable and what would be right."""


@dataclass(frozen=True)
class Settings:
    """What an operator decides. `data_dir` holds submissions and releases; the rest is how they are served.

    Made in code the audience is internal, as on the command line; a server takes its own from `from_environment`.
    """

    data_dir: Path
    audience: str = "internal"
    host: str = "127.0.0.1"
    port: int = 8050
    problem_address: str = ""
    query_seconds: float = 5.0
    memory_limit: str = "1GB"
    canonical_url: str = ""
    next_release: str = ""
    #: On what terms figures may be used again: a sentence, a link or both; the operator's to say.
    reuse: str = ""
    #: The header in which a proxy says who has signed in, and the addresses of such proxies; both or neither.
    user_header: str = ""
    user_proxies: tuple[Network, ...] = ()
    #: Who may read `/metrics` besides this machine.
    metrics_readers: tuple[Network, ...] = ()
    #: Where the same process shows what the public sees (internal), or the internal view (the public view of a desk).
    public_port: int | None = None
    internal_port: int | None = None

    @property
    def submissions_dir(self) -> Path:
        """What entities have sent, and what was made of it."""
        return self.data_dir / "submissions"

    @property
    def root(self) -> str:
        """The path of the site under which the product stands; empty at its top."""
        return urlsplit(self.canonical_url).path.rstrip("/")

    @property
    def releases_dir(self) -> Path:
        """All releases, and the pointer to the one in service."""
        return self.data_dir / "releases"


def _number(environment: Mapping[str, str], name: str, default: float, kind: type = float) -> Any:
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


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    port = int(_number(environment, name, default, int))
    if port > 65535:
        raise SettingsError(f"{name} is {port}; ports end at 65535")
    return port


#: How the product's own addresses begin: none of them can be the path of the site it stands under, since nobody could
#: tell whether a proxy has taken that away.
OWN_PATHS = (
    "_dash-component-suites", "_dash-dependencies", "_dash-layout", "_dash-update-component", "_favicon.ico",
    "_reload-hash", "_tables", "age", "api", "assets", "compare", "country-teams", "data", "entities", "grades",
    "healthz", "methods", "metrics", "nationality", "parity-index", "readyz", "recruit", "resident-coordinators",
    "search", "uniformed",
)  # fmt: skip


def _url(environment: Mapping[str, str]) -> str:
    """The address of the site, without a slash at its end."""
    text = environment.get("PARITY_URL", "").strip().rstrip("/")
    try:
        parts = urlsplit(text)
        sound = not text or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        sound = False
    if not sound or not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", parts.path) or parts.query or parts.fragment:
        raise SettingsError(
            f"PARITY_URL is {text!r}; the address of the site is expected, such as https://parity.example.org or "
            "https://example.org/parity"
        )
    first = parts.path.strip("/").partition("/")[0]
    if first in OWN_PATHS:
        raise SettingsError(f"PARITY_URL is {text!r}, but /{first} is an address of the product itself; take another")
    return text


def _public_port(environment: Mapping[str, str], port: int, alone: bool) -> int | None:
    """The port of the public view beside an internal one; None where there is none."""
    text = environment.get("PARITY_PUBLIC_PORT", "").strip()
    if text == "off" or (not text and (not alone or port == 65535)):
        return None
    if not alone:
        raise SettingsError(
            "PARITY_PUBLIC_PORT is for the internal audience on one's own machine; elsewhere the public has a server "
            "of its own, started with PARITY_AUDIENCE=public"
        )
    chosen = _port(environment, "PARITY_PUBLIC_PORT", port + 1)
    if chosen == port:
        raise SettingsError(
            f"PARITY_PUBLIC_PORT is {chosen}, which is PARITY_PORT; the public view needs one of its own"
        )
    return chosen


def _memory(environment: Mapping[str, str]) -> str:
    text = environment.get("PARITY_MEMORY_LIMIT", "").strip() or "1GB"
    if not re.fullmatch(r"[1-9]\d*(\.\d+)? ?[KMGT]i?B", text, re.IGNORECASE):
        raise SettingsError(f"PARITY_MEMORY_LIMIT is {text!r}; a size such as 500MB or 1GB is expected")
    return text


def _day(environment: Mapping[str, str], name: str) -> str:
    """A day as it was written. Only one way of writing it is read alike everywhere."""
    text = environment.get(name, "").strip()
    try:
        if text and (not re.fullmatch(r"\d{4}-\d\d-\d\d", text) or not dt.date.fromisoformat(text)):
            raise ValueError
    except ValueError:
        raise SettingsError(f"{name} is {text!r}; a day such as 2027-02-15 is expected") from None
    return text


@dataclass(frozen=True)
class Serving:
    """How gunicorn serves; see `gunicorn.conf.py`."""

    workers: int
    threads: int
    timeout: int
    access_log: bool
    log_level: str
    proxies: str


LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


def serving(environment: Mapping[str, str] | None = None) -> Serving:
    """What an operator decides about gunicorn. Raises SettingsError naming the variable that cannot be meant."""
    environment = os.environ if environment is None else environment
    access_log = environment.get("PARITY_ACCESS_LOG", "").strip() or "1"
    if access_log not in ("0", "1"):
        raise SettingsError(f"PARITY_ACCESS_LOG is {access_log!r}; it must be 1 or 0")
    log_level = environment.get("PARITY_LOG_LEVEL", "").strip().lower() or "info"
    if log_level not in LOG_LEVELS:
        raise SettingsError(f"PARITY_LOG_LEVEL is {log_level!r}; it must be one of: {', '.join(LOG_LEVELS)}")
    proxies = environment.get("PARITY_PROXIES", "").strip() or "127.0.0.1"
    if proxies != "*":
        _networks(environment, "PARITY_PROXIES")
    return Serving(
        workers=_number(environment, "PARITY_WORKERS", 2, int),
        threads=_number(environment, "PARITY_THREADS", 4, int),
        timeout=_number(environment, "PARITY_TIMEOUT", 30, int),
        access_log=access_log == "1",
        log_level=log_level,
        proxies=proxies,
    )


def _networks(environment: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """The addresses and networks that a variable lists, separated by commas."""
    found = []
    for part in filter(None, (part.strip() for part in environment.get(name, "").split(","))):
        try:
            found.append(ip_network(part))
        except ValueError as error:
            raise SettingsError(
                f"{name} has {part!r}; addresses or networks are expected, such as 10.0.0.5 or 10.0.0.0/24"
            ) from error
    return tuple(found)


#: A network wider than this is no proxy of anybody's, nor are several that are so wide together.
WIDEST = 8


def _user_proxies(environment: Mapping[str, str]) -> tuple[Network, ...]:
    found = _networks(environment, "PARITY_USER_PROXIES")
    # Halves that are everybody together too, and every address of the older kind written as one of the newer.
    together: list[Network] = [
        *collapse_addresses([network for network in found if isinstance(network, IPv4Network)]),
        *collapse_addresses([network for network in found if isinstance(network, IPv6Network)]),
    ]
    for network in together:
        mapped = isinstance(network, IPv6Network) and network.overlaps(MAPPED) and network.prefixlen < 96 + WIDEST
        if network.prefixlen < WIDEST or mapped:
            given = environment["PARITY_USER_PROXIES"].strip()
            raise SettingsError(
                f"PARITY_USER_PROXIES is {given!r}, which names everybody ({network}); name the proxies alone, such as "
                "10.0.0.5 or 10.0.0.0/24"
            )
    return found


def from_environment(environment: Mapping[str, str] | None = None, *, default_audience: str = "public") -> Settings:
    """Settings from environment variables named PARITY_*.

    The audience that nobody chose is the public one on a server; who works with the files at a desk has the internal
    one. Raises SettingsError for a value that cannot be meant, so that a server refuses to start rather than guess.
    """
    environment = os.environ if environment is None else environment
    audience = environment.get("PARITY_AUDIENCE", "").strip() or default_audience
    if audience not in AUDIENCES:
        raise SettingsError(f"PARITY_AUDIENCE is {audience!r}; it must be one of: {', '.join(AUDIENCES)}")
    host = environment.get("PARITY_HOST", "").strip() or "127.0.0.1"
    port = _port(environment, "PARITY_PORT", 8050)
    user_header = environment.get("PARITY_USER_HEADER", "").strip()
    if user_header and not re.fullmatch(r"[A-Za-z0-9-]+", user_header):
        raise SettingsError(
            f"PARITY_USER_HEADER is {user_header!r}; the name of a header such as X-Forwarded-User is expected"
        )
    if user_header.lower() in SENT_BY_ALL:
        raise SettingsError(f"PARITY_USER_HEADER is {user_header!r}, which every visitor sends, signed in or not")
    user_proxies = _user_proxies(environment)
    if bool(user_header) != bool(user_proxies):
        given, missing = (
            ("PARITY_USER_HEADER", "PARITY_USER_PROXIES")
            if user_header
            else ("PARITY_USER_PROXIES", "PARITY_USER_HEADER")
        )
        raise SettingsError(
            f"{given} is set and {missing} is not: a user is believed only in that header, and only from those proxies"
        )
    # What would be the second view is a matter of internal servers alone.
    alone = host in LOOPBACK and not user_header
    return Settings(
        data_dir=Path(environment.get("PARITY_DATA_DIR", "").strip() or "var").absolute(),
        audience=audience,
        host=host,
        port=port,
        problem_address=environment.get("PARITY_PROBLEM_ADDRESS", "").strip(),
        query_seconds=_number(environment, "PARITY_QUERY_SECONDS", 5.0),
        memory_limit=_memory(environment),
        canonical_url=_url(environment),
        next_release=_day(environment, "PARITY_NEXT_RELEASE"),
        reuse=environment.get("PARITY_REUSE", "").strip(),
        user_header=user_header,
        user_proxies=user_proxies,
        metrics_readers=_networks(environment, "PARITY_METRICS_READERS"),
        public_port=_public_port(environment, port, alone) if audience == "internal" else None,
    )


def refuse_unsafe(settings: Settings) -> None:
    """Raise SettingsError where a server with these settings would show internal figures to who must not see them."""
    if settings.audience != "internal" or settings.host in LOOPBACK or (settings.user_header and settings.user_proxies):
        return
    raise SettingsError(
        f"PARITY_HOST is {settings.host!r}, but internal figures are not for public release and are shown on this "
        f"machine only ({', '.join(LOOPBACK)}). Either serve the public ones (PARITY_AUDIENCE=public), or put a proxy "
        "in front that signs people in, and name the header in which it says who they are "
        "(PARITY_USER_HEADER=X-Forwarded-User) and its addresses (PARITY_USER_PROXIES=10.0.0.5)"
    )


def public_view(settings: Settings) -> Settings:
    """Settings of the view that shows, beside an internal one in the same process, what the public sees."""
    if settings.public_port is None:
        raise ValueError("no port for a public view")
    # Links of its own lead to itself: PARITY_URL is the address of the internal view.
    return replace(
        settings, audience="public", port=settings.public_port, public_port=None, internal_port=settings.port,
        canonical_url="", user_header="", user_proxies=(),
    )  # fmt: skip
