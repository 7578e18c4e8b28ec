"""Scenarios: simulated and planned, not yet sent in."""

import pytest

from dashboard.codelists import CodeLists
from dashboard.demo import scenario


@pytest.fixture(scope="session")
def small_scenario(lists: CodeLists) -> scenario.Scenario:
    return scenario.small(lists)


@pytest.fixture(scope="session")
def full_scenario(lists: CodeLists) -> scenario.Scenario:
    return scenario.full(lists)
