"""Who may see internal figures, and which of two views a request is for.

What a visitor sends decides neither: a header counts only from a proxy that the settings name, by the address at the
other end of the socket, and the view is chosen by the port the connection came in on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

from dashboard.settings import LOOPBACK, LOOPBACK_NETWORKS, Network, Settings

#: What a server or a machine asks of this one, which tells nothing but that the process lives.
ANYBODY = "/healthz"
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def _peer(environ: Environ) -> str:
    """The address at the other end of the connection, as the socket has it.

    gunicorn's own REMOTE_ADDR is what a PROXY protocol line claims where an operator has switched that on.
    """
    connection = environ.get("gunicorn.socket")
    if connection is None:
        return str(environ.get("REMOTE_ADDR", ""))
    try:
        peer = connection.getpeername()
    except OSError:
        # Hung up already.
        return ""
    return str(peer[0]) if isinstance(peer, tuple) else ""


def _trusted(environ: Environ, settings: Settings) -> bool:
    return _is_in(environ, settings.user_proxies or LOOPBACK_NETWORKS)


def _is_in(environ: Environ, networks: Iterable[Network]) -> bool:
    """Whether the other end of the connection is in one of these networks."""
    try:
        # Without the zone of a link-local address, which names an interface of this machine.
        address = ip_address(_peer(environ).partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


#: What a proxy adds to a request that it passes on.
PASSED_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST", "HTTP_VIA")


def may_read_metrics(environ: Environ, settings: Settings) -> bool:
    """Whether this comes from who the settings name, or from this machine itself and not through a proxy on it."""
    return _is_in(environ, settings.metrics_readers) or (
        _is_in(environ, LOOPBACK_NETWORKS) and not any(header in environ for header in PASSED_ON)
    )


def guard(server: Flask, settings: Settings) -> None:
    """Let nobody read internal figures but who sits at this machine or comes signed in through a named proxy."""
    # A desk's public view may show what is not published yet, so it keeps to its own name as well.
    if settings.audience == "public" and settings.internal_port is None:
        return
    known = {*LOOPBACK, urlsplit(settings.canonical_url).hostname}

    @server.before_request
    def let_in() -> None:
        if request.path == ANYBODY:
            return
        if not _trusted(request.environ, settings):
            raise Forbidden("This server shows internal figures, and answers to those it knows only.")
        if settings.user_header and not request.headers.get(settings.user_header, "").strip():
            raise Forbidden("This server shows internal figures, for which one has to sign in.")

    @server.before_request
    def addressed() -> None:
        # Serving on loopback alone does not keep other sites out: a page that has its own name point to 127.0.0.1
        # while it is open (DNS rebinding) would be of this server's origin to the visitor's browser, and read internal
        # figures. No browser leaves the name out.
        host = request.headers.get("Host")
        if host and _host_name(host) not in known:
            raise MisdirectedRequest(
                "This server answers to localhost and to the name in PARITY_URL only; its figures are internal."
            )


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def other_view(settings: Settings) -> str | None:
    """Scheme, host and port of the view that stands beside this one in the same process; None where there is none."""
    port = settings.internal_port or settings.public_port
    if port is None:
        return None
    # The name the visitor uses, if it is one of this machine's: nobody else's belongs on a page.
    name = _host_name(request.headers.get("Host", ""))
    host = name if name in LOOPBACK else settings.host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class ByPort:
    """Two applications in one process: the internal one on its own port, the public one on every other way in."""

    def __init__(self, internal: Application, public: Application, internal_port: int):
        self._internal, self._public, self._port = internal, public, internal_port

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer by the port of the socket itself: what else is in `environ` may come from a header (SERVER_PORT does
        where gunicorn listens on a path), and a server without that socket gets the public view.
        """
        return (self._internal if self._came_in_on(environ) == self._port else self._public)(environ, start_response)

    @staticmethod
    def _came_in_on(environ: Environ) -> int | None:
        connection = environ.get("gunicorn.socket")
        try:
            own = connection.getsockname() if connection is not None else None
        except OSError:
            own = None
        return own[1] if isinstance(own, tuple) else None
