# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev setup: Debian packages.

# Names in package lists, without comments.
packages_in() { sed -e 's/#.*//' "$@" | xargs -n 1; }

# The given packages that are not installed, one per line.
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^.i  *//p' || true)
    printf '%s\n' "$@" | grep -vxF -e "$installed" || true
}

# setup [LIST...]: installs what tools/packages.txt and further lists name and is missing.
setup() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        die "setup knows Debian and Ubuntu only; here, install what tools/packages.txt names by hand"
    fi
    local wanted missing
    mapfile -t wanted < <(packages_in tools/packages.txt "$@")
    mapfile -t missing < <(missing_packages "${wanted[@]}")
    if [ ${#missing[@]} -eq 0 ]; then return; fi

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "packages are missing and neither root nor sudo is at hand; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    mkdir -p "$LOGS"
    say "Installing Debian packages (a few minutes at most; output in $LOGS/setup.log): ${missing[*]}"
    if ! install_packages "${missing[@]}" >"$LOGS/setup.log" 2>&1; then
        tail -n 30 "$LOGS/setup.log" >&2
        die "apt-get failed; its output is in $LOGS/setup.log. aio builds on Debian 12 and newer: a package that
     cannot be located may have another name in this release (tools/packages.txt)"
    fi
}

# Installs without starting the services that come along: nginx is here to be run by tests, on their own ports.
# A policy-rc.d that is already there stays as it is.
install_packages() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap '"${as_root[@]}" rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
        "${as_root[@]}" chmod 755 $policy
    fi
    "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
)
