#!/usr/bin/env bash
# Prints where Chromium is. Installs Debian's when there is none and that needs no password.
set -euo pipefail
source "$(dirname "$0")/provide.sh"

provide Chromium chromium "the browser tests" \
    "${PARITY_CHROMIUM:-}" chromium chromium-browser google-chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" && exit 0
cat >&2 <<'TEXT'
The browser tests need Chromium, and it is neither here nor can it be installed without your password.
Install it (Debian and Ubuntu: sudo apt install chromium), or say where it is: PARITY_CHROMIUM=/path/to/chromium
For the tests that need no browser: make quick
TEXT
exit 1
