"""`create_app(settings)`: wiring only. What is served is decided elsewhere; how safely it is served is decided here."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, g, make_response, request
from flask_babel import Babel
from flask_compress import Compress
from werkzeug.exceptions import HTTPException, LengthRequired, MisdirectedRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from dashboard import api, callbacks, pages, shell, telemetry
from dashboard.settings import LOOPBACK, Settings
from dashboard.warehouse import Warehouse

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
CALLBACK = "/_dash-update-component"
SUITES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"
#: A callback body is a query string and the names of its panels; nothing honest is longer.
MAX_BODY = 256 * 1024
A_YEAR = 365 * 24 * 3600


class Framed(Dash):
    """Dash inside the page frame of `shell`: what a page says in words stands in its first response."""

    warehouse: Warehouse

    def interpolate_index(self, **parts: str) -> str:
        """The whole page: the frame drawn by `shell`, with Dash's parts where figures go."""
        return shell.dash_page(self.warehouse, request.path, request.query_string.decode("latin-1"), parts)


def create_app(settings: Settings) -> Framed:
    """The application for these settings. Nothing is read or opened before the first request."""
    telemetry.configure_logging()
    server = Flask("dashboard", root_path=str(ROOT / "dashboard"), static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    server.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "dashboard" / "locale")
    # Compressed once per response; small ones are not worth it.
    server.config["COMPRESS_MIN_SIZE"] = 800
    server.config["COMPRESS_BR_LEVEL"] = 4
    server.json.sort_keys = False  # type: ignore[attr-defined]
    server.jinja_env.trim_blocks = server.jinja_env.lstrip_blocks = True
    Babel(server)
    Compress(server)
    warehouse = Warehouse(settings)
    api.register(server, warehouse)
    shell.register(server, warehouse)
    app = Framed(
        "dashboard",
        server=server,
        assets_folder=str(ROOT / "assets"),
        # The page frame names the scripts and styles it needs, in the order it needs them.
        include_assets_files=False,
        suppress_callback_exceptions=True,
        update_title="",
        title="",
        serve_locally=True,
        use_pages=False,
        pages_folder="",
        add_log_handler=False,
    )
    app.warehouse = warehouse
    callbacks.register(app, warehouse)
    # First of all: what runs before a request runs in the order it is registered in.
    _send_headers(server, _policy(app))
    _guard_callbacks(server)
    _guard_suites(server)
    _answer_errors(server)
    _only_known_hosts(server, settings)
    _only_known_paths(server)
    return app


def _policy(app: Framed) -> str:
    scripts = " ".join(app.csp_hashes())
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            # Plotly and React set style attributes.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'none'",
        )
    )


def _guard_callbacks(server: Flask) -> None:
    """A callback body that is none of ours is the sender's fault: Dash itself would answer with a 500 and a trace.

    Callbacks read their bodies in `callbacks` and in Dash; a fault met any deeper is the product's own.
    """
    dispatch = server.view_functions[CALLBACK]

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if request.content_length is None:
            # A body sent in pieces would be cut at the limit and read as if it were whole; no browser sends one.
            raise LengthRequired
        try:
            return dispatch(*args, **kwargs)
        except HTTPException:
            raise
        except Exception as error:
            if api.refusal(error) is not None or _is_ours(error.__traceback__):
                raise
            log.info("callback body refused", extra={"error_type": type(error).__name__})
            return api.problem(400, "Not a callback of this page", "The body does not fit any callback of this page.")

    server.view_functions[CALLBACK] = guarded


def _is_ours(trace: TracebackType | None) -> bool:
    """Whether a fault was met in the product, past the reading of a callback's body."""
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("dashboard.") and module not in (__name__, callbacks.__name__):
            return True
        trace = trace.tb_next
    return False


def _guard_suites(server: Flask) -> None:
    """A script that Dash does not have is not found: Dash itself would answer with a 500 and a trace."""
    serve = server.view_functions[SUITES]

    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return serve(*args, **kwargs)
        except (DependencyException, OSError) as error:
            raise NotFound from error

    server.view_functions[SUITES] = guarded


def _wants_problem(path: str) -> bool:
    return path.startswith(("/api/", "/_dash", "/healthz", "/readyz", "/metrics"))


def _answer_errors(server: Flask) -> None:
    @server.errorhandler(Exception)
    def on_error(error: Exception) -> Any:
        if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
            return error
        if _wants_problem(request.path):
            response = api.failure(error)
        else:
            status, detail, identity = _described(error)
            response = make_response(_error_page(status, detail, identity), status)
        if isinstance(error, HTTPException):
            # Such as Allow, which a 405 must have.
            own = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
            response.headers.extend(own)
        return response


def _described(error: Exception) -> tuple[int, str, str | None]:
    """Status, words and error id of an error page."""
    refused = api.refusal(error)
    if refused is not None:
        return refused.status_code, refused.get_json()["detail"], None
    if isinstance(error, HTTPException):
        return error.code or 500, error.description or error.name, None
    return 500, "", telemetry.report(request.endpoint or "page", error)


def _error_page(status: int, detail: str, identity: str | None) -> str | Response:
    try:
        return shell.error_page(status, detail, identity)
    except Exception as error:
        # The frame itself is what is broken; gunicorn's own page would come without any of our headers.
        identity = telemetry.report("error page", error)
        return Response(f"Something went wrong on our side. Please report error {identity}.", mimetype="text/plain")


def _only_known_hosts(server: Flask, settings: Settings) -> None:
    """Refuse requests sent to another name than this server's.

    Serving on loopback alone does not keep other sites out: a page that has its own name point to 127.0.0.1 while it
    is open (DNS rebinding) would be of this server's origin to the visitor's browser, and read internal figures.
    """
    known = {*LOOPBACK, urlsplit(settings.canonical_url).hostname}

    @server.before_request
    def addressed() -> None:
        # No browser leaves the name out.
        host = request.headers.get("Host")
        if settings.audience == "internal" and host and _host_name(host) not in known:
            raise MisdirectedRequest(
                "This server answers to localhost and to the name in PARITY_URL only; its figures are internal."
            )


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _only_known_paths(server: Flask) -> None:
    """Dash answers every path with its page; a page that does not exist must be a 404 instead."""

    @server.before_request
    def known() -> None:
        rule = request.url_rule
        if rule is not None and rule.rule == "/<path:path>" and request.path not in pages.by_path():
            raise NotFound


def _send_headers(server: Flask, policy: str) -> None:
    @server.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        telemetry.begin_request()

    @server.after_request
    def finish(response: AnyResponse) -> AnyResponse:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # The id an error page of this request shows and its log lines carry.
        headers["X-Request-Id"] = telemetry.error_id()
        _cache(response)
        route = request.url_rule.rule if request.url_rule is not None else "none"
        telemetry.REQUESTS.labels(route, response.status_code).inc()
        if "started" in g:
            telemetry.SECONDS.labels(route).observe(time.perf_counter() - g.started)
        return response


def _cache(response: AnyResponse) -> None:
    path = request.path
    # Scripts and styles are asked for with a version in their address and never change under it.
    static = path.startswith(("/assets/", "/_dash-component-suites/"))
    if static and response.status_code in (200, 304):
        versioned = "v" in request.args or "m" in request.args or ".v" in path
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR if versioned else 3600}"
        if versioned:
            response.headers["Cache-Control"] += ", immutable"
    else:
        # Internal figures stay out of every cache between here and the reader.
        response.headers["Cache-Control"] = "private, no-store"
