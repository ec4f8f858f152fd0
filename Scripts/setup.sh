#!/usr/bin/env bash
# Installs the system packages that building Sluice needs, when they are missing. Debian and Ubuntu.
# Usage: Scripts/setup.sh [--tests]     (with what the tests need too: a kubectl, when none is in PATH)
set -euo pipefail

packages=(libcurl4-openssl-dev libsqlite3-dev pkg-config openssl)
if [ "${1:-}" = --tests ] && ! command -v kubectl >/dev/null; then packages+=(kubernetes-client); fi
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}" >&2
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    $sudo apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi
if ! command -v swift >/dev/null; then
    echo "Sluice needs a Swift 6.2 toolchain or newer in PATH: https://www.swift.org/install/linux" >&2
    exit 1
fi
