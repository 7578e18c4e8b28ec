import re

import pytest

from dashboard.figures import tokens
from dashboard.figures.table import SHADES


@pytest.mark.parametrize(("colour", "ground", "least"), tokens.CONTRASTS)
@pytest.mark.parametrize("theme", ["LIGHT", "DARK"])
def test_colours_can_be_told_apart(colour: str, ground: str, least: float, theme: str):
    values = getattr(tokens, theme)
    assert tokens.contrast(values[colour], values[ground]) >= least


def test_the_sexes_have_the_colours_agreed_on():
    assert tokens.TOKENS["women"] == ("#4B1D78", "#7C4DFF")
    assert tokens.TOKENS["men"] == ("#D17C00", "#FFCC80")
    assert round(tokens.contrast("#4B1D78", "#FFFFFF"), 1) == 12.0


def test_light_values_are_unique_because_dark_mode_looks_them_up():
    assert len(set(tokens.LIGHT.values())) == len(tokens.LIGHT)


@pytest.mark.parametrize(("name", "content"), [("tokens.css", tokens.css), ("tokens.js", tokens.script)])
def test_the_files_in_assets_are_what_the_tokens_say(name: str, content):
    assert (tokens.ASSETS / name).read_text(encoding="utf-8") == content(), "run python -m dashboard.figures.tokens"


def test_words_can_be_read_on_every_shade_of_a_heat_map():
    css = (tokens.ASSETS / "style.css").read_text(encoding="utf-8")
    rule = r"\.shade-(women|men)-(\d) \{ background: color-mix\(in srgb, var\(--(\w+)\) (\d+)%, var\(--paper\)\)"
    shades = re.findall(rule, css)
    assert len(shades) == 2 * SHADES
    for theme in (tokens.LIGHT, tokens.DARK):
        for sex, step, colour, part in shades:
            assert sex == colour and 1 <= int(step) <= SHADES
            mixed = [
                round(int(theme[colour][at : at + 2], 16) * int(part) / 100
                      + int(theme["paper"][at : at + 2], 16) * (1 - int(part) / 100))
                for at in (1, 3, 5)
            ]  # fmt: skip
            assert tokens.contrast(theme["ink"], "#{:02X}{:02X}{:02X}".format(*mixed)) >= 4.5, (sex, step)
