"""What operators see: structured log lines, error ids and metrics, none of which says anything about visitors.

Never logged or counted: addresses, browsers, referrers, query strings, callback bodies.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from contextvars import ContextVar

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, Metric, generate_latest, multiprocess

REQUESTS = Counter("parity_requests", "Requests by route and status", ["route", "status", "audience"])
SECONDS = Histogram(
    "parity_request_seconds",
    "Time to answer a request",
    ["route", "audience"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
QUESTIONS = Histogram(
    "parity_question_seconds",
    "Time to answer one question",
    ["question", "audience"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 5),
)
ERRORS = Counter("parity_errors", "Faults of the product, by where they were met", ["where", "audience"])

#: Attributes every LogRecord has; whatever else a record carries was put there by the caller.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and what the caller added with `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure_logging(level: str = "INFO") -> None:
    """Send the product's log lines to standard error as JSON, once."""
    logger = logging.getLogger("dashboard")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level)


_request: ContextVar[str] = ContextVar("request")
_audience: ContextVar[str] = ContextVar("audience", default="")


def begin_request(audience: str) -> None:
    """Give what follows in this thread an id of its own, and count it for the view it is asked of."""
    _request.set(uuid.uuid4().hex[:10])
    _audience.set(audience)


def error_id() -> str:
    """The id of the request under way: its error page shows it, its log lines carry it, the server's own included."""
    return _request.get(None) or uuid.uuid4().hex[:10]


def report(where: str, error: BaseException) -> str:
    """Log a fault with its trace and count it; returns the error id to show."""
    identity = error_id()
    ERRORS.labels(where, _audience.get()).inc()
    logging.getLogger("dashboard").error(
        "fault", extra={"where": where, "error": identity}, exc_info=(type(error), error, error.__traceback__)
    )
    return identity


class _Of:
    """The counts of one view: what is counted for another that the same process serves is not its readers' business."""

    def __init__(self, registry: CollectorRegistry, audience: str):
        self._registry, self._audience = registry, audience

    def collect(self) -> Iterator[Metric]:
        """The metrics, each with the samples of this view and those that are of no view."""
        for metric in self._registry.collect():
            metric.samples = [
                each for each in metric.samples if each.labels.get("audience", "") in ("", self._audience)
            ]
            yield metric


def exposition(audience: str) -> bytes:
    """The metrics of one view in the text format, summed over the workers where the server has several."""
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return generate_latest(_Of(registry, audience))  # type: ignore[arg-type]
