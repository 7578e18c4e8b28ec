import pytest

from dashboard.figures import tokens


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
