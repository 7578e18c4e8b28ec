"""`create_app(settings)`: wiring only. What is served is decided elsewhere; how safely it is served is decided here."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, g, request
from flask_babel import Babel
from flask_compress import Compress
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from dashboard import api, callbacks, pages, shell, telemetry
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
CALLBACK = "/_dash-update-component"
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
    _guard_callbacks(server)
    _answer_errors(server)
    _only_known_paths(server)
    _send_headers(server, _policy(app))
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

    The drawing callback catches its own faults panel by panel, so whatever else is raised here comes of the body.
    """
    dispatch = server.view_functions[CALLBACK]

    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return dispatch(*args, **kwargs)
        except HTTPException:
            raise
        except Exception as error:
            log.info("callback body refused", extra={"error_type": type(error).__name__})
            return api.problem(400, "Not a callback of this page", "The body does not fit any callback of this page.")

    server.view_functions[CALLBACK] = guarded


def _wants_problem(path: str) -> bool:
    return path.startswith(("/api/", "/_dash", "/healthz", "/readyz", "/metrics"))


def _answer_errors(server: Flask) -> None:
    @server.errorhandler(Exception)
    def on_error(error: Exception) -> Any:
        if _wants_problem(request.path):
            return api.failure(error)
        refused = api.refusal(error)
        if refused is not None:
            return shell.error_page(refused.status_code, refused.get_json()["detail"]), refused.status_code
        if isinstance(error, HTTPException):
            if error.code is not None and error.code < 400:
                return error
            return shell.error_page(error.code or 500, error.description or error.name), error.code or 500
        identity = telemetry.report(request.endpoint or "page", error)
        return shell.error_page(500, "", identity), 500


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

    @server.after_request
    def finish(response: AnyResponse) -> AnyResponse:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
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
