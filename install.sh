#!/bin/sh
# Brings what the Makefile needs: uv, Python 3.10, the locked packages, falin itself.
# usage: install.sh uv | install.sh LOCKFILE
set -eu
cd "$(dirname "$0")"
# The system's certificates where it has some: those that uv brings do not know a proxy of one's own.
if [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
fi
say() { printf '\033[1m%s\033[0m\n' "$*"; }

install_uv() {
    [ -x .tools/uv ] && return
    mkdir -p .tools
    if command -v uv >/dev/null 2>&1; then
        ln -sf "$(command -v uv)" .tools/uv
        return
    fi
    for python in python3 python python3.13 python3.12 python3.11 python3.10 python3.9; do
        command -v "$python" >/dev/null 2>&1 && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && break
        python=
    done
    [ -n "$python" ] || { say "falin needs Python 3.8 or newer to begin with: install python3, then run this again"; exit 3; }
    say "bringing uv, which brings the rest"
    # A venv where the system has the means, else pip into a folder of our own.
    if "$python" -m venv .tools/env >/dev/null 2>&1; then
        .tools/env/bin/python -m pip install --quiet uv
        ln -sf env/bin/uv .tools/uv
    elif "$python" -m pip install --quiet --target .tools/site uv; then
        ln -sf site/bin/uv .tools/uv
    else
        rm -rf .tools
        say "neither venv nor pip works with $python: install the package python3-venv, then run this again"
        exit 3
    fi
}

install_uv
[ "$1" = uv ] && exit 0
[ -x .venv/bin/python ] || { say "bringing Python 3.10"; ./.tools/uv venv --quiet --python 3.10 .venv; }
say "installing the locked packages (the first time about 700 MB)"
./.tools/uv pip install --python .venv/bin/python --compile-bytecode --require-hashes -r "$1"
./.tools/uv pip install --python .venv/bin/python --quiet --no-deps --no-build-isolation --editable .
