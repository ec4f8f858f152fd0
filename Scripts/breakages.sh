#!/usr/bin/env bash
# Breaks the engine on purpose, one rule at a time, and shows that a judge of the simulator sees it.
# Usage: Scripts/breakages.sh [NAME...]   all of Tests/Breakages, or those of a name; about a minute each on two cores
#        Scripts/breakages.sh --check     whether every patch still applies, without building anything
# Each patch is applied to a copy of the working tree in .build/breakages, which is built there, without optimization,
# since building takes longer than looking. Then the named scenarios, the crash sweeps and up to SEEDS seeds (400) run until
# somebody objects: the judge that the patch names must be among them. A patch that says "in: seeds" is looked for there at
# once; at the end nobody must object to the copy without a patch. Exit code 1 when one is not caught, or does not apply or
# compile; what failed to build is kept in .build/breakages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

patches=Tests/Breakages tree=.build/breakages/tree seeds=${SEEDS:-400}

check() {
    local patch failed=0
    for patch in "$patches"/*.patch; do
        git apply --check "$patch" || { echo "$patch does not apply" >&2; failed=1; }
    done
    return $failed
}

# Brings the copy to what the working tree has. What is put back is newer than what was built of it, or the compiler would
# leave the last breakage in; unchanged files keep their times, so that only what differs is built.
restore() {
    local file
    mkdir -p "$tree"
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do
            if [ -f "$file" ]; then printf '%s\0' "$file"; fi
        done | sort -z >.build/breakages/files
    (cd "$tree" && find . -path ./.build -prune -o -type f ! -name Package.resolved -printf '%P\0') | sort -z |
        comm -z -23 - .build/breakages/files | (cd "$tree" && xargs -0 -r rm --)
    while IFS= read -r -d '' file; do
        if ! cmp -s "$file" "$tree/$file"; then printf '%s\0' "$file"; fi
    done <.build/breakages/files | xargs -0 -r cp --parents --preserve=mode -t "$tree"
}

build() {
    (cd "$tree" && swift build --product SluiceCampaign --explicit-target-dependency-import-check error) \
        >".build/breakages/$1.log" 2>&1
}

# Prints who objected and where, separated by |; the exit code is that of the hunt.
hunt() {
    local campaign
    campaign=$tree/.build/debug/SluiceCampaign
    "$campaign" hunt "$1" --seeds "$seeds" --in "$2" 2>.build/breakages/hunt.log | tail -n 1
}

# One line of the table.
show() { printf '%-30s %-8s %-22s %s\n' "$@"; }

one() {
    local name=$1 patch=$patches/$1.patch judge place line code=0
    [ -f "$patch" ] || { show "$name" - "NOT THERE" ""; return 1; }
    judge=$(sed -n 's/^# judge: //p' "$patch")
    place=$(sed -n 's/^# in: //p' "$patch")
    restore
    git apply --directory="$tree" "$patch" || { show "$name" "$judge" "DOES NOT APPLY" ""; return 1; }
    build "$name" || { show "$name" "$judge" "DOES NOT COMPILE" ".build/breakages/$name.log"; return 1; }
    line=$(hunt "$judge" "${place:-scenarios}") || code=$?
    [ $code -lt 128 ] || line="a trap|exit code $code|"
    IFS='|' read -r who where _ <<<"$line"
    show "$name" "$judge" "${who:-nobody}" "${where:-exit code $code}"
    [ $code -eq 0 ]
}

# To what was put back in the end nobody objects, or a breakage may have been caught for another one's sake.
unbroken() {
    local line code=0
    restore
    build unbroken || { show "(nothing broken)" - "DOES NOT COMPILE" ".build/breakages/unbroken.log"; return 1; }
    line=$(seeds=1 hunt nobody scenarios) || code=$?
    IFS='|' read -r who where _ <<<"$line"
    show "(nothing broken)" - "$who" "$where"
    [ $code -eq 3 ]
}

if [ "${1:-}" = --check ]; then check; exit; fi
Scripts/setup.sh >&2
if [ $# -eq 0 ]; then
    for patch in "$patches"/*.patch; do set -- "$@" "$(basename "$patch" .patch)"; done
fi
show BREAKAGE JUDGE "CAUGHT BY" "IN"
missed=0
for name in "$@"; do one "$name" || missed=$((missed + 1)); done
echo "$(($# - missed)) of $# caught"
unbroken
[ $missed -eq 0 ]
