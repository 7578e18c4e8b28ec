# Sourced by the scripts that say where a program is. `provide NAME PACKAGE USE PLACE...` prints the first of the places
# where there is one; where there is none, Debian's package is installed, if that needs no password.

find_program() {
    local place
    for place in "$@"; do
        [ -n "$place" ] && command -v "$place" && return
    done
    return 1
}

provide() {
    local name=$1 package=$2 use=$3 as_root=""
    shift 3
    find_program "$@" && return
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if [ -z "$as_root" ] || $as_root true 2>/dev/null; then
        echo "Installing $name for $use ..." >&2
        export DEBIAN_FRONTEND=noninteractive
        $as_root apt-get update -qq >&2
        $as_root apt-get install -y -qq --no-install-recommends "$package" >&2
    fi
    find_program "$@"
}
