"""Files and schedule: deterministic bytes, and what is in them."""

import gzip
import hashlib

from dashboard.codelists import CodeLists
from dashboard.demo import people, scenario, write
from dashboard.demo.deliver import files_of


def test_the_same_seed_gives_the_same_bytes(small_scenario: scenario.Scenario, lists: CodeLists) -> None:
    def digest(made: scenario.Scenario) -> str:
        found = hashlib.sha256()
        for sending in made.plan.sendings:
            for name, content in files_of(made.writer, sending).items():
                found.update(f"{name} {sending.received_at} {hashlib.sha256(content).hexdigest()}\n".encode())
        return found.hexdigest()

    first = digest(small_scenario)
    assert digest(scenario.small(lists)) == first
    assert digest(scenario.small(lists, seed=1)) != first


def test_gzip_carries_no_time() -> None:
    packed = write.gzipped(b"quarter,entity\n")
    assert packed[4:8] == b"\0\0\0\0"
    assert gzip.decompress(packed) == b"quarter,entity\n"


def test_age_groups_are_the_code_list(lists: CodeLists) -> None:
    import numpy as np

    names = [m.code for m in lists.members("age_group")]
    ages = {24: "u25", 25: "25-29", 34: "30-34", 64: "60-64", 65: "65plus", 80: "65plus"}
    found = people.age_group(np.array([4 * years + 3 for years in ages]))
    assert [names[i] for i in found] == list(ages.values())


def test_the_small_demonstration_is_small(small_scenario: scenario.Scenario) -> None:
    rows = sum(
        len(small_scenario.writer.rows(s.entity, quarter).headcount)
        for s in small_scenario.plan.sendings
        for quarter in s.parts
    )
    assert 3_000 < rows < 7_000


def test_what_is_not_reported_is_not_in_the_file(small_scenario: scenario.Scenario) -> None:
    headers = {}
    for sending in small_scenario.plan.sendings:
        for name, content in files_of(small_scenario.writer, sending).items():
            if "movements" not in name:
                headers[sending.entity] = gzip.decompress(content).split(b"\n")[0].decode().split(",")
    assert "nationality" not in headers["UNOPS"]
    assert "age_group" not in headers["UPU"]
    assert "appointment" not in headers["WIPO"]
    assert "nationality" in headers["UN"]
