"""Checks the translations: every catalogue has every text, finished, with the placeholders of the original.

The texts that a catalogue must have are the ones that extraction finds in the code now, so a text that was
changed and not translated again shows here and not to a reader. Without babel.cfg there is nothing to check.

usage: python -m tools.check_texts
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".venv", ".git", "node_modules", "var", "build"}


def extracted() -> set[str]:
    """Every text in the code that is for people."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        ROOT,
        methods,
        options,
        keywords={
            "_": None,
            "gettext": None,
            "lazy_gettext": None,
            "ngettext": (1, 2),
            "pgettext": ((1, "c"), 2),
        },
        directory_filter=lambda folder: Path(folder).name not in SKIPPED,
    )
    return {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in found}


def problems(catalogue: Catalog, wanted: set[str]) -> Iterator[str]:
    """What is wrong with one language."""
    for message in catalogue:
        if not message.id:
            continue
        text = message.id[0] if isinstance(message.id, tuple | list) else message.id
        for error in message.check(catalogue):
            yield f"{text!r}: {error}"
        if text in wanted and message.fuzzy:
            yield f"{text!r} is marked fuzzy: a person has not looked at it"
        forms = [message.string] if isinstance(message.string, str) else message.string
        if text in wanted and not all(forms):
            yield f"{text!r} is not translated"
    known = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in catalogue}
    yield from (f"{text!r} is missing" for text in sorted(wanted - known))


def main() -> int:
    """Check every .po file; 0 when all is well."""
    files = sorted(path for path in ROOT.glob("dashboard/**/*.po"))
    if not files or not (ROOT / "babel.cfg").exists():
        print("No catalogues yet")
        return 0
    wanted = extracted()
    count = 0
    for path in files:
        with path.open("rb") as file:
            catalogue = read_po(file)
        for problem in problems(catalogue, wanted):
            count += 1
            print(f"{path.relative_to(ROOT)}: {problem}")
    print(f"{len(files)} catalogues of {len(wanted)} texts, {count} problems")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
