"""The public map of a release with protected places."""

from __future__ import annotations

import dataclasses
import itertools
import json

from samples import row

from dashboard import pages, shell
from dashboard.disclosure import policy as policy_module
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse


def drawn(store, audience: str, path: str) -> tuple[str, dict]:
    """All that the map of a page says, and the figure."""
    view = shell.view(Warehouse(Settings(data_dir=store.data_dir, audience=audience)), "", pages.find(path))
    (panel,) = [panel for panel in view.at.page.shown(view.at.page.panels, view.seen) if panel.map]
    made = shell.draw(view, panel)
    return " ".join((json.dumps(made.figure), made.words, made.below, made.alternative)), made.figure


def test_a_protected_place_is_land_like_any_other(send, publish, store, monkeypatch):
    policy = dataclasses.replace(policy_module.load(), presence_protected=("AFG", "XKX"))
    monkeypatch.setattr(policy_module, "load", lambda: policy)
    groups = list(itertools.product(("P-3", "P-4", "G-5"), "FM"))
    places = ("KEN-nairobi", "AFG-kabul", "XKX-pristina", "CHE-bern")
    send([
        row(duty_station=place, grade=grade, sex=sex, headcount="40", nationality=nation)
        for (grade, sex), place, nation in itertools.product(groups, places, ("AFG", "XKX", "KEN"))
    ])  # fmt: skip
    publish()
    said, figure = drawn(store, "internal", "/country-teams")
    assert "Afghanistan" in said
    assert {"AFG", "KEN"} <= set(figure["data"][0]["locations"])
    said, figure = drawn(store, "public", "/country-teams")
    assert figure["data"] and "Kenya" in said
    for word in ("AFG", "Afghanistan", "XKX"):
        assert word not in said, word
    # The note on Kosovo stands beneath every map, whoever is on it.
    assert said.count("Kosovo") == 1
    # Where people come from is no place where they are.
    said, figure = drawn(store, "public", "/nationality")
    assert {"AFG", "KEN"} <= set(figure["data"][0]["locations"])
    (marks,) = [trace for trace in figure["data"] if trace["meta"] == "marks"]
    assert "XKX" in marks["customdata"]
