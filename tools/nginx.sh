#!/usr/bin/env bash
# Prints where nginx is. Installs Debian's when there is none and that needs no password.
set -euo pipefail
source "$(dirname "$0")/provide.sh"

provide nginx nginx-light "the tests of deploy/nginx.conf" \
    "${PARITY_NGINX:-}" nginx /usr/sbin/nginx /usr/local/sbin/nginx /opt/homebrew/bin/nginx && exit 0
cat >&2 <<'TEXT'
The tests of deploy/nginx.conf need nginx, and it is neither here nor can it be installed without your password.
Install it (Debian and Ubuntu: sudo apt install nginx-light), or say where it is: PARITY_NGINX=/path/to/nginx
For the tests that need neither nginx nor a browser: make quick
TEXT
exit 1
