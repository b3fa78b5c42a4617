# Sourced by ./test, ./cluster and ./bench: installs what they need from Debian's packages when it is missing, and says so.

missing=()
need() { # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing+=("$2")
}

install_missing() { # install_missing WHAT-FOR; fails when it cannot
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing for $1, from Debian's packages: ${missing[*]}"
    local as_root="" policy=/usr/sbin/policy-rc.d made="" failed=0
    [ "$(id -u)" = 0 ] || as_root="sudo"
    # The packages must not start servers of their own.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod +x "$policy" && made=yes
    fi
    $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || failed=1
    [ -z "$made" ] || $as_root rm -f "$policy"
    return $failed
}
