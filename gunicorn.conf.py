"""How gunicorn serves the dashboard; every number can be set from the environment."""

import os
import re
import shutil
import socket
import tempfile
from datetime import UTC, datetime

from gunicorn import glogging

from dashboard.settings import LOOPBACK, SettingsError, from_environment, refuse_unsafe, serving

try:
    settings, how = from_environment(), serving()
    refuse_unsafe(settings)
except SettingsError as error:
    # One sentence, and not the same trace from every worker.
    raise SystemExit(f"Not started: {error}.") from None

wsgi_app = "app:server"
host = f"[{settings.host}]" if ":" in settings.host else settings.host
# A server of the internal audience on one's own machine shows on a second port what the public sees.
bind = [f"{host}:{port}" for port in (settings.port, settings.public_port) if port is not None]

# Two workers of four threads: answers take about a millisecond of DuckDB, which runs outside the
# interpreter's lock, and the rest waits for the network.
workers = how.workers
# A thread gets a request when all of it is there: slow clients hold none.
worker_class = "dashboard.reading.PatientWorker"
threads = how.threads

# A DuckDB connection that is opened before the fork kills the worker that uses it (SIGSEGV).
preload_app = False

# The longest request is an export of everything; a worker that says nothing for longer is replaced.
timeout = how.timeout
# What is under way when a new version is put in service may finish.
graceful_timeout = 20
# Longer than a reverse proxy keeps its side open by default is never needed, shorter costs handshakes.
keepalive = 15

# Workers beat the drum in a file: in memory, since a slow disk would otherwise look like a dead worker.
MEMORY = "/dev/shm"  # noqa: S108
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None

# A permalink with every filter in it is long. Larger than this is not one of ours.
limit_request_line = 8190
limit_request_fields = 60

# No address, no query string, no browser, no referrer: what somebody asked about is nobody's business.
# The id is the one that answers and error pages carry, and leads to the application's own log line.
accesslog = "-" if how.access_log else None
access_log_format = (
    '{"time": "%(t)s", "method": "%(m)s", "path": "%(U)s", "status": %(s)s, "bytes": %(B)s,'
    ' "microseconds": %(D)s, "request": "%({x-request-id}o)s"}'
)
errorlog = "-"
loglevel = how.log_level

# Who is in front and may say whether the visitor came by https; nobody unless it is said here.
forwarded_allow_ips = how.proxies
# And nothing else: where the product stands under a path, PARITY_URL says so, not a header that anybody can send.
forwarder_headers = ""

proc_name = "parity"

# A second way in that nothing here uses, and two servers of one person would share its default place.
control_socket_disable = True


def on_starting(server):
    """Look at where the server is going to listen; make a folder for the workers' counts, for /metrics to add up."""
    _only_where_it_may(server)
    _second_view(server)
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        _counts(server)


def _counts(server):
    """Make the folder of counts, in memory where that can be; serve without `/metrics` where nothing can be written."""
    problem = None
    for place in (MEMORY, None):
        if place is not None and not os.access(place, os.W_OK):
            continue
        try:
            server.own_counts = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp("", "parity-metrics-", place)
            return
        except OSError as error:
            problem = error.strerror
    server.log.warning("No counts are kept, and /metrics has none: no folder for them can be made (%s)", problem)
    os.environ["PARITY_METRICS"] = "off"


def _only_where_it_may(server):
    """Refuse an address from gunicorn's own command line that the settings would have been refused for."""
    if settings.audience != "internal" or settings.user_header:
        return
    for address in server.cfg.address:
        if not isinstance(address, tuple) or address[0] not in LOOPBACK:
            raise SystemExit(f"Not started: internal figures are shown on this machine only, and not at {address}.")


def _second_view(server):
    """Serve without the second view where its port is taken: the first is what was asked for.

    The workers read it from the environment, as does a reload, for which this is not called again.
    """
    port = settings.public_port
    # A new master that takes over the sockets of an old one has what that one had.
    if port is None or "GUNICORN_FD" in os.environ:
        return
    problem = None
    if server.cfg.settings["bind"].get() != bind or "LISTEN_FDS" in os.environ:
        problem = "gunicorn was told other addresses to listen on"
    else:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            # As gunicorn does, so that a port that was in use until just now counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
                probe.listen()
            except OSError as error:
                problem = f"port {port} cannot be had: {error.strerror}"
    if problem:
        server.log.warning("What the public sees is not shown: %s (PARITY_PUBLIC_PORT names another port)", problem)
        os.environ["PARITY_PUBLIC_PORT"] = "off"
        server.cfg.set("bind", [listed for listed in server.cfg.settings["bind"].get() if listed != bind[1]])


def on_exit(server):
    """Take the folder of counts away again: one would be left behind by every start."""
    if hasattr(server, "own_counts"):
        shutil.rmtree(server.own_counts, ignore_errors=True)


def post_worker_init(worker):
    """Open the release in service before the first visitor comes: that and its imports take most of a second."""
    from app import apps

    for app in apps:
        app.warehouse.open_early()


def child_exit(server, worker):
    """A worker that is gone no longer counts as live."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


class PlainLogger(glogging.Logger):
    """Gunicorn's logger, less what it would say about visitors and what they could write into it."""

    def now(self):
        return datetime.now(UTC).isoformat(timespec="milliseconds")

    def atoms(self, resp, req, environ, request_time):
        """Clean the atoms that come from outside, so that every line is valid JSON."""
        atoms = super().atoms(resp, req, environ, request_time)
        # The path arrives decoded: quotes, line ends and what is not ASCII do not belong in a log.
        atoms["U"] = re.sub(r"[^\w./~:@+-]", "_", atoms["U"] or "", flags=re.ASCII)[:200]
        atoms["m"] = re.sub(r"[^A-Z]", "_", atoms["m"] or "")[:10]
        atoms["B"] = atoms["B"] or 0
        return atoms

    def warning(self, msg, *args, **kwargs):
        # "Invalid request from ip=...: ...", with the address and a piece of what was sent.
        if str(msg).startswith("Invalid request from"):
            msg, args = "A request that is not valid HTTP was refused", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg, *args, **kwargs):
        # "Error handling request GET /grades?entity=..."
        super().exception(msg, *(str(arg).partition("?")[0] for arg in args), **kwargs)


logger_class = PlainLogger
