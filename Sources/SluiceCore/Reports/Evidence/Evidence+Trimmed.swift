/// What of an object is kept as evidence: what says how it fares. Nothing that can hold a secret: no environment, no
/// arguments, no annotations, no volumes.
extension Evidence {
    /// A pod's names, times, images and status.
    public static func trimmed(pod: JSONValue) -> JSONValue {
        let containers = (pod.at("spec", "containers")?.array ?? []) + (pod.at("spec", "initContainers")?.array ?? [])
        return [
            "metadata": kept(
                ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "labels"],
                of: pod["metadata"]),
            "spec": [
                "nodeName": pod.at("spec", "nodeName") ?? .null,
                "containers": .array(containers.map { kept(["name", "image", "resources"], of: $0) }),
            ],
            "status": pod["status"] ?? .null,
        ]
    }

    /// A node's names, taints, conditions and versions.
    public static func trimmed(node: JSONValue) -> JSONValue {
        [
            "metadata": kept(["name", "uid", "creationTimestamp", "labels"], of: node["metadata"]),
            "spec": kept(["unschedulable", "taints"], of: node["spec"]),
            "status": kept(["conditions", "allocatable", "nodeInfo"], of: node["status"]),
        ]
    }

    private static func kept(_ keys: [String], of value: JSONValue?) -> JSONValue {
        var result: JSONValue = [:]
        for key in keys { if let member = value?[key] { result[key] = member } }
        return result
    }

    /// An event in one line: when, how often, what.
    public static func line(ofEvent event: JSONValue) -> String {
        let time =
            event["lastTimestamp"]?.string ?? event.at("series", "lastObservedTime")?.string
            ?? event["eventTime"]?.string ?? event.at("metadata", "creationTimestamp")?.string ?? "?"
        let count = event["count"]?.integer ?? event.at("series", "count")?.integer ?? 1
        let message = redacted(event["message"]?.string ?? "").split(separator: "\n").joined(separator: " ")
        let kind = event["type"]?.string ?? "?"
        return "\(time) \(kind) \(event["reason"]?.string ?? "?")\(count > 1 ? " (\(count) times)" : ""): \(message)"
    }

    /// The words after which a secret may stand.
    private static let secretWords = [
        "authorization", "bearer", "basic", "password", "passwd", "secret", "token", "apikey", "api_key", "api-key",
        "credential", "credentials",
    ]
    /// What stands between such a word and its value.
    private static let separators: Set<Character> = [":", "=", "\"", "'", " "]
    private static let ends: Set<Character> = [" ", "\t", "\n", ",", ";", "\"", "'", "&", ")", "}"]

    /// A text without what looks like a secret: the word after `password=`, `token:` and their like, the user in a URL, and
    /// anything that begins as a JSON web token does. It is a net with holes: what a program logs can be anything.
    public static func redacted(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(redactedLine).joined(separator: "\n")
    }

    private static func redactedLine(_ line: Substring) -> String {
        var result = ""
        var rest = line
        while let character = rest.first {
            if let length = lengthOfSecret(rest, before: result.last) {
                result += rest.prefix(length.name)
                result += "[redacted]"
                rest = rest.dropFirst(length.name + length.value)
            } else {
                result.append(character)
                rest.removeFirst()
            }
        }
        return result
    }

    /// How many characters of a text are the name of a secret with what follows it, and how many the secret itself.
    private static func lengthOfSecret(_ text: Substring, before: Character?) -> (name: Int, value: Int)? {
        if text.hasPrefix("eyJ") { return (0, text.prefix { !ends.contains($0) }.count) }
        if text.hasPrefix("://"), let at = text.prefix(while: { !ends.contains($0) && $0 != "?" }).firstIndex(of: "@") {
            let user = text[text.index(text.startIndex, offsetBy: 3)..<at]
            return user.contains("/") ? nil : (3, user.count)
        }
        guard before?.isLetter != true, let first = text.first, first.isLetter else { return nil }
        let word = text.prefix { $0.isLetter || $0 == "_" || $0 == "-" }
        let name = word.lowercased()
        guard secretWords.contains(where: { name == $0 || name.hasSuffix("_" + $0) || name.hasSuffix("-" + $0) }) else {
            return nil
        }
        let gap = text.dropFirst(word.count).prefix { separators.contains($0) }
        let quote = gap.last.flatMap { "\"'".contains($0) ? $0 : nil }
        let value = text.dropFirst(word.count + gap.count).prefix { quote == nil ? !ends.contains($0) : $0 != quote }
        // "Authorization: Bearer x": the next word is looked at by itself.
        guard !gap.isEmpty, !value.isEmpty, !secretWords.contains(value.lowercased()) else { return nil }
        let isProse = gap.allSatisfy { $0 == " " } && !["bearer", "basic"].contains(name)
        return isProse ? nil : (word.count + gap.count, value.count)
    }
}
