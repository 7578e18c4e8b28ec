#!/usr/bin/env bash
# Makes .venv hold exactly what a lock file names, and this project.
# usage: tools/setup.sh requirements.txt|requirements-dev.txt
# Says nothing and takes no time when that is already so.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
venv=${VENV:-.venv}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "This needs Python 3.11 or newer, and neither python3 nor python3.11 to python3.14 is one." >&2
    echo "Install one (Debian and Ubuntu: apt install python3 python3-venv), or say which: make PYTHON=/path/to/python" >&2
    return 1
}

# What is installed is remembered by content and not by date: a checkout sets dates as it likes.
# Of pyproject.toml only what comes before the settings of tools matters here.
wanted() {
    { "$venv/bin/python" -c 'import sys; print(sys.version, sys.prefix)'; cat "$lock"; sed '/^\[tool\./,$d' pyproject.toml; } | cksum
}
current() {
    [ -x "$venv/bin/python" ] && [ -x "$venv/bin/parity" ] &&
        [ "$(cat "$venv/.installed-$lock" 2>/dev/null)" = "$(wanted)" ]
}

current && exit 0

# Two makes in one checkout at a time take turns.
if command -v flock >/dev/null; then
    exec 9>.setup.lock
    flock 9
    current && exit 0
fi

python=$(find_python)
# A virtual environment that was moved, or whose Python has gone, is of no use.
if ! "$venv/bin/python" -c "import sys; sys.exit(sys.prefix != '$(pwd)/$venv')" 2>/dev/null; then
    echo "Creating $venv with $("$python" --version) ..."
    rm -rf "$venv"
    if ! "$python" -m venv "$venv"; then
        rm -rf "$venv"
        echo "$python cannot create virtual environments. Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
fi
echo "Installing the packages of $lock (the first time takes a minute) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
# Without a network and without a build environment: what it takes to build is in the lock.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
wanted >"$venv/.installed-$lock"
# The larger lock holds the smaller one at the same versions; a test sees to that.
[ "$lock" != requirements-dev.txt ] || (lock=requirements.txt; wanted >"$venv/.installed-requirements.txt")
