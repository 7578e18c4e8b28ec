"""Pictures the pages as readers get them: wide and narrow, light and dark.

Starts the server on a free port with the data that are there, opens every page, and writes PNG files.

The pictures of the README are taken too, with --readme.

usage: python -m tools.screenshots [--readme] [--to FOLDER] [PATH...]
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"wide": (1280, 900), "phone": (390, 800), "narrow": (320, 700)}
SCHEMES = ("light", "dark")
#: Picture of the README -> page, and how much of it is shown.
README = {
    "docs/images/overview.png": ("/?category=PH", (1280, 1300)),
    "docs/images/recruit.png": ("/recruit?entity=UNICEF&unct=KEN&grade=P-4", (1280, 1300)),
    "docs/images/entity.png": ("/entities/UNDP", (1280, 1300)),
    "docs/images/team.png": ("/country-teams/KEN", (1280, 1300)),
}
# Chromium as root has no sandbox of its own, and at its start looks for things that are none of ours.
FLAGS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def server() -> Iterator[str]:
    """Serve on a free port; the address."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, public_port = one.getsockname()[1], other.getsockname()[1]
    environment = os.environ | {"PARITY_HOST": "127.0.0.1", "PARITY_PORT": str(port), "PARITY_ACCESS_LOG": "0"}
    environment.setdefault("PARITY_AUDIENCE", "internal")
    if environment["PARITY_AUDIENCE"] == "internal":
        environment["PARITY_PUBLIC_PORT"] = str(public_port)
    gunicorn = Path(sys.executable).with_name("gunicorn")
    process = subprocess.Popen([gunicorn, "-c", "gunicorn.conf.py"], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            if process.poll() is not None:
                raise SystemExit("The server did not start.")
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2)  # noqa: S310
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        else:
            raise SystemExit("The server did not answer within half a minute.")
        yield address
    finally:
        process.terminate()
        process.wait(30)


def main() -> int:
    """Take the pictures; 1 when a page reported an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["/"], metavar="PATH", help="pages, by default the first")
    parser.add_argument("--readme", action="store_true", help="take the pictures of the README instead")
    parser.add_argument("--to", type=Path, default=ROOT / "screenshots", metavar="FOLDER")
    options = parser.parse_args()
    shots = []
    if options.readme:
        shots = [(path, size, "light", ROOT / file, False) for file, (path, size) in README.items()]
    else:
        for path in options.paths:
            name = re.sub(r"\W+", "-", path).strip("-") or "first"
            shots += [
                (path, size, scheme, options.to / f"{name}-{width}-{scheme}.png", True)
                for width, size in WIDTHS.items()
                for scheme in SCHEMES
            ]
    errors: list[str] = []
    with server() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("PARITY_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        for path, (width, height), scheme, target, whole in shots:
            page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.on("pageerror", lambda error, path=path: errors.append(f"{path}: {error}"))
            page.goto(address + path, wait_until="networkidle")
            # dcc.Graph marks what is not drawn yet.
            page.wait_for_selector(".dash-graph--pending, ._dash-loading", state="detached")
            # Figures settle once fonts and widths are known.
            page.wait_for_timeout(600)
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target, full_page=whole)
            print(target.relative_to(ROOT) if target.is_relative_to(ROOT) else target)
            page.close()
        chromium.close()
    for error in errors:
        print(error, file=sys.stderr)
    return int(bool(errors))


if __name__ == "__main__":
    sys.exit(main())
