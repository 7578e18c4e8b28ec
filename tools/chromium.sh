#!/usr/bin/env bash
# Prints where Chromium is. Installs Debian's when there is none and that needs no password.
set -euo pipefail

find_chromium() {
    local candidate
    for candidate in "${PARITY_CHROMIUM:-}" chromium chromium-browser google-chrome \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        [ -n "$candidate" ] && command -v "$candidate" && return
    done
    return 1
}

find_chromium && exit 0

if command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if [ -z "$as_root" ] || $as_root true 2>/dev/null; then
        echo "Installing Chromium for the browser tests ..." >&2
        export DEBIAN_FRONTEND=noninteractive
        $as_root apt-get update -qq >&2
        $as_root apt-get install -y -qq --no-install-recommends chromium >&2
        find_chromium && exit 0
    fi
fi
cat >&2 <<'TEXT'
The browser tests need Chromium, and it is neither here nor can it be installed without your password.
Install it (Debian and Ubuntu: sudo apt install chromium), or say where it is: PARITY_CHROMIUM=/path/to/chromium
For the tests that need no browser: make quick
TEXT
exit 1
