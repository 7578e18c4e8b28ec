"""How gunicorn serves the dashboard; every number can be set from the environment."""

import os
import re
import shutil
import tempfile
from datetime import UTC, datetime

from gunicorn import glogging

wsgi_app = "app:server"
bind = f"{os.environ.get('PARITY_HOST', '127.0.0.1')}:{os.environ.get('PARITY_PORT', '8050')}"

# Two workers of four threads: answers take about a millisecond of DuckDB, which runs outside the
# interpreter's lock, and the rest waits for the network.
workers = int(os.environ.get("PARITY_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("PARITY_THREADS", "4"))

# A DuckDB connection that is opened before the fork kills the worker that uses it (SIGSEGV).
preload_app = False

# The longest request is an export of everything; a worker that says nothing for longer is replaced.
timeout = int(os.environ.get("PARITY_TIMEOUT", "30"))
# What is under way when a new version is put in service may finish.
graceful_timeout = 20
# Longer than a reverse proxy keeps its side open by default is never needed, shorter costs handshakes.
keepalive = 15

# Workers beat the drum in a file: in memory, since a slow disk would otherwise look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# A permalink with every filter in it is long. Larger than this is not one of ours.
limit_request_line = 8190
limit_request_fields = 60

# No address, no query string, no browser, no referrer: what somebody asked about is nobody's business.
# The id is the one that answers and error pages carry, and leads to the application's own log line.
accesslog = "-" if os.environ.get("PARITY_ACCESS_LOG", "1") == "1" else None
access_log_format = (
    '{"time": "%(t)s", "method": "%(m)s", "path": "%(U)s", "status": %(s)s, "bytes": %(B)s,'
    ' "microseconds": %(D)s, "request": "%({x-request-id}o)s"}'
)
errorlog = "-"
loglevel = os.environ.get("PARITY_LOG_LEVEL", "info").lower()

# Who is in front and may say whether the visitor came by https; nobody unless it is said here.
forwarded_allow_ips = os.environ.get("PARITY_PROXIES", "127.0.0.1")

proc_name = "parity"

# A second way in that nothing here uses, and two servers of one person would share its default place.
control_socket_disable = True


def on_starting(server):
    """Give the workers a folder for their counts, so that /metrics can add them up."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        server.own_counts = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="parity-metrics-")


def on_exit(server):
    """Take the folder of counts away again: one would be left behind by every start."""
    if hasattr(server, "own_counts"):
        shutil.rmtree(server.own_counts, ignore_errors=True)


def post_worker_init(worker):
    """Open the release in service before the first visitor comes: that and its imports take most of a second."""
    from app import app

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
