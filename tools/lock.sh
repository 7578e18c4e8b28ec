#!/usr/bin/env bash
# Writes requirements.txt and requirements-dev.txt from pyproject.toml.
# Names, versions and hashes only, so that any index or mirror can serve them.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
    uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}
if ! command -v uv >/dev/null; then
    echo "This needs uv (python3 -m pip install uv)." >&2
    exit 1
fi
compile -o requirements.txt "$@"
# The smaller lock is a constraint on the larger, so that what is tested is what is served.
compile --extra dev --constraint requirements.txt -o requirements-dev.txt "$@"
