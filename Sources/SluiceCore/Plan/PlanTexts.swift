/// What the kubelet would refuse in an image, as far as it can be seen without a registry.
enum ImageReference {
    /// What is wrong with a reference that is not empty; nil when nothing is.
    static func complaint(about text: String) -> String? {
        if text.contains(where: \.isWhitespace) { return "expected an image without spaces, found `\(text)`" }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !parts[1].contains(":") || parts[1].hasSuffix(":") {
            return "expected a digest such as sha256:… after the `@`, found `\(text)`"
        }
        guard let named = parts.first else { return nil }
        var components = named.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = components.popLast() else { return nil }
        let nameAndTag = last.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if nameAndTag.count == 2, nameAndTag[1].isEmpty { return "expected a tag after the colon, found `\(text)`" }
        // The first component is a registry when it has a dot or a port; only a registry may have capitals.
        if let first = components.first, first == "localhost" || first.contains(".") || first.contains(":") {
            components.removeFirst()
        }
        let path = components + nameAndTag.prefix(1)
        if !text.isEmpty, path.contains(where: \.isEmpty) { return "expected a complete image name, found `\(text)`" }
        if path.contains(where: { $0 != $0.lowercased() }) {
            return "expected an image name in lower case, found `\(text)`"
        }
        return nil
    }
}

/// The address of a server as a plan may write it.
enum ServerAddress {
    /// What is wrong with an address; nil when nothing is.
    static func complaint(about text: String) -> String? {
        let found = "expected \(TextRule.address.expected), found \(text.isEmpty ? "an empty text" : "`\(text)`")"
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix),
            !text.contains(where: { $0.isWhitespace || !$0.isASCII })
        else { return found }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        if authority.contains("@") {
            return "a plan never holds a secret: take user and password out of the address and use `basicAuth`"
        }
        if rest.contains("?") || rest.contains("#") {
            return "expected an address without `?` and `#`; the query belongs into `query`"
        }
        let host: Substring
        let afterHost: Substring
        if authority.first == "[" {
            host = authority.dropFirst().prefix { $0 != "]" }
            afterHost = authority.dropFirst(host.count + 2)
            guard host.allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else { return found }
        } else {
            host = authority.prefix { $0 != ":" }
            afterHost = authority.dropFirst(host.count)
            guard TextRule.isDNSSubdomain(host.lowercased()[...]) else { return found }
        }
        guard !host.isEmpty else { return found }
        if afterHost.isEmpty { return nil }
        guard afterHost.first == ":", let port = Int(afterHost.dropFirst()), (1...65_535).contains(port) else {
            return "expected a port from 1 to 65535 after the host, found `\(text)`"
        }
        return nil
    }
}

extension ServerAddress {
    /// The hosts of incoming webhooks whose whole URL is a secret.
    private static let secretHosts = ["hooks.slack.com", "hooks.slack-gov.com", "discord.com", "webhook.office.com"]

    /// What is wrong with the URL of a webhook; nil when nothing is.
    static func webhookComplaint(about text: String) -> String? {
        let rest = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2).first ?? ""
        let host = rest.prefix { !"/:?#".contains($0) }.lowercased()
        if secretHosts.contains(where: { host == $0 || host.hasSuffix("." + $0) }) || text.contains("?") {
            return "a plan never holds a secret, and such a URL is one; write `urlFrom: {file: PATH}` instead of `url`"
        }
        return complaint(about: text) == nil ? nil : "expected \(TextRule.webhook.expected)"
    }
}

/// The placeholders of a query.
package enum QueryTemplate {
    /// The names that may stand between `{{` and `}}`.
    package static let placeholders = ["nodes", "pods", "instances", "wave", "nodeCount", "window"]

    /// What is wrong with a query's placeholders; nil when nothing is.
    static func complaint(about text: String) -> String? {
        guard text.contains(where: { !$0.isWhitespace }) else {
            return "expected a Prometheus query, found an empty text"
        }
        var rest = Array(text.utf8)[...]
        let open = UInt8(ascii: "{")
        let close = UInt8(ascii: "}")
        while let start = pair(of: open, in: rest) {
            guard let end = pair(of: close, in: rest[(start + 2)...]) else {
                return "a placeholder without an end: `{{` needs `}}`"
            }
            let name = String(decoding: rest[(start + 2)..<end].filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
            if !placeholders.contains(name) {
                let hint = NearestKey.nearest(to: name, among: placeholders).map { "; did you mean `{{\($0)}}`?" }
                let known = placeholders.map { "{{\($0)}}" }.joined(separator: ", ")
                return "unknown placeholder `{{\(name)}}`\(hint ?? "; known are \(known)")"
            }
            rest = rest[(end + 2)...]
        }
        return nil
    }

    private static func pair(of byte: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.first { $0 + 1 < bytes.endIndex && bytes[$0] == byte && bytes[$0 + 1] == byte }
    }
}

extension Gate.Condition {
    /// Reads `>= 0.95`; nil for anything else, and for numbers that are not finite.
    init?(text: String) {
        let trimmed = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // The operators of two characters come first in their declaration, so `>=` is not read as `>`.
        guard let found = Operator.allCases.first(where: { trimmed.hasPrefix($0.rawValue) }) else { return nil }
        let number = trimmed.dropFirst(found.rawValue.count).drop { $0 == " " }
        guard let first = number.utf8.first, "+-.0123456789".utf8.contains(first),
            number.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }), let threshold = Double(number),
            threshold.isFinite
        else { return nil }
        self.init(found, threshold)
    }
}
