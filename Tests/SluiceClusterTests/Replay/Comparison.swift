import SluiceCore
import SluiceDocuments

/// Compares what the cluster answers with what a real API server answered, field by field.
///
/// Only what differs between any two real clusters is masked: uids, times, versions, generated names and hashes, digests
/// of images, ids of containers. A masked value must be there and have the same form. Items of a list that are ordered
/// by generated names are paired by their node.
struct Comparison {
    /// Where the two differ, at most as many as somebody wants to read.
    private(set) var differences: [String] = []

    /// The answers of a whole exchange.
    static func differences(_ ours: ClusterAnswerParts, _ theirs: Recording) -> [String] {
        var comparison = Comparison()
        if ours.status != theirs.status { comparison.note("status", "\(ours.status)", "\(theirs.status)") }
        for name in ["Content-Type", "Retry-After", "Warning", "Vary", "Etag", "Content-Encoding"] {
            comparison.compareHeader(name, ours.headers[name.lowercased()], theirs.responseHeaders[name.lowercased()])
        }
        comparison.compareBodies(ours.body, theirs.response)
        return comparison.differences
    }

    private mutating func compareHeader(_ name: String, _ ours: String?, _ theirs: String?) {
        // An entity tag is a digest of a body, and ours has fewer kinds in it.
        if name == "Etag", let ours, let theirs, Self.form(ours) == Self.form(theirs) { return }
        if ours != theirs { note(name, ours ?? "absent", theirs ?? "absent") }
    }

    private mutating func compareBodies(_ ours: String, _ theirs: String) {
        let left = Self.lines(ours)
        let right = Self.lines(theirs)
        guard let left, let right else {
            if ours != theirs { note("body", ours, theirs) }
            return
        }
        guard left.count == right.count else {
            func types(_ lines: [JSONValue]) -> String {
                lines.map { $0["type"]?.string ?? "?" }.joined(separator: " ")
            }
            note("lines", types(left), types(right))
            return
        }
        for (index, pair) in zip(Self.withInitialEventsPaired(left), Self.withInitialEventsPaired(right)).enumerated() {
            compare(pair.0, pair.1, left.count == 1 ? "" : "[\(index)]")
        }
    }

    /// A body as JSON: one value, or the lines of a stream; nil when it is no JSON.
    private static func lines(_ body: String) -> [JSONValue]? {
        do throws(JSONError) {
            return [try JSONReader.read(body)]
        } catch {
            var values: [JSONValue] = []
            for line in body.split(separator: "\n") {
                do throws(JSONError) { values.append(try JSONReader.read(String(line))) } catch { return nil }
            }
            return values.isEmpty && !body.isEmpty ? nil : values
        }
    }

    private mutating func compare(_ ours: JSONValue?, _ theirs: JSONValue?, _ path: String) {
        if ours == theirs { return }
        switch (ours, theirs) {
        case (.object(let left), .object(let right)):
            let (ours, theirs) = (Self.withNormalizedKeys(left), Self.withNormalizedKeys(right))
            for key in Set(ours.keys).union(theirs.keys).sorted() where !isLeftOut(key, of: ours, theirs) {
                compareMember(key, ours[key], theirs[key], "\(path).\(key)")
            }
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return note(path, "\(left.count) items", "\(right.count) items") }
            for (index, pair) in zip(Self.paired(left), Self.paired(right)).enumerated() {
                compare(pair.0, pair.1, "\(path)[\(index)]")
            }
        case (.string(let left), .string(let right)):
            compareTexts(left, right, path)
        default:
            if ours != theirs { note(path, ours?.serialized ?? "absent", theirs?.serialized ?? "absent") }
        }
    }

    private mutating func compareMember(_ key: String, _ ours: JSONValue?, _ theirs: JSONValue?, _ path: String) {
        guard let left = ours?.string, let right = theirs?.string, Self.isMasked(key) else {
            return compare(ours, theirs, path)
        }
        if left != right, Self.form(left) != Self.form(right) { note(path, left, right) }
    }

    /// Two texts. An object that a message quotes is compared as an object: the order of its members means nothing.
    private mutating func compareTexts(_ ours: String, _ theirs: String, _ path: String) {
        guard ours != theirs else { return }
        guard let left = QuotedObject(ours), let right = QuotedObject(theirs) else {
            if Self.normalized(ours) != Self.normalized(theirs) { note(path, ours, theirs) }
            return
        }
        if left.before != right.before || left.after != right.after { note(path, ours, theirs) }
        compare(left.value, right.value, path + "\"")
    }

    /// Keys of managed fields may hold the uid of an owner.
    private static func withNormalizedKeys(_ members: [String: JSONValue]) -> [String: JSONValue] {
        guard members.keys.contains(where: { $0.hasPrefix("k:{\"uid") }) else { return members }
        return Dictionary(members.map { (normalized($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The cluster keeps no `managedFields` of pods, nodes and the Events of its own parts: they would be most of what
    /// is sent, and nobody reads them.
    private func isLeftOut(_ key: String, of ours: [String: JSONValue], _ theirs: [String: JSONValue]) -> Bool {
        guard key == "managedFields", ours[key] == nil else { return false }
        let managers = (theirs[key]?.array ?? []).compactMap { $0["manager"]?.string }
        if managers == ["kube-controller-manager"] { return true }
        return managers.contains("kubelet") || managers.contains("kube-scheduler")
            || theirs["generateName"] != nil
    }

    private mutating func note(_ path: String, _ ours: String, _ theirs: String) {
        differences.append("\(path): \(ours.prefix(220)) ≠ \(theirs.prefix(220))")
    }
}

/// What is masked, and how.
extension Comparison {
    /// Members whose value differs between any two clusters.
    private static func isMasked(_ key: String) -> Bool {
        let names: Set<String> = [
            "uid", "resourceVersion", "controller-revision-hash", "containerID", "imageID", "gitCommit", "continue",
            "time", "gitVersion", "podIP", "ip",
        ]
        return names.contains(key) || key.hasSuffix("Timestamp") || key.hasSuffix("Time") || key.hasSuffix("At")
            || key.hasSuffix("Date")
    }

    /// A value with each run of digits, lower-case and upper-case letters collapsed: what is left is its form.
    static func form(_ text: String) -> String {
        if let token = ContinueTokenText(text) { return token.form }
        return normalized(text)
            .replacing(/[0-9a-fA-F]{32,}/, with: "DIGEST")
            .replacing(/^\d{1,6}$/, with: "VERSION")
            .replacing(/^[b-df-hj-np-tv-xz2-9]{8,10}$/, with: "HASH")
            .replacing(/TIME\.\d{6}Z$/, with: "TIME with microseconds")
            .replacing(/^10\.\d+\.\d+\.\d+$/, with: "ADDRESS")
            .replacing(/\+sluice$/, with: "")
    }

    /// A text without uids, generated names, hashes and versions in it.
    static func normalized(_ text: String) -> String {
        text.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "UID")
            .replacing(/(node-exporter|bad|greedy|tol)-[b-df-hj-np-tv-xz2-9]{5}(?![a-z0-9])/) { "\($0.output.1)-POD" }
            .replacing(/(node-exporter|bad|greedy|tol)-[b-df-hj-np-tv-xz2-9]{7,10}(?![a-z0-9])/) {
                "\($0.output.1)-HASH"
            }
            .replacing(/\.18[0-9a-f]{14}(?![0-9a-f])/, with: ".EVENT")
            .replacing(/current: \d+/, with: "current: VERSION")
            .replacing(/record \(\d+\)/, with: "record (VERSION)")
            .replacing(/: 1 \(\d+\)$/, with: ": 1 (VERSION)")
            .replacing(/^\d{1,2}(s|m|m\d+s)$/, with: "AGE")
            .replacing(/"resourceVersion\\?":\\?"\d+/, with: "\"resourceVersion\":\"VERSION")
            .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=Z|\.)/, with: "TIME")
    }

    /// The lines of a stream; the objects with which it begins are paired as those of a list are.
    private static func withInitialEventsPaired(_ lines: [JSONValue]) -> [JSONValue] {
        let first = lines.prefix { $0["type"] == "ADDED" }
        func node(_ line: JSONValue) -> String { line.at("object", "spec", "nodeName")?.string ?? "" }
        return first.sorted { node($0) < node($1) } + lines.dropFirst(first.count)
    }

    /// Items in an order that does not depend on generated names.
    private static func paired(_ items: [JSONValue]) -> [JSONValue] {
        func key(_ item: JSONValue) -> String? {
            if let manager = item["manager"]?.string {
                return [manager, item["operation"]?.string, item["subresource"]?.string, item["apiVersion"]?.string]
                    .map { $0 ?? "" }.joined(separator: "/")
            }
            if let revision = item["revision"]?.integer { return String(revision) }
            if item.at("metadata", "generateName") != nil || item.at("object", "metadata", "generateName") != nil {
                return normalized(item["cells"]?.array?.last?.serialized ?? "")
                    + (item.at("spec", "nodeName")?.string ?? Self.place(item).serialized)
            }
            return nil
        }
        let keyed = items.map { ($0, key($0)) }
        guard keyed.allSatisfy({ $0.1 != nil }) else { return items }
        return keyed.enumerated()
            .sorted { ($0.element.1 ?? "", $0.offset) < ($1.element.1 ?? "", $1.offset) }.map(\.element.0)
    }

    /// Where a pod runs, by what its metadata tells.
    private static func place(_ item: JSONValue) -> JSONValue {
        let metadata = item["metadata"] ?? item.at("object", "metadata") ?? [:]
        return [
            item["cells"]?.array?.dropFirst(6).first ?? "", metadata.at("labels", "topology.kubernetes.io/zone") ?? "",
        ]
    }
}

/// A continue token taken apart.
struct ContinueTokenText {
    /// The token with its version and the generated part of its start masked.
    let form: String

    init?(_ text: String) {
        guard text.hasPrefix("ey"), let json = Self.decoded(text) else { return nil }
        do throws(JSONError) {
            let value = try JSONReader.read(json)
            let version = value["rv"] == -1 ? "-1" : "VERSION"
            form = "\(value["v"]?.string ?? "") \(version) \(Comparison.normalized(value["start"]?.string ?? ""))"
        } catch { return nil }
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var bits = 0
        var count = 0
        var bytes: [UInt8] = []
        for character in text {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        return bytes
    }
}

/// A message that quotes an object as escaped JSON.
private struct QuotedObject {
    var before: Substring
    var value: JSONValue
    var after: Substring

    init?(_ text: String) {
        guard let match = text.firstMatch(of: /"(\{(?:[^"\\]|\\.)*\})"/) else { return nil }
        do throws(JSONError) {
            let quoted = try JSONReader.read(String(match.0))
            value = try JSONReader.read(quoted.string ?? "")
        } catch { return nil }
        before = text[..<match.range.lowerBound]
        after = text[match.range.upperBound...]
    }
}

/// An answer of the cluster: whole, or the lines that a watch had until its end.
struct ClusterAnswerParts {
    var status: Int
    var headers: [String: String]
    var body: String
}
