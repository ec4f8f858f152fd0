# The cases of run.sh. Each starts with whole exporters everywhere and says what they become as pods are replaced.
# shellcheck shell=bash

cases=(
    harmless slow-scrapes vanished one-vanished long-range fewer-series stopped server-stopped wrong-query
    secured wrong-password wrong-authority
)

gate() { # NAME QUERY CRITERION [INITIAL_DELAY=3s]
    printf '        - name: %s\n          prometheus:\n' "$1"
    printf "            address: %s\n            query: '%s'\n" "$address" "$2"
    [ -z "${access:-}" ] || printf '            %s\n' "${access[@]}"
    printf '          %s\n' "$3"
    printf '          interval: 1s\n          initialDelay: %s\n' "${4:-3s}"
}
lower() { printf 'comparison: {worse: %s, tolerance: %s, baseline: 1m}' "${2:-lower}" "$1"; }

up_gate() { gate up 'up{job="node", node=~"{{nodes}}"}' 'successCondition: "== 1"'; }
series_gate() { gate series 'count by (node) ({job="node", __name__=~"node_.+"})' "$(lower 20%)"; }

# Plain numbers, a function over the time watched so far, an aggregation by node, a rate and a plain selector.
case_harmless() {
    on_event() { if [ "$1" = deleted ]; then replace_exporter "$2" whole; fi; }
    drive harmless "$(
        up_gate
        gate scraped 'min(avg_over_time(up{job="node", node=~"{{nodes}}"}[3s]))' 'successCondition: ">= 0.5"'
        gate counted 'count(up{node=~"{{nodes}}"} == 1) / {{nodeCount}}' 'successCondition: "== 1"'
        series_gate
        gate samples 'scrape_samples_scraped{job="node"}' "$(lower 20%)"
        gate cpu 'sum by (node) (rate(node_cpu_seconds_total{job="node"}[3s]))' "$(lower 50%)"
        gate errors 'sum by (node) (node_scrape_collector_success == bool 0)' "$(lower 50% higher)"
    )"
    judge harmless completed ""
}

# A scrape falls into the update and fails; the next one comes after the first comparison. What is not scraped again yet
# is not gone.
prepare_slow-scrapes() { scrape_interval=10s history=2 start_delay=12s; }
case_slow-scrapes() {
    on_event() {
        if [ "$1" = deleted ]; then replace_exporter "$2" none; fi
        if [ "$1" = updated ]; then replace_exporter "$2" whole; fi
    }
    drive slow-scrapes "$(gate memory 'node_memory_MemTotal_bytes{job="node"}' "$(lower 20%)" 0s)"
    judge slow-scrapes completed ""
}

# The updated nodes answer, and the very series that judge them are gone.
case_vanished() {
    on_event() { if [ "$1" = deleted ]; then replace_exporter "$2" stripped; fi; }
    drive vanished "$(up_gate; gate cpu 'sum by (node) (node_cpu_seconds_total{job="node"})' "$(lower 50%)")"
    judge vanished gateFailed "vanished with the update"
}

case_one-vanished() {
    local first=''
    on_event() {
        if [ "$1" != deleted ]; then return 0; fi
        first=${first:-$2}
        if [ "$2" = "$first" ]; then replace_exporter "$2" stripped; else replace_exporter "$2" whole; fi
    }
    # A rate still has values of the time before for as long as its range.
    drive one-vanished "$(gate cpu 'sum by (node) (rate(node_cpu_seconds_total{job="node"}[5s]))' "$(lower 50%)")"
    judge one-vanished gateFailed "the series of 1 of 3 updated nodes vanished with the update ($first)"
}

# For most of the soak, a function over a range still has the time before in it.
case_long-range() {
    on_event() { if [ "$1" = deleted ]; then replace_exporter "$2" stripped; fi; }
    drive long-range "$(gate memory 'max_over_time(node_memory_MemTotal_bytes{job="node"}[6s])' "$(lower 50%)" 0s)"
    judge long-range gateFailed "vanished with the update"
}

# The series that is compared stays; its value tells that others are gone.
case_fewer-series() {
    on_event() { if [ "$1" = deleted ]; then replace_exporter "$2" stripped; fi; }
    drive fewer-series "$(series_gate)"
    judge fewer-series gateFailed "on 3 updated nodes against"
}

case_stopped() {
    local first=''
    on_event() {
        if [ "$1" != deleted ]; then return 0; fi
        first=${first:-$2}
        if [ "$2" = "$first" ]; then replace_exporter "$2" none; else replace_exporter "$2" whole; fi
    }
    drive stopped "$(up_gate)"
    judge stopped gateFailed "0.0 (1 of 3 samples) is not == 1.0"
}

case_server-stopped() {
    on_event() {
        if [ "$1" = deleted ]; then replace_exporter "$2" whole; fi
        if [ "$1" = measured ] && [ -n "$prometheus_process" ]; then
            end "$prometheus_process"
            prometheus_process=
        fi
    }
    drive server-stopped "$(up_gate)"
    judge server-stopped gateError "cannot connect to 127.0.0.1:$port: Connection refused"
}

case_wrong-query() {
    on_event() { if [ "$1" = deleted ]; then replace_exporter "$2" whole; fi; }
    drive wrong-query "$(gate wrong 'sum by node up{' 'successCondition: "== 1"')"
    judge wrong-query gateError "refused the query (bad_data)"
}

# Prometheus over TLS, with a certificate of an authority of its own, for a user with a password.
secure() { # PASSWORD AUTHORITY: what the plan says
    local name
    for name in server other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
            -addext subjectAltName=DNS:prometheus.test -keyout "$folder/$name.key" -out "$folder/$name.pem"
    done >"$folder/openssl.log" 2>&1
    printf '%s' "$1" >"$folder/password"
    # The hash of "sesame" by bcrypt.
    cat >"$folder/web.yml" <<'WEB'
tls_server_config: {cert_file: server.pem, key_file: server.key}
basic_auth_users: {sluice: "$2y$05$abcdefghijklmnopqrstuuKcS.CYWVYVaLiiCKrrc0A5s3mGesJ9O"}
WEB
    address=https://127.0.0.1:$port
    prometheus_flags=(--web.config.file="$folder/web.yml")
    curl_flags=(--insecure --user sluice:sesame)
    access=(
        "basicAuth: {username: sluice, password: {file: $folder/password}}"
        "tls: {caFile: $folder/$2.pem, serverName: prometheus.test}"
    )
}
secured_case() { # CASE REASON WORDS
    on_event() { if [ "$1" = deleted ]; then replace_exporter "$2" whole; fi; }
    drive "$1" "$(up_gate; gate samples 'scrape_samples_scraped{job="node"}' "$(lower 20%)")"
    judge "$1" "$2" "$3"
}
prepare_secured() { secure sesame server; }
case_secured() { secured_case secured completed ""; }
prepare_wrong-password() { secure open server; }
case_wrong-password() { secured_case wrong-password gateError "wants to know who asks (HTTP status 401)"; }
prepare_wrong-authority() { secure sesame other; }
case_wrong-authority() { secured_case wrong-authority gateError "is not trusted: SSL certificate problem"; }
