"""One filter change for the whole Overview under gunicorn: how long, how many a second, in how much memory."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.report import Aim, Part, Table, median, percentile
from benchmarks.selections import SEED, changing
from benchmarks.served import CALLBACK, WORKERS, Client, Drawing, decoded, server
from benchmarks.timing import DATABASE, watched
from dashboard import shell
from dashboard.factory import create_app
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

TITLE = f"one filter change for the whole Overview (gunicorn, {WORKERS} workers, no selection twice)"
CLIENTS = 8
SECONDS, QUICK_SECONDS = 10.0, 2.0
ALONE, QUICK_ALONE = 300, 60
P50, P95, RATE, MEMORY = 10.0, 20.0, 200.0, 300.0
#: Every so many responses under load are read as a browser would, the others only down to their status.
READ_EVERY = 20


def _bodies(warehouse: Warehouse, drawing: Drawing, count: int, seed: int) -> list[bytes]:
    row = changing(warehouse, seed)
    return [json.dumps(drawing.body(next(row))).encode() for _ in range(count)]


def _alone(client: Client, drawing: Drawing, bodies: list[bytes]) -> tuple[list[float], list[int], list[str]]:
    """(milliseconds, bytes over the wire, faults) of one client that waits for each answer."""
    taken, sizes, faults = [], [], []
    for body in bodies:
        started = time.perf_counter()
        status, content, encoding = client.request("POST", CALLBACK, body)
        taken.append((time.perf_counter() - started) * 1e3)
        sizes.append(len(content))
        fault = drawing.fault(status, decoded(content, encoding))
        if fault:
            faults.append(fault)
    return taken, sizes, faults


def _together(port: int, drawing: Drawing, bodies: list[bytes], seconds: float) -> dict[str, Any]:
    """Views a second of CLIENTS clients that ask as quickly as they are answered."""
    taken: list[float] = []
    faults: list[str] = []
    end = time.perf_counter() + seconds

    def ask_on(number: int) -> None:
        client = Client(port)
        mine = bodies[number::CLIENTS]
        for count, body in enumerate(mine):
            started = time.perf_counter()
            if started > end:
                break
            try:
                status, content, encoding = client.request("POST", CALLBACK, body)
            except OSError as error:
                faults.append(type(error).__name__)
                continue
            taken.append((time.perf_counter() - started) * 1e3)
            fault = None if status == 200 else f"status {status}"
            if not fault and count % READ_EVERY == 0:
                fault = drawing.fault(status, decoded(content, encoding))
            if fault:
                faults.append(fault)
        else:
            faults.append("not enough selections prepared")
        client.close()

    threads = [threading.Thread(target=ask_on, args=(number,)) for number in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - started
    return {"rate": len(taken) / passed, "count": len(taken), "taken": taken, "faults": faults}


def _inside(warehouse: Warehouse, drawing: Drawing, count: int) -> Table:
    """Where the time of a view goes, in one process without a network: medians in milliseconds."""
    client = create_app(Settings(data_dir=warehouse.settings.data_dir)).server.test_client()
    spent: dict[str, list[float]] = {name: [] for name in ("total", "database", "answers", "templates", "rest")}
    with watched(database=DATABASE, answers=(shell.answering, "ask"), templates=(shell, "render")) as watches:
        for body in _bodies(warehouse, drawing, count, SEED + 2):
            for watch in watches.values():
                watch.reset()
            started = time.perf_counter()
            client.post(CALLBACK, data=body, content_type="application/json", headers={"Accept-Encoding": "br"})
            total = (time.perf_counter() - started) * 1e3
            took = {name: watch.reset() for name, watch in watches.items()}
            spent["total"].append(total)
            spent["database"].append(took["database"])
            spent["answers"].append(took["answers"] - took["database"])
            spent["templates"].append(took["templates"])
            spent["rest"].append(total - took["answers"] - took["templates"])
    said = {
        "database": "DuckDB: planning and running the questions",
        "answers": "building the answers from counted rows",
        "templates": "templates (Jinja)",
        "rest": "figures, tables, sentences, Dash, JSON, compression",
        "total": "the whole view",
    }
    rows = [(text, median(spent[name]), percentile(spent[name], 0.95)) for name, text in said.items()]
    return Table("Where the time of a view goes (ms, in one process)", ("step", "median", "p95"), rows)


def measure(warehouse: Warehouse, data_dir: Path, quick: bool) -> dict[str, Any]:
    """Serve the data directory and count."""
    with server(data_dir) as served:
        client = Client(served.port)
        drawing = Drawing(client)
        count = QUICK_ALONE if quick else ALONE
        bodies = _bodies(warehouse, drawing, count + 50, SEED)
        seconds = QUICK_SECONDS if quick else SECONDS
        crowd = _bodies(warehouse, drawing, int(1000 * (seconds + 1)), SEED + 1)
        _together(served.port, drawing, crowd[: 40 * CLIENTS], seconds / 2)  # warms every thread of every worker
        _alone(client, drawing, bodies[:50])
        taken, sizes, faults = _alone(client, drawing, bodies[50:])
        loaded = _together(served.port, drawing, crowd[40 * CLIENTS :], seconds)
        memory = served.memory()
        client.close()
    inside = _inside(warehouse, drawing, 20 if quick else 80)
    return {
        "p50": median(taken),
        "p95": percentile(taken, 0.95),
        "bytes": median(sizes),
        "panels": len(drawing.panels),
        "rate": loaded["rate"],
        "count": loaded["count"] + len(taken),
        "loaded_p50": median(loaded["taken"]),
        "loaded_p95": percentile(loaded["taken"], 0.95),
        "memory": memory,
        "faults": faults + loaded["faults"],
        "inside": inside,
    }


def run(warehouse: Warehouse, data_dir: Path, quick: bool) -> Part:
    """Measure, and set it beside the aims."""
    found = measure(warehouse, data_dir, quick)
    part = Part("views", TITLE)
    memory = found["memory"]
    rows: list[tuple[str, Any, str]] = [
        ("one client, p50", found["p50"], "ms"),
        ("one client, p95", found["p95"], "ms"),
        ("size of a response as sent, median", found["bytes"] / 1000, "kB"),
        (f"{CLIENTS} clients, p50", found["loaded_p50"], "ms"),
        (f"{CLIENTS} clients, p95", found["loaded_p95"], "ms"),
        (f"{CLIENTS} clients", found["rate"], "views/s"),
        ("resident memory of a worker afterwards, largest", max((m["rss"] for m in memory), default=None), "MB"),
        ("the same, shared pages divided among processes", max((m["pss"] for m in memory), default=None), "MB"),
        ("views asked for", found["count"], ""),
        ("errors", len(found["faults"]), ""),
    ]
    part.tables += [Table(f"{found['panels']} figures a view", ("", "measured", "unit"), rows), found["inside"]]
    part.aims = [
        Aim("view p50", "server time of one filter change, one client, p50", found["p50"], "ms", P50),
        Aim("view p95", "server time of one filter change, one client, p95", found["p95"], "ms", P95),
        Aim("rate", f"views a second at {CLIENTS} clients", found["rate"], "views/s", RATE, at_least=True),
        Aim("errors", "errors", len(found["faults"]), "", 0),
    ]
    if memory:
        part.aims.append(Aim("memory", "memory of a worker", max(m["rss"] for m in memory), "MB", MEMORY))
    if found["faults"]:
        part.notes.append("Errors: " + ", ".join(sorted(set(found["faults"]))))
    part.figures |= found
    return part
