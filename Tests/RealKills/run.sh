#!/usr/bin/env bash
# kill -9 of sluice, of kube-apiserver and of etcd in the middle of rollouts on a real control plane; the API server's
# audit log judges: no node loses two pods to one rollout, the budget is kept, every rollout ends. Prints a table; exit
# code 1 when something was wrong.
#
#   KUBEBUILDER_ASSETS=FOLDER Tests/RealKills/run.sh [KILLS=20] [SEED]
#
# KILLS is the number of kills of each kind. The seed draws victims and moments; it is printed. Needed besides a Swift
# toolchain: openssl.
#
#   KUBEBUILDER_ASSETS       a folder with etcd and kube-apiserver, as envtest has it: `setup-envtest use -p path`
#   KUBE_CONTROLLER_MANAGER  the path of a kube-controller-manager of the same version, unless it is in that folder;
#                            envtest does not bring it, the Kubernetes release does
#   SLUICE_BINARY            the sluice to test; without it a release build is made
#   NODES=60 BUDGET=6        the fleet (its kubelets are fake), and how many nodes may be without an available pod
#   PORT=26443               kube-apiserver listens there, kube-controller-manager at the next port
#   ETCD_PORT=26379          etcd listens there, for its peers at the next port
#   KEEP=FOLDER              where audit log, other logs and database are kept; without it they go, unless it failed.
#                            `RealKills judge FOLDER/audit.log NODES BUDGET` judges them once more
#
# Everything listens on 127.0.0.1 and is stopped at the end, however that comes about. 20 kills of each kind take about
# six minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' Tests/RealKills/run.sh >&2; exit 64; }
kills=${1:-20} seed=${2:-$((RANDOM * 32768 + RANDOM))}
[[ $# -le 2 && $kills =~ ^[1-9][0-9]*$ && $seed =~ ^[0-9]+$ ]] || usage
nodes=${NODES:-60} budget=${BUDGET:-6} port=${PORT:-26443} etcd_port=${ETCD_PORT:-26379}
: "${KUBEBUILDER_ASSETS:?names a folder with etcd and kube-apiserver; Tests/RealKills/run.sh --help says more}"

declare -A binaries=(
    [etcd]=$KUBEBUILDER_ASSETS/etcd
    [kube-apiserver]=$KUBEBUILDER_ASSETS/kube-apiserver
    [kube-controller-manager]=${KUBE_CONTROLLER_MANAGER:-$KUBEBUILDER_ASSETS/kube-controller-manager}
)
for name in "${!binaries[@]}"; do
    [ -x "${binaries[$name]}" ] || { echo "there is no program ${binaries[$name]}; see $0 --help" >&2; exit 1; }
done
for each in "$port" $((port + 1)) "$etcd_port" $((etcd_port + 1)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$each") 2>/dev/null; then
        echo "port $each is taken; choose others with PORT and ETCD_PORT" >&2
        exit 1
    fi
done

sluice=${SLUICE_BINARY:-$(Scripts/build.sh)}
swift build -c release --product RealKills --static-swift-stdlib --explicit-target-dependency-import-check error >&2
test=$(swift build -c release --product RealKills --static-swift-stdlib --show-bin-path)/RealKills

work=$(mktemp -d)
test_process=
finish() {
    local code=$? file process
    trap '' INT TERM HUP
    [ -z "$test_process" ] || kill -9 "$test_process" 2>/dev/null || true
    # What the test could not end itself, because it was ended.
    for file in "$work"/pids/*; do
        [ -e "$file" ] || continue
        process=$(cat "$file")
        kill -9 "$process" 2>/dev/null || true
        for _ in {1..50}; do kill -0 "$process" 2>/dev/null || break; sleep 0.1; done
    done
    if [ -n "${KEEP:-}" ] || [ "$code" -ne 0 ]; then
        rm -rf "$work/etcd" "$work/pki" "$work"/*.kubeconfig
        if [ -n "${KEEP:-}" ]; then
            mkdir -p "$KEEP"
            cp -r "$work/." "$KEEP/"
        else
            echo "logs and database are in $work" >&2
            return
        fi
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
mkdir "$work"/{bin,pki,log,pids}
chmod 700 "$work/pki"
for name in "${!binaries[@]}"; do ln -s "$(realpath "${binaries[$name]}")" "$work/bin/$name"; done

authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=kills -keyout ca.key -out ca.crt \
        -addext keyUsage=critical,digitalSignature,keyCertSign
    openssl genrsa -out accounts.key 2048
    openssl rsa -in accounts.key -pubout -out accounts.pub
}
certificate() { # NAME SUBJECT EXTENSIONS
    openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
    printf '%s\n' "$3" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt"
}
kubeconfig() { # NAME
    cat >"$work/$1.kubeconfig" <<KUBECONFIG
apiVersion: v1
kind: Config
current-context: kills
clusters: [{name: kills, cluster: {server: "https://127.0.0.1:$port", certificate-authority: pki/ca.crt}}]
contexts: [{name: kills, context: {cluster: kills, user: $1}}]
users: [{name: $1, user: {client-certificate: pki/$1.crt, client-key: pki/$1.key}}]
KUBECONFIG
    chmod 600 "$work/$1.kubeconfig"
}
(
    cd "$work/pki"
    authority
    certificate server /CN=kube-apiserver "$(printf 'extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1')"
    # Three people, so that the audit log tells them apart.
    for name in sluice kubelets controller-manager; do
        certificate "$name" "/O=system:masters/CN=$name" extendedKeyUsage=clientAuth
    done
) >"$work/log/openssl.log" 2>&1 || { cat "$work/log/openssl.log" >&2; exit 1; }
for name in sluice kubelets controller-manager; do kubeconfig "$name"; done

# Every write to pods and to the DaemonSet, twice: when it was received, and with its answer. A server that is killed in
# between leaves the first line only.
cat >"$work/audit-policy.yaml" <<'POLICY'
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
  - level: RequestResponse
    namespaces: [sluice-kills]
    verbs: [create, update, patch, delete, deletecollection]
    resources:
      - {group: "", resources: [pods, pods/status, pods/binding, pods/eviction]}
      - {group: apps, resources: [daemonsets, daemonsets/status]}
  - level: None
POLICY

echo "$nodes nodes, budget $budget, $kills kills of each kind, seed $seed"
"$test" "$sluice" "$work" "$port" "$etcd_port" "$nodes" "$budget" "$kills" "$seed" &
test_process=$!
code=0
wait "$test_process" || code=$?
test_process=
exit "$code"
