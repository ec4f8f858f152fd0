#!/usr/bin/env bash
# Builds the release binary and prints its path. Installs what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
Scripts/setup.sh
swift build -c release --product sluice --static-swift-stdlib --explicit-target-dependency-import-check error >&2
echo "$(swift build -c release --product sluice --static-swift-stdlib --show-bin-path)/sluice"
