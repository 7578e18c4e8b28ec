"""What makes a page a record: an address that keeps, its QR code, and what the entity has configured for it."""

from __future__ import annotations

import logging
import re
import tomllib
from dataclasses import dataclass
from urllib.parse import urlsplit

import segno
from flask import request
from markupsafe import Markup

from dashboard.settings import LOOPBACK, Settings

log = logging.getLogger(__name__)

#: Below the data directory: what an entity calls the relevant unit, and where its policy is to be read.
FILE = "recruitment.toml"


@dataclass(frozen=True)
class Policy:
    """Where an entity's policy stands, and what it counts as the relevant unit; empty where not configured."""

    address: str = ""
    unit: str = ""


def policy(settings: Settings, entity: str | None) -> Policy:
    """What is configured for an entity, else for all. A file that cannot be read is as none, and is logged."""
    path = settings.data_dir / FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Policy()
    except OSError as error:
        log.error("configuration of records cannot be read", extra={"problem": f"{FILE}: {error.strerror}"})
        return Policy()
    try:
        # With or without the mark that some editors put at the beginning of a file.
        content = tomllib.loads(raw.decode("utf-8-sig"))
    except ValueError as error:
        log.error("configuration of records cannot be read", extra={"problem": f"{FILE}, {_where(raw, error)}"})
        return Policy()
    found = {**_table(content.get("default")), **_table(_table(content.get("entity")).get(entity or ""))}
    address = str(found.get("policy", ""))
    if urlsplit(address).scheme not in ("https", "http"):
        address = ""
    return Policy(address, str(found.get("unit", "")))


#: Quotation marks that word processors and phones put in place of plain ones.
_CURLY = "“”„‟‘’‚‛«»"


def _where(raw: bytes, error: ValueError) -> str:
    """In which line a file cannot be read, and why."""
    if isinstance(error, UnicodeDecodeError):
        line = raw[: error.start].count(b"\n") + 1
        return f"line {line}: this is not UTF-8; save the file in that encoding"
    for number, text in enumerate(raw.decode("utf-8-sig").splitlines(), start=1):
        try:
            tomllib.loads(text)
        except ValueError:
            curly = next((mark for mark in _CURLY if mark in text.partition("#")[0]), None)
            if curly:
                return f'line {number}: {curly} is a quotation mark of texts; the plain one (") is expected'
    said = re.sub(r" \(at .*\)$", "", str(error))
    found = re.search(r"at line (\d+)", str(error))
    # Where the file ends too early, its last line is meant.
    line = found[1] if found else str(len(raw.splitlines()))
    return f"line {line}: {said}"


def _table(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def address(settings: Settings, path: str) -> str | None:
    """The whole address of a page: by PARITY_URL, or by the name of this machine if that is how one came here.

    None otherwise: a name that a visitor sends belongs on no page of a server that others see.
    """
    if settings.canonical_url:
        return settings.canonical_url + path
    name = urlsplit(f"//{request.host}").hostname if request.host else None
    return f"{request.scheme}://{request.host}{path}" if name in LOOPBACK else None


def qr(content: str) -> Markup:
    """A QR code as inline SVG, with the quiet zone that readers need."""
    code = segno.make(content, micro=False, error="m")
    drawn = code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704 - drawn above
