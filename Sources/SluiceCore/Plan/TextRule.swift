/// What a text in a plan must look like.
package enum TextRule: Sendable, CaseIterable {
    /// A Kubernetes DNS label, as for namespaces and containers.
    case dnsLabel
    /// A Kubernetes DNS subdomain, as for DaemonSets and nodes.
    case dnsSubdomain
    /// A wave's or a gate's name.
    case waveName
    /// The key of a Kubernetes label, with or without a prefix.
    case labelKey
    /// The value of a Kubernetes label; it may be empty.
    case labelValue
    /// A container image.
    case image
    /// The address of a server.
    case address
    /// The URL of a webhook that is no secret.
    case webhook
    /// A Prometheus query with placeholders.
    case query
    /// A comparison with a number.
    case condition
    /// A share of something, which may be more than the whole.
    case percentage
    /// The name of a label of a metric.
    case metricLabel
    /// The name of a metric's samples; since Prometheus 3 it may have dots.
    case metricName
    /// The path of a URL.
    case urlPath
    /// The path of a file.
    case filePath
    /// The name of an environment variable.
    case environmentName
    /// The name of a further parameter of a query.
    case parameterName
    /// The name of a further header.
    case headerName
    /// A text of one line; it may be empty.
    case line
    /// The user's name of basic authentication.
    case username
    /// A time of the day before midnight.
    case timeOfDay
    /// A time of the day, midnight at its end included.
    case closingTime
    /// A day.
    case date
    /// The name of a time zone in the IANA database, or UTC.
    case timeZone
    /// A few words for people.
    case sentence
    /// What a label of an alert must be, as Prometheus and Alertmanager write it.
    case matcher

    /// What is expected, as the object of a sentence.
    package var expected: String {
        switch self {
        case .dnsLabel: "a name of at most 63 lower-case letters, digits and `-`"
        case .dnsSubdomain: "a name of at most 253 lower-case letters, digits, `-` and `.`"
        case .waveName: "a name of at most 63 letters, digits, `-`, `_` and `.`"
        case .labelKey: "a label key such as topology.kubernetes.io/zone"
        case .labelValue: "a label value of at most 63 letters, digits, `-`, `_` and `.`"
        case .image: "an image such as quay.io/prometheus/node-exporter:v1.9.1"
        case .address: "an address such as http://prometheus.monitoring:9090"
        case .webhook: "a URL such as https://hooks.example.com/rollouts, without user, password, `?` and `#`"
        case .query: "a Prometheus query"
        case .condition: "a comparison such as \">= 0.95\" (>=, <=, ==, !=, > or < and a number)"
        case .percentage: "a percentage such as 50%, from 1% to 10000%"
        case .metricLabel: "the name of a metric's label, such as instance"
        case .metricName: "the name of a metric, such as node_cpu_seconds_total"
        case .urlPath: "a path such as /metrics"
        case .filePath: "the path of a file"
        case .environmentName: "the name of an environment variable (letters, digits and `_`)"
        case .parameterName: "the name of a query's parameter such as partial_response"
        case .headerName: "the name of an HTTP header such as X-Scope-OrgID"
        case .line: "a text of one line"
        case .username: "a user's name without a colon"
        case .timeOfDay: "a time of the day such as 22:00"
        case .closingTime: "a time of the day such as 04:00, up to 24:00"
        case .date: "a day such as 2026-12-20"
        case .timeZone: "a time zone such as Europe/Berlin, or UTC"
        case .sentence: "a few words"
        case .matcher: "a matcher such as severity=\"page\" or alertname!~\"Watchdog|Info.*\""
        }
    }

    /// The longest text, in bytes.
    package var maxLength: Int {
        switch self {
        case .dnsLabel, .waveName, .labelValue: 63
        case .dnsSubdomain: 253
        case .labelKey: 317
        case .image: 512
        case .address, .webhook, .filePath, .urlPath, .line: 2_048
        case .query: 16_384
        case .condition: 64
        case .percentage: 6
        case .metricLabel, .metricName, .environmentName, .parameterName, .headerName, .username: 255
        case .timeOfDay, .closingTime: 5
        case .date: 10
        case .timeZone: 64
        case .sentence: 200
        case .matcher: 2_048
        }
    }

    /// A regular expression that every good text matches; some texts that match are refused all the same.
    package var pattern: String {
        switch self {
        case .dnsLabel: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
        case .dnsSubdomain: #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#
        case .waveName: "^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$"
        case .labelKey:
            #"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"#
                + "[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$"
        case .labelValue: "^([A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?)?$"
        case .image: #"^[^\s]+$"#
        case .address, .webhook: #"^https?://[^\s@?#/]+(/[^\s@?#]*)?$"#
        case .query, .filePath: #"\S"#
        case .condition: #"^\s*(>=|<=|==|!=|>|<)\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$"#
        case .percentage: "^([1-9][0-9]{0,3}|10000)%$"
        case .metricLabel, .environmentName: "^[A-Za-z_][A-Za-z0-9_]*$"
        case .metricName: "^[A-Za-z_:][A-Za-z0-9_:.]*$"
        case .urlPath: #"^/[!$&-;=@-Z_a-z~]*$"#
        case .parameterName: #"^[A-Za-z_][A-Za-z0-9_.-]*(\[\])?$"#
        // The signs of RFC 9110's token that are in use.
        case .headerName: "^[A-Za-z0-9][A-Za-z0-9_-]*$"
        case .line: #"^[^\r\n\t]*$"#
        case .username: #"^[^:\r\n\t]+$"#
        case .timeOfDay: "^([01][0-9]|2[0-3]):[0-5][0-9]$"
        case .closingTime: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
        case .date: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
        case .timeZone: "^(UTC|[A-Za-z_]+(/[-+A-Za-z0-9_]+)+)$"
        case .sentence: #"\S"#
        case .matcher: #"^[A-Za-z_][A-Za-z0-9_]*(=|!=|=~|!~)"([^"\\\r\n\t]|\\.)*"$"#
        }
    }

    /// What is wrong with a text; nil when nothing is.
    func complaint(about text: String) -> String? {
        if text.utf8.count > maxLength {
            return "expected at most \(maxLength) characters, found \(text.utf8.count)"
        }
        switch self {
        case .dnsLabel: return expecting(Self.isDNSLabel(text[...]), text)
        case .dnsSubdomain: return expecting(Self.isDNSSubdomain(text[...]), text)
        case .waveName: return expecting(Self.isQualifiedName(text[...]), text)
        case .labelKey: return expecting(Self.isLabelKey(text), text)
        case .labelValue: return expecting(text.isEmpty || Self.isQualifiedName(text[...]), text)
        case .image: return ImageReference.complaint(about: text) ?? expecting(!text.isEmpty, text)
        case .address: return ServerAddress.complaint(about: text)
        // What stands there may have been meant to be a secret, and is not repeated.
        case .webhook: return ServerAddress.webhookComplaint(about: text)
        case .query: return QueryTemplate.complaint(about: text)
        case .condition: return expecting(Gate.Condition(text: text) != nil, text)
        case .percentage: return expecting(Comparison.tolerance(text) != nil, text)
        case .filePath: return expecting(!text.allSatisfy(\.isWhitespace), text)
        case .metricLabel, .environmentName: return expecting(Self.isEnvironmentName(text), text)
        case .metricName:
            let isName = text.first != "." && Self.isEnvironmentName(String(text.map { ":.".contains($0) ? "_" : $0 }))
            return expecting(isName, text)
        case .urlPath: return expecting(Self.isURLPath(text), text)
        case .parameterName:
            if PrometheusQuery.ownParameters.contains(text) {
                return "expected another parameter: `\(text)` is set already"
            }
            return expecting(Self.isParameterName(text), text)
        case .headerName:
            if ServerAccess.ownHeaders.contains(text.lowercased()) {
                return "expected another header: `\(text)` is set by the request, by `bearerToken` or by `basicAuth`"
            }
            return expecting(Self.isHeaderName(text), text)
        // What stands there may have been meant to be a secret, and is not repeated.
        case .line: return Self.isLine(text) ? nil : "expected \(expected), found control characters"
        case .username:
            return !text.isEmpty && !text.contains(":") && Self.isLine(text) ? nil : "expected \(expected)"
        case .timeOfDay: return expecting(PlanTime.minutes(text).map { $0 < 1_440 } ?? false, text)
        case .closingTime: return expecting(PlanTime.minutes(text) != nil, text)
        case .date: return expecting(PlanTime.day(text) != nil, text)
        case .timeZone: return expecting(Self.isTimeZone(text), text)
        case .sentence: return expecting(!text.allSatisfy(\.isWhitespace), text)
        case .matcher: return expecting(Self.isMatcher(text), text)
        }
    }

    private func expecting(_ isGood: Bool, _ text: String) -> String? {
        isGood ? nil : "expected \(expected), found \(text.isEmpty ? "an empty text" : "`\(text)`")"
    }
}

extension TextRule {
    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// ASCII letters and digits.
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isDNSWord(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
            && text.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    static func isDNSLabel(_ text: Substring) -> Bool { text.utf8.count <= 63 && isDNSWord(text) }

    static func isDNSSubdomain(_ text: Substring) -> Bool {
        text.utf8.count <= 253 && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isDNSWord)
    }

    /// The name part of a label key, and a label value that is not empty.
    static func isQualifiedName(_ text: Substring) -> Bool {
        guard text.utf8.count <= 63, let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    static func isLabelKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return switch parts.count {
        case 1: isQualifiedName(parts[0])
        case 2: isDNSSubdomain(parts[0]) && isQualifiedName(parts[1])
        default: false
        }
    }

    private static func isTimeZone(_ text: String) -> Bool {
        if text == "UTC" { return true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { isAlphanumeric($0) || "-+_".utf8.contains($0) }
            }
    }

    /// A label's name, a comparison, and a quoted text in which a backslash takes the next sign along.
    private static func isMatcher(_ text: String) -> Bool {
        let name = text.prefix { $0 != "=" && $0 != "!" }
        guard isEnvironmentName(String(name)),
            let sign = ["=~", "!~", "!=", "="].first(where: text.dropFirst(name.count).hasPrefix)
        else { return false }
        let quoted = text.dropFirst(name.count + sign.count)
        guard quoted.count >= 2, quoted.first == "\"", quoted.last == "\"", isLine(String(quoted)) else { return false }
        var isEscaped = false
        for character in quoted.dropFirst().dropLast() {
            if !isEscaped, character == "\"" { return false }
            isEscaped = !isEscaped && character == "\\"
        }
        return !isEscaped
    }

    private static func isEnvironmentName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isParameterName(_ text: String) -> Bool {
        let name = text.hasSuffix("[]") ? text.dropLast(2) : text[...]
        guard let first = name.utf8.first, first == UInt8(ascii: "_") || isAlphanumeric(first),
            !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    private static func isHeaderName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
    }

    /// Unreserved characters, those that separate parts, and `:`, `@`, after a slash. (RFC 3986, `path-absolute`)
    private static func isURLPath(_ text: String) -> Bool {
        text.utf8.first == UInt8(ascii: "/")
            && text.utf8.allSatisfy { isAlphanumeric($0) || "/-._~!$&'()*+,;=:@".utf8.contains($0) }
    }

    private static func isLine(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}
