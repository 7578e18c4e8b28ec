"""`create_app(settings)`: wiring only. What is served is decided elsewhere; how safely it is served is decided here."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, g, make_response, redirect, request
from flask_babel import Babel
from flask_compress import Compress
from werkzeug.exceptions import HTTPException, LengthRequired, NotFound
from werkzeug.wrappers import Response as AnyResponse

from dashboard import access, api, callbacks, pages, search, shell, telemetry
from dashboard.compare import views as compare
from dashboard.holdings import views as holdings
from dashboard.mounted import Mounted, under
from dashboard.recruit import views as recruit
from dashboard.settings import MAX_BODY, Settings, refuse_unsafe
from dashboard.text import gettext
from dashboard.warehouse import NoRelease, Warehouse

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
CALLBACK = "/_dash-update-component"
SUITES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"
A_YEAR = 365 * 24 * 3600
#: What tells of the process and not of a release: never kept by anybody.
OF_THE_MOMENT = ("/healthz", "/readyz", "/metrics")


class Framed(Dash):
    """Dash inside the page frame of `shell`: what a page says in words stands in its first response."""

    warehouse: Warehouse

    def interpolate_index(self, **parts: str) -> str:
        """The whole page: the frame drawn by `shell`, with Dash's parts where figures go."""
        return shell.dash_page(self.warehouse, request.path, request.query_string.decode("latin-1"), parts)


def create_app(settings: Settings) -> Framed:
    """The application for these settings. Nothing is read or opened before the first request.

    Raises SettingsError where it would show internal figures to who must not see them.
    """
    refuse_unsafe(settings)
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
    recruit.register(server, warehouse)
    compare.register(server, warehouse)
    holdings.register(server, warehouse)
    search.register(server, warehouse)
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
    _send_headers(server, _policy(app), settings)
    _guard_callbacks(server)
    _guard_suites(server)
    _answer_errors(server, warehouse)
    access.guard(server, settings)
    _only_known_paths(server, warehouse)
    if settings.root:
        server.wsgi_app = Mounted(server.wsgi_app, settings.root)  # type: ignore[method-assign]
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


def _answer_errors(server: Flask, warehouse: Warehouse) -> None:
    @server.errorhandler(Exception)
    def on_error(error: Exception) -> Any:
        if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
            return error
        if isinstance(error, NoRelease):
            error = api.no_release(warehouse)
        if _wants_problem(request.path):
            response = api.failure(error)
        else:
            status, detail, identity = _described(error)
            instead = error.instead if isinstance(error, shell.NoSuchCode) else None
            response = make_response(_error_page(status, detail, identity, instead), status)
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
    if isinstance(error, NotFound) and error.description == NotFound.description:
        # Werkzeug's own words are of URLs and servers.
        return 404, gettext("Check the address, or search above."), None
    if isinstance(error, HTTPException):
        return error.code or 500, error.description or error.name, None
    return 500, "", telemetry.report(request.endpoint or "page", error)


def _error_page(
    status: int, detail: str, identity: str | None, instead: tuple[str, str] | None = None
) -> str | Response:
    try:
        return shell.error_page(status, detail, identity, instead)
    except Exception as error:
        # The frame itself is what is broken; gunicorn's own page would come without any of our headers.
        identity = telemetry.report("error page", error)
        return Response(f"Something went wrong on our side. Please report error {identity}.", mimetype="text/plain")


def _only_known_paths(server: Flask, warehouse: Warehouse) -> None:
    """Dash answers every path with its page; a page that does not exist must be a 404 instead.

    One that is nearly the address of a page leads there: with a slash at its end, or a code in other letters.
    """

    @server.before_request
    def known() -> AnyResponse | None:
        rule = request.url_rule
        if rule is None or rule.rule != "/<path:path>":
            return None
        path = request.path.rstrip("/") or "/"
        at = pages.find(path)
        if at is None and path not in {page.path for page in pages.ALL}:
            raise NotFound
        wanted = shell.well_spelt(warehouse, at) if at is not None else path
        if wanted == request.path:
            return None
        query = request.query_string.decode("latin-1")
        return redirect(f"{request.script_root}{quote(wanted)}{'?' if query else ''}{query}", 308)


def _send_headers(server: Flask, policy: str, settings: Settings) -> None:
    public = settings.audience == "public"
    # Public figures may be read by the scripts of any page: there is no cookie and no sign-in that a page elsewhere
    # could make use of, and nothing but reading. Not those of a desk, whose release may not be published yet.
    open_to_all = public and settings.internal_port is None

    @server.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        telemetry.begin_request(settings.audience)
        _take_no_for_an_answer()

    @server.after_request
    def finish(response: AnyResponse) -> AnyResponse:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        shared = open_to_all and request.path.startswith("/api/")
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
        if shared:
            headers["Access-Control-Allow-Origin"] = "*"
            # What a script of another site may read of an answer, and send to ask whether it still holds.
            headers["Access-Control-Expose-Headers"] = "ETag, Content-Disposition, X-Request-Id"
            if request.method == "OPTIONS":
                headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
                headers["Access-Control-Allow-Headers"] = "If-None-Match"
                headers["Access-Control-Max-Age"] = "86400"
        # The id an error page of this request shows and its log lines carry.
        headers["X-Request-Id"] = telemetry.error_id()
        if settings.root and response.mimetype == "text/html" and not response.is_streamed:
            response.set_data(under(response.get_data(as_text=True), settings.root))
        _cache(response, public)
        route = request.url_rule.rule if request.url_rule is not None else "none"
        telemetry.REQUESTS.labels(route, response.status_code, settings.audience).inc()
        if "started" in g:
            telemetry.SECONDS.labels(route, settings.audience).observe(time.perf_counter() - g.started)
        return response


def _take_no_for_an_answer() -> None:
    """Leave out the encodings that a client says it does not take (`gzip;q=0`), which Flask-Compress would send."""
    given = request.accept_encodings
    if any(quality <= 0 for _, quality in given):
        taken = ", ".join(f"{name};q={quality}" for name, quality in given if quality > 0)
        request.environ["HTTP_ACCEPT_ENCODING"] = taken or "identity"


def _cache(response: AnyResponse, public: bool) -> None:
    path = request.path
    # Scripts and styles are asked for with a version in their address and never change under it.
    static = path.startswith(("/assets/", "/_dash-component-suites/"))
    if static and response.status_code in (200, 304):
        versioned = "v" in request.args or "m" in request.args or ".v" in path
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR if versioned else 3600}"
        if versioned:
            response.headers["Cache-Control"] += ", immutable"
    elif public and _tagged(response):
        # Anybody may keep it, and asks each time whether it still holds: the next release may come at any moment.
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    else:
        # Internal figures stay out of every cache between here and the reader; so do errors and what holds for now
        # only. Callbacks are posted, which no cache keeps.
        response.headers["Cache-Control"] = "no-store" if public else "private, no-store"


def _tagged(response: AnyResponse) -> bool:
    """Whether the response has a tag to be asked for by, given one here if need be; a match becomes a 304.

    The tag is made of what is sent, after it was drawn: a page also tells of settings, of the time of a release in
    service and, where a part of it fails, of an error, and a tag made of a list of such things would forget one.
    """
    if request.method not in ("GET", "HEAD") or request.path in OF_THE_MOMENT or response.status_code not in (200, 304):
        return False
    if "ETag" not in response.headers:
        if response.status_code != 200 or response.is_streamed:
            return False
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32], weak=True)
        response.make_conditional(request)
    return True
