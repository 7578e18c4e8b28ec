"""Notices about an address that was not understood, words with a context, and who a country team counts."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel

from dashboard import shell, text
from dashboard.selection import select


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "entity=UNDP,UNICEF",
            "We could not read “entity=UNDP,UNICEF” in the address. Write “entity=UNDP&entity=UNICEF”.",
        ),
        (
            "grade=P-4,P 5",
            "We could not use “grade=P-4,P 5” in the address: not a code (letters, digits and - . _ +).",
        ),
        (
            "colour=red,blue",
            "We could not use “colour=red,blue” in the address: no such filter (see the list of filters).",
        ),
    ],
)
def test_what_was_not_understood_is_said_with_how_to_write_it(query, said):
    assert shell.read(query).notices == (said,)


def test_a_word_can_have_a_translation_for_each_thing_it_means(tmp_path):
    catalogue = Catalog(locale="fr")
    catalogue.add("Change", "Modifier", context="do it")
    catalogue.add("Change", "Variation", context="column")
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    app = Flask(__name__)
    Babel(app, default_translation_directories=str(Path(tmp_path)), locale_selector=lambda: "fr")
    with app.test_request_context():
        assert [text.pgettext(context, "Change") for context in ("do it", "column")] == ["Modifier", "Variation"]
    assert text.pgettext("column", "Change") == "Change"


def test_one_sentence_says_whom_a_country_team_counts():
    assert text.place_notes(select(unct="KEN")) == [text.of_country_teams()]
    assert text.place_notes(select(country="KEN")) == []
