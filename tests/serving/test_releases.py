"""Five releases and two rollbacks under load, both audiences served: no request fails, no answer mixes releases."""

import csv
import http.client
import io
import itertools
import json
import re
import shutil
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from served import CALLBACK, Gunicorn, redrawing

from dashboard import ingest

#: Of each audience.
CLIENTS = 6
#: Somewhere in every request that can hold it: no log line may.
MARK = "qzvisitorqz"
FIGURES = re.compile(r'<dd class="value">(\d+)</dd>')
NAME = re.compile(r"20\d\dQ\d-r\d+")
ADDRESSES = (
    "/api/v1/headline.json",
    "/api/v1/by_grade.json",
    "/api/v1/by_entity.csv",
    "/api/v1/facets.json?facet=grade",
    "/",
    CALLBACK,
)
BODY = json.dumps(redrawing(f"?v.note={MARK}"))


@dataclass(frozen=True)
class Answered:
    """One request: when it was under way, what was asked, and what came back."""

    started: float
    ended: float
    address: str
    status: int
    body: bytes


@dataclass(frozen=True)
class Counts:
    """What a release counts in its own quarter, read straight from its file."""

    grades: dict[str, tuple[int, int]]

    @property
    def women(self) -> int:
        return sum(women for women, _ in self.grades.values())

    @property
    def men(self) -> int:
        return sum(men for _, men in self.grades.values())


def counts(folder) -> Counts:
    with duckdb.connect(str(folder / "internal.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            """
            select grades.code, sum(women)::integer, sum(men)::integer
            from staff
            join codes as grades on grades.dimension = 'grade' and grades.id = staff.grade
            join codes as kinds on kinds.dimension = 'appointment' and kinds.id = staff.appointment
            join codes as quarters on quarters.dimension = 'quarter' and quarters.id = staff.quarter
            where kinds.code <> 'TA' and quarters.code = ?
            group by grades.code
            having sum(women) + sum(men) > 0
            """,
            [folder.name[:6]],
        ).fetchall()
    return Counts({grade: (women, men) for grade, women, men in rows})


class Load:
    """Clients that ask without a pause, each over a connection of its own, until told to stop."""

    def __init__(self, server: Gunicorn):
        self.server = server
        self.answered: list[Answered] = []
        self.failed: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def until_all_is_asked_anew(self) -> None:
        """Wait until every address has been asked after this moment, and answered."""
        now, last = time.monotonic(), time.monotonic() + 30
        while {answered.address for answered in list(self.answered) if answered.started > now} != set(ADDRESSES):
            assert time.monotonic() < last, self.failed
            time.sleep(0.02)

    def _ask(self, number: int) -> None:
        connection = self.server.connect()
        turns = itertools.cycle([*ADDRESSES[number % len(ADDRESSES) :], *ADDRESSES[: number % len(ADDRESSES)]])
        own = {"User-Agent": MARK, "Cookie": f"a={MARK}", "Referer": f"http://{MARK}.example/"}
        for turn, address in enumerate(turns):
            if self._over.is_set():
                break
            if turn % 50 == 49:
                # So that the workers share the clients anew.
                connection.close()
                connection = self.server.connect()
            started = time.monotonic()
            try:
                if address == CALLBACK:
                    connection.request("POST", address, BODY, {**own, "Content-Type": "application/json"})
                else:
                    sign = "&" if "?" in address else "?"
                    connection.request("GET", f"{address}{sign}v.note={MARK}", headers=own)
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{address}: {type(error).__name__}: {error}")
                connection.close()
                connection = self.server.connect()
                continue
            self.answered.append(Answered(started, time.monotonic(), address, response.status, body))
        connection.close()


def release_of(answered: Answered, expected: dict[str, Counts]) -> str:
    """The release an answer names, after seeing that it counts what that release counts."""
    if answered.address.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(answered.body.decode(), newline="")))
        (name,) = {row["release"] for row in rows}
        assert sum(int(row["women"] or 0) for row in rows) == expected[name].women
        assert sum(int(row["men"] or 0) for row in rows) == expected[name].men
        return name
    if answered.address == "/":
        page = answered.body.decode()
        (name,) = set(NAME.findall(re.search(r'<p class="scope">(.*?)</p>', page)[1]))
        assert [int(found) for found in FIGURES.findall(page)[:2]] == [expected[name].women, expected[name].men]
        return name
    answer = json.loads(answered.body)
    if answered.address == CALLBACK:
        return release_of_view(answer["response"], expected)
    if "facets" in answered.address:
        name = answer["release"]
        found = {option["code"]: option["staff"] for option in answer["facets"]["grade"]["options"] if option["staff"]}
        assert found == {grade: sum(both) for grade, both in expected[name].grades.items()}
        assert answer["quarters"][0] == name[:6]
        return name
    name = answer["release"]["name"]
    assert answer["selection"]["release"] == name
    assert (answer["scope"]["women"], answer["scope"]["men"]) == (expected[name].women, expected[name].men)
    if "by_grade" in answered.address:
        assert {row["grade"]: (row["women"], row["men"]) for row in answer["rows"]} == expected[name].grades
    else:
        now = next(row for row in answer["rows"] if row["basis"] == "all")
        assert (now["quarter"], now["women"], now["men"]) == (name[:6], expected[name].women, expected[name].men)
    return name


def release_of_view(response: dict, expected: dict[str, Counts]) -> str:
    """The one release of a whole view: headline and all panels."""
    told = response["drawn"]["data"]
    (name,) = set(NAME.findall(re.search(r'<p class="scope">(.*?)</p>', told["headline"])[1]))
    found = [int(number) for number in FIGURES.findall(told["headline"])[:2]]
    assert found == [expected[name].women, expected[name].men]
    for panel, words in told["panels"].items():
        assert set(NAME.findall(words["words"])) <= {name}, (panel, words["words"], name)
    return name


@pytest.mark.slow
def test_publishing_under_load(small_dir, lists, tmp_path):
    data_dir = tmp_path / "data"
    shutil.copytree(small_dir, data_dir)
    store = ingest.Store(data_dir)
    accepted = dict.fromkeys(ingest.RELEASE_WARNINGS, "for this test")
    first = ingest.current_release(data_dir)
    #: What was in service, and the moments between which that began.
    in_service = [(first, 0.0, 0.0)]

    def publish(what) -> None:
        begun = time.monotonic()
        name = what()
        in_service.append((name, begun, time.monotonic()))
        for load in loads:
            load.until_all_is_asked_anew()

    logs = {audience: tmp_path / f"{audience}.log" for audience in ("internal", "public")}
    with ExitStack() as running:
        servers = [
            running.enter_context(Gunicorn(data_dir, log, PARITY_AUDIENCE=audience)) for audience, log in logs.items()
        ]
        loads = [running.enter_context(Load(server)) for server in servers]
        workers = [server.workers() for server in servers]
        for load in loads:
            load.until_all_is_asked_anew()
        for quarter in ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3"):
            publish(
                lambda quarter=quarter: ingest.release(store, quarter, codelists=lists, accepted_warnings=accepted).name
            )
        for name in (in_service[1][0], first):
            publish(lambda name=name: ingest.rollback(data_dir, name) and name)
        worked = [{worker: worked_for(worker) for worker in each} for each in workers]
        assert [server.workers() for server in servers] == workers
    expected = {name: counts(data_dir / "releases" / name) for name, _, _ in in_service}
    assert len(expected) == 6
    # Or a mix would not show.
    assert len({(known.women, known.men) for known in expected.values()}) >= 5
    for load, log, ticks in zip(loads, logs.values(), worked, strict=True):
        was_served_whole(load, expected, in_service)
        # By both workers.
        assert min(ticks.values()) > 0.2 * sum(ticks.values()) / len(ticks)
        said = log.read_text(encoding="utf-8")
        assert MARK not in said
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        assert len([line for line in lines if "status" in line]) >= len(load.answered)
        assert not [line for line in lines if line.get("level") in ("warning", "error")]


def was_served_whole(load: Load, expected: dict[str, Counts], in_service: list[tuple[str, float, float]]) -> None:
    """Every answer was one release's own, in service while asked for, and every release was asked in every way."""
    assert load.failed == []
    assert Counter(answered.status for answered in load.answered) == {200: len(load.answered)}
    seen: dict[str, set[str]] = {}
    for answered in load.answered:
        name = release_of(answered, expected)
        seen.setdefault(name, set()).add(answered.address)
        # It was in service at some moment while the request was under way: so each is followed at once, not "soon".
        times = [
            (begun, in_service[place + 1][2] if place + 1 < len(in_service) else float("inf"))
            for place, (known, begun, _) in enumerate(in_service)
            if known == name
        ]
        assert any(begun <= answered.ended and answered.started <= left for begun, left in times), (
            name,
            answered.address,
        )
    assert set(seen) == set(expected)
    assert all(len(addresses) == len(ADDRESSES) for addresses in seen.values())


def worked_for(worker: int) -> int:
    """Clock ticks of processor time a process has had."""
    fields = Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
