import SluiceCore
import SluiceDocuments

/// Reads a snapshot: a saved one, or what kubectl prints.
public struct SnapshotReader {
    /// How the right objects are taken with kubectl.
    static func recipe(_ namespace: String?) -> String {
        "kubectl get nodes,daemonsets,controllerrevisions,pods -n \(namespace ?? "NAMESPACE") -o json"
    }

    private var nodes: [Node] = []
    private var pods: [Pod] = []
    private var revisions: [(namespace: String, revision: ControllerRevision)] = []
    private var daemonSets: [DaemonSet] = []
    private var takenAt: Timestamp?

    /// Reads the fleet of one DaemonSet.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - name: the DaemonSet's name.
    ///   - namespace: its namespace; nil when only one DaemonSet of that name is in the file.
    /// - Throws: ``SnapshotError`` with the place, what is wrong there and what to do.
    public static func read(
        _ bytes: [UInt8], daemonSet name: String, namespace: String?
    ) throws(SnapshotError) -> FleetSnapshot {
        var reader = SnapshotReader()
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        if let header = header(bytes[..<end]) {
            try reader.readLines(bytes, header, from: end)
        } else {
            try reader.readList(bytes)
        }
        return try reader.snapshot(of: name, namespace)
    }

    // MARK: The two forms

    /// The first line of a saved snapshot; nil when the file is something else.
    private static func header(_ line: ArraySlice<UInt8>) -> JSONValue? {
        do throws(JSONError) {
            let value = try JSONReader.read(Array(line))
            return value["kind"] == .string(FleetSnapshot.kind) ? value : nil
        } catch {
            return nil
        }
    }

    private mutating func readLines(
        _ bytes: [UInt8], _ header: JSONValue, from start: Int
    ) throws(SnapshotError) {
        guard header["apiVersion"] == .string(FleetSnapshot.apiVersion) else {
            let version = header["apiVersion"]?.string ?? "none"
            throw SnapshotError(
                line: 1, column: 1,
                message: "apiVersion is \(version), this sluice reads \(FleetSnapshot.apiVersion); take a new snapshot")
        }
        takenAt = header["takenAt"]?.string.flatMap { Timestamp(rfc3339: $0) }
        var line = 1
        var index = start + 1
        while index < bytes.count {
            line += 1
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            defer { index = end + 1 }
            guard index < end else { continue }
            let object: JSONValue
            do throws(JSONError) {
                object = try JSONReader.read(Array(bytes[index..<end]))
            } catch {
                throw SnapshotError(line: line, column: error.offset + 1, message: Self.cut(error.message, end, bytes))
            }
            guard take(object) else { throw SnapshotError(line: line, column: 1, message: Self.unreadable(object)) }
        }
    }

    /// A saved file whose last line is not whole was cut off.
    private static func cut(_ message: String, _ end: Int, _ bytes: [UInt8]) -> String {
        end == bytes.count ? "\(message); the file seems to be cut off, take it anew" : message
    }

    private mutating func readList(_ bytes: [UInt8]) throws(SnapshotError) {
        let list: JSONValue
        do throws(JSONError) {
            list = try JSONReader.read(bytes)
        } catch {
            let (line, column) = Self.place(of: error.offset, in: bytes)
            throw SnapshotError(
                line: line, column: column,
                message:
                    "this is no JSON: \(error.message). A snapshot is saved by `sluice rehearse --save-snapshot FILE`"
                    + ", or printed by `\(Self.recipe(nil))`")
        }
        guard let items = list["items"]?.array else {
            let kind = list["kind"]?.string.map { "a \($0)" } ?? "something else"
            throw SnapshotError(
                line: 1, column: 1,
                message: "this is \(kind), expected a List as `\(Self.recipe(nil))` prints it")
        }
        for (index, item) in items.enumerated() where !take(item) {
            throw SnapshotError(line: 1, column: 1, message: "items[\(index)]: \(Self.unreadable(item))")
        }
    }

    private static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes[..<min(offset, bytes.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (1 + before.count { $0 == UInt8(ascii: "\n") }, before.count - lineStart + 1)
    }

    private static func unreadable(_ object: JSONValue) -> String {
        let kind = object["kind"]?.string ?? "object"
        let name = object.at("metadata", "name")?.string.map { " \($0)" } ?? ""
        return
            "the \(kind)\(name) lacks what every one has (metadata.name, metadata.uid and so on); take the snapshot anew"
    }

    // MARK: Objects

    /// Takes an object; objects of other kinds are passed over.
    ///
    /// - Returns: false when it is of a kind that is needed and cannot be read.
    private mutating func take(_ object: JSONValue) -> Bool {
        switch object["kind"]?.string {
        case "Node": return Self.append(Node(json: object), to: &nodes)
        case "Pod": return Self.append(Pod(json: object), to: &pods)
        case "DaemonSet": return Self.append(DaemonSet(json: object), to: &daemonSets)
        case "ControllerRevision":
            // StatefulSets have revisions too, whose data look different.
            guard let revision = ControllerRevision(json: object) else { return true }
            revisions.append((object.at("metadata", "namespace")?.string ?? "", revision))
            return true
        default: return object["kind"]?.string != nil
        }
    }

    private static func append<Noun>(_ noun: Noun?, to list: inout [Noun]) -> Bool {
        guard let noun else { return false }
        list.append(noun)
        return true
    }

    private func snapshot(of name: String, _ namespace: String?) throws(SnapshotError) -> FleetSnapshot {
        let found = daemonSets.filter { $0.name == name && (namespace == nil || $0.namespace == namespace) }
        guard let daemonSet = found.first, found.count == 1 else {
            throw missing("DaemonSet \(namespace.map { "\($0)/" } ?? "")\(name)", found, namespace)
        }
        let place = daemonSet.namespace
        guard !nodes.isEmpty else { throw lacking("Nodes", place) }
        let own = revisions.filter { $0.namespace == place && $0.revision.ownerUID == daemonSet.uid }.map(\.revision)
        guard !own.isEmpty else { throw lacking("ControllerRevisions of \(place)/\(name)", place) }
        let selected = pods.filter { $0.namespace == place && daemonSet.selector.matches($0.labels) }
        guard !selected.isEmpty else { throw lacking("Pods of \(place)/\(name)", place) }
        let facts = FleetFacts(daemonSet: daemonSet, nodes: nodes, pods: selected, revisions: own)
        return FleetSnapshot(takenAt: takenAt ?? Self.latest(selected), facts: facts)
    }

    /// What kubectl prints says nothing of its time; the latest thing that happened in it is the best that is known.
    private static func latest(_ pods: [Pod]) -> Timestamp {
        pods.flatMap { [$0.createdAt, $0.readyChangedAt] }.compactMap { $0 }.max() ?? Timestamp(0)
    }

    private func lacking(_ what: String, _ namespace: String) -> SnapshotError {
        SnapshotError(
            line: 1, column: 1, message: "the snapshot has no \(what); take it with `\(Self.recipe(namespace))`")
    }

    private func missing(_ what: String, _ found: [DaemonSet], _ namespace: String?) -> SnapshotError {
        if found.count > 1 {
            let places = found.map(\.namespace).sorted().joined(separator: ", ")
            return SnapshotError(
                line: 1, column: 1, message: "\(what) is there in several namespaces (\(places)); name one with -n")
        }
        let known = daemonSets.map { "\($0.namespace)/\($0.name)" }.sorted().joined(separator: ", ")
        let there = known.isEmpty ? "it has none at all" : "it has \(known)"
        return SnapshotError(
            line: 1, column: 1,
            message: "the snapshot has no \(what): \(there); take it with `\(Self.recipe(namespace))`")
    }
}
