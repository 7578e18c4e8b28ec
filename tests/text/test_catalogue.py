from pathlib import Path

from babel.messages.pofile import read_po

from tools.check_texts import ROOT, extracted

CATALOGUE = Path(ROOT) / "dashboard" / "locale" / "messages.pot"
COMMAND = (
    "pybabel extract -F babel.cfg -k _ -k gettext -k ngettext:1,2 -k pgettext:1c,2 -c Translators: --no-location "
    "--sort-output "
    "--project=parity-dashboard --version=0 -o dashboard/locale/messages.pot ."
)


def test_the_catalogue_has_every_text_of_the_code_and_no_other():
    with CATALOGUE.open("rb") as file:
        known = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in read_po(file) if m.id}
    assert known == extracted(), f"write it anew: {COMMAND}"
