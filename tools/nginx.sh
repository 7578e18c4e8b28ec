#!/usr/bin/env bash
# Prints where nginx is. Installs Debian's when there is none and that needs no password.
set -euo pipefail

find_nginx() {
    local candidate
    for candidate in "${PARITY_NGINX:-}" nginx /usr/sbin/nginx /usr/local/sbin/nginx /opt/homebrew/bin/nginx; do
        [ -n "$candidate" ] && command -v "$candidate" && return
    done
    return 1
}

find_nginx && exit 0

if command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if [ -z "$as_root" ] || $as_root true 2>/dev/null; then
        echo "Installing nginx for the tests of deploy/nginx.conf ..." >&2
        export DEBIAN_FRONTEND=noninteractive
        $as_root apt-get update -qq >&2
        $as_root apt-get install -y -qq --no-install-recommends nginx-light >&2
        find_nginx && exit 0
    fi
fi
cat >&2 <<'TEXT'
The tests of deploy/nginx.conf need nginx, and it is neither here nor can it be installed without your password.
Install it (Debian and Ubuntu: sudo apt install nginx-light), or say where it is: PARITY_NGINX=/path/to/nginx
For the tests that need neither nginx nor a browser: make quick
TEXT
exit 1
