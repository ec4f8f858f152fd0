#!/usr/bin/env bash
# Runs rollouts in virtual time, with faults, crashes and judges, and says what was met and what was broken.
# Usage: Scripts/campaign.sh N [--from SEED] [--workers N]   N seeds, from a seed on (1); a worker process a core
#        Scripts/campaign.sh --replay SEED [--until SECONDS] one seed with a readable trace
#        Scripts/campaign.sh --scenarios [NAME] [--trace]    the hard cases that are written down, or those of a name
#        Scripts/campaign.sh --sweep                         a small rollout, crashed after every step
# A campaign that was stopped goes on where it stood: its tallies are kept in .build/campaign, by its first seed.
# Exit code 1 when a rule was broken, or when too little was met for the campaign to prove anything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' Scripts/campaign.sh >&2; exit 64; }
[ $# -gt 0 ] || usage
Scripts/setup.sh >&2
swift build -c release --product SluiceCampaign --explicit-target-dependency-import-check error >&2
campaign=$(swift build -c release --product SluiceCampaign --show-bin-path)/SluiceCampaign

case $1 in
--replay) shift; exec "$campaign" replay "$@" ;;
--scenarios) shift; exec "$campaign" scenarios "$@" ;;
--sweep) exec "$campaign" sweep ;;
[1-9]*)
    count=$1 from=1 workers=$(nproc)
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        --from) from=${2:?--from needs a seed}; shift ;;
        --workers) workers=${2:?--workers needs a number}; shift ;;
        *) usage ;;
        esac
        shift
    done
    mkdir -p .build/campaign
    # Another engine or another simulator would be another campaign.
    revision=$(sha256sum "$campaign" | cut -c1-12)
    exec "$campaign" seeds "$count" --from "$from" --workers "$workers" --state ".build/campaign/$from-$revision.json"
    ;;
*) usage ;;
esac
