#!/usr/bin/env bash
# Builds Sluice and runs all of its tests. Arguments go to `swift test` (for instance --filter Planner).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
Scripts/setup.sh --tests
swift format lint --strict -r Package.swift Sources Tests migrations
swift test --explicit-target-dependency-import-check error "$@"
